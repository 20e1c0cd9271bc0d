//! When each row of a recording goes out.

use std::str::FromStr;
use std::time::Duration;

use tokio::time::Instant;

/// How fast a recording is replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many times as fast as it was recorded.
    Times(f64),
    /// As fast as the hub takes it.
    Max,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<f64>() {
            _ if text == "max" => Ok(Speed::Max),
            Ok(times) if times.is_finite() && times > 0.0 => Ok(Speed::Times(times)),
            _ => Err("give a number above 0, or max".into()),
        }
    }
}

/// The times of a recording, laid out from the moment that its replay began.
#[derive(Debug)]
pub struct Pace {
    speed: Speed,
    unix_ms: Vec<i64>,
    began: Instant,
}

impl Pace {
    pub fn new(speed: Speed, unix_ms: Vec<i64>, began: Instant) -> Self {
        Self {
            speed,
            unix_ms,
            began,
        }
    }

    /// Rows before this one may go out now, if those before `cursor` may.
    pub fn due_rows(&self, cursor: usize, now: Instant) -> usize {
        if matches!(self.speed, Speed::Max) {
            return self.unix_ms.len();
        }
        let mut row = cursor;
        while self.due(row).is_some_and(|due| due <= now) {
            row += 1;
        }
        row
    }

    /// When a row goes out at the earliest; one that lies before the first in time, at once. `None`: no such row.
    pub fn due(&self, row: usize) -> Option<Instant> {
        let unix_ms = *self.unix_ms.get(row)?;
        let first = *self.unix_ms.first()?;
        let Speed::Times(times) = self.speed else {
            return Some(self.began);
        };
        // Bounded, because a year on another planet must not overflow the clock.
        let after = (unix_ms.saturating_sub(first).max(0) as f64 / 1_000.0 / times).min(1e9);
        self.began.checked_add(Duration::from_secs_f64(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("max", Some(Speed::Max))]
    #[case("2.5", Some(Speed::Times(2.5)))]
    #[case("0", None)]
    #[case("-1", None)]
    #[case("inf", None)]
    #[case("fast", None)]
    fn a_speed_is_a_factor_or_max(#[case] text: &str, #[case] speed: Option<Speed>) {
        assert_eq!(text.parse().ok(), speed);
    }

    #[test]
    fn rows_are_due_at_their_distance_from_the_first() {
        let began = Instant::now();
        let pace = Pace::new(Speed::Times(2.0), vec![5_000, 7_000, 6_000, 9_000], began);
        let after = |ms| began + Duration::from_millis(ms);
        assert_eq!(pace.due(1), Some(after(1_000)));
        assert_eq!(pace.due(4), None);
        assert_eq!(pace.due_rows(0, after(999)), 1);
        // The third lies back in time: it follows the second without waiting.
        assert_eq!(pace.due_rows(1, after(1_000)), 3);
        assert_eq!(pace.due_rows(3, after(2_000)), 4);
    }
}
