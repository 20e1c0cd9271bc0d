//! Ready-made device kinds: a greenhouse and a harbour, and one plain kind for type numbers that are in neither.
//!
//! Data only. What a device does with it is [`super::device`]'s.

use super::signal::Signal;

mod greenhouse;
mod harbour;
mod parts;

pub use greenhouse::GREENHOUSE;
pub use harbour::HARBOUR;
pub use parts::{Actuator, Follow, Sensor, Source, ValueKind};

/// What a device of this type measures, moves and does by itself.
#[derive(Debug, PartialEq)]
pub struct DeviceKind {
    /// The type of its login.
    pub number: u32,
    pub name: &'static str,
    pub labels: &'static [&'static str],
    /// Whether it needs the right `control`.
    pub controls: bool,
    pub sensors: &'static [Sensor],
    pub actuators: &'static [Actuator],
    pub habits: &'static [Habit],
    /// Whether it listens to other devices' alarms.
    pub watch: Option<Watch>,
}

/// Other devices' alarms that a device subscribes, and what it does about them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watch {
    /// A name, or `*` for all.
    pub alarm: &'static str,
    pub actuator: &'static str,
    /// What it writes there, as it would travel, when one is raised.
    pub raised: &'static str,
    /// And when the last one is cleared.
    pub cleared: &'static str,
}

/// What a device does on its own account, again and again.
#[derive(Debug, PartialEq)]
pub struct Habit {
    pub every_ms: i64,
    pub act: Act,
}

impl Habit {
    const fn new(every_ms: i64, act: Act) -> Self {
        Self { every_ms, act }
    }
}

/// Peers are named by their type: their addresses are asked of the hub (DEVICES).
#[derive(Debug, PartialEq)]
pub enum Act {
    Read {
        of: u32,
        sensor: &'static str,
    },
    Write {
        of: u32,
        actuator: &'static str,
        value: Signal,
    },
    /// A word to everyone in the group, as type 1000: above what the hub gives a meaning to.
    Greet {
        text: &'static str,
    },
    /// BLINK to all that carry a label.
    Blink {
        label: &'static str,
    },
}

/// For a type number without a kind of its own.
static GENERIC: DeviceKind = DeviceKind {
    number: 511,
    name: "room sensor",
    labels: &["room"],
    controls: false,
    sensors: &[Sensor::new(
        "temperature",
        "C",
        1,
        Signal::Daily {
            mean: 21.0,
            swing: 2.0,
            noise: 0.2,
            step: 1.5,
        },
    )],
    actuators: &[Actuator::switch("relay", false)],
    habits: &[],
    watch: None,
};

pub fn generic() -> &'static DeviceKind {
    &GENERIC
}

/// The kind with this type number; the plain one where there is none.
pub fn by_number(number: u32) -> &'static DeviceKind {
    all().find(|kind| kind.number == number).unwrap_or(&GENERIC)
}

/// Those of the two sites.
pub fn all() -> impl Iterator<Item = &'static DeviceKind> {
    GREENHOUSE.iter().chain(HARBOUR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_kind_has_a_number_of_its_own() {
        assert_eq!(all().count(), 14);
        let numbers: BTreeSet<u32> = all().map(|kind| kind.number).collect();
        assert_eq!(numbers.len(), 14);
    }

    #[test]
    fn habits_ask_for_what_a_kind_of_the_same_site_has() {
        for site in [GREENHOUSE, HARBOUR] {
            let kind_of = |of: &u32| site.iter().find(|kind| kind.number == *of).unwrap();
            for (kind, habit) in site
                .iter()
                .flat_map(|k| k.habits.iter().map(move |h| (k, h)))
            {
                match &habit.act {
                    Act::Read { of, sensor } => {
                        assert!(kind_of(of).sensors.iter().any(|s| s.name == *sensor));
                    }
                    Act::Write {
                        of,
                        actuator,
                        value,
                    } => {
                        assert!(kind.controls, "{} may not write", kind.name);
                        let mut actuators = kind_of(of).actuators.iter();
                        let actuator = actuators.find(|a| a.name == *actuator).unwrap();
                        for at in 0..1_000 {
                            let text = value.kind().shown(value.at(1, at * 61_000).round());
                            assert!(actuator.value(&text).is_ok(), "{text}");
                        }
                    }
                    Act::Blink { label } => {
                        assert!(site.iter().any(|k| k.labels.contains(label)));
                    }
                    Act::Greet { .. } => {}
                }
            }
        }
    }

    #[test]
    fn what_a_watcher_does_its_actuator_can_do() {
        for (kind, watch) in all().filter_map(|kind| Some((kind, kind.watch?))) {
            let mut actuators = kind.actuators.iter();
            let actuator = actuators.find(|a| a.name == watch.actuator).unwrap();
            assert_ne!(actuator.value(watch.raised), actuator.value(watch.cleared));
            assert!(actuator.value(watch.raised).is_ok() && actuator.value(watch.cleared).is_ok());
        }
    }

    #[test]
    fn what_a_sensor_follows_is_an_actuator_of_its_device() {
        for kind in all() {
            for follow in kind.sensors.iter().filter_map(|s| s.follows) {
                assert!(kind.actuators.iter().any(|a| a.name == follow.actuator));
            }
        }
    }
}
