//! The planner: the next time at which a schedule is due. Pure, and the only place that decides it.
//!
//! A pattern is matched on local time, and local time is joined to instants by segments of the zone in which the
//! offset from UTC is constant: within one, both run evenly. At a change of the clocks a stretch of local time is
//! skipped (a gap) or comes twice (a fold), and the schedule's policy says what that means. Daylight saving is not
//! looked at, only offsets: Morocco's goes backwards in Ramadan, Lord Howe's is half an hour, Samoa once lost a day.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::pattern::Pattern;
use super::timing::{Repeated, Timing, When};

/// A time at which a schedule is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Unix milliseconds.
    pub at_ms: i64,
    pub change: Change,
}

/// What a change of the clocks had to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    None,
    /// It is there for what was due in the gap that ends here, first at this local time.
    AfterGap(DateTime),
    FirstOfTwo,
    SecondOfTwo,
}

/// More than two local times of one instant differ anywhere: offsets stay within 26 hours.
const MOST_OFFSET: i64 = 26 * 3600;

impl Timing {
    /// The first due time after an instant (Unix milliseconds); `None` when there is none any more.
    pub fn next(&self, after_ms: i64) -> Option<Due> {
        let after_ms = match self.from_ms {
            Some(from) => after_ms.max(from.saturating_sub(1)),
            None => after_ms,
        };
        let due = match &self.when {
            When::Cron(pattern) => self.next_match(pattern, after_ms.max(0)),
            When::At(at_ms) => Some(plain(*at_ms)).filter(|due| due.at_ms > after_ms),
            When::Every(period) => self.next_on_grid(*period, after_ms).map(plain),
        };
        due.filter(|due| self.until_ms.is_none_or(|until| due.at_ms <= until))
    }

    /// The due times after an instant.
    pub fn after(&self, after_ms: i64) -> impl Iterator<Item = Due> {
        let mut at = after_ms;
        std::iter::from_fn(move || {
            let due = self.next(at)?;
            at = due.at_ms;
            Some(due)
        })
    }

    /// With a beginning the first run is there; otherwise one period after the schedule was made.
    fn next_on_grid(&self, period: i64, after_ms: i64) -> Option<i64> {
        let anchor = match self.from_ms {
            Some(from) => from,
            None => self.created_ms.checked_add(period)?,
        };
        if after_ms < anchor {
            return Some(anchor);
        }
        let steps = after_ms.checked_sub(anchor)?.checked_div(period)?;
        anchor.checked_add(period.checked_mul(steps.checked_add(1)?)?)
    }

    fn next_match(&self, pattern: &Pattern, after_ms: i64) -> Option<Due> {
        let (later, repeats) = (self.runs_later(), self.repeats());
        let mut from = after_ms.div_euclid(1000).checked_add(1)?;
        loop {
            let segment = Segment::around(self.zone.rules(), from)?;
            if later && let Some(due) = segment.due_for_gap(pattern, from) {
                return Some(due);
            }
            let next = pattern.next(civil(from.max(segment.first(repeats)), segment.offset)?)?;
            let at = seconds(next, segment.offset)?;
            if at < segment.last(repeats) {
                return Some(segment.due(at));
            }
            from = segment.end;
            if !segment.ends_in_fold() {
                // No local time before `next` matches in what follows: years may be passed over.
                from = from.max(at.saturating_sub(2 * MOST_OFFSET));
            }
        }
    }
}

fn plain(at_ms: i64) -> Due {
    Due {
        at_ms,
        change: Change::None,
    }
}

/// The local time of an instant (Unix seconds).
fn civil(at: i64, offset: Offset) -> Option<DateTime> {
    Some(offset.to_datetime(Timestamp::from_second(at).ok()?))
}

/// The instant of a local time.
fn seconds(local: DateTime, offset: Offset) -> Option<i64> {
    Some(offset.to_timestamp(local).ok()?.as_second())
}

/// A stretch of time with one offset; times are Unix seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// `i64::MIN`: long ago.
    pub(super) start: i64,
    /// Without it; `i64::MAX`: nothing follows.
    pub(super) end: i64,
    pub(super) before: Offset,
    pub(super) offset: Offset,
    pub(super) after: Offset,
}

impl Segment {
    /// The one that an instant is in. A beginning that is too far back to matter is not looked for.
    pub(super) fn around(rules: &TimeZone, at: i64) -> Option<Self> {
        // Forward only: jiff 0.2.43's `preceding` invents a change in zones whose last one came after their yearly rule
        // had it (America/Ciudad_Juarez, November 2022).
        let earlier = Timestamp::from_second(at.checked_sub(MOST_OFFSET)?).ok()?;
        let offset = rules.to_offset(earlier);
        let mut segment = Self {
            start: i64::MIN,
            end: i64::MAX,
            before: offset,
            offset,
            after: offset,
        };
        for change in rules.following(earlier) {
            let (begins, offset) = (change.timestamp().as_second(), change.offset());
            if offset == segment.offset {
                // The name changes, the clocks do not.
                continue;
            }
            if begins > at {
                segment.end = begins;
                segment.after = offset;
                break;
            }
            segment = Self {
                start: begins,
                before: segment.offset,
                offset,
                after: offset,
                ..segment
            };
        }
        Some(segment)
    }

    pub(super) fn starts_after_gap(&self) -> bool {
        self.offset > self.before
    }

    fn ends_in_fold(&self) -> bool {
        self.after < self.offset
    }

    /// The instant up to which local times come for the second time.
    fn repeats_until(&self) -> i64 {
        let back = i64::from(self.before.seconds()) - i64::from(self.offset.seconds());
        self.start.saturating_add(back.max(0))
    }

    /// The instant from which on local times will come once more.
    fn repeated_from(&self) -> i64 {
        let back = i64::from(self.offset.seconds()) - i64::from(self.after.seconds());
        self.end.saturating_sub(back.max(0))
    }

    /// From where on the policy lets the segment's times count.
    fn first(&self, repeats: Repeated) -> i64 {
        match repeats {
            Repeated::First | Repeated::Auto => self.repeats_until(),
            Repeated::Second | Repeated::Both => self.start,
        }
    }

    /// And up to where.
    fn last(&self, repeats: Repeated) -> i64 {
        match repeats {
            Repeated::Second => self.repeated_from(),
            Repeated::First | Repeated::Both | Repeated::Auto => self.end,
        }
    }

    /// The first match in the local times that are skipped as this segment begins.
    pub(super) fn match_in_gap(&self, pattern: &Pattern) -> Option<DateTime> {
        let first = civil(self.start, self.before)?;
        let end = civil(self.start, self.offset)?;
        pattern.next(first).filter(|next| *next < end)
    }

    /// One run for all that was due in the gap, if `from` is its end.
    fn due_for_gap(&self, pattern: &Pattern, from: i64) -> Option<Due> {
        if self.start != from || !self.starts_after_gap() {
            return None;
        }
        let missed = self.match_in_gap(pattern)?;
        Some(Due {
            at_ms: from.checked_mul(1000)?,
            change: Change::AfterGap(missed),
        })
    }

    fn due(&self, at: i64) -> Due {
        let change = if at < self.repeats_until() {
            Change::SecondOfTwo
        } else if at >= self.repeated_from() && self.ends_in_fold() {
            Change::FirstOfTwo
        } else {
            Change::None
        };
        Due {
            at_ms: at.saturating_mul(1000),
            change,
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
