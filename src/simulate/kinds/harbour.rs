//! The harbour: water, wind, the gate, its lights, and the harbour master's desk.

use super::{Act, Actuator, DeviceKind, Habit, Sensor};
use crate::simulate::signal::Signal;

const TIDE: u32 = 701;
const WIND: u32 = 702;
const GATE: u32 = 703;
const BEACON: u32 = 704;
const BOLLARD: u32 = 705;
const DESK: u32 = 706;

pub static HARBOUR: &[DeviceKind] = &[
    DeviceKind {
        number: TIDE,
        name: "tide gauge",
        labels: &["sensors"],
        controls: false,
        sensors: &[
            Sensor::new(
                "level",
                "m",
                3,
                Signal::Tide {
                    mean: 3.1,
                    range: 4.4,
                },
            ),
            Sensor::new(
                "water temperature",
                "C",
                2,
                Signal::Daily {
                    mean: 14.0,
                    swing: 0.6,
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
        number: WIND,
        name: "wind mast",
        labels: &["sensors"],
        controls: false,
        sensors: &[
            Sensor::new(
                "wind speed",
                "m/s",
                1,
                Signal::Wander {
                    mean: 8.0,
                    spread: 7.0,
                    hours: 3,
                },
            ),
            Sensor::new(
                "wind direction",
                "deg",
                0,
                Signal::Wander {
                    mean: 180.0,
                    spread: 170.0,
                    hours: 9,
                },
            ),
        ],
        actuators: &[],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: GATE,
        name: "lock gate",
        labels: &["movers"],
        controls: false,
        sensors: &[Sensor::new(
            "motor current",
            "A",
            2,
            Signal::Steps {
                low: 0.2,
                high: 0.9,
                minutes: 1,
            },
        )],
        actuators: &[Actuator::switch("gate", false)],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: BEACON,
        name: "beacon",
        labels: &["lights"],
        controls: false,
        sensors: &[Sensor::new(
            "battery",
            "V",
            2,
            Signal::Daily {
                mean: 12.6,
                swing: 0.5,
                noise: 0.02,
                step: 0.0,
            },
        )],
        actuators: &[Actuator::switch("beacon", true)],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: BOLLARD,
        name: "bollard light",
        labels: &["lights"],
        controls: false,
        sensors: &[
            Sensor::new("daylight", "lx", 0, Signal::Daylight { noon: 60_000.0 })
                .follows("lamp", 3.0),
        ],
        actuators: &[Actuator::new("lamp", 0.0, 100.0, 20.0)],
        habits: &[],
        watch: None,
    },
    DeviceKind {
        number: DESK,
        name: "harbour desk",
        labels: &["controllers"],
        controls: true,
        sensors: &[Sensor::new(
            "ships in port",
            "",
            0,
            Signal::Steps {
                low: 2.0,
                high: 9.0,
                minutes: 3,
            },
        )],
        actuators: &[],
        habits: &[
            Habit::new(
                5_000,
                Act::Read {
                    of: TIDE,
                    sensor: "level",
                },
            ),
            Habit::new(
                9_000,
                Act::Read {
                    of: WIND,
                    sensor: "wind speed",
                },
            ),
            Habit::new(
                15_000,
                Act::Write {
                    of: GATE,
                    actuator: "gate",
                    value: Signal::Switch {
                        share: 0.5,
                        minutes: 1,
                    },
                },
            ),
            Habit::new(
                17_000,
                Act::Write {
                    of: BOLLARD,
                    actuator: "lamp",
                    value: Signal::Steps {
                        low: 10.0,
                        high: 100.0,
                        minutes: 1,
                    },
                },
            ),
            Habit::new(23_000, Act::Blink { label: "lights" }),
            Habit::new(
                41_000,
                Act::Greet {
                    text: "all ships: mind the gate",
                },
            ),
        ],
        watch: None,
    },
];
