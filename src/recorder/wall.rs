//! Whether the hub's wall clock can be believed: what it says ends data, and refuses readings for good.

use std::time::Duration;

use crate::storage::ClockDoubt;

const HOUR_MS: i64 = 3_600_000;
const DAY: Duration = Duration::from_secs(86_400);

/// Further than this past the hub's last sign of life, a start is in doubt: nobody leaves a hub off for that long.
const OFF_MS: i64 = 30 * 24 * HOUR_MS;

/// The wall against the monotonic clock.
pub(super) struct Wall {
    /// When the hub was last alive, as it found at its start.
    alive_ms: Option<i64>,
    /// Wall less monotonic time, as far as it is believed.
    believed_ms: i64,
    /// The same ahead of that by more than an hour, and since when it has been so.
    ahead: Option<(i64, Duration)>,
}

impl Wall {
    pub(super) fn new(alive_ms: Option<i64>, wall_ms: i64, now: Duration) -> Self {
        let offset = offset(wall_ms, now);
        let believed = alive_ms.map_or(offset, |alive| {
            offset.min(self::offset(alive.saturating_add(OFF_MS), now))
        });
        let mut wall = Self {
            alive_ms,
            believed_ms: believed,
            ahead: None,
        };
        wall.look(wall_ms, now);
        wall
    }

    /// What is to be thought of the wall clock now.
    pub(super) fn look(&mut self, wall_ms: i64, now: Duration) -> ClockDoubt {
        let offset = offset(wall_ms, now);
        if offset <= self.believed_ms.saturating_add(HOUR_MS) {
            // Back where it was, or behind: nothing ends too early by that.
            self.believed_ms = offset;
            self.ahead = None;
        } else {
            let since = match self.ahead {
                Some((known, since)) if offset.abs_diff(known) <= HOUR_MS.unsigned_abs() => since,
                _ => {
                    log::warn!(
                        "the clock is ahead of what it was, by seconds={}; no retention is applied for a day, or until a restart",
                        offset.saturating_sub(self.believed_ms) / 1000
                    );
                    now
                }
            };
            self.ahead = Some((offset, since));
            if now.saturating_sub(since) >= DAY {
                self.believed_ms = offset;
                self.ahead = None;
            }
        }
        if self.alive_ms.is_some_and(|alive| wall_ms < alive) {
            return ClockDoubt::Behind;
        }
        // It was passed once: what the clock does later is no start without a clock.
        self.alive_ms = None;
        if self.ahead.is_some() {
            ClockDoubt::Ahead
        } else {
            ClockDoubt::None
        }
    }
}

fn offset(wall_ms: i64, now: Duration) -> i64 {
    wall_ms.saturating_sub(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn hours(hours: u64) -> Duration {
        Duration::from_secs(hours * 3600)
    }

    fn at(wall: &mut Wall, after: u64, jumped: i64) -> ClockDoubt {
        let ms = i64::try_from(after).unwrap() * HOUR_MS + jumped * HOUR_MS;
        wall.look(NOW + ms, hours(after))
    }

    #[test]
    fn a_jump_ahead_is_believed_after_a_day_or_once_it_is_taken_back() {
        let mut wall = Wall::new(Some(NOW - 24 * HOUR_MS), NOW, Duration::ZERO);
        assert_eq!(at(&mut wall, 5, 0), ClockDoubt::None);
        assert_eq!(at(&mut wall, 6, 1000), ClockDoubt::Ahead);
        assert_eq!(at(&mut wall, 29, 1000), ClockDoubt::Ahead);
        assert_eq!(at(&mut wall, 29, 0), ClockDoubt::None);
        assert_eq!(at(&mut wall, 30, 1000), ClockDoubt::Ahead);
        assert_eq!(at(&mut wall, 40, 2000), ClockDoubt::Ahead);
        assert_eq!(at(&mut wall, 55, 2000), ClockDoubt::Ahead);
        assert_eq!(at(&mut wall, 64, 2000), ClockDoubt::None);
    }

    #[test]
    fn a_start_long_after_the_last_sign_of_life_is_in_doubt() {
        let mut wall = Wall::new(Some(NOW - 40 * 24 * HOUR_MS), NOW, Duration::ZERO);
        assert_eq!(at(&mut wall, 1, 0), ClockDoubt::Ahead);
        assert_eq!(at(&mut wall, 25, 0), ClockDoubt::None);
        let mut fresh = Wall::new(None, NOW, Duration::ZERO);
        assert_eq!(at(&mut fresh, 1, 0), ClockDoubt::None);
    }

    #[test]
    fn a_start_before_the_last_sign_of_life_is_behind_until_the_clock_is_set() {
        let mut wall = Wall::new(Some(NOW + 24 * HOUR_MS), NOW, Duration::ZERO);
        assert_eq!(at(&mut wall, 1, 0), ClockDoubt::Behind);
        // Setting it right is a jump ahead too.
        assert_eq!(at(&mut wall, 2, 25), ClockDoubt::Ahead);
        assert_eq!(at(&mut wall, 26, 25), ClockDoubt::None);
    }
}
