//! The script sees what it is there to see: every breach, played to it by hand, is named.

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::acts::Actor;
use crate::alarms::{Listener, Raiser};
use crate::checks;
use crate::device::Unit;
use crate::harness::Device;
use crate::operator::Operator;
use crate::rows::{AlarmRow, Row};
use crate::script::End;

fn actor() -> Actor {
    Actor::new(StdRng::seed_from_u64(1))
}

/// Plays WRITEs: id, number, expiry, session and time of each; returns what is broken.
fn played(writes: &[(u64, u64, i64, u64, i64)]) -> Vec<String> {
    let mut actor = actor();
    for (id, number, expires, session, now) in writes {
        actor.obey(&format!("3|act|{number}|{expires}|{id}"), *session, *now);
    }
    actor.broken
}

#[test]
fn a_device_sees_late_repeated_and_disordered_commands() {
    assert_eq!(
        played(&[(1, 1, 9000, 1, 0), (2, 2, 9000, 1, 0), (2, 2, 9000, 2, 0)]),
        [""; 0]
    );
    for (writes, statement) in [
        (&[(1, 1, 1000, 1, 2000)][..], "C1.5"),
        (&[(1, 1, 9000, 1, 0), (1, 1, 1000, 2, 2000)], "C1.5"),
        (&[(1, 1, 9000, 1, 0), (1, 1, 9000, 1, 0)], "C2.3"),
        (&[(2, 2, 9000, 1, 0), (1, 1, 9000, 1, 0)], "C2.3"),
        (&[(2, 2, 9000, 1, 0), (1, 1, 9000, 2, 0)], "C2.4"),
        (&[(1, 1, 9000, 1, 0), (1, 2, 9000, 2, 0)], "C1.2"),
    ] {
        let broken = played(writes);
        let named = broken
            .iter()
            .any(|sentence| sentence.starts_with(statement));
        assert!(named, "{writes:?}: {broken:?}");
    }
}

/// One device of address 7 that acted on order 1 under id 5 and has event 1 acknowledged.
fn end() -> End {
    let device = Device {
        address: 7,
        kind: 511,
        id: "a".to_owned(),
        serial: String::new(),
        legacy: false,
    };
    let mut unit = Unit::new(device, 1, None);
    unit.acts = actor();
    unit.acts.obey("3|act|1|9000|5", 1, 0);
    assert!(unit.acts.told[&5].acted(), "another seed is needed");
    unit.events.next(0);
    unit.events.is_stored("1").unwrap();
    let mut operator = Operator::new(StdRng::seed_from_u64(1), vec![7]);
    operator.last = 1;
    operator.ordered.push((1, 5));
    End {
        units: vec![unit],
        operator,
        commands: vec![row(5, "succeeded")],
        stored: vec![vec![1]],
        alarms: Vec::new(),
        reports: vec![Vec::new()],
        levels: vec![Vec::new()],
    }
}

fn row(id: u64, state: &str) -> Row {
    Row {
        id,
        address: 7,
        number: 1,
        issuer: "operator".to_owned(),
        state: state.to_owned(),
        detail: "1".to_owned(),
        sendings: 1,
    }
}

#[track_caller]
fn is_named(end: &End, sentence: &str) {
    let broken = checks::all(end);
    assert!(broken.iter().any(|b| b.contains(sentence)), "{broken:?}");
}

#[test]
fn what_is_right_is_not_complained_of() {
    assert_eq!(checks::all(&end()), [""; 0]);
}

#[test]
fn events_that_are_lost_or_doubled_are_seen() {
    let stored = |numbers: &[u64]| End {
        stored: vec![numbers.to_vec()],
        ..end()
    };
    is_named(&stored(&[]), "P5.3");
    is_named(&stored(&[1, 1]), "P5.4");
    is_named(&stored(&[1, 2]), "never sent");
}

#[test]
fn states_that_lie_are_seen() {
    for state in [
        "queued",
        "sent",
        "accepted",
        "rejected",
        "expired",
        "cancelled",
    ] {
        let commands = vec![row(5, state)];
        is_named(&End { commands, ..end() }, "its device knows");
    }
    let commands = vec![row(5, "succeeded"), row(6, "succeeded")];
    is_named(&End { commands, ..end() }, "its device knows None");
    let commands = vec![row(5, "timed_out")];
    assert_eq!(checks::all(&End { commands, ..end() }), [""; 0]);
}

#[test]
fn commands_that_are_lost_or_doubled_are_seen() {
    let commands = Vec::new();
    is_named(&End { commands, ..end() }, "C2.1");
    let commands = vec![row(5, "succeeded"), row(6, "timed_out")];
    is_named(&End { commands, ..end() }, "C3.3");
    let mut end = end();
    end.operator.cancelled.push(5);
    is_named(&end, "C2.7");
    let actor = &mut end.units[0].acts;
    while !actor.told.get(&6).is_some_and(|told| told.acted()) {
        actor.told.remove(&6);
        actor.obey("3|act|1|9000|6", 2, 0);
    }
    is_named(&end, "carried out 2 times");
}

fn alarm(raised_ms: i64, cleared_ms: Option<i64>) -> AlarmRow {
    AlarmRow {
        address: 7,
        name: "calm".to_owned(),
        rule: 0,
        raised_ms,
        cleared_ms,
        chattering: false,
        began: 1,
        ended: u32::from(cleared_ms.is_some()),
    }
}

/// One that raised `calm` and had that stored.
fn raised() -> End {
    let mut end = end();
    let raiser = &mut end.units[0].alarms;
    while !raiser.words.get("calm").is_some_and(|raised| *raised) || raiser.words.len() > 1 {
        *raiser = Raiser::new(StdRng::seed_from_u64(rand::random()));
        raiser.next(0);
    }
    assert!(raiser.is_stored("1000000001") && raiser.owes_nothing());
    end.reports = vec![vec![1_000_000_001]];
    end.alarms = vec![alarm(1, None)];
    end.units[0].listener = Some(Listener::default());
    end
}

#[test]
fn alarms_that_are_lost_doubled_or_open_for_ever_are_seen() {
    assert_eq!(checks::all(&raised()), [""; 0]);
    let reports = |numbers: &[u64]| End {
        reports: vec![numbers.to_vec()],
        ..raised()
    };
    is_named(&reports(&[]), "A3.1");
    is_named(&reports(&[1_000_000_001, 1_000_000_001]), "A3.2");
    is_named(&reports(&[1_000_000_001, 1_000_000_002]), "never sent");
    let alarms = |alarms: &[AlarmRow]| End {
        alarms: alarms.to_vec(),
        ..raised()
    };
    is_named(&alarms(&[]), "not open");
    is_named(&alarms(&[alarm(1, Some(2))]), "not open");
    is_named(&alarms(&[alarm(1, Some(5)), alarm(3, None)]), "A2.1");
    is_named(&alarms(&[alarm(1, None), alarm(3, None)]), "A2.1");
    let mut twice = alarm(1, None);
    twice.began = 2;
    is_named(&alarms(&[twice]), "A2.6");
    let mut end = raised();
    end.units[0].alarms.words.insert("calm", false);
    is_named(&end, "open, though it was cleared");
    let mut end = raised();
    let listener = end.units[0].listener.as_mut().unwrap();
    assert!(listener.hears(8, "30|calm|level|100|RAISED|1|1"));
    is_named(&end, "believes raised");
}
