//! Rules on readings: what raises an alarm, what clears it, and what does neither (docs/alarms.md A1.2, A1.3).

use serde_json::{Value, json};

use crate::harness::{Client, GROUP, Hub, history, minute_ago, obedient};

/// Reports values a second apart; after each, whether an alarm is open.
pub(crate) fn opens(hub: &Hub, a: &mut Client, sensor: &str, values: &[(&str, bool)]) {
    let mut at = minute_ago();
    for (value, open) in values {
        a.read_out(&format!("{sensor}|{value}|C"), at);
        let alarms = hub.alarms(&["--open"]);
        assert_eq!(alarms.len(), usize::from(*open), "at {value}: {alarms:#?}");
        at += 1000;
    }
}

/// All that the list says of an alarm that the hub found.
#[test]
fn a_reading_over_the_threshold_raises_an_alarm() {
    let (hub, device, mut a) = obedient();
    let rule = hub.watch(
        &device,
        "t > 30",
        &["--clear", "28", "--severity", "critical"],
    );
    let check =
        json!({"kind": "threshold", "sensor": "t", "op": ">", "raise": 30.0, "clear": 28.0});
    let number = |key: &str| (rule["check"][key].as_f64(), check[key].as_f64());
    assert_eq!(number("raise").0, number("raise").1);
    assert_eq!(number("clear").0, number("clear").1);
    for key in ["kind", "sensor", "op"] {
        assert_eq!(rule["check"][key], check[key]);
    }
    assert_eq!(rule["scope"], format!("device {}", device.address));
    assert_eq!(
        (&rule["group"], &rule["enabled"]),
        (&json!(GROUP), &json!(true))
    );
    let at = minute_ago();
    a.read_out("t|30|C", at);
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    a.read_out("t|31|C", at + 1);
    let alarm = hub.only_alarm();
    for (key, value) in [
        ("group", json!(GROUP)),
        ("address", json!(device.address)),
        ("rule", rule["id"].clone()),
        ("name", json!("hot")),
        ("sensor", json!("t")),
        ("severity", json!("critical")),
        ("state", json!("raised")),
        ("raised_ms", json!((at + 1) as i64)),
        ("raised_value", json!("31")),
        ("by_hub", json!(true)),
        ("by_device", json!(false)),
        ("times", json!(1)),
    ] {
        assert_eq!(alarm[key], value, "{key}");
    }
    let source = hub.source(&rule, &device).unwrap();
    assert_eq!(
        (&source["phase"], &source["alarm"]),
        (&json!("raised"), &alarm["id"])
    );
    a.read_out("t|28|C", at + 2);
    let cleared = hub.alarm(&hub.only_alarm());
    assert_eq!(cleared["cleared_ms"], (at + 2) as i64);
    assert_eq!(
        (&cleared["last_value"], &cleared["clear_reason"]),
        (&json!("28"), &json!(""))
    );
    assert_eq!(history(&cleared), ["raised by hub", "cleared by hub"]);
}

/// It is raised beyond one level and cleared at the other: in between all stays as it is.
#[test]
fn between_the_levels_nothing_changes() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &["--clear", "28"]);
    let steps = [
        ("29", false),
        ("30", false),
        ("30.01", true),
        ("29", true),
        ("28.01", true),
        ("28", false),
    ];
    opens(&hub, &mut a, "t", &steps);
    assert_eq!(hub.alarms(&[]).len(), 1);
}

#[test]
fn below_is_the_mirror_of_above() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t < -5", &["--clear", "-3"]);
    let steps = [
        ("-5", false),
        ("-5.5", true),
        ("-4", true),
        ("-3.1", true),
        ("-3", false),
        ("-4", false),
    ];
    opens(&hub, &mut a, "t", &steps);
}

/// Without `--clear` the two levels are one.
#[test]
fn one_level_may_do_for_both() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &[]);
    opens(
        &hub,
        &mut a,
        "t",
        &[("31", true), ("30", false), ("31", true)],
    );
}

/// Numbers, booleans and texts, each among its like.
#[test]
fn an_equality_is_of_any_kind_of_value() {
    for (value, steps) in [
        (
            "true",
            [
                ("false", false),
                ("true", true),
                ("true", true),
                ("0", false),
                ("true", true),
                ("false", false),
            ],
        ),
        (
            "3",
            [
                ("2", false),
                ("3", true),
                ("3.0", true),
                ("x", false),
                ("3", true),
                ("4", false),
            ],
        ),
        (
            "half open",
            [
                ("shut", false),
                ("half open", true),
                ("half open", true),
                ("1", false),
                ("half open", true),
                ("half", false),
            ],
        ),
    ] {
        let (hub, device, mut a) = obedient();
        hub.watch(&device, &format!("s = {value}"), &[]);
        opens(&hub, &mut a, "s", &steps);
    }
}

/// Two rules, two alarms: a warning and worse.
#[test]
fn a_sensor_may_have_several_rules() {
    let (hub, device, mut a) = obedient();
    hub.rule(
        "warm",
        &["--all", "--when", "t > 25", "--severity", "warning"],
    );
    hub.rule(
        "hot",
        &[
            "--device",
            &device.at(),
            "--local",
            "off",
            "--when",
            "t > 30",
            "--severity",
            "critical",
        ],
    );
    let at = minute_ago();
    for (value, at, open) in [
        ("26", at, 1),
        ("31", at + 1, 2),
        ("29", at + 2, 1),
        ("20", at + 3, 0),
    ] {
        a.read_out(&format!("t|{value}|C"), at);
        assert_eq!(hub.alarms(&["--open"]).len(), open, "{value}");
    }
}
