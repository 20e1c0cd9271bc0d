//! Alarms as a device knows them: its own, and rules that it keeps; each change is reported until it is STORED.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::world::World;

/// What a device may raise of its own accord; rules are now and then called the same.
pub const OWN_NAMES: [&str; 2] = ["door", "leak"];

/// Numbers of reports begin here: those of events are below.
const FIRST: i64 = 5_000_000_000;

/// After which it says again what was not answered.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Clone, Debug)]
pub struct Report {
    pub name: String,
    pub raised: bool,
    frame: String,
    said: Duration,
}

/// In a memory that outlives connections.
#[derive(Debug, Default)]
pub struct Panel {
    /// What it keeps of rules: the fields of ALARM_SET and the id, by name. A power cut forgets it.
    pub kept: BTreeMap<String, (Vec<String>, i64)>,
    /// Names that it was ordered to keep last, and rejected.
    pub rejected: BTreeSet<String>,
    /// How each alarm stands.
    pub raised: BTreeMap<String, bool>,
    /// What the hub has of that, as far as it has said so.
    pub reported: BTreeMap<String, bool>,
    /// One report of a name at a time, by its number.
    pub unstored: BTreeMap<i64, Report>,
    pub stored: BTreeMap<i64, Report>,
    made: i64,
}

impl Panel {
    /// Turns one of its own alarms over.
    pub fn toggle(&mut self, name: &str) {
        let raised = self.raised.entry(name.to_owned()).or_default();
        *raised = !*raised;
    }

    /// It has measured something.
    pub fn measured(&mut self, value: i64) {
        for (name, (fields, _)) in &self.kept {
            let [_, _, op, raise, hysteresis, delay, ..] = fields.as_slice() else {
                panic!("ALARM_SET {fields:?}");
            };
            // What needs time it leaves to the hub.
            if delay != "0" {
                continue;
            }
            let number = |text: &str| -> f64 { text.parse().unwrap() };
            let (value, level, back) = (value as f64, number(raise), number(hysteresis));
            let (beyond, within) = match op.as_str() {
                ">" => (value > level, value <= level - back),
                "<" => (value < level, value >= level + back),
                _ => (value == level, value != level),
            };
            if beyond || within {
                self.raised.insert(name.clone(), beyond);
            }
        }
    }

    /// ALARM_SET; false: it does not keep it.
    pub fn keep(&mut self, fields: &[String], id: i64) -> bool {
        let name = fields[0].clone();
        if OWN_NAMES.contains(&name.as_str()) {
            return false;
        }
        self.rejected.remove(&name);
        let known = self.kept.insert(name.clone(), (fields.to_vec(), id));
        if known.is_none_or(|(known, _)| known != fields) {
            self.raised.insert(name, false);
        }
        true
    }

    /// It said no to what it was to keep.
    pub fn reject(&mut self, name: &str, id: i64) {
        if self.kept.get(name).is_none_or(|(_, known)| *known <= id) {
            self.stop(name);
            self.rejected.insert(name.to_owned());
        }
    }

    /// ALARM_STOP: nothing of it is reported any more.
    pub fn stop(&mut self, name: &str) {
        self.rejected.remove(name);
        self.kept.remove(name);
        if !OWN_NAMES.contains(&name) {
            self.raised.remove(name);
            self.reported.remove(name);
            self.unstored.retain(|_, report| report.name != name);
        }
    }

    /// Rules are in a memory that needs current.
    pub fn power_cut(&mut self) {
        let kept: Vec<_> = self.kept.keys().cloned().collect();
        kept.iter().for_each(|name| self.stop(name));
    }

    /// What it has to say, and to say again; all of it at the begin of a session.
    pub fn say(&mut self, world: &World, me: usize, begins: bool, out: &mut String) {
        let now = world.clock.now();
        let changed = self.raised.iter().filter(|(name, raised)| {
            let waits = self.unstored.values().any(|report| report.name == **name);
            !waits && self.reported.get(*name).copied().unwrap_or_default() != **raised
        });
        let changed: Vec<_> = changed.map(|(name, is)| (name.clone(), *is)).collect();
        for (name, raised) in changed {
            self.made += 1;
            let (msgno, at_ms) = (FIRST + self.made, world.time_of(me));
            let (address, state) = (
                world.devices[me].address,
                if raised { "RAISED" } else { "CLEARED" },
            );
            let report = Report {
                frame: format!("{address}|0|30|{name}|t|1|{state}|{at_ms}|{msgno}|\x04"),
                name,
                raised,
                said: now,
            };
            out.push_str(&report.frame);
            self.unstored.insert(msgno, report);
        }
        for report in self.unstored.values_mut() {
            if report.said < now && (begins || now - report.said >= PATIENCE) {
                world.count("reports sent again");
                report.said = now;
                out.push_str(&report.frame);
            }
        }
    }

    /// One that is stored long since, once more: it changes nothing.
    pub fn repeat(&self, drawn: usize) -> Option<String> {
        let count = self.stored.len().max(1);
        let report = self.stored.values().nth(drawn % count)?;
        Some(report.frame.clone())
    }

    /// STORED; false: it is no report's.
    pub fn is_stored(&mut self, world: &World, msgno: i64) -> bool {
        if let Some(report) = self.unstored.remove(&msgno) {
            world.count("reports stored");
            self.reported.insert(report.name.clone(), report.raised);
            self.stored.insert(msgno, report);
        }
        msgno > FIRST && msgno <= FIRST + self.made
    }

    /// `50|ERROR|reason|0|msgno`; false: it is no report's.
    pub fn refused(&mut self, world: &World, reason: &str, msgno: &str) -> bool {
        let Some(number) = msgno.parse().ok().filter(|msgno: &i64| *msgno > FIRST) else {
            return false;
        };
        match reason {
            "BUSY" => world.count("reports refused BUSY"),
            "NOT_STORED" => world.count("reports not stored"),
            // The hub's clock is days behind: it is said anew, and may be in time then.
            "BAD_TIME" => drop(self.unstored.remove(&number)),
            other => panic!("a report is refused {other}"),
        }
        true
    }
}
