//! What the demo knows of its two groups: who is connected, what each showed last, and what passed.
//!
//! A plain struct that is told of each [`Sight`]; how it looks is [`super::render`]'s.

use std::collections::{BTreeMap, VecDeque};

use super::alarms::{AlarmSight, Alarms};
use super::orders::{CommandSight, Orders};
use super::words::{Known, State, describe, printable};
use crate::router::Sight;

/// More lines than any terminal shows.
const PASSED: usize = 500;

#[derive(Debug, Default)]
pub struct View {
    /// Where the hub listens, and the link to its dashboard.
    pub place: Vec<String>,
    /// Commands that bring in a device of one's own.
    pub yours: Vec<String>,
    pub groups: BTreeMap<String, Group>,
    pub orders: Orders,
    pub alarms: Alarms,
    /// The last lines, newest at the end.
    pub passed: VecDeque<String>,
    pub totals: Totals,
}

#[derive(Debug, Default)]
pub struct Group {
    /// In the order in which they became known.
    pub devices: Vec<Shown>,
}

/// A device as it is shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub address: u32,
    pub name: String,
    pub online: bool,
    /// What it showed of itself last.
    pub last: State,
    actuators: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub joined: u64,
    pub left: u64,
    pub frames: u64,
    /// EVENTs among the frames.
    pub readings: u64,
}

impl Group {
    pub fn online(&self) -> usize {
        self.devices.iter().filter(|device| device.online).count()
    }

    fn known(&self, address: u32) -> Option<&Shown> {
        self.devices.iter().find(|device| device.address == address)
    }
}

impl Known for Option<&Group> {
    fn name(&self, address: u32) -> String {
        name_in(*self, address)
    }

    fn has_actuator(&self, address: u32, name: &str) -> bool {
        let device = self.and_then(|group| group.known(address));
        device.is_some_and(|device| device.actuators.iter().any(|known| known == name))
    }
}

impl View {
    /// A device that is registered and may come.
    pub fn expect(&mut self, group: &str, address: u32, name: &str) {
        self.change(group, address, |device| {
            device.name = printable(name).into_owned();
        });
    }

    /// Takes in one thing that happened. Returns it as a line, if it is worth one.
    pub fn take(&mut self, sight: &Sight) -> Option<String> {
        let line = match sight {
            Sight::Joined {
                group,
                address,
                name,
            } => {
                self.totals.joined += 1;
                self.change(group, *address, |device| {
                    device.online = true;
                    if !name.is_empty() {
                        device.name = printable(name).into_owned();
                    }
                });
                let name = name_in(self.groups.get(group), *address);
                format!("{}: {name} is here", printable(group))
            }
            Sight::Left {
                group,
                address,
                reason,
            } => {
                self.totals.left += 1;
                self.change(group, *address, |device| device.online = false);
                let name = name_in(self.groups.get(group), *address);
                format!(
                    "{}: {name} has gone ({})",
                    printable(group),
                    printable(reason)
                )
            }
            Sight::Passed { group, bytes } => self.passed_frame(group, bytes)?,
        };
        if self.passed.len() >= PASSED {
            self.passed.pop_front();
        }
        self.passed.push_back(line.clone());
        Some(line)
    }

    /// Takes in a command's new state. Returns it as a line, if it says something new.
    pub fn take_command(&mut self, sight: &CommandSight) -> Option<String> {
        let group = self.groups.get(&sight.group);
        let name = name_in(group, sight.address);
        let known = group.and_then(|group| group.known(sight.address));
        let online = known.is_some_and(|device| device.online);
        self.orders.take(sight, &name, online)
    }

    /// Takes in what became of an alarm. Returns it as a line, if it says something new.
    pub fn take_alarm(&mut self, sight: &AlarmSight) -> Option<String> {
        let name = name_in(self.groups.get(&sight.group), sight.address);
        self.alarms.take(sight, &name)
    }

    fn passed_frame(&mut self, group: &str, bytes: &[u8]) -> Option<String> {
        self.totals.frames += 1;
        let known = self.groups.get(group);
        let words = describe(bytes, &known)?;
        if bytes.split(|b| *b == b'|').nth(2) == Some(b"26") {
            self.totals.readings += 1;
        }
        if !words.actuators.is_empty() {
            self.change(group, words.from, |device| {
                device.actuators = words.actuators
            });
        }
        if let Some(state) = words.state
            && words.from != 0
        {
            if words.by_itself {
                self.alarms.acted(group, words.from, &state);
            }
            self.change(group, words.from, |device| device.last = state);
        }
        Some(format!("{}: {}", printable(group), words.text))
    }

    /// Changes what is known of a device, which may be new.
    fn change(&mut self, group: &str, address: u32, change: impl FnOnce(&mut Shown)) {
        let devices = &mut self.groups.entry(group.to_owned()).or_default().devices;
        match devices.iter_mut().find(|device| device.address == address) {
            Some(device) => change(device),
            None => {
                let mut device = Shown {
                    address,
                    ..Shown::default()
                };
                change(&mut device);
                devices.push(device);
            }
        }
    }
}

impl Shown {
    /// The address stands in for a name that was never given.
    pub fn shown_name(&self) -> String {
        match self.name.as_str() {
            "" => format!("device {}", self.address),
            name => name.to_owned(),
        }
    }
}

fn name_in(group: Option<&Group>, address: u32) -> String {
    match group.and_then(|group| group.known(address)) {
        Some(device) => device.shown_name(),
        None => format!("device {address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(address: u32, name: &str) -> Sight {
        Sight::Joined {
            group: "harbour".into(),
            address,
            name: name.into(),
        }
    }

    fn passed(text: &str) -> Sight {
        Sight::Passed {
            group: "harbour".into(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_device_comes_shows_something_and_goes() {
        let mut view = View::default();
        view.expect("harbour", 17, "tide gauge");
        assert_eq!(view.groups["harbour"].online(), 0);
        assert_eq!(
            view.take(&joined(17, "")).unwrap(),
            "harbour: tide gauge is here"
        );
        let line = view.take(&passed("17|0|26|level|3.2|m|1|2|")).unwrap();
        assert_eq!(line, "harbour: tide gauge reports level 3.2 m");
        let device = view.groups["harbour"].known(17).unwrap();
        assert_eq!(device.last.to_string(), "level 3.2 m");
        assert_eq!(view.take(&passed("0|17|7|2|")), None);
        view.take(&Sight::Left {
            group: "harbour".into(),
            address: 17,
            reason: "DONE".into(),
        });
        assert_eq!(view.groups["harbour"].online(), 0);
        assert_eq!(
            view.totals,
            Totals {
                joined: 1,
                left: 1,
                frames: 2,
                readings: 1
            }
        );
    }

    #[test]
    fn a_command_is_told_by_the_name_of_its_device_and_whether_it_is_here() {
        let mut view = View::default();
        view.expect("harbour", 17, "lock gate");
        let sight = CommandSight {
            group: "harbour".into(),
            address: 17,
            issuer: "operator".into(),
            kind: 60,
            state: "queued".into(),
            ..CommandSight::default()
        };
        assert_eq!(
            view.take_command(&sight).unwrap(),
            "harbour: operator -> lock gate: blink: waits for lock gate"
        );
        assert_eq!(view.take_command(&sight), None);
        view.take(&joined(17, ""));
        let sight = CommandSight { id: 2, ..sight };
        assert_eq!(
            view.take_command(&sight).unwrap(),
            "harbour: operator -> lock gate: blink: queued"
        );
    }

    #[test]
    fn what_a_device_does_by_itself_belongs_to_its_alarm() {
        let mut view = View::default();
        view.expect("harbour", 17, "lock gate");
        view.take(&passed("17|0|90|S:level:number:m:0:9|A:gate:boolean::|"));
        let sight = AlarmSight {
            group: "harbour".into(),
            address: 17,
            name: "flood".into(),
            state: "raised".into(),
            ..AlarmSight::default()
        };
        assert!(view.take_alarm(&sight).is_some());
        assert_eq!(
            view.take(&passed("17|0|26|gate|true||1|2|")).unwrap(),
            "harbour: lock gate sets gate to true by itself"
        );
        let alarm = view.alarms.last(1).next().unwrap();
        assert_eq!(alarm.way(), "raised ... gate true by itself");
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let mut view = View::default();
        for address in 1..2_000 {
            view.take(&joined(address, "x"));
        }
        assert_eq!(view.passed.len(), PASSED);
    }
}
