//! The hub's commands, as a device answers them, and what it has done by then.

use std::sync::Arc;

use super::*;
use crate::simulate::answers::REMEMBERED;
use crate::simulate::device::Device;
use crate::simulate::kinds::{GREENHOUSE, generic};
use crate::wire::Address;
use proptest::prelude::*;

const NOW: i64 = 1_000_000;

struct Fitting {
    device: Device,
    tally: Arc<Tally>,
}

fn fitted(faults: Faults) -> Fitting {
    let tally = Arc::<Tally>::default();
    let vent = GREENHOUSE.iter().find(|k| k.name == "vent").unwrap();
    let mut device = Device::new(vent, 7, 0, NOW, Arc::clone(&tally)).with_faults(faults);
    device.logged_in(Address::new(42).unwrap(), NOW, &mut Vec::new());
    Fitting { device, tally }
}

fn shares(reject: u8, silent: u8, lie: u8) -> Faults {
    Faults {
        delay_ms: 0,
        reject,
        silent,
        lie,
    }
}

impl Fitting {
    fn told_at(&mut self, frame: &str, now: i64) -> String {
        let mut out = Vec::new();
        self.device.on_frame(frame.as_bytes(), now, &mut out);
        String::from_utf8(out).unwrap().replace('\x04', "\n")
    }

    fn told(&mut self, frame: &str) -> String {
        self.told_at(frame, NOW)
    }

    fn ticked(&mut self, now: i64) -> String {
        let mut out = Vec::new();
        self.device.tick(now, &mut out);
        String::from_utf8(out).unwrap().replace('\x04', "\n")
    }

    fn acts(&self) -> Vec<(u64, &str, &str, i64)> {
        let acts = self.device.acts();
        acts.map(|a| (a.id, a.actuator, &*a.value, a.at_ms))
            .collect()
    }

    /// The first id that meets this fault.
    fn id(&self, fault: Option<Fault>) -> u64 {
        (1..).find(|id| self.device.fault(*id) == fault).unwrap()
    }
}

#[test]
fn a_repeat_is_answered_as_before_and_not_acted_on_again() {
    let mut vent = fitted(Faults::default());
    assert_eq!(vent.told("0|42|3|opening|40||9|"), "42|0|4|opening|40|9|\n");
    assert_eq!(vent.told("0|42|60|10|"), "42|0|6|10|\n");
    assert_eq!(
        vent.told("0|42|3|opening|50||11|"),
        "42|0|4|opening|50|11|\n"
    );
    assert_eq!(vent.told("0|42|3|opening|40||9|"), "42|0|4|opening|40|9|\n");
    assert_eq!(vent.told("0|42|60|10|"), "42|0|6|10|\n");
    assert_eq!(
        vent.acts(),
        [
            (9, "opening", "40", NOW),
            (10, "", "", NOW),
            (11, "opening", "50", NOW)
        ]
    );
    assert_eq!(
        vent.told("0|42|1|opening|12|"),
        "42|0|2|opening|50||1000000|12|\n"
    );
    let orders = &vent.tally.orders;
    assert_eq!(
        (orders.got.get(), orders.acted.get(), orders.repeated.get()),
        (4, 3, 2)
    );
}

#[test]
fn an_id_under_the_mark_whose_answer_is_forgotten_is_not_acted_on() {
    let mut vent = fitted(Faults::default());
    for id in 1..=REMEMBERED as u64 + 1 {
        vent.told(&format!("0|42|3|opening|{}||{id}|", id % 100));
    }
    let acted = vent.acts().len();
    assert_eq!(vent.told("0|42|3|opening|1||1|"), "42|0|5|REPEATED|1|\n");
    assert_eq!(vent.told("0|42|60|1|"), "42|0|5|REPEATED|1|\n");
    assert_eq!(vent.told("0|42|3|opening|2||2|"), "42|0|4|opening|2|2|\n");
    assert_eq!(vent.acts().len(), acted);
    // What may be done again is.
    assert!(vent.told("0|42|27|draught|500|1|").starts_with("42|0|6|1|"));
}

#[test]
fn what_cannot_be_done_is_rejected_with_its_reason() {
    let mut vent = fitted(Faults::default());
    let reasons = [
        ("0|42|3|opening|40|999999|1|", "EXPIRED"),
        ("0|42|3|door|40||2|", "UNKNOWN_ACTUATOR"),
        ("0|42|3|opening|inf||3|", "BAD_VALUE"),
        ("0|42|3|opening|101||4|", "OUT_OF_RANGE"),
        ("0|42|3|opening|40|soon|5|", "BAD_VALUE"),
    ];
    for ((frame, reason), id) in reasons.into_iter().zip(1..) {
        assert_eq!(vent.told(frame), format!("42|0|5|{reason}|{id}|\n"));
    }
    assert_eq!(vent.acts(), []);
    assert_eq!(vent.tally.orders.late.get(), 1);
}

#[test]
fn a_boolean_is_true_or_false_and_nothing_else() {
    let mut room = Device::new(generic(), 7, 0, NOW, Arc::default());
    let mut out = Vec::new();
    for (value, id) in [("true", 1), ("1", 2), ("false", 3)] {
        let frame = format!("0|42|3|relay|{value}||{id}|");
        room.on_frame(frame.as_bytes(), NOW, &mut out);
    }
    let said = String::from_utf8(out).unwrap();
    assert_eq!(
        said,
        "0|0|4|relay|true|1|\x040|0|5|BAD_VALUE|2|\x040|0|4|relay|false|3|\x04"
    );
}

#[test]
fn a_slow_device_accepts_first_and_is_done_later_even_after_a_reconnect() {
    let mut vent = fitted(Faults {
        delay_ms: 5_000,
        ..Faults::default()
    });
    assert_eq!(vent.told("0|42|3|opening|40|1005000|9|"), "42|0|6|9|\n");
    assert_eq!(vent.told("0|42|3|opening|40|1005000|9|"), "42|0|6|9|\n");
    assert_eq!(vent.acts(), []);
    assert_eq!(vent.device.next_due(), Some(NOW + 5_000));
    assert_eq!(vent.ticked(NOW + 4_999), "");
    vent.device
        .logged_in(Address::new(42).unwrap(), NOW + 4_999, &mut Vec::new());
    assert_eq!(vent.ticked(NOW + 5_000), "42|0|4|opening|40|9|\n");
    assert_eq!(vent.acts(), [(9, "opening", "40", NOW + 5_000)]);
    assert_eq!(
        vent.told("0|42|3|opening|40|1005000|9|"),
        "42|0|4|opening|40|9|\n"
    );
    assert_eq!(vent.tally.orders.delayed.get(), 1);
}

#[test]
fn a_slow_device_that_comes_to_it_after_the_expiry_lets_it_be() {
    let mut vent = fitted(Faults {
        delay_ms: 5_000,
        ..Faults::default()
    });
    vent.told("0|42|3|opening|40|1004999|9|");
    assert_eq!(vent.ticked(NOW + 5_000), "42|0|5|EXPIRED|9|\n");
    assert_eq!(
        vent.told("0|42|3|opening|40|1004999|9|"),
        "42|0|5|EXPIRED|9|\n"
    );
    assert_eq!(vent.acts(), []);
}

#[test]
fn a_command_is_rejected_on_request_each_time_it_comes() {
    let mut vent = fitted(shares(100, 0, 0));
    let frames = ["3|opening|40|", "60", "1|draught", "27|draught|5", "81"];
    for (frame, id) in frames.into_iter().zip(1..) {
        for _ in 0..2 {
            assert_eq!(
                vent.told(&format!("0|42|{frame}|{id}|")),
                format!("42|0|5|FAULT|{id}|\n")
            );
        }
    }
    assert_eq!(vent.acts(), []);
    assert_eq!(vent.tally.orders.refused.get(), 5);
}

#[test]
fn a_silent_device_does_it_or_not_and_never_answers() {
    let mut vent = fitted(shares(0, 100, 0));
    let doing = vent.id(Some(Fault::Silent { does: true }));
    let idle = vent.id(Some(Fault::Silent { does: false }));
    for id in [doing.min(idle), doing.max(idle)] {
        for _ in 0..2 {
            assert_eq!(vent.told(&format!("0|42|3|opening|40||{id}|")), "");
        }
    }
    assert_eq!(vent.acts(), [(doing, "opening", "40", NOW)]);
    assert_eq!(vent.tally.orders.silent.get(), 2);
}

#[test]
fn a_liar_did_not_move_or_answers_twice_or_to_an_id_it_never_got() {
    for lie in [Lie::NotMoved, Lie::Twice, Lie::Stranger] {
        let mut vent = fitted(shares(0, 0, 100));
        let id = vent.id(Some(Fault::Lie(lie)));
        let frame = format!("0|42|3|opening|40||{id}|");
        let done = format!("42|0|4|opening|40|{id}|\n");
        let stranger = format!("42|0|4|opening|40|{}|\n", id + STRANGER);
        let (first, again) = match lie {
            Lie::NotMoved => (
                format!("42|0|4|opening|0|{id}|\n"),
                format!("42|0|4|opening|0|{id}|\n"),
            ),
            Lie::Twice => (done.repeat(2), done),
            Lie::Stranger => (done.clone() + &stranger, done),
        };
        assert_eq!(vent.told(&frame), first);
        assert_eq!(vent.told(&frame), again);
        assert_eq!(vent.acts().len(), usize::from(lie != Lie::NotMoved));
        assert_eq!(vent.tally.orders.lies(), 1);
    }
}

#[test]
fn a_liar_that_is_asked_for_what_is_already_so_names_another_value() {
    let mut vent = fitted(shares(0, 0, 100));
    let id = vent.id(Some(Fault::Lie(Lie::NotMoved)));
    assert_eq!(
        vent.told(&format!("0|42|3|opening|0||{id}|")),
        format!("42|0|4|opening|100|{id}|\n")
    );
}

#[test]
fn a_slow_liar_accepts_once() {
    let mut vent = fitted(Faults {
        delay_ms: 1_000,
        ..shares(0, 0, 100)
    });
    let id = vent.id(Some(Fault::Lie(Lie::Twice)));
    assert_eq!(
        vent.told(&format!("0|42|3|opening|40||{id}|")),
        format!("42|0|6|{id}|\n")
    );
    assert_eq!(
        vent.ticked(NOW + 1_000),
        format!("42|0|4|opening|40|{id}|\n").repeat(2)
    );
}

#[test]
fn peers_are_served_well_by_a_device_at_fault() {
    let mut vent = fitted(shares(100, 0, 0));
    assert_eq!(
        vent.told("17|42|3|opening|40||9|"),
        "42|17|4|opening|40|9|\n"
    );
    assert_eq!(vent.acts(), []);
}

/// What the hub does next to the device.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// A new command that is wanted for so many ms, or for ever.
    New(Option<i64>),
    /// A command again: so many before the newest.
    Again(usize),
    Wait(i64),
    Reconnect,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => prop::option::of(-500i64..3_000).prop_map(Turn::New),
        3 => (0usize..400).prop_map(Turn::Again),
        2 => (0i64..2_000).prop_map(Turn::Wait),
        1 => Just(Turn::Reconnect),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_repeated_nothing_is_done_twice_or_late(
        delay_ms in 0i64..1_500,
        turns in prop::collection::vec(turn(), 0..800),
    ) {
        let faults = Faults { delay_ms, ..shares(10, 20, 30) };
        let mut vent = fitted(faults);
        let (mut now, mut sent) = (NOW, Vec::new());
        for turn in turns {
            match turn {
                Turn::New(wanted) => {
                    let id = sent.len() + 1;
                    let expires = wanted.map(|ms| now + ms);
                    let text = expires.map(|at| at.to_string()).unwrap_or_default();
                    let frame = format!("0|42|3|opening|{}|{text}|{id}|", id % 100);
                    vent.told_at(&frame, now);
                    sent.push((frame, expires.unwrap_or(i64::MAX)));
                }
                Turn::Again(back) => {
                    if let Some(at) = sent.len().checked_sub(1 + back) {
                        vent.told_at(&sent[at].0.clone(), now);
                    }
                }
                Turn::Wait(ms) => {
                    now += ms;
                    vent.ticked(now);
                }
                Turn::Reconnect => {
                    let address = Address::new(42).unwrap();
                    vent.device.logged_in(address, now, &mut Vec::new());
                }
            }
        }
        let acts: Vec<_> = vent.device.acts().cloned().collect();
        prop_assert!(acts.is_sorted_by(|one, next| one.id < next.id));
        for act in acts {
            let index = usize::try_from(act.id).unwrap() - 1;
            prop_assert!(act.at_ms <= sent[index].1);
            prop_assert_eq!(act.value, (act.id % 100).to_string());
            let does = [None, Some(Fault::Silent { does: true }), Some(Fault::Lie(Lie::Twice)), Some(Fault::Lie(Lie::Stranger))];
            prop_assert!(does.contains(&vent.device.fault(act.id)));
        }
        prop_assert_eq!(vent.tally.orders.got.get(), sent.len() as u64);
    }
}
