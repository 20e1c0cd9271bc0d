//! The greenhouse: climate, irrigation, light, and the controller that reads the one and moves the other.

use super::{Act, Actuator, DeviceKind, Habit, Sensor, Watch};
use crate::simulate::signal::Signal;

const CLIMATE: u32 = 601;
const SOIL: u32 = 602;
const VENT: u32 = 603;
const PUMP: u32 = 604;
const LAMP: u32 = 605;
const CONTROLLER: u32 = 606;
const HEATER: u32 = 607;
const SIREN: u32 = 608;

pub static GREENHOUSE: &[DeviceKind] = &[
    DeviceKind {
        number: CLIMATE,
        name: "climate sensor",
        labels: &["sensors"],
        controls: false,
        sensors: &[
            Sensor::new(
                "temperature",
                "C",
                2,
                Signal::Daily {
                    mean: 22.0,
                    swing: 6.0,
                    noise: 0.3,
                    step: 3.0,
                },
            ),
            Sensor::new(
                "humidity",
                "%",
                1,
                Signal::Wander {
                    mean: 68.0,
                    spread: 18.0,
                    hours: 5,
                },
            ),
            Sensor::new(
                "pressure",
                "hPa",
                1,
                Signal::Wander {
                    mean: 1014.0,
                    spread: 16.0,
                    hours: 30,
                },
            ),
        ],
        actuators: &[],
        habits: &[],
        watch: None,
    },
    // Heats far beyond what plants bear: it is for an alarm to switch it off again.
    DeviceKind {
        number: HEATER,
        name: "heater",
        labels: &["movers"],
        controls: false,
        sensors: &[Sensor::new(
            "air",
            "C",
            1,
            Signal::Wander {
                mean: 20.0,
                spread: 0.8,
                hours: 1,
            },
        )
        .follows_slowly("heating", 14.0)],
        actuators: &[Actuator::switch("heating", false)],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: SOIL,
        name: "soil probe",
        labels: &["sensors"],
        controls: false,
        sensors: &[
            Sensor::new(
                "moisture",
                "%",
                1,
                Signal::Wander {
                    mean: 34.0,
                    spread: 9.0,
                    hours: 8,
                },
            ),
            Sensor::new(
                "soil temperature",
                "C",
                2,
                Signal::Daily {
                    mean: 17.0,
                    swing: 1.5,
                    noise: 0.05,
                    step: 0.0,
                },
            ),
        ],
        actuators: &[],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: VENT,
        name: "vent",
        labels: &["movers"],
        controls: false,
        sensors: &[Sensor::new(
            "draught",
            "m/s",
            2,
            Signal::Wander {
                mean: 0.2,
                spread: 0.15,
                hours: 1,
            },
        )
        .follows("opening", 0.02)],
        actuators: &[Actuator::new("opening", 0.0, 100.0, 0.0)],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: PUMP,
        name: "pump",
        labels: &["movers"],
        controls: false,
        sensors: &[Sensor::new(
            "flow",
            "l/min",
            1,
            Signal::Wander {
                mean: 0.1,
                spread: 0.1,
                hours: 1,
            },
        )
        .follows("pump", 12.0)],
        actuators: &[Actuator::switch("pump", false)],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: LAMP,
        name: "lamp",
        labels: &["movers", "lights"],
        controls: false,
        sensors: &[
            Sensor::new("light", "lx", 0, Signal::Daylight { noon: 42_000.0 })
                .follows("lamp", 80.0),
        ],
        actuators: &[Actuator::new("lamp", 0.0, 100.0, 0.0)],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: SIREN,
        name: "siren",
        labels: &["lights"],
        controls: false,
        sensors: &[],
        actuators: &[Actuator::switch("siren", false)],
        habits: &[],
        watch: Some(Watch {
            alarm: "*",
            actuator: "siren",
            raised: "true",
            cleared: "false",
        }),
    },
    DeviceKind {
        number: CONTROLLER,
        name: "controller",
        labels: &["controllers"],
        controls: true,
        sensors: &[],
        actuators: &[],
        habits: &[
            Habit::new(
                4_000,
                Act::Read {
                    of: CLIMATE,
                    sensor: "temperature",
                },
            ),
            Habit::new(
                7_000,
                Act::Read {
                    of: SOIL,
                    sensor: "moisture",
                },
            ),
            Habit::new(
                11_000,
                Act::Write {
                    of: VENT,
                    actuator: "opening",
                    value: Signal::Wander {
                        mean: 50.0,
                        spread: 45.0,
                        hours: 1,
                    },
                },
            ),
            Habit::new(
                13_000,
                Act::Write {
                    of: PUMP,
                    actuator: "pump",
                    value: Signal::Switch {
                        share: 0.4,
                        minutes: 1,
                    },
                },
            ),
            Habit::new(29_000, Act::Blink { label: "lights" }),
            Habit::new(
                37_000,
                Act::Greet {
                    text: "good growing to all",
                },
            ),
        ],
        watch: None,
    },
];
