//! The judgement: a pure function of rule, state and what happened when. The live hub and the back-test both run it.
//!
//! Its time is that of the device, whose readings it judges; between readings the caller lets it pass.

use smallvec::SmallVec;

use super::rule::{Check, Direction, Op, Rule};
use super::window::Window;
use crate::readings::Value;

/// Where a rule stands for one device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Normal,
    /// The condition holds since then, and not long enough yet.
    Raising {
        since_ms: i64,
    },
    Raised,
    /// The condition is gone since then, and not long enough yet.
    Clearing {
        since_ms: i64,
    },
}

/// What a rule remembers of one device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub phase: Phase,
    /// The newest reading or report that counted, Unix ms of the device's time.
    pub last_ms: Option<i64>,
    /// Of a rule on the rate of change.
    window: Window,
}

impl State {
    /// As it was left; what a window saw is not kept.
    pub fn left(phase: Phase, last_ms: Option<i64>) -> Self {
        Self {
            phase,
            last_ms,
            window: Window::default(),
        }
    }

    /// Moves all that it remembers, as a clock was set.
    pub(super) fn shift(&mut self, by_ms: i64) {
        let moved = |at_ms: i64| at_ms.saturating_add(by_ms);
        self.phase = match self.phase {
            Phase::Raising { since_ms } => Phase::Raising {
                since_ms: moved(since_ms),
            },
            Phase::Clearing { since_ms } => Phase::Clearing {
                since_ms: moved(since_ms),
            },
            phase => phase,
        };
        self.last_ms = self.last_ms.map(moved);
        self.window.shift(by_ms);
    }
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The sensor's value at a time. One that is older than the newest changes nothing.
    Reading { at_ms: i64, value: &'a Value<'a> },
    /// The device says itself that the alarm is raised or cleared. The later word holds.
    Report { at_ms: i64, raised: bool },
    /// The device came or went.
    Presence { at_ms: i64, online: bool },
    /// Nothing happened until then.
    Time { at_ms: i64 },
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Raised { at_ms: i64 },
    Cleared { at_ms: i64 },
}

/// In order; a reading may end a delay and then change the state itself.
pub type Changes = SmallVec<[Change; 2]>;

impl Phase {
    pub fn is_raised(self) -> bool {
        matches!(self, Self::Raised | Self::Clearing { .. })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Raising { .. } => "raising",
            Self::Raised => "raised",
            Self::Clearing { .. } => "clearing",
        }
    }
}

/// What a value says about a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Beyond the level at which the alarm is raised.
    Beyond,
    /// Between the two: things stay as they are.
    Between,
    /// At the level at which it is cleared, or on the good side of it.
    Within,
}

/// Lets `input` happen.
pub fn step(rule: &Rule, mut state: State, input: Input<'_>) -> (State, Changes) {
    let mut changes = Changes::new();
    match input {
        Input::Time { at_ms } => pass(rule, &mut state, at_ms, &mut changes),
        Input::Reading { at_ms, value } => {
            if state.last_ms.is_none_or(|last| at_ms >= last) {
                pass(rule, &mut state, at_ms, &mut changes);
                read(rule, &mut state, at_ms, value, &mut changes);
            }
        }
        Input::Report { at_ms, raised } => {
            if state.last_ms.is_none_or(|last| at_ms >= last) {
                pass(rule, &mut state, at_ms, &mut changes);
                if let Check::Rate { window_ms, .. } = rule.check {
                    state.window.pass(at_ms, window_ms);
                }
                state.last_ms = Some(at_ms);
                report(&mut state.phase, at_ms, raised, &mut changes);
            }
        }
        Input::Presence { at_ms, online } => {
            if matches!(rule.check, Check::Offline { .. }) {
                pass(rule, &mut state, at_ms, &mut changes);
                state.last_ms = Some(at_ms);
                let verdict = if online {
                    Verdict::Within
                } else {
                    Verdict::Beyond
                };
                judged(rule, &mut state, at_ms, verdict, &mut changes);
            }
        }
    }
    (state, changes)
}

/// When [`step`] has to be asked again though nothing happened.
pub fn deadline(rule: &Rule, state: &State) -> Option<i64> {
    let of_phase = match state.phase {
        Phase::Raising { since_ms } => Some(since_ms.saturating_add(on_delay(rule))),
        Phase::Clearing { since_ms } => Some(since_ms.saturating_add(rule.off_delay_ms)),
        Phase::Normal | Phase::Raised => None,
    };
    let of_window = match rule.check {
        // What was long ago falls out of the window, and the change with it.
        Check::Rate { window_ms, .. } if state.phase != Phase::Normal => {
            state.window.first_leaves(window_ms)
        }
        _ => None,
    };
    of_phase.into_iter().chain(of_window).min()
}

/// What the device says of its own condition, whatever the rule.
pub fn report(phase: &mut Phase, at_ms: i64, raised: bool, changes: &mut Changes) {
    match (phase.is_raised(), raised) {
        (false, true) => changes.push(Change::Raised { at_ms }),
        (true, false) => changes.push(Change::Cleared { at_ms }),
        _ => {}
    }
    *phase = if raised { Phase::Raised } else { Phase::Normal };
}

fn on_delay(rule: &Rule) -> i64 {
    match rule.check {
        Check::NoData { after_ms, .. } | Check::Offline { after_ms } => after_ms,
        _ => rule.on_delay_ms,
    }
}

/// Delays that are over by then, and changes that are out of the window.
fn pass(rule: &Rule, state: &mut State, at_ms: i64, changes: &mut Changes) {
    while let Some(due) = deadline(rule, state).filter(|due| *due <= at_ms) {
        if let Check::Rate {
            direction,
            raise,
            clear,
            window_ms,
            ..
        } = rule.check
            && state.window.first_leaves(window_ms) == Some(due)
        {
            state.window.pass(due, window_ms);
            let change = state.window.change(direction);
            let verdict = level(change, raise, clear);
            judged(rule, state, due, verdict, changes);
            continue;
        }
        match state.phase {
            Phase::Raising { .. } => {
                state.phase = Phase::Raised;
                changes.push(Change::Raised { at_ms: due });
            }
            Phase::Clearing { .. } => {
                state.phase = rest(rule, due);
                changes.push(Change::Cleared { at_ms: due });
            }
            Phase::Normal | Phase::Raised => return,
        }
    }
}

/// Without data a rule is on its way to being raised from each reading on.
fn rest(rule: &Rule, at_ms: i64) -> Phase {
    match rule.check {
        Check::NoData { .. } => Phase::Raising { since_ms: at_ms },
        _ => Phase::Normal,
    }
}

fn read(rule: &Rule, state: &mut State, at_ms: i64, value: &Value<'_>, changes: &mut Changes) {
    let verdict = match &rule.check {
        Check::Threshold {
            op, raise, clear, ..
        } => match threshold(*op, raise, clear, value) {
            Some(verdict) => verdict,
            None => return,
        },
        Check::Rate {
            direction,
            raise,
            clear,
            window_ms,
            ..
        } => {
            let Some(number) = value.number() else { return };
            state.window.add(at_ms, number, *window_ms);
            level(state.window.change(*direction), *raise, *clear)
        }
        Check::NoData { .. } => Verdict::Within,
        Check::Offline { .. } => return,
    };
    state.last_ms = Some(at_ms);
    judged(rule, state, at_ms, verdict, changes);
}

/// Whether a value alone says that the alarm should be raised.
pub fn is_beyond(rule: &Rule, value: &Value<'_>) -> bool {
    match &rule.check {
        Check::Threshold {
            op, raise, clear, ..
        } => threshold(*op, raise, clear, value) == Some(Verdict::Beyond),
        _ => false,
    }
}

/// `None`: a value of another kind says nothing.
fn threshold(op: Op, raise: &Value<'_>, clear: &Value<'_>, value: &Value<'_>) -> Option<Verdict> {
    if op == Op::Is {
        let is = value.order(raise).is_some_and(std::cmp::Ordering::is_eq);
        return Some(if is { Verdict::Beyond } else { Verdict::Within });
    }
    let (value, raise, clear) = (value.number()?, raise.number()?, clear.number()?);
    Some(if op == Op::Above {
        level(value, raise, clear)
    } else {
        level(-value, -raise, -clear)
    })
}

fn level(value: f64, raise: f64, clear: f64) -> Verdict {
    if value > raise {
        Verdict::Beyond
    } else if value <= clear {
        Verdict::Within
    } else {
        Verdict::Between
    }
}

fn judged(rule: &Rule, state: &mut State, at_ms: i64, verdict: Verdict, changes: &mut Changes) {
    let no_data = matches!(rule.check, Check::NoData { .. });
    state.phase = match (state.phase, verdict) {
        (Phase::Normal, Verdict::Beyond) if on_delay(rule) == 0 => {
            changes.push(Change::Raised { at_ms });
            Phase::Raised
        }
        (Phase::Normal, Verdict::Beyond) => Phase::Raising { since_ms: at_ms },
        (Phase::Raised, Verdict::Within) if rule.off_delay_ms == 0 => {
            changes.push(Change::Cleared { at_ms });
            rest(rule, at_ms)
        }
        (Phase::Raised, Verdict::Within) => Phase::Clearing { since_ms: at_ms },
        // The condition has to hold all the time.
        (Phase::Normal | Phase::Raising { .. }, Verdict::Within | Verdict::Between) => {
            rest(rule, at_ms)
        }
        // More data while it clears: the delay runs on, unless data stays away again, which its end finds out.
        (Phase::Clearing { since_ms }, _) if no_data => Phase::Clearing { since_ms },
        (Phase::Clearing { .. }, Verdict::Beyond | Verdict::Between) => Phase::Raised,
        (phase, _) => phase,
    };
}

/// How a rule on the rate of change sees a window; see [`Window`].
pub(super) fn change(direction: Direction, newest: f64, least: f64, greatest: f64) -> f64 {
    match direction {
        Direction::Rises => newest - least,
        Direction::Falls => greatest - newest,
        Direction::Moves => (newest - least).max(greatest - newest),
    }
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
