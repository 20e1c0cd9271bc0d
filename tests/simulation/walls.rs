//! What the wall clock showed: it is set forth and back, and what was sent must have been in time by it too.

use std::time::Duration;

/// Pieces of monotonic time, each with what has to be added to it.
pub struct Walls(Vec<(Duration, i64)>);

fn ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap()
}

impl Walls {
    pub fn new(start_ms: i64) -> Self {
        Self(vec![(Duration::ZERO, start_ms)])
    }

    pub fn jumped(&mut self, at: Duration, by_ms: i64) {
        let offset = self.0.last().unwrap().1 + by_ms;
        self.0.push((at, offset));
    }

    /// Begin, end and offset of the pieces that touch a span.
    fn pieces(
        &self,
        from: Duration,
        to: Duration,
    ) -> impl Iterator<Item = (Duration, Duration, i64)> {
        let ends = self.0.iter().skip(1).map(|(at, _)| *at);
        self.0
            .iter()
            .zip(ends.chain([Duration::MAX]))
            .map(move |((begin, offset), end)| ((*begin).max(from), end.min(to), *offset))
            .filter(|(begin, end, _)| begin <= end)
    }

    /// The earliest that it showed within a span.
    pub fn earliest(&self, from: Duration, to: Duration) -> i64 {
        let shown = self.pieces(from, to).map(|(at, _, offset)| offset + ms(at));
        shown.min().unwrap()
    }

    /// Whether it showed `limit` or later for so long without a break.
    pub fn passed(&self, limit: i64, from: Duration, to: Duration, long: Duration) -> bool {
        self.pieces(from, to).any(|(begin, end, offset)| {
            let over = u64::try_from(limit - offset).map_or(Duration::ZERO, Duration::from_millis);
            end.saturating_sub(begin.max(over)) >= long
        })
    }
}

#[test]
fn a_wall_that_jumps_is_remembered() {
    let at = Duration::from_secs;
    let mut walls = Walls::new(1000);
    walls.jumped(at(10), 50_000);
    walls.jumped(at(20), -55_000);
    assert_eq!(walls.earliest(at(5), at(6)), 6000);
    assert_eq!(walls.earliest(at(5), at(25)), 6000);
    assert_eq!(walls.earliest(at(10), at(20)), 11_000);
    assert_eq!(walls.earliest(at(12), at(30)), 16_000);
    assert!(walls.passed(65_000, at(0), at(30), at(5)));
    assert!(!walls.passed(65_000, at(0), at(30), at(7)));
    assert!(!walls.passed(65_000, at(21), at(30), at(1)));
}
