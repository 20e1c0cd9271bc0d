//! Logins by outcome, for the metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// How a login ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    Refused,
    Busy,
    Timeout,
    Malformed,
    /// The connection broke, or the device went away.
    Broken,
}

impl Outcome {
    pub const ALL: [Self; 6] = [
        Self::Ok,
        Self::Refused,
        Self::Busy,
        Self::Timeout,
        Self::Malformed,
        Self::Broken,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Timeout => "timeout",
            Self::Malformed => "malformed",
            Self::Broken => "broken",
        }
    }
}

#[derive(Debug, Default)]
pub struct LoginStats([AtomicU64; Outcome::ALL.len()]);

impl LoginStats {
    pub fn count(&self, outcome: Outcome) {
        if let Some(counter) = self.0.get(outcome as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn get(&self, outcome: Outcome) -> u64 {
        self.0
            .get(outcome as usize)
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }
}
