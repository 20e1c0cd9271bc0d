//! Which readings a rule judges, and which not (docs/alarms.md A1.3, A1.5, A1.7, A3.6).

use serde_json::Value;

use crate::alarm_rules::opens;
use crate::harness::{GROUP, Home, minute_ago, obedient};

/// A text says nothing about a level; other sensors, and other units where one is given, neither.
#[test]
fn what_the_rule_does_not_speak_of_changes_nothing() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &["--unit", "C"]);
    let at = minute_ago();
    for (i, reading) in ["u|99|C", "t|99|F", "t|99|", "t|hot|C", "t|true|C", "T|99|C"]
        .iter()
        .enumerate()
    {
        a.read_out(reading, at + i as i128);
    }
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    a.read_out("t|31|C", at + 10);
    for reading in ["t|1|F", "t|cold|C", "u|1|C"] {
        a.read_out(reading, at + 11);
    }
    assert_eq!(hub.only_alarm()["state"], "raised");
}

/// What comes late, as from a device that was away, is older than what is known.
#[test]
fn an_older_reading_changes_nothing() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &[]);
    let at = minute_ago();
    a.read_out("t|20|C", at);
    a.read_out("t|31|C", at - 1000);
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    a.read_out("t|31|C", at + 1);
    a.read_out("t|20|C", at - 500);
    assert_eq!(hub.only_alarm()["state"], "raised");
}

/// A repeat of a reading is judged once.
#[test]
fn a_repeated_reading_is_judged_once() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &[]);
    let at = minute_ago();
    for (value, msgno) in [(31, 1), (20, 2), (31, 1), (20, 2)] {
        a.say(0, format_args!("26|t|{value}|C|{}|{msgno}", at + msgno));
        a.expect_hub(format_args!("7|{msgno}"));
    }
    assert_eq!(hub.only_alarm()["times"], 1);
}

/// P5.10
#[test]
fn a_part_of_a_composite_is_a_sensor() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "bp/systolic > 140", &[]);
    let steps = [
        ("systolic=120;diastolic=150", false),
        ("systolic=141;diastolic=80", true),
        ("systolic=120;diastolic=80", false),
    ];
    opens(&hub, &mut a, "bp", &steps);
}

/// P5.5
#[test]
fn the_answer_to_a_read_is_a_reading() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &[]);
    let read = a.ordered(&hub, &device, &["read", "t"]);
    a.answer(&read, format_args!("2|t|31|C|{}", minute_ago()));
    hub.until(read.id(), "succeeded");
    assert_eq!(hub.only_alarm()["raised_value"], "31");
}

/// What happened long ago, in a file, is nothing to be told of.
#[test]
fn imported_readings_raise_nothing() {
    let home = Home::new();
    let device = home.add(GROUP);
    let hub = home.start();
    let mut a = hub.login(&device);
    a.read_out("t|31|C", minute_ago());
    let csv = hub.verb(&["reading", "export"]).ok();
    let other = Home::new();
    let same = other.add(GROUP);
    let csv = csv.replace(&device.at(), &same.at());
    let file = other.write("readings.csv", &csv);
    let other = other.start();
    other.watch(&same, "t > 30", &[]);
    other.verb(&["reading", "import", &file]).ok();
    assert_eq!(other.stored_readings(), 1);
    assert_eq!(other.alarms(&[]), Vec::<Value>::new());
}

/// Told to subscribers with the device as origin.
#[test]
fn subscribers_hear_of_what_the_hub_found() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &[]);
    let mut b = hub.login(&hub.add(GROUP));
    b.subscribe("hot");
    let at = minute_ago();
    a.read_out("t|31|C", at);
    a.read_out("t|32|C", at + 1);
    a.read_out("t|29|C", at + 2);
    let raised = b.expect_alarm(&device, format_args!("hot|t|31|RAISED|{at}"));
    let cleared = b.expect_alarm(&device, format_args!("hot|t|29|CLEARED|{}", at + 2));
    assert_ne!(raised, cleared);
    b.expect_nothing();
    a.expect_nothing();
}
