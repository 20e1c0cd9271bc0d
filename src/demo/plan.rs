//! What the demo's operator orders, and when a device is away: three commands with three ends, again and again.
//!
//! A plain struct under a time that is told to it; [`super::operator`] carries it out.

use std::time::Duration;

use crate::wire::kind;

/// Where everything of the plan happens.
pub const GROUP: &str = "greenhouse";
const VENT: &str = "vent";
/// The device that goes away. Nobody else moves it.
pub const AWAY: (&str, &str) = (GROUP, "lamp");

/// After the devices have come in.
const FIRST: Duration = Duration::from_secs(5);
const ROUND: Duration = Duration::from_secs(40);

/// The device that watches over itself.
pub const HEATER: &str = "heater";
/// After an alarm the operator looks at it for so long before it is acknowledged.
pub const LOOKS: Duration = Duration::from_secs(3);

/// The alarm rule of the demo: the heater switches itself off, link up or down.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    pub name: &'static str,
    pub sensor: &'static str,
    /// Raised above this one, cleared at the other.
    pub raise: f64,
    pub clear: f64,
    /// What the device does by itself.
    pub actuator: &'static str,
    pub value: &'static str,
}

pub const WATCH: Watch = Watch {
    name: "too hot",
    sensor: "air",
    raise: 30.0,
    clear: 24.0,
    actuator: "heating",
    value: "false",
};

/// The schedule of the demo. Nobody switches the heating off again but the heater itself.
#[derive(Clone, Copy, Debug)]
pub struct Timetable {
    pub name: &'static str,
    /// After the demo's begin: when the lamp has come back.
    pub first: Duration,
    pub every: Duration,
    pub actuator: &'static str,
    pub value: &'static str,
}

pub const TIMETABLE: Timetable = Timetable {
    name: "warm up",
    first: Duration::from_secs(26),
    every: ROUND,
    actuator: "heating",
    value: "true",
};

/// A command, as an operator would give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    pub group: &'static str,
    /// The name of the device.
    pub device: &'static str,
    pub kind: u32,
    pub fields: Vec<String>,
    /// From now on.
    pub expires: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Order(Errand),
    /// Whether the device of [`AWAY`] is to be away from now on.
    Away(bool),
}

/// Each with its second in a round. While the lamp is away for 15 s one command waits for it, and one, which is
/// wanted for 5 s only, expires.
fn steps(round: u32) -> [(u64, Step); 5] {
    // Values that differ from round to round, so that something moves.
    let odd = round % 2;
    let vent = errand(VENT, "opening", 40 + 30 * odd, 30);
    let waits = errand(AWAY.1, "lamp", 60 + 20 * odd, 60);
    let expires = errand(AWAY.1, "lamp", 100, 5);
    [
        (0, Step::Order(vent)),
        (4, Step::Away(true)),
        (7, Step::Order(waits)),
        (9, Step::Order(expires)),
        (19, Step::Away(false)),
    ]
}

fn errand(device: &'static str, actuator: &str, value: u32, seconds: u64) -> Errand {
    Errand {
        group: GROUP,
        device,
        kind: kind::WRITE,
        fields: vec![actuator.to_owned(), value.to_string()],
        expires: Duration::from_secs(seconds),
    }
}

/// The steps in order, for ever.
#[derive(Debug, Default)]
pub struct Plan {
    round: u32,
    /// Steps of this round that are taken.
    taken: usize,
}

/// Each step with its time since the demo began.
impl Iterator for Plan {
    type Item = (Duration, Step);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let begin = FIRST.saturating_add(ROUND.saturating_mul(self.round));
            if let Some((second, step)) = steps(self.round).into_iter().nth(self.taken) {
                self.taken += 1;
                return Some((begin.saturating_add(Duration::from_secs(second)), step));
            }
            self.round = self.round.saturating_add(1);
            self.taken = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::device::Device;
    use crate::simulate::kinds::GREENHOUSE;
    use crate::simulate::tally::{Sum, Tally};
    use std::sync::Arc;

    #[test]
    fn the_steps_come_in_order_and_a_minute_has_them_all() {
        let steps: Vec<_> = Plan::default().take(15).collect();
        assert!(steps.is_sorted_by_key(|(at, _)| *at));
        assert!(steps[4].0 < Duration::from_secs(30));
        assert_eq!(steps[5].0 - steps[0].0, ROUND);
        assert_ne!(steps[5].1, steps[0].1);
        assert_eq!(steps[10].1, steps[0].1);
    }

    #[test]
    fn while_the_lamp_is_away_one_command_outlives_its_absence_and_one_does_not() {
        let steps: Vec<_> = Plan::default().take(5).collect();
        let [
            _,
            (leaves, Step::Away(true)),
            waiting,
            expiring,
            (back, Step::Away(false)),
        ] = steps.as_slice()
        else {
            panic!("{steps:?}");
        };
        assert_eq!(*back - *leaves, Duration::from_secs(15));
        for (step, outlives) in [(waiting, true), (expiring, false)] {
            let (at, Step::Order(errand)) = step else {
                panic!("{step:?}");
            };
            assert_eq!((errand.group, errand.device), AWAY);
            assert!(at > leaves && at < back);
            assert_eq!(*at + errand.expires > *back, outlives);
        }
    }

    /// Whatever the hour: the heater warms up, switches itself off and has cooled down before it all begins again.
    #[test]
    fn the_alarm_is_over_within_a_round_and_the_first_within_a_minute() {
        let heater = GREENHOUSE.iter().find(|k| k.name == HEATER).unwrap();
        for begin in (0..200).map(|step| step * 977_000) {
            let tally = Arc::<Tally>::default();
            let mut device = Device::new(heater, 1, 0, begin, Arc::clone(&tally));
            let mut said = Vec::new();
            let Watch {
                name,
                sensor,
                raise,
                clear,
                actuator,
                value,
            } = WATCH;
            let rule = format!(
                "0|42|31|{name}|{sensor}|>|{raise}|{}|0|{actuator}|{value}|1|",
                raise - clear
            );
            device.on_frame(rule.as_bytes(), begin, &mut said);
            assert!(said.starts_with(b"0|0|6|1|"), "{said:?}");
            for round in 0..2 {
                let begin = begin + round * i64::try_from(ROUND.as_millis()).unwrap();
                let order = format!(
                    "0|42|3|{}|{}||{}|",
                    TIMETABLE.actuator,
                    TIMETABLE.value,
                    round + 2
                );
                device.on_frame(order.as_bytes(), begin, &mut said);
                for second in 0..30 {
                    device.tick(begin + second * 1_000, &mut said);
                }
                let rounds = u64::try_from(round).unwrap() + 1;
                let sums = [&tally.alarms.reported, &tally.alarms.acted].map(Sum::get);
                assert_eq!(sums, [2 * rounds, rounds]);
            }
        }
        assert!(TIMETABLE.first + Duration::from_secs(30) <= Duration::from_secs(60));
    }

    #[test]
    fn every_order_is_one_that_its_device_can_carry_out() {
        for (_, step) in Plan::default().take(10) {
            let Step::Order(errand) = step else { continue };
            let device = GREENHOUSE.iter().find(|k| k.name == errand.device).unwrap();
            let mut actuators = device.actuators.iter();
            let actuator = actuators.find(|a| a.name == errand.fields[0]).unwrap();
            assert!(actuator.value(&errand.fields[1]).is_ok());
        }
    }
}
