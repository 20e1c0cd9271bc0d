//! One rule on one device, or one alarm of a device's own.

use std::collections::VecDeque;
use std::time::Duration;

use super::Now;
use crate::alarm::State;
use crate::readings::Value;
use crate::wire::Address;

/// What an alarm is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) address: Address,
    /// 0: a device's own.
    pub(super) rule: i64,
    /// Of a device's own alarm; empty for a rule.
    pub(super) own: Box<str>,
}

impl Key {
    pub(super) fn rule(rule: i64, address: Address) -> Self {
        Self {
            address,
            rule,
            own: Box::default(),
        }
    }

    pub(super) fn own(address: Address, name: &str) -> Self {
        Self {
            address,
            rule: 0,
            own: name.into(),
        }
    }
}

/// A wall clock that is off by less has not been set: the two clocks are read one after the other.
const SET_MS: i64 = 100;

/// Where it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub(super) state: State,
    /// A moment on the device's time, and when that was on the monotonic clock: time passes from there.
    heard_ms: i64,
    heard_at: Duration,
    /// What the hub's own clock was then ahead of the monotonic one, ms.
    wall_ms: i64,
    /// What counted last was the device's own word, no reading.
    pub(super) by_report: bool,
    /// The newest value that counted.
    pub(super) value: Option<Value<'static>>,
    /// When it was raised lately, the oldest first.
    raises: VecDeque<Duration>,
    /// A chattering alarm ends then, unless it is raised again.
    pub(super) calm_at: Option<Duration>,
    /// The deadline that stands in the queue.
    pub(super) queued: Option<Duration>,
}

impl Source {
    pub(super) fn new(state: State, heard_ms: i64, now: Now) -> Self {
        Self {
            state,
            heard_ms,
            heard_at: now.at,
            wall_ms: now.wall_ms(),
            ..Self::default()
        }
    }

    pub(super) fn heard(&mut self, at_ms: i64, now: Now) {
        self.heard_ms = at_ms;
        self.heard_at = now.at;
        self.wall_ms = now.wall_ms();
    }

    /// Something comes that counts at `at_ms`. If the hub's clock was set forth and the device's with it, no time has
    /// passed by that: what began before moves along.
    pub(super) fn follow(&mut self, at_ms: i64, now: Now) {
        let set_forth = now.wall_ms().saturating_sub(self.wall_ms);
        let ahead = at_ms.saturating_sub(self.time_ms(now.at));
        let by_ms = ahead.min(set_forth);
        if by_ms > 0 && set_forth >= SET_MS {
            self.state.shift(by_ms);
        }
    }

    /// The device's time now.
    pub(super) fn time_ms(&self, now: Duration) -> i64 {
        let passed = now.saturating_sub(self.heard_at).as_millis();
        self.heard_ms
            .saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
    }

    /// The time that something counts at which the device stamped so, and which came at `hub_ms` of the hub's clock.
    pub(super) fn counts_at(&self, at_ms: i64, hub_ms: i64, now: Now) -> i64 {
        // A device whose clock is fast must not make its later readings seem old.
        let at_ms = at_ms.min(hub_ms);
        let Some(last) = self.state.last_ms.filter(|last| at_ms < *last) else {
            return at_ms;
        };
        // If the hub's clock was set back, what comes now is new all the same.
        let back = self.wall_ms.saturating_sub(now.wall_ms());
        let back = if back >= SET_MS { back } else { 0 };
        if hub_ms < last {
            self.time_ms(now.at)
        } else {
            at_ms.saturating_add(back)
        }
    }

    /// When a moment of the device's time comes.
    pub(super) fn comes_at(&self, at_ms: i64) -> Duration {
        let ahead = at_ms.saturating_sub(self.heard_ms).max(0);
        self.heard_at
            .saturating_add(Duration::from_millis(ahead.unsigned_abs()))
    }

    /// Notes a raise; answers how many there were within `window`, this one included.
    pub(super) fn raised(&mut self, now: Duration, window: Duration, most: usize) -> usize {
        while self
            .raises
            .front()
            .is_some_and(|first| now.saturating_sub(*first) > window || self.raises.len() > most)
        {
            self.raises.pop_front();
        }
        self.raises.push_back(now);
        self.raises.len()
    }
}
