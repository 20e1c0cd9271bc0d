//! What became of commands, counted for the metrics.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::state::State;

/// Of all groups.
#[derive(Debug, Default)]
pub struct CommandStats {
    entered: [AtomicU64; State::ALL.len()],
    /// Orders that became no command.
    pub refused: AtomicU64,
    /// Commands written again under their id.
    pub repeated: AtomicU64,
    /// Answers refused: never asked, or answered already.
    pub answers_refused: AtomicU64,
    /// Commands that have not ended.
    pub open: AtomicI64,
}

impl CommandStats {
    pub(super) fn entered(&self, state: State) {
        if let Some(counter) = self.entered.get(state as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often a command entered a state since the start.
    pub fn get(&self, state: State) -> u64 {
        self.entered
            .get(state as usize)
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }
}
