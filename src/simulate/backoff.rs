//! How long to wait before the next attempt: doubling, bounded, and never the same for two devices.

use std::io::ErrorKind;
use std::time::Duration;

use rand::{Rng, RngExt};

use super::client::LoginError;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);
/// A host that is up and says that nobody listens has a hub that is about to start again, and saying so costs it
/// next to nothing: with the jitter, everyone is back within 4 s of that start, however long it took.
const LONGEST_REFUSED: Duration = Duration::from_millis(2_500);
/// A hub that asks for more is not believed.
const LONGEST_BUSY: Duration = Duration::from_secs(3_600);
/// A session shorter than this does not count as a success, or a hub that falls over at each login would be hammered.
const STEADY: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    /// After a session that lasted so long.
    pub fn after_session(&mut self, lasted: Duration, rng: &mut impl Rng) -> Duration {
        if lasted >= STEADY {
            self.next = FIRST;
        }
        self.step(LONGEST, rng)
    }

    /// After a login that failed.
    pub fn after_failure(&mut self, error: &LoginError, rng: &mut impl Rng) -> Duration {
        match error {
            // Never earlier than asked; spread over as long again, as everyone else was told the same.
            LoginError::Busy(seconds) => Duration::from_secs((*seconds).max(1))
                .min(LONGEST_BUSY)
                .mul_f64(rng.random_range(1.0..2.0)),
            LoginError::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
                self.step(LONGEST_REFUSED, rng)
            }
            _ => self.step(LONGEST, rng),
        }
    }

    fn step(&mut self, longest: Duration, rng: &mut impl Rng) -> Duration {
        let wait = self.next.min(longest);
        self.next = (wait * 2).min(LONGEST);
        wait.mul_f64(rng.random_range(0.5..1.5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn waits_double_up_to_the_bound_and_begin_anew_after_a_steady_session() {
        let (mut backoff, mut rng) = (Backoff::default(), StdRng::seed_from_u64(1));
        for doublings in 0..20 {
            let middle = (FIRST * 2u32.pow(doublings.min(10))).min(LONGEST);
            let wait = backoff.after_failure(&LoginError::Refused, &mut rng);
            assert!(wait >= middle / 2 && wait <= middle * 3 / 2, "{wait:?}");
        }
        assert!(backoff.after_session(STEADY / 2, &mut rng) >= LONGEST / 2);
        assert!(backoff.after_session(STEADY, &mut rng) <= FIRST * 3 / 2);
    }

    #[test]
    fn while_a_hub_restarts_everyone_looks_again_within_seconds() {
        let (mut backoff, mut rng) = (Backoff::default(), StdRng::seed_from_u64(1));
        for _ in 0..100 {
            let nobody_listens = LoginError::Io(ErrorKind::ConnectionRefused.into());
            let wait = backoff.after_failure(&nobody_listens, &mut rng);
            assert!(wait < Duration::from_secs(4), "{wait:?}");
        }
    }

    #[test]
    fn a_busy_hub_is_never_asked_earlier_than_it_said() {
        let (mut backoff, mut rng) = (Backoff::default(), StdRng::seed_from_u64(1));
        for _ in 0..100 {
            let wait = backoff.after_failure(&LoginError::Busy(7), &mut rng);
            assert!((7.0..14.0).contains(&wait.as_secs_f64()));
        }
        let wait = backoff.after_failure(&LoginError::Busy(u64::MAX), &mut rng);
        assert!(wait <= LONGEST_BUSY * 2);
    }
}
