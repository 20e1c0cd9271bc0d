//! Counters of the recorder, for the metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Durations;
use crate::storage::{Layer, Refusal, Space};

#[derive(Debug, Default)]
pub struct RecorderStats {
    pub stored: AtomicU64,
    pub repeated: AtomicU64,
    refused: [AtomicU64; Refusal::ALL.len()],
    pub not_stored: AtomicU64,
    pub commits: AtomicU64,
    /// Microseconds that the last commit took, inserts included.
    pub commit_us: AtomicU64,
    pub failing: AtomicBool,
    /// What the disk took of each commit, without what was written before it.
    pub synced: Durations,
    /// How long each step of housekeeping held up the next commit.
    pub tidied: Durations,
    /// How long urgent work took from the queue to its answer, without that.
    pub urgent: Durations,
    /// Readings moved into packs.
    pub packed: AtomicU64,
    evicted: [AtomicU64; Layer::ALL.len()],
    /// Bytes of the database file and of its log, as last looked at.
    pub file_bytes: AtomicU64,
    pub log_bytes: AtomicU64,
}

impl RecorderStats {
    pub fn refused(&self, refusal: Refusal) -> u64 {
        of(&self.refused, refusal as usize)
    }

    pub(super) fn count_refused(&self, refusal: Refusal) {
        if let Some(counter) = self.refused.get(refusal as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Packs that lost this layer because the disk was nearly full.
    pub fn evicted(&self, layer: Layer) -> u64 {
        of(&self.evicted, layer as usize)
    }

    pub(super) fn count_evicted(&self, layer: Layer, packs: usize) {
        if let Some(counter) = self.evicted.get(layer as usize) {
            counter.fetch_add(packs as u64, Ordering::Relaxed);
        }
    }

    pub(super) fn set_space(&self, space: Space) {
        self.file_bytes.store(space.file, Ordering::Relaxed);
        self.log_bytes.store(space.log, Ordering::Relaxed);
    }
}

fn of(counters: &[AtomicU64], at: usize) -> u64 {
    counters
        .get(at)
        .map_or(0, |counter| counter.load(Ordering::Relaxed))
}
