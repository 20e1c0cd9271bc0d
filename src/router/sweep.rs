//! The regular look at every member: keep-alive, slow readers, sessions that are gone.

use std::time::Duration;

use super::table::{Member, Table};
use crate::session::{EndReason, Source};
use crate::wire::{Address, FrameWriter, kind};

/// How long a member may be silent or slow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) alive: Duration,
    pub(super) grace: Duration,
    pub(super) slow_reader: Duration,
}

impl Patience {
    /// Often enough that no deadline is late by more than an eighth, at most each second.
    pub(super) fn interval(&self) -> Duration {
        let shortest = self.alive.min(self.grace).min(self.slow_reader);
        (shortest / 8).clamp(Duration::from_millis(50), Duration::from_secs(1))
    }
}

impl Table {
    /// Asks the silent, and names those whose session has to end.
    pub(super) fn sweep(
        &mut self,
        now: Duration,
        patience: &Patience,
    ) -> Vec<(Address, EndReason)> {
        // Accounts keep whole milliseconds: compare in the same grain.
        let now = Duration::from_millis(now.as_millis().try_into().unwrap_or(u64::MAX));
        let mut ends = Vec::new();
        for member in &mut self.members {
            if let Some(reason) = look_at(member, now, patience) {
                ends.push((member.device.address, reason));
            }
        }
        ends
    }
}

fn look_at(member: &mut Member, now: Duration, patience: &Patience) -> Option<EndReason> {
    if member.outbox.is_closed() {
        return Some(EndReason::Closed);
    }
    if member.outbox.overflowed() {
        let since = *member.slow_since.get_or_insert(now);
        if now.saturating_sub(since) >= patience.slow_reader {
            return Some(EndReason::SlowReader);
        }
    } else {
        member.slow_since = None;
    }
    let heard = member.account.last_heard();
    match member.asked {
        Some(asked) if heard >= asked => member.asked = None,
        Some(asked) if now.saturating_sub(asked) >= patience.grace => {
            return Some(EndReason::Silent);
        }
        None if now.saturating_sub(heard) >= patience.alive => {
            member.asked = Some(now);
            let mut alive = Vec::new();
            FrameWriter::new(&mut alive, 0, member.device.address.get(), kind::ALIVE).end();
            // Full: it reads nothing, so it would not see the question; the grace runs all the same.
            let _ = member.outbox.push(&alive, Source::Hub);
        }
        _ => {}
    }
    None
}
