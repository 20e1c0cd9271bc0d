//! Plausible readings: each signal is a pure function of a seed and a time, so a run repeats, a reconnected
//! device can say what it measured meanwhile, and two sensors with different seeds differ.
//!
//! Not physics: shapes that look right on a chart and exercise alarms.

use std::f64::consts::TAU;

use super::kinds::ValueKind;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The course of one measured quantity, in the unit of its sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Signal {
    /// A day's temperature: coldest at 04:00, warmest at 16:00 UTC, `swing` to either side of `mean`, with noise,
    /// a drift over days, and steps (a door left open) of up to `step`.
    Daily {
        mean: f64,
        swing: f64,
        noise: f64,
        step: f64,
    },
    /// Light: nothing from 18:00 to 06:00 UTC, `noon` at noon, less under passing clouds.
    Daylight { noon: f64 },
    /// Weather, soil, pressure: wanders within `spread` of `mean`, turning about every `hours`.
    Wander { mean: f64, spread: f64, hours: i64 },
    /// The semidiurnal tide: lunar (12 h 25 min) and solar (12 h) part, whose beat gives spring and neap.
    Tide { mean: f64, range: f64 },
    /// Holds a level between `low` and `high` for some `minutes`, then jumps.
    Steps { low: f64, high: f64, minutes: i64 },
    /// 0 or 1; it is 1 for about this `share` of the time, in pieces of `minutes`.
    Switch { share: f64, minutes: i64 },
}

impl Signal {
    /// What it stands for: a switch is a truth value, all else are numbers.
    pub fn kind(&self) -> ValueKind {
        match self {
            Signal::Switch { .. } => ValueKind::Boolean,
            _ => ValueKind::Number,
        }
    }

    /// Bounds that it never leaves, none of them far from what it reaches.
    pub fn range(&self) -> (f64, f64) {
        match *self {
            Signal::Daily {
                mean,
                swing,
                noise,
                step,
            } => {
                let most = swing * 4.0 / 3.0 + noise * 1.25;
                (mean - most - step, mean + most)
            }
            Signal::Daylight { noon } => (0.0, noon),
            Signal::Wander { mean, spread, .. } => (mean - spread, mean + spread),
            Signal::Tide { mean, range } => (mean - range / 2.0, mean + range / 2.0),
            Signal::Steps { low, high, .. } => (low, high),
            Signal::Switch { .. } => (0.0, 1.0),
        }
    }

    pub fn at(&self, seed: u64, unix_ms: i64) -> f64 {
        match *self {
            Signal::Daily {
                mean,
                swing,
                noise,
                step,
            } => {
                let day = -(TAU * (part_of(unix_ms, DAY_MS) - 4.0 / 24.0)).cos();
                let drift = smooth(seed ^ 1, unix_ms, 3 * DAY_MS) * swing / 3.0;
                let trembling = smooth(seed ^ 2, unix_ms, 5 * MINUTE_MS) * noise
                    + held(seed ^ 3, unix_ms, 1_000) * noise / 4.0;
                // Most of the time nothing happens; then it is off by a step for a while.
                let open = held(seed ^ 4, unix_ms, 47 * MINUTE_MS) > 0.8;
                mean + day * swing + drift + trembling - if open { step } else { 0.0 }
            }
            Signal::Daylight { noon } => {
                let sun = -(TAU * part_of(unix_ms, DAY_MS)).cos();
                let clouds = 0.7 + 0.3 * smooth(seed, unix_ms, 20 * MINUTE_MS);
                sun.max(0.0) * clouds * noon
            }
            Signal::Wander {
                mean,
                spread,
                hours,
            } => {
                let slow = smooth(seed, unix_ms, hours.max(1) * HOUR_MS);
                let quick = smooth(seed ^ 5, unix_ms, 10 * MINUTE_MS);
                mean + spread * (0.85 * slow + 0.15 * quick)
            }
            Signal::Tide { mean, range } => {
                let lunar = (TAU * part_of(unix_ms, 44_714_000)).cos();
                let solar = (TAU * part_of(unix_ms, 12 * HOUR_MS)).cos();
                let waves = smooth(seed, unix_ms, 7_000) * 0.02;
                mean + range / 2.0 * (0.74 * lunar + 0.24 * solar + waves)
            }
            Signal::Steps { low, high, minutes } => {
                let level = held(seed, unix_ms, minutes.max(1) * MINUTE_MS);
                low + (high - low) * (level + 1.0) / 2.0
            }
            Signal::Switch { share, minutes } => {
                let level = held(seed, unix_ms, minutes.max(1) * MINUTE_MS);
                f64::from(u8::from((level + 1.0) / 2.0 < share))
            }
        }
    }
}

/// Where in its period a time lies: 0 to 1, also before 1970.
fn part_of(unix_ms: i64, period_ms: i64) -> f64 {
    unix_ms.rem_euclid(period_ms) as f64 / period_ms as f64
}

/// A level from -1 to 1 that stays for a period.
fn held(seed: u64, unix_ms: i64, period_ms: i64) -> f64 {
    level(seed, unix_ms.div_euclid(period_ms))
}

/// A curve from -1 to 1 without corners that passes a new level each period.
fn smooth(seed: u64, unix_ms: i64, period_ms: i64) -> f64 {
    let index = unix_ms.div_euclid(period_ms);
    let (from, to) = (level(seed, index), level(seed, index.wrapping_add(1)));
    let part = part_of(unix_ms, period_ms);
    from + (to - from) * part * part * (3.0 - 2.0 * part)
}

fn level(seed: u64, index: i64) -> f64 {
    // 53 bits are what an f64 holds exactly.
    (mix(seed ^ mix(index.cast_unsigned())) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// A well mixed number from any other (SplitMix64, Steele, Lea and Flood 2014).
pub fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Signal = Signal::Daily {
        mean: 20.0,
        swing: 5.0,
        noise: 0.3,
        step: 2.0,
    };

    fn day(signal: Signal, seed: u64) -> Vec<f64> {
        (0..24 * 60)
            .map(|minute| signal.at(seed, 1_700_006_400_000 + minute * MINUTE_MS))
            .collect()
    }

    #[test]
    fn the_same_seed_and_time_give_the_same_value() {
        assert_eq!(day(ROOM, 7), day(ROOM, 7));
        assert_ne!(day(ROOM, 7), day(ROOM, 8));
    }

    #[test]
    fn afternoons_are_warmer_than_the_end_of_the_night() {
        for seed in 0..50 {
            let values = day(ROOM, seed);
            assert!(values[16 * 60] > values[4 * 60] + 3.0, "seed {seed}");
            assert!(
                values.iter().all(|v| (5.0..35.0).contains(v)),
                "seed {seed}"
            );
        }
    }

    #[test]
    fn every_signal_stays_in_its_bounds() {
        for seed in 0..20 {
            let lux = day(Signal::Daylight { noon: 40_000.0 }, seed);
            assert!(lux.iter().all(|v| (0.0..=40_000.0).contains(v)));
            assert_eq!(lux[0], 0.0);
            let tide = Signal::Tide {
                mean: 3.0,
                range: 4.0,
            };
            assert!(day(tide, seed).iter().all(|v| (0.9..=5.1).contains(v)));
            let steps = Signal::Steps {
                low: 2.0,
                high: 3.0,
                minutes: 30,
            };
            assert!(day(steps, seed).iter().all(|v| (2.0..=3.0).contains(v)));
            let switch = Signal::Switch {
                share: 0.3,
                minutes: 5,
            };
            assert!(day(switch, seed).iter().all(|v| *v == 0.0 || *v == 1.0));
        }
    }

    #[test]
    fn times_before_1970_and_at_the_ends_of_time_are_fine() {
        for time in [i64::MIN, -1, 0, i64::MAX] {
            assert!(ROOM.at(1, time).is_finite());
        }
    }
}
