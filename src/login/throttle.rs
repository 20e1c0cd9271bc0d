//! Guessing serials is slowed down: token buckets for wrong digests, never for right, malformed or late logins.
//!
//! A stranger who guesses empties his own bucket (his source address and the device), so he never locks
//! the real device out.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

/// Buckets kept at most of each sort; past it, those that are full again are forgotten.
const MAX_BUCKETS: usize = 100_000;

/// Size and refill a second of a bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) size: f64,
    pub(super) refill: f64,
}

struct Bucket {
    tokens: f64,
    at: Duration,
}

struct Buckets<K> {
    rate: Rate,
    buckets: HashMap<K, Bucket>,
}

/// By type, id and source address; by source address alone.
pub(super) struct Throttle {
    device: Buckets<(u32, String, IpAddr)>,
    source: Buckets<IpAddr>,
}

impl Throttle {
    pub(super) fn new(device: Rate, source: Rate) -> Self {
        Self {
            device: Buckets::new(device),
            source: Buckets::new(source),
        }
    }

    /// Seconds to stay away when a guess is not allowed now.
    pub(super) fn wait(&self, kind: u32, id: &str, from: IpAddr, now: Duration) -> Option<u64> {
        let device = self.device.wait(&(kind, id.to_owned(), from), now);
        device.max(self.source.wait(&from, now))
    }

    /// A wrong digest.
    pub(super) fn spend(&mut self, kind: u32, id: &str, from: IpAddr, now: Duration) {
        self.device.spend((kind, id.to_owned(), from), now);
        self.source.spend(from, now);
    }
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
        }
    }

    fn tokens(&self, bucket: &Bucket, now: Duration) -> f64 {
        let passed = now.saturating_sub(bucket.at).as_secs_f64();
        (bucket.tokens + passed * self.rate.refill).min(self.rate.size)
    }

    fn wait(&self, key: &K, now: Duration) -> Option<u64> {
        let tokens = self.tokens(self.buckets.get(key)?, now);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small and positive"
        )]
        (tokens < 1.0).then(|| ((1.0 - tokens) / self.rate.refill).ceil().max(1.0) as u64)
    }

    fn spend(&mut self, key: K, now: Duration) {
        if self.buckets.len() >= MAX_BUCKETS && !self.buckets.contains_key(&key) {
            self.forget_full(now);
        }
        let size = self.rate.size;
        let fresh = Bucket {
            tokens: size,
            at: now,
        };
        let bucket = self.buckets.remove(&key).unwrap_or(fresh);
        let tokens = (self.tokens(&bucket, now) - 1.0).max(0.0);
        self.buckets.insert(key, Bucket { tokens, at: now });
    }

    fn forget_full(&mut self, now: Duration) {
        let rate = self.rate;
        self.buckets.retain(|_, bucket| {
            bucket.tokens + now.saturating_sub(bucket.at).as_secs_f64() * rate.refill < rate.size
        });
        // An attacker with more sources than we keep buckets for has time on his side anyway: begin anew
        // rather than grow.
        if self.buckets.len() >= MAX_BUCKETS {
            self.buckets.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_guesses_then_one_a_second() {
        let mut throttle = Throttle::new(
            Rate {
                size: 20.0,
                refill: 1.0,
            },
            Rate {
                size: 1000.0,
                refill: 100.0,
            },
        );
        let (bad, good) = (IpAddr::from([127, 0, 0, 2]), IpAddr::from([127, 0, 0, 1]));
        let t0 = Duration::from_secs(100);
        for _ in 0..20 {
            assert_eq!(throttle.wait(511, "a", bad, t0), None);
            throttle.spend(511, "a", bad, t0);
        }
        assert_eq!(throttle.wait(511, "a", bad, t0), Some(1));
        assert_eq!(throttle.wait(511, "a", good, t0), None);
        assert_eq!(throttle.wait(511, "b", bad, t0), None);
        assert_eq!(
            throttle.wait(511, "a", bad, t0 + Duration::from_secs(1)),
            None
        );
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut buckets = Buckets::new(Rate {
            size: 2.0,
            refill: 1.0,
        });
        for key in 0..MAX_BUCKETS * 2 {
            buckets.spend(key, Duration::ZERO);
            assert!(buckets.buckets.len() <= MAX_BUCKETS);
        }
    }
}
