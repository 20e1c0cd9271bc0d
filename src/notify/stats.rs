//! Counters of notifications, for the metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Kind;
use crate::storage::WaitingChannel;

#[derive(Debug, Default)]
pub struct NotifyStats {
    webhook: KindStats,
    email: KindStats,
}

/// Of one kind of channel.
#[derive(Debug, Default)]
pub struct KindStats {
    /// Notifications that wait, as last looked at.
    pub waiting: AtomicU64,
    /// Channels whose last attempt failed.
    pub failing: AtomicU64,
    /// Messages delivered.
    pub sent: AtomicU64,
    /// Attempts that failed.
    pub failed: AtomicU64,
    /// Messages given up.
    pub dead: AtomicU64,
    /// Notifications that messages said were left out.
    pub omitted: AtomicU64,
}

impl NotifyStats {
    /// What a look at the store found: notifications that wait, and how many channels of a kind fail.
    pub(super) fn set(&self, waiting: &[WaitingChannel], failing: &[(String, i64)]) {
        for kind in Kind::ALL {
            let of_kind = waiting.iter().filter(|row| row.kind == kind.name());
            let rows: i64 = of_kind.map(|row| row.waiting).sum();
            let channels = failing.iter().filter(|(name, _)| name == kind.name());
            let channels: i64 = channels.map(|(_, count)| count).sum();
            let stats = self.of(kind);
            stats.waiting.store(rows.unsigned_abs(), Ordering::Relaxed);
            stats
                .failing
                .store(channels.unsigned_abs(), Ordering::Relaxed);
        }
    }

    pub fn of(&self, kind: Kind) -> &KindStats {
        match kind {
            Kind::Webhook => &self.webhook,
            Kind::Email => &self.email,
        }
    }
}

impl KindStats {
    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
