//! Refusals in the log: seen, and never a flood.

use std::time::Duration;

use crate::wire::Address;

/// One line in this time.
const EVERY: Duration = Duration::from_secs(10);

/// Counts what it does not log. One for each of those that must not drown the others out.
#[derive(Debug, Default)]
pub struct Refusals {
    logged: Option<Duration>,
    unlogged: u64,
}

impl Refusals {
    /// Logs a refusal, or only counts it because another was logged shortly before.
    pub fn note(&mut self, now: Duration, device: Address, reason: &str, kind: u32) {
        let recent = self
            .logged
            .is_some_and(|logged| now.saturating_sub(logged) < EVERY);
        if recent {
            self.unlogged += 1;
            return;
        }
        let others = std::mem::take(&mut self.unlogged);
        self.logged = Some(now);
        log::info!(
            "frame refused device={device} type={kind} reason={reason} others_since={others}"
        );
    }
}
