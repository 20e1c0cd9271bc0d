//! Counters of alarms, read by /metrics.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Default)]
pub struct AlarmStats {
    pub rules: AtomicU64,
    pub open: AtomicU64,
    pub raised: AtomicU64,
    pub cleared: AtomicU64,
    /// Alarms that were held from then on.
    pub chattering: AtomicU64,
    /// ALARMs of devices that were stored, and those that had been before.
    pub reports: AtomicU64,
    pub repeats: AtomicU64,
    pub refused: AtomicU64,
    /// Frames for subscribers that their routers were given.
    pub spread: AtomicU64,
}

impl AlarmStats {
    /// A device sends more than it may.
    pub fn flooded(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}
