//! The next runs for people: in the schedule's zone, with what a change of the clocks did to them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::{Change, Due, Segment};
use super::timing::{Timing, When};

/// Changes of the clocks that are looked at between two runs.
const MOST_CHANGES: usize = 400;

/// A run to come, or one that a change of the clocks takes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = PreviewedRun)]
pub struct Shown {
    /// Unix milliseconds.
    pub due_ms: i64,
    /// As the zone's clocks show it, with the offset.
    pub local: String,
    /// False: none then, for the reason in the note.
    pub runs: bool,
    pub note: String,
}

/// The next `count` runs after an instant, and between them what is left out.
pub fn preview(timing: &Timing, after_ms: i64, count: usize) -> Vec<Shown> {
    let mut shown = Vec::new();
    let mut last = after_ms;
    for due in timing.after(after_ms).take(count) {
        left_out(timing, last, due.at_ms, &mut shown);
        let local = timing.local(due.at_ms);
        let note = note(&due, &local);
        shown.push(Shown {
            due_ms: due.at_ms,
            local,
            runs: true,
            note,
        });
        last = due.at_ms;
    }
    shown
}

impl Timing {
    /// An instant as the zone's clocks show it, with the offset.
    pub fn local(&self, at_ms: i64) -> String {
        Timestamp::from_millisecond(at_ms).map_or_else(
            |_| at_ms.to_string(),
            |at| {
                let local = at.to_zoned(self.zone.rules().clone());
                local.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
            },
        )
    }
}

fn note(due: &Due, local: &str) -> String {
    let clock = local.get(11..19).unwrap_or_default();
    match due.change {
        Change::None => String::new(),
        Change::AfterGap(missed) => {
            let missed = missed.strftime("%H:%M:%S");
            format!("clocks go forward: for {missed}, which does not exist that day")
        }
        Change::FirstOfTwo => format!("clocks go back: the first of two {clock}"),
        Change::SecondOfTwo => format!("clocks go back: the second of two {clock}"),
    }
}

/// What was due in gaps that lie between two runs, under the policy `skip`.
fn left_out(timing: &Timing, after_ms: i64, before_ms: i64, shown: &mut Vec<Shown>) {
    let When::Cron(pattern) = &timing.when else {
        return;
    };
    let Ok(after) = Timestamp::from_millisecond(after_ms) else {
        return;
    };
    if timing.runs_later() {
        return;
    }
    let rules = timing.zone.rules();
    for change in rules.following(after).take(MOST_CHANGES) {
        let at = change.timestamp();
        if at.as_millisecond() > before_ms {
            return;
        }
        let Some(segment) = Segment::around(rules, at.as_second()) else {
            return;
        };
        let starts_here = segment.start == at.as_second() && segment.starts_after_gap();
        if let Some(missing) = segment.match_in_gap(pattern).filter(|_| starts_here) {
            shown.push(Shown {
                due_ms: at.as_millisecond(),
                local: timing.local(at.as_millisecond()),
                runs: false,
                note: format!(
                    "clocks go forward: no run for {}, which does not exist",
                    missing.strftime("%Y-%m-%dT%H:%M:%S")
                ),
            });
        }
    }
}
