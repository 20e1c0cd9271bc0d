//! How long things took, as a histogram that is cheap to add to and may be read from any thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets, microseconds; longer ones fall into one more.
const BOUNDS: [u64; 28] = [
    50, 75, 100, 150, 200, 300, 400, 600, 800, 1_200, 1_600, 2_400, 3_200, 4_800, 6_400, 9_600,
    12_800, 19_200, 25_600, 38_400, 51_200, 76_800, 102_400, 204_800, 409_600, 819_200, 1_638_400,
    3_276_800,
];

/// Counts of durations by their length.
#[derive(Debug, Default)]
pub struct Durations {
    counts: [AtomicU64; BOUNDS.len()],
    longer: AtomicU64,
    total_us: AtomicU64,
}

impl Durations {
    pub fn add(&self, took: Duration) {
        let us = took.as_micros().try_into().unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| *bound < us);
        let count = self.counts.get(bucket).unwrap_or(&self.longer);
        count.fetch_add(1, Ordering::Relaxed);
        self.total_us.fetch_add(us, Ordering::Relaxed);
    }

    /// The upper bound of each bucket in seconds, infinity last, and how many fell into it.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    pub fn buckets(&self) -> Vec<(f64, u64)> {
        let bounds = BOUNDS.iter().map(|us| *us as f64 / 1e6);
        let counts = self.counts.iter().chain([&self.longer]);
        bounds
            .chain([f64::MAX])
            .zip(counts.map(|count| count.load(Ordering::Relaxed)))
            .collect()
    }

    /// All of them together, in seconds.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub fn total_seconds(&self) -> f64 {
        self.total_us.load(Ordering::Relaxed) as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        let durations = Durations::default();
        for us in [0, 50, 51, 3_276_800, 9_999_999] {
            durations.add(Duration::from_micros(us));
        }
        let counts: Vec<_> = durations.buckets().iter().map(|(_, n)| *n).collect();
        assert_eq!(counts[..3], [2, 1, 0]);
        assert_eq!(counts[27..], [1, 1]);
        assert!((durations.total_seconds() - 13.2769).abs() < 1e-4);
    }
}
