//! The alarms of one simulated device: rules that the hub gave it, what it does by itself when one is raised, the reports
//! that wait for their STORED, and the alarms of others that it listens to.
//!
//! Needs no connection: [`Alarms::look`] goes on while there is none.

pub mod reports;
pub mod rule;
pub mod set;
pub mod watch;

use std::collections::VecDeque;
use std::sync::Arc;

use super::body::Body;
use super::kinds::{Actuator, Source};
use super::tally::Tally;
use crate::wire::{Frame, decode_field};
use reports::{Report, Reports};
use rule::{Edge, Phase};
use set::{Act, AlarmSet};
use watch::Watching;

/// A device with rules measures for them so often at least, whatever it reports.
const LOOK_MS: i64 = 1_000;
/// Rules that it has room for.
const RULES: usize = 64;
/// Enough for any test, and bounded in a fleet that runs for days.
const ACTS: usize = 10_000;

/// What a device did without being told, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAct {
    /// Whose alarm it was: its own rule's, or one that it heard.
    pub alarm: String,
    pub actuator: &'static str,
    /// As it travels.
    pub value: String,
    pub at_ms: i64,
}

#[derive(Debug)]
struct Held {
    set: AlarmSet,
    phase: Phase,
}

#[derive(Debug)]
pub struct Alarms {
    held: Vec<Held>,
    looked_ms: i64,
    reports: Reports,
    watching: Watching,
    acts: VecDeque<LocalAct>,
    tally: Arc<Tally>,
}

impl Alarms {
    pub fn new(body: &Body, now: i64, tally: Arc<Tally>) -> Self {
        Self {
            held: Vec::new(),
            looked_ms: now,
            reports: Reports::default(),
            watching: Watching::new(body.kind.watch.as_ref()),
            acts: VecDeque::new(),
            tally,
        }
    }

    /// The last 10,000.
    pub fn acts(&self) -> impl Iterator<Item = &LocalAct> {
        self.acts.iter()
    }

    /// What waits for its STORED goes out again, unchanged.
    pub fn logged_in(&mut self, me: u32, now: i64, msgno: &mut u64, out: &mut Vec<u8>) {
        self.reports.repeat();
        self.reports.send(me, now, out);
        self.watching.subscribe(me, msgno, out);
    }

    /// ALARM_SET. The hub says it again after each login: the same rule goes on as it stands, or each login would raise
    /// it anew; another one under its name begins anew.
    ///
    /// # Errors
    /// UNKNOWN_SENSOR, UNKNOWN_ACTUATOR, BAD_VALUE, OUT_OF_RANGE; UNSUPPORTED when it has no room for more.
    pub fn set(&mut self, frame: &Frame<'_>, body: &Body) -> Result<(), &'static str> {
        let set = AlarmSet::read(frame, body)?;
        if self.held.iter().any(|held| held.set == set) {
            return Ok(());
        }
        let replaces = self.held.iter().any(|held| held.set.name == set.name);
        if !replaces && self.held.len() >= RULES {
            return Err("UNSUPPORTED");
        }
        self.drop_rule(&set.name.clone());
        self.held.push(Held {
            set,
            phase: Phase::Normal,
        });
        Ok(())
    }

    /// ALARM_STOP. What was raised is not reported any more, also what is on its way.
    ///
    /// # Errors
    /// BAD_VALUE.
    pub fn stop(&mut self, frame: &Frame<'_>) -> Result<(), &'static str> {
        let name = frame.fields().next().and_then(decode_field);
        self.drop_rule(&name.ok_or("BAD_VALUE")?);
        Ok(())
    }

    fn drop_rule(&mut self, name: &str) {
        self.held.retain(|held| held.set.name != name);
        self.reports.withdraw(name);
    }

    /// When to look again; `None`: there is nothing to look for.
    pub fn next_look(&self) -> Option<i64> {
        let delays = self.held.iter().filter_map(|h| h.set.rule.due(h.phase));
        let look = self.looked_ms.saturating_add(LOOK_MS);
        delays.chain((!self.held.is_empty()).then_some(look)).min()
    }

    pub fn next_report(&self) -> Option<i64> {
        self.reports.next_due()
    }

    /// Measures, and acts at once where an alarm is raised. Returns what it moved.
    pub fn look(&mut self, now: i64, body: &mut Body, msgno: &mut u64) -> Vec<&'static Actuator> {
        self.looked_ms = now;
        let mut moved = Vec::new();
        let mut held = std::mem::take(&mut self.held);
        for Held { set, phase } in &mut held {
            // Judged as it would be reported, so that nobody sees a value that is not what was acted on.
            let (value, shown) = body.shown(set.source, now);
            let (next, edge) = set.rule.step(*phase, value, now);
            *phase = next;
            let Some(edge) = edge else { continue };
            if edge == Edge::Raised
                && let Some(act) = set.act
            {
                self.act(&set.name, act, now, body);
                moved.push(act.actuator);
            }
            *msgno += 1;
            self.report(set.name.clone(), set.source, shown, edge, now, *msgno);
        }
        self.held = held;
        moved
    }

    fn report(
        &mut self,
        alarm: String,
        source: Source,
        value: String,
        edge: Edge,
        unix_ms: i64,
        msgno: u64,
    ) {
        let sensor = source.name();
        self.tally.alarms.reported.add(1);
        let lost = self.reports.push(Report {
            alarm,
            sensor,
            value,
            edge,
            unix_ms,
            msgno,
        });
        self.tally.alarms.lost.add(u64::from(lost));
    }

    /// Reports that are due.
    pub fn send(&mut self, me: u32, now: i64, out: &mut Vec<u8>) {
        self.reports.send(me, now, out);
    }

    /// Returns whether it was an alarm's.
    pub fn stored(&mut self, msgno: u64, now: i64) -> bool {
        let ours = self.reports.settle(msgno, now);
        self.tally.alarms.stored.add(u64::from(ours));
        ours
    }

    /// A report that the hub will never take. Returns whether it was an alarm's.
    pub fn give_up(&mut self, msgno: u64, now: i64) -> bool {
        let ours = self.reports.settle(msgno, now);
        self.tally.alarms.refused.add(u64::from(ours));
        ours
    }

    /// ALARM of another device. Returns what it moved about it.
    pub fn heard(
        &mut self,
        frame: &Frame<'_>,
        raiser: u32,
        now: i64,
        body: &mut Body,
    ) -> Option<&'static Actuator> {
        self.tally.alarms.heard.add(1);
        let act = self.watching.heard(frame, raiser, body)?;
        let alarm = frame.fields().next().and_then(decode_field);
        self.act(&alarm.unwrap_or_default(), act, now, body);
        Some(act.actuator)
    }

    fn act(&mut self, alarm: &str, act: Act, now: i64, body: &mut Body) {
        body.set(act.actuator, act.value, now);
        self.tally.alarms.acted.add(1);
        if self.acts.len() >= ACTS {
            self.acts.pop_front();
        }
        self.acts.push_back(LocalAct {
            alarm: alarm.to_owned(),
            actuator: act.actuator.name,
            value: act.actuator.shown(act.value),
            at_ms: now,
        });
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
