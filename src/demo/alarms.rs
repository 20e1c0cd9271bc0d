//! The alarms that a watcher sees: what is wrong, and what has become of it, which grows.

use std::collections::VecDeque;

use super::words::{State, printable};

/// More than any terminal shows.
const SHOWN: usize = 50;
const EARLY: usize = 8;

/// An alarm has changed. The demo's caller sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmSight {
    pub group: String,
    pub id: i64,
    /// The device that it is about.
    pub address: u32,
    /// The rule's.
    pub name: String,
    pub sensor: String,
    pub severity: String,
    /// `raised`, `acknowledged` or `cleared`.
    pub state: String,
    /// When it was raised.
    pub value: String,
    pub acked_by: String,
}

/// The last alarms, newest at the end.
#[derive(Debug, Default)]
pub struct Alarms {
    alarms: VecDeque<Alarm>,
    /// Acts that were seen before their alarm, which has to be stored first: group, device, in words.
    early: VecDeque<(String, u32, String)>,
}

/// One alarm in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Alarm {
    id: i64,
    address: u32,
    group: String,
    /// `greenhouse: alarm "too hot" of heater (major): air 30.1`
    pub what: String,
    /// What happened so far.
    way: Vec<String>,
    pub open: bool,
}

impl Alarms {
    /// `device` is its name. Returns the line, if it says something new.
    pub fn take(&mut self, sight: &AlarmSight, device: &str) -> Option<String> {
        let word = word(sight);
        let known = self.alarms.iter().position(|alarm| alarm.id == sight.id);
        let alarm = match known {
            Some(index) => self.alarms.get_mut(index)?,
            None => {
                if self.alarms.len() >= SHOWN {
                    self.alarms.pop_front();
                }
                self.alarms.push_back(Alarm {
                    id: sight.id,
                    address: sight.address,
                    group: sight.group.clone(),
                    what: what(sight, device),
                    way: Vec::new(),
                    open: true,
                });
                self.alarms.back_mut()?
            }
        };
        alarm.open = sight.state != "cleared";
        let mut line = alarm.add(word);
        let ours = |(group, address, _): &(String, u32, String)| {
            *group == alarm.group && *address == alarm.address
        };
        if let Some(at) = self.early.iter().position(ours)
            && let Some((_, _, act)) = self.early.remove(at)
        {
            line = alarm.add(act);
        }
        line
    }

    /// A device moved something by itself: if there is an alarm about it, that is why.
    pub fn acted(&mut self, group: &str, address: u32, act: &State) {
        let mut alarms = self.alarms.iter_mut().rev();
        let open =
            |alarm: &&mut Alarm| alarm.open && alarm.address == address && alarm.group == group;
        let act = format!("{act} by itself");
        if let Some(alarm) = alarms.find(open) {
            alarm.add(act);
            return;
        }
        if self.early.len() >= EARLY {
            self.early.pop_front();
        }
        self.early.push_back((group.to_owned(), address, act));
    }

    pub fn last(&self, count: usize) -> impl Iterator<Item = &Alarm> {
        let skipped = self.alarms.len().saturating_sub(count);
        self.alarms.iter().skip(skipped)
    }

    pub fn is_empty(&self) -> bool {
        self.alarms.is_empty()
    }
}

impl Alarm {
    /// `None` when that was said already.
    fn add(&mut self, word: String) -> Option<String> {
        if self.way.last() == Some(&word) {
            return None;
        }
        self.way.push(word);
        Some(format!("{}: {}", self.what, self.way()))
    }

    pub fn way(&self) -> String {
        self.way.join(" ... ")
    }
}

fn what(sight: &AlarmSight, device: &str) -> String {
    let [group, name, severity, sensor, value] = [
        &sight.group,
        &sight.name,
        &sight.severity,
        &sight.sensor,
        &sight.value,
    ]
    .map(|text| printable(text));
    let source = format!("{sensor} {value}");
    format!(
        "{group}: alarm \"{name}\" of {device} ({severity}): {}",
        source.trim()
    )
}

fn word(sight: &AlarmSight) -> String {
    match (sight.state.as_str(), sight.acked_by.as_str()) {
        ("acknowledged", who) if !who.is_empty() => format!("acknowledged by {}", printable(who)),
        (state, _) => printable(state).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(state: &str) -> AlarmSight {
        AlarmSight {
            group: "greenhouse".into(),
            id: 7,
            address: 42,
            name: "too hot".into(),
            sensor: "air".into(),
            severity: "major".into(),
            state: state.into(),
            value: "30.1".into(),
            acked_by: "operator".into(),
        }
    }

    #[test]
    fn a_line_grows_with_its_alarm() {
        let mut alarms = Alarms::default();
        assert_eq!(
            alarms.take(&sight("raised"), "heater").unwrap(),
            "greenhouse: alarm \"too hot\" of heater (major): air 30.1: raised"
        );
        assert_eq!(alarms.take(&sight("raised"), "heater"), None);
        let act = State {
            what: "heating".into(),
            value: "false".into(),
        };
        alarms.acted("greenhouse", 42, &act);
        alarms.acted("greenhouse", 43, &act);
        alarms.acted("harbour", 42, &act);
        alarms.take(&sight("acknowledged"), "heater");
        alarms.take(&sight("cleared"), "heater");
        alarms.acted("greenhouse", 42, &act);
        let alarm = alarms.last(5).next().unwrap();
        assert_eq!(
            alarm.way(),
            "raised ... heating false by itself ... acknowledged by operator ... cleared"
        );
        assert!(!alarm.open && alarms.last(5).count() == 1);
    }

    #[test]
    fn an_act_that_is_seen_before_its_alarm_is_told_with_it() {
        let mut alarms = Alarms::default();
        let act = State {
            what: "heating".into(),
            value: "false".into(),
        };
        alarms.acted("greenhouse", 43, &act);
        alarms.acted("greenhouse", 42, &act);
        let line = alarms.take(&sight("raised"), "heater").unwrap();
        assert!(
            line.ends_with(": raised ... heating false by itself"),
            "{line}"
        );
        let other = AlarmSight {
            id: 8,
            ..sight("raised")
        };
        let line = alarms.take(&other, "heater").unwrap();
        assert!(line.ends_with(": raised"), "{line}");
    }

    #[test]
    fn no_text_steers_the_terminal() {
        let mut alarms = Alarms::default();
        let sight = AlarmSight {
            name: "a\u{1b}[2J".into(),
            state: "\u{9b}2J".into(),
            ..sight("")
        };
        let line = alarms.take(&sight, "heater").unwrap();
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}
