//! What becomes of an attempt that has ended: delivered, to be tried again, or given up.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Keeper;
use crate::notify::attempt::Report;
use crate::notify::backoff;
use crate::notify::courier::{Again, Undelivered};
use crate::notify::standing::Trial;
use crate::notify::stats::KindStats;
use crate::registry::GroupId;
use crate::storage::{ChannelRow, Channels, Notifications, StorageError};

impl Keeper {
    /// It could not even be tried: the hub's own fault, so the channel's state stays.
    pub(super) fn put_off(&mut self, id: i64, reason: &str) {
        let (now, entropy) = (self.now(), self.office.entropy.clone());
        if let Some(standing) = self.standings.get(id) {
            if standing.failures == 0 {
                log::warn!("notifications not sent channel={id} error={reason}");
            }
            standing.failures = standing.failures.saturating_add(1);
            standing.due = Some(now + backoff::pause(standing.failures, &entropy));
        }
    }

    pub(super) async fn settle(&mut self, report: Report) {
        let Report { message, outcome } = report;
        let kept = match outcome {
            Ok(note) => self.sent(&message, note).await,
            Err(undelivered) => self.failed(&message, undelivered).await,
        };
        if let Err(error) = kept {
            // Tried again, and told again: at least once.
            self.put_off(message.id, &error.to_string());
        }
    }

    async fn sent(&mut self, message: &ChannelRow, note: String) -> Result<(), StorageError> {
        let (row, now_ms) = (message.clone(), self.office.clock.unix_ms());
        let shown = note.clone();
        let more = self
            .store(move |store| {
                Channels::sent(store, &row, now_ms, &shown)?;
                Notifications::purge_step(store, row.id)
            })
            .await?;
        let now = self.now();
        let Some(standing) = self.standings.get(message.id) else {
            return Ok(());
        };
        let failed = std::mem::take(&mut standing.failures) > 0;
        standing.message = None;
        standing.quiet_until =
            now + Duration::from_secs(self.office.settings.notify.gather_seconds);
        let stats = self.stats.of(standing.kind);
        KindStats::count(&stats.sent);
        let omitted = u64::try_from(message.message_omitted).unwrap_or(0);
        stats.omitted.fetch_add(omitted, Ordering::Relaxed);
        if failed || message.failing_since_ms.is_some() {
            log::info!("notifications delivered again {}", self.name(message));
        }
        if omitted > 0 {
            log::warn!(
                "notifications left out, too many waited {} count={omitted}",
                self.name(message)
            );
        }
        if !note.is_empty() && note != message.last_error {
            log::warn!("notification not for all {} {note}", self.name(message));
        }
        if more {
            self.purge(message.id).await;
        }
        Ok(())
    }

    async fn failed(
        &mut self,
        message: &ChannelRow,
        undelivered: Undelivered,
    ) -> Result<(), StorageError> {
        let Undelivered { reason, again } = undelivered;
        let given_up = again == Again::Never || self.is_too_old(message);
        self.put_back(message.id, again, given_up);
        self.tell(message, &reason, again, given_up);
        let most = i64::try_from(self.office.settings.notify.queue).unwrap_or(i64::MAX);
        let (row, now_ms) = (message.clone(), self.office.clock.unix_ms());
        self.store(move |store| {
            if given_up {
                Channels::give_up(store, &row, now_ms, &reason, most)
            } else {
                Channels::failed(store, row.id, now_ms, &reason)
            }
        })
        .await?;
        if given_up {
            self.purge(message.id).await;
        }
        Ok(())
    }

    /// Counts the failure, and when it is the channel's turn again.
    fn put_back(&mut self, channel: i64, again: Again, given_up: bool) {
        let now = self.now();
        let Some(standing) = self.standings.get(channel) else {
            return;
        };
        let stats = self.stats.of(standing.kind);
        KindStats::count(&stats.failed);
        standing.failures = standing.failures.saturating_add(1);
        let pause = match again {
            Again::After(pause) => backoff::asked(pause, &self.office.entropy),
            Again::Later | Again::Never => backoff::pause(standing.failures, &self.office.entropy),
        };
        if given_up {
            KindStats::count(&stats.dead);
            standing.message = None;
            let gather = Duration::from_secs(self.office.settings.notify.gather_seconds);
            standing.quiet_until = now + gather.max(pause);
        } else {
            standing.due = Some(now + pause);
        }
    }

    /// One line for each change of state, not for each attempt.
    fn tell(&self, message: &ChannelRow, reason: &str, again: Again, given_up: bool) {
        let name = self.name(message);
        let first = message.failing_since_ms.is_none();
        match (first, given_up) {
            (true, false) => log::warn!("notification failed, trying again {name} reason={reason}"),
            (true, true) => log::error!("notification given up {name} reason={reason}"),
            (false, true) if again != Again::Never => {
                log::error!("notification given up after many attempts {name} reason={reason}");
            }
            _ => {}
        }
    }

    /// Whether it was tried for long enough. After a restart it is tried for at least a quarter of that time again: the
    /// wall clock may have been wrong, and the network may come up later than the hub.
    fn is_too_old(&mut self, message: &ChannelRow) -> bool {
        let now = self.now();
        let limit = Duration::from_secs(self.office.settings.notify.give_up_seconds);
        let wall = self
            .office
            .clock
            .unix_ms()
            .saturating_sub(message.first_try_ms);
        let Some(standing) = self.standings.get(message.id) else {
            return false;
        };
        let trial = match standing.message {
            Some(trial) if trial.message == message.message_id => trial,
            _ => {
                let before = Duration::from_millis(u64::try_from(wall).unwrap_or(0));
                let trial = Trial {
                    message: message.message_id,
                    first: now,
                    before: before.min(limit * 3 / 4),
                };
                standing.message = Some(trial);
                trial
            }
        };
        now.saturating_sub(trial.first) + trial.before >= limit
    }

    /// A channel as the log names it: never its target, which may hold a token.
    fn name(&self, message: &ChannelRow) -> String {
        let group = GroupId(message.group);
        format!(
            "group={:?} channel={:?} kind={}",
            self.office.registry.read().group_name(group),
            message.name,
            message.kind
        )
    }
}
