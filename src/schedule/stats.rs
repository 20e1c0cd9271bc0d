//! What became of runs, counted for the metrics.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::record::Outcome;

/// Of all schedules.
#[derive(Debug, Default)]
pub struct ScheduleStats {
    outcomes: [AtomicU64; Outcome::ALL.len()],
    /// Schedules that are not paused.
    pub active: AtomicI64,
    /// Runs that have begun and have no outcome.
    pub open: AtomicI64,
    /// Looks that failed because the store did.
    pub failed: AtomicU64,
    /// How long the latest tick with something to do took, microseconds.
    pub tick_us: AtomicU64,
}

impl ScheduleStats {
    pub(super) fn count(&self, outcome: Outcome) {
        if let Some(counter) = self.outcomes.get(outcome as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many runs came out so since the start.
    pub fn get(&self, outcome: Outcome) -> u64 {
        self.outcomes
            .get(outcome as usize)
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }
}
