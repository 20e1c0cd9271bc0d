//! Rules that devices keep themselves: ALARM_SET, ALARM_STOP, and one alarm of both (docs/alarms.md section 5).

use serde_json::{Value, json};

use crate::harness::{Client, Command, Device, GROUP, Hub, eventually, minute_ago, obedient};

/// Adds a rule that the device is to keep, takes its ALARM_SET, and answers.
#[track_caller]
pub(crate) fn given(
    hub: &Hub,
    device: &Device,
    a: &mut Client,
    words: &[&str],
    answer: &str,
) -> (Value, Command) {
    let at = device.at();
    let rule = hub.rule("hot", &[&["--device", &at], words].concat());
    let set = newest(hub);
    a.expect_order(&set);
    a.answer(&set, answer);
    (rule, set)
}

/// The command that was ordered last; it comes a moment after what brings it about.
#[track_caller]
pub(crate) fn newest(hub: &Hub) -> Command {
    eventually("a command", || {
        hub.commands(&["--limit", "1"]).into_iter().next()
    })
}

/// Waits until the device stands so with the rule.
#[track_caller]
fn stands(hub: &Hub, rule: &Value, device: &Device, local: &str, held_by: &str) {
    let mut last = Value::Null;
    eventually(&format!("{local}, held by {held_by}"), || {
        let source = hub.source(rule, device).unwrap_or_default();
        if source != last {
            eprintln!("stands {source}");
            last.clone_from(&source);
        }
        (source["local"] == local && source["held_by"] == held_by).then_some(())
    });
}

/// Byte for byte.
#[test]
fn a_simple_rule_is_given_to_its_device() {
    for (words, frame) in [
        (
            &[
                "--when", "t > 30", "--clear", "28", "--for", "10s", "--act", "fan=1",
            ][..],
            "hot|t|>|30|2|10000|fan|1",
        ),
        (&["--when", "t > 30"], "hot|t|>|30|0|0||"),
        (
            &["--when", "t < -5.5", "--clear", "-4"],
            "hot|t|<|-5.5|1.5|0||",
        ),
        (
            &["--when", "door = true", "--act", "bell=half|open"],
            "hot|door|=|true|0|0|bell|half%7Copen",
        ),
    ] {
        let (hub, device, mut a) = obedient();
        let at = device.at();
        let rule = hub.rule("hot", &[&["--device", &at], words].concat());
        let got = a.recv();
        let set = newest(&hub);
        assert_eq!(
            got,
            format!("0|{}|31|{frame}|{}|", device.address, set.id())
        );
        assert_eq!(set.text("issuer"), format!("rule {}", rule["id"]));
        assert_eq!(set["expires_ms"], Value::Null);
        stands(&hub, &rule, &device, "sent", "hub");
        a.answer(&set, 6);
        stands(&hub, &rule, &device, "held", "device and hub");
        a.expect_only_a_blink(&hub, &device);
    }
}

/// What ALARM_SET cannot say, and what is not to be given, the hub alone keeps.
#[test]
fn other_rules_stay_with_the_hub() {
    let (hub, device, mut a) = obedient();
    let at = device.at();
    for (i, words) in [
        &["--when", "t > 30", "--local", "off"][..],
        &["--when", "t > 30", "--clear-for", "5s"],
        &["--when", "t > 30", "--unit", "C"],
        &["--when", "bp/systolic > 140"],
        &["--when", "t > 30", "--disabled"],
        &["--rate", "t rises 5 in 60s"],
        &["--no-data", "t 1h"],
        &["--offline", "1h"],
    ]
    .iter()
    .enumerate()
    {
        hub.rule(&format!("r{i}"), &[&["--device", &at], *words].concat());
    }
    a.expect_only_a_blink(&hub, &device);
    assert_eq!(hub.commands(&[]).len(), 1);
}

/// Rules of a label or a group trouble only devices that say they have the sensor: at once, or once they say so.
#[test]
fn a_wide_rule_is_given_to_those_that_have_the_sensor() {
    let (hub, device, mut a) = obedient();
    let plain = hub.add(GROUP);
    let mut b = hub.login(&plain);
    a.say(0, "90|S:t:number:C:-40:85");
    eventually("it is described", || {
        let known = hub.capabilities(&device);
        (known["sensors"] != json!([])).then_some(())
    });
    let rule = hub.rule("hot", &["--all", "--when", "t > 30"]);
    let set = newest(&hub);
    a.expect_order(&set);
    a.answer(&set, 6);
    stands(&hub, &rule, &device, "held", "device and hub");
    b.expect_only_a_blink(&hub, &plain);
    b.say(0, "90|S:t:number:C:-40:85");
    let frame = b.recv();
    assert!(
        frame.starts_with(&format!("0|{}|31|hot|t|>|30|0|0|||", plain.address)),
        "{frame}"
    );
}

/// At each login, under the same id, as EVENT periods are.
#[test]
fn it_is_given_again_at_each_login() {
    let (hub, device, mut a) = obedient();
    let (rule, set) = given(&hub, &device, &mut a, &["--when", "t > 30"], "6");
    stands(&hub, &rule, &device, "held", "device and hub");
    for _ in 0..2 {
        let mut a = hub.login(&device);
        a.expect_order(&set);
        a.answer(&set, 6);
        a.expect_only_a_blink(&hub, &device);
    }
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.expect_order(&set);
    stands(&hub, &rule, &device, "held", "device and hub");
    a.expect_only_a_blink(&hub, &device);
}

/// A device that was away gets it at its login.
#[test]
fn a_device_that_is_away_gets_it_later() {
    let (hub, device, a) = obedient();
    drop(a);
    hub.goes_offline(&device, "CLOSED");
    let rule = hub.rule("hot", &["--device", &device.at(), "--when", "t > 30"]);
    stands(&hub, &rule, &device, "queued", "hub");
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.expect_order(&newest(&hub));
    stands(&hub, &rule, &device, "sent", "hub");
}

/// The hub goes on by itself with what a device does not take.
#[test]
fn a_device_may_reject_it() {
    let (hub, device, mut a) = obedient();
    let (rule, _) = given(
        &hub,
        &device,
        &mut a,
        &["--when", "t > 30"],
        "5|UNSUPPORTED",
    );
    stands(&hub, &rule, &device, "rejected: UNSUPPORTED", "hub");
    let mut a = hub.login(&device);
    a.expect_only_a_blink(&hub, &device);
    stands(&hub, &rule, &device, "rejected: UNSUPPORTED", "hub");
    a.read_out("t|31|C", minute_ago());
    assert_eq!(hub.only_alarm()["by_hub"], true);
}
