//! Guessing serials is slowed down: token buckets for wrong digests, never for right, malformed or late logins.
//!
//! A stranger who guesses empties his own bucket (his source address and the device), so he never locks
//! the real device out.

use std::net::IpAddr;
use std::time::Duration;

use crate::throttle::{Buckets, Rate};

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
}
