//! What a look at one schedule settles: which runs begin, which were missed, and when it is due next. Pure.

use std::collections::VecDeque;

use super::record::{Outcome, Planned, Run, Schedule};
use super::timing::{Missed, Timing};

/// How late a run may begin without counting as missed.
pub const GRACE_MS: i64 = 5000;

/// Runs that `all` catches up with at most.
const MOST_CAUGHT_UP: usize = 1000;

/// How far back missed runs are first looked for.
const FIRST_WINDOW_MS: i64 = 3_600_000;

/// What one look goes by.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Unix milliseconds.
    pub now_ms: i64,
    /// How late a run may be.
    pub grace_ms: i64,
    /// How far back runs are caught up with: as far as the history tells which of them have run.
    pub keep_ms: i64,
}

/// What a look came to.
#[derive(Debug)]
pub struct Settled {
    /// As it is now.
    pub schedule: Schedule,
    /// To be noted, in the order of their due times.
    pub runs: Vec<Run>,
    /// Whether there is anything to store.
    pub changed: bool,
}

impl Schedule {
    /// Looks at it at a time. `draw` gives a number from 0 to the one it is given.
    pub fn look(&self, look: Look, draw: &mut dyn FnMut(i64) -> i64) -> Settled {
        let now_ms = look.now_ms;
        let mut schedule = self.clone();
        // The wall clock was ahead when that was settled: it must not silence the schedule until then.
        if schedule.done_ms > now_ms.saturating_add(GRACE_MS) {
            schedule.done_ms = now_ms;
        }
        let planned = schedule.planned(draw);
        // A run that is planned already keeps its jitter; a zone's rules may have changed since.
        let known = schedule.next.map(|next| next.due_ms);
        if known != planned.map(|next| next.due_ms) {
            schedule.next = planned;
        }
        let mut runs = Vec::new();
        while let Some(next) = schedule.next.filter(|next| next.at_ms <= now_ms) {
            if now_ms.saturating_sub(next.at_ms) <= look.grace_ms {
                runs.push(Run::new(self.id, next.due_ms, now_ms, Outcome::Running));
                schedule.done_ms = next.due_ms;
            } else {
                schedule.catch_up(next.due_ms, look, &mut runs);
            }
            schedule.next = schedule.planned(draw);
        }
        let changed = schedule != *self;
        Settled {
            schedule,
            runs,
            changed,
        }
    }

    /// The first run after what is settled.
    pub fn planned(&self, draw: &mut dyn FnMut(i64) -> i64) -> Option<Planned> {
        let due_ms = self.timing.next(self.done_ms)?.at_ms;
        let jitter = if self.jitter_ms > 0 {
            draw(self.jitter_ms)
        } else {
            0
        };
        Some(Planned {
            due_ms,
            at_ms: due_ms.saturating_add(jitter),
        })
    }

    /// Settles what was missed from `first` on, as the policy has it.
    fn catch_up(&mut self, first: i64, look: Look, runs: &mut Vec<Run>) {
        let now_ms = look.now_ms;
        let limit = now_ms.saturating_sub(look.grace_ms).max(first);
        let (missed, more) = newest(&self.timing, first, limit);
        let latest = missed.back().copied().unwrap_or(first);
        self.done_ms = latest;
        let count = match (more, missed.len()) {
            (true, count) => format!("more than {count} runs"),
            (false, 1) => "1 run".to_owned(),
            (false, count) => format!("{count} runs"),
        };
        let mut put = |due_ms, outcome, detail: String| {
            let run = Run::new(self.id, due_ms, now_ms, outcome);
            runs.push(Run { detail, ..run });
        };
        match self.missed {
            Missed::Skip => put(
                latest,
                Outcome::Skipped,
                format!("missed: {count} up to this one"),
            ),
            Missed::Once => put(latest, Outcome::Running, format!("for {count} missed")),
            Missed::All => {
                if more {
                    let text =
                        format!("missed: only the newest {MOST_CAUGHT_UP} runs are caught up with");
                    put(first, Outcome::Skipped, text);
                }
                let oldest = now_ms.saturating_sub(look.keep_ms);
                for due_ms in missed.into_iter().filter(|due| *due > oldest) {
                    put(due_ms, Outcome::Running, "missed, caught up with".into());
                }
            }
        }
    }
}

/// The newest due times from `first` to `limit`, and whether there were more. From the end, since years of seconds may lie
/// in between.
fn newest(timing: &Timing, first: i64, limit: i64) -> (VecDeque<i64>, bool) {
    let mut window = FIRST_WINDOW_MS;
    loop {
        let begin = limit.saturating_sub(window).max(first.saturating_sub(1));
        let mut kept = VecDeque::new();
        let mut more = begin >= first;
        for due in timing.after(begin).take_while(|due| due.at_ms <= limit) {
            kept.push_back(due.at_ms);
            if kept.len() > MOST_CAUGHT_UP {
                kept.pop_front();
                more = true;
            }
        }
        if kept.len() >= MOST_CAUGHT_UP || begin < first {
            return (kept, more);
        }
        window = window.saturating_mul(4);
    }
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
