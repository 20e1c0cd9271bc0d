//! How long to wait before a message is tried again.

use std::time::Duration;

use crate::entropy::Entropy;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(600);
/// A receiver that asks for more is not believed.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// After so many failures in a row: full jitter, anything up to a bound that doubles. Never under a fifth of a second.
/// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>)
pub(super) fn pause(failures: u32, entropy: &Entropy) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let bound = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    bound.mul_f64(share(entropy)).max(FIRST / 5)
}

/// What the receiver asked for, and up to a tenth more: all channels of one receiver were told the same.
pub(super) fn asked(pause: Duration, entropy: &Entropy) -> Duration {
    pause
        .clamp(FIRST, LONGEST_ASKED)
        .mul_f64(1.0 + share(entropy) / 10.0)
}

/// From 0 to 1, uniformly.
fn share(entropy: &Entropy) -> f64 {
    f64::from(u32::from_le_bytes(entropy.bytes())) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes_and_are_jittered() {
        let entropy = Entropy::seeded(1);
        for failures in 1..40 {
            let bound = LONGEST.min(FIRST * 2_u32.pow(failures.min(11) - 1));
            let drawn: Vec<_> = (0..200).map(|_| pause(failures, &entropy)).collect();
            assert!(
                drawn
                    .iter()
                    .all(|pause| (FIRST / 5..=bound).contains(pause))
            );
            let mean = drawn.iter().sum::<Duration>() / 200;
            assert!(
                mean > bound / 3 && mean < bound * 2 / 3,
                "{failures}: {mean:?}"
            );
        }
    }

    #[test]
    fn a_receiver_is_obeyed_for_an_hour_at_most() {
        let entropy = Entropy::seeded(1);
        for _ in 0..100 {
            let minute = asked(Duration::from_secs(60), &entropy).as_secs_f64();
            assert!((60.0..=66.0).contains(&minute));
            assert!(asked(Duration::MAX, &entropy) <= LONGEST_ASKED * 11 / 10);
            assert!(asked(Duration::ZERO, &entropy) >= FIRST);
        }
    }
}
