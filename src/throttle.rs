//! Token buckets against guessing: who guesses wrong spends, and time refills. Bounded in memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

/// Buckets kept at most of each sort; past it, those that are full again are forgotten.
const MAX_BUCKETS: usize = 100_000;

/// Size and refill a second of a bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) size: f64,
    pub(crate) refill: f64,
}

struct Bucket {
    tokens: f64,
    at: Duration,
}

/// Buckets of one sort, by whom they are for. A missing one is full.
pub(crate) struct Buckets<K> {
    rate: Rate,
    buckets: HashMap<K, Bucket>,
}

impl<K: Eq + Hash> Buckets<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
        }
    }

    fn tokens(&self, bucket: &Bucket, now: Duration) -> f64 {
        let passed = now.saturating_sub(bucket.at).as_secs_f64();
        (bucket.tokens + passed * self.rate.refill).min(self.rate.size)
    }

    /// Seconds until there is a token, when there is none.
    pub(crate) fn wait(&self, key: &K, now: Duration) -> Option<u64> {
        let tokens = self.tokens(self.buckets.get(key)?, now);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small and positive"
        )]
        (tokens < 1.0).then(|| ((1.0 - tokens) / self.rate.refill).ceil().max(1.0) as u64)
    }

    pub(crate) fn spend(&mut self, key: K, now: Duration) {
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

    /// Gives back what was spent ahead of the outcome.
    pub(crate) fn give_back(&mut self, key: &K) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.tokens = (bucket.tokens + 1.0).min(self.rate.size);
        }
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

/// What a guesser's bucket goes by: an IPv6 host has a whole /64 to send from.
pub(crate) fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(network.into())
        }
        canonical => canonical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_is_given_back_was_not_spent() {
        let mut buckets = Buckets::new(Rate {
            size: 1.0,
            refill: 0.1,
        });
        buckets.spend("ana", Duration::ZERO);
        assert_eq!(buckets.wait(&"ana", Duration::ZERO), Some(10));
        buckets.give_back(&"ana");
        buckets.give_back(&"ana");
        assert_eq!(buckets.wait(&"ana", Duration::ZERO), None);
        buckets.spend("ana", Duration::ZERO);
        assert_eq!(buckets.wait(&"ana", Duration::ZERO), Some(10));
    }
}
