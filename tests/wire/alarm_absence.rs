//! Rules on what does not come: missing data, devices that are away (docs/alarms.md A1.8).

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::alarm_delays::number;
use crate::harness::{Client, Device, GROUP, Hub, Stored, obedient};

fn no_data() -> (Hub, Device, Client, Value) {
    let (hub, device, a) = obedient();
    let at = device.at();
    let words = [
        "--device",
        &at,
        "--no-data",
        "t 1500ms",
        "--severity",
        "minor",
    ];
    let rule = hub.rule("silent", &words);
    (hub, device, a, rule)
}

/// Counted from the last reading of that sensor; the next one clears it.
#[test]
fn a_sensor_that_is_not_heard_raises_an_alarm() {
    let (hub, device, mut a, rule) = no_data();
    assert_eq!(
        rule["check"],
        json!({"kind": "no_data", "sensor": "t", "after_ms": 1500})
    );
    let mut last = 0;
    for _ in 0..4 {
        sleep(Duration::from_millis(700));
        last = Stored::now_ms();
        a.read_out("t|21|C", last);
        a.read_out("u|21|C", last);
    }
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    let raised = hub.alarm_is("raised");
    assert_eq!(number(&raised, "raised_ms"), last + 1500);
    assert_eq!(
        (&raised["name"], &raised["severity"]),
        (&json!("silent"), &json!("minor"))
    );
    assert_eq!(raised["address"], device.address);
    a.read_out("u|21|C", Stored::now_ms());
    assert_eq!(hub.only_alarm()["state"], "raised");
    a.read_out("t|21|C", Stored::now_ms());
    assert_eq!(hub.only_alarm()["state"], "cleared");
    // And so on.
    hub.alarm_is("raised");
    assert_eq!(hub.alarms(&[]).len(), 2);
}

/// Of a device that is named it counts from the rule's beginning, though it never spoke.
#[test]
fn a_sensor_that_was_never_heard_is_missed_too() {
    let (hub, _, _a, rule) = no_data();
    let raised = hub.alarm_is("raised");
    let created = number(&rule, "created_ms");
    let after = number(&raised, "raised_ms") - created;
    assert!((1500..3000).contains(&after), "{after} ms");
}

#[test]
fn a_device_that_is_away_raises_an_alarm() {
    let (hub, device, a) = obedient();
    let never = hub.add(GROUP);
    let rule = hub.rule("away", &["--all", "--offline", "1s"]);
    assert_eq!(rule["check"], json!({"kind": "offline", "after_ms": 1000}));
    let mut b = hub.login(&hub.add(GROUP));
    b.subscribe("*");
    drop(a);
    let presence = hub.goes_offline(&device, "CLOSED");
    let gone = number(&presence, "since_ms");
    let raised = hub.alarm_is("raised");
    assert_eq!(
        (&raised["address"], &raised["sensor"]),
        (&json!(device.address), &json!(""))
    );
    let after = number(&raised, "raised_ms") - gone;
    assert!((1000..2500).contains(&after), "{after} ms after it went");
    b.expect_alarm(
        &device,
        format_args!("away|||RAISED|{}", raised["raised_ms"]),
    );
    // Shortly away is not away.
    for _ in 0..3 {
        drop(hub.login(&device));
        sleep(Duration::from_millis(300));
    }
    let mut a = hub.login(&device);
    a.expect_nothing();
    hub.alarm_is("cleared");
    b.recv();
    sleep(Duration::from_millis(1500));
    b.expect_nothing();
    let raised = hub.alarms(&[]);
    assert_eq!(raised.len(), 1, "{never:?} was never seen: {raised:#?}");
}

/// A rule that begins while a device is away counts from then on.
#[test]
fn a_rule_counts_from_its_beginning() {
    let (hub, device, a) = obedient();
    drop(a);
    hub.goes_offline(&device, "CLOSED");
    sleep(Duration::from_millis(1100));
    let rule = hub.rule("away", &["--device", &device.at(), "--offline", "1s"]);
    let raised = hub.alarm_is("raised");
    let after = number(&raised, "raised_ms") - number(&rule, "created_ms");
    assert!((1000..2500).contains(&after), "{after} ms");
}
