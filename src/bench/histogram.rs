//! Latencies as counts in buckets: constant memory however many are recorded.

/// Sub-buckets of each power of two: a value is known to better than one part in this many.
const STEPS: u64 = 128;
const STEPS_LOG2: u32 = STEPS.trailing_zeros();

/// Log-linear counts of nanoseconds, exact below [`STEPS`], within 0.8 % above.
#[derive(Default)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    pub(super) fn record(&mut self, nanos: u64) {
        let bucket = bucket_of(nanos);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.total += 1;
        self.max = self.max.max(nanos);
    }

    /// How many were recorded.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn max(&self) -> u64 {
        self.max
    }

    /// The value that `per_mille` of a thousand recorded values do not exceed (nearest rank); 0 when
    /// nothing was recorded. Rounded up to its bucket's end, so never flattering.
    pub(super) fn per_mille(&self, per_mille: u64) -> u64 {
        let rank = (self.total * per_mille).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return last_of(bucket).min(self.max);
            }
        }
        0
    }
}

fn bucket_of(value: u64) -> usize {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(STEPS_LOG2 + 1);
    // Above the exact range the leading bit is always set, so each shift adds STEPS buckets.
    usize::try_from(u64::from(shift) * STEPS + (value >> shift)).unwrap_or(usize::MAX)
}

/// The largest value that falls into `bucket`.
fn last_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * STEPS {
        return bucket;
    }
    let shift = bucket / STEPS - 1;
    let top = bucket - shift * STEPS;
    ((top + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_of_small_numbers_are_exact() {
        let mut histogram = Histogram::default();
        for value in 1..=100 {
            histogram.record(value);
        }
        assert_eq!(histogram.per_mille(500), 50);
        assert_eq!(histogram.per_mille(990), 99);
        assert_eq!(histogram.per_mille(999), 100);
        assert_eq!(histogram.max(), 100);
    }

    #[test]
    fn nothing_recorded_is_zero() {
        assert_eq!(Histogram::default().per_mille(500), 0);
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_value_and_is_narrow(value in 0u64..1 << 50) {
            let bucket = bucket_of(value);
            let last = last_of(bucket);
            prop_assert!(last >= value);
            prop_assert!(last - value <= value / STEPS);
            prop_assert_eq!(bucket_of(last), bucket);
            prop_assert_eq!(bucket_of(last + 1), bucket + 1);
        }
    }
}
