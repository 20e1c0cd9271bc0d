//! A rule that a device keeps too: one alarm of both, and its end (docs/alarms.md A3.4, A3.5, A5.5).

use serde_json::Value;

use crate::alarm_local::{given, newest};
use crate::harness::{Hub, history, minute_ago, obedient};

/// Disabled, removed, or not the device's any more.
#[test]
fn a_rule_that_ends_is_stopped_on_the_device() {
    for verb in ["disable", "remove"] {
        let (hub, device, mut a) = obedient();
        let (rule, set) = given(&hub, &device, &mut a, &["--when", "t > 30"], "6");
        hub.until(set.id(), "succeeded");
        hub.on_rule(verb, &rule).ok();
        let frame = a.recv();
        let stop = newest(&hub);
        assert_eq!(frame, format!("0|{}|32|hot|{}|", device.address, stop.id()));
        assert_eq!(stop.text("issuer"), format!("rule {}", rule["id"]));
        a.answer(&stop, 6);
        hub.until(stop.id(), "succeeded");
        let mut a = hub.login(&device);
        a.expect_only_a_blink(&hub, &device);
        if verb == "disable" {
            hub.on_rule("enable", &rule).ok();
            let frame = a.recv();
            assert!(frame.contains("|31|hot|t|>|30|0|0|||"), "{frame}");
        }
    }
}

/// What it raises before it has heard so is of a rule that is over.
#[test]
fn a_report_of_a_stopped_rule_raises_nothing() {
    let (hub, device, mut a) = obedient();
    let (rule, set) = given(&hub, &device, &mut a, &["--when", "t > 30"], "6");
    hub.until(set.id(), "succeeded");
    hub.on_rule("remove", &rule).ok();
    let at = minute_ago();
    let msgno = 5;
    a.say(0, format_args!("30|hot|t|31|RAISED|{at}|{msgno}"));
    let mut frames = [a.recv(), a.recv()];
    frames.sort_by_key(String::len);
    assert_eq!(frames[0], format!("0|{}|7|{msgno}|", device.address));
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    // Heard: from now on the name is its own.
    let stop = newest(&hub);
    a.answer(&stop, 6);
    hub.until(stop.id(), "succeeded");
    a.alarm("hot|t|31|RAISED", at + 1, 6);
    assert_eq!(hub.only_alarm()["rule"], Value::Null);
}

/// Whoever says it first: it is one alarm, and both have said it.
#[test]
fn device_and_hub_raise_one_alarm() {
    let at = minute_ago();
    let by = |hub: &Hub| {
        let alarm = hub.only_alarm();
        (alarm["by_device"] == true, alarm["by_hub"] == true)
    };
    for device_first in [true, false] {
        let (hub, device, mut a) = obedient();
        given(
            &hub,
            &device,
            &mut a,
            &["--when", "t > 30", "--clear", "28"],
            "6",
        );
        if device_first {
            a.alarm("hot|t|31|RAISED", at, 1);
            assert_eq!(by(&hub), (true, false));
            a.read_out("t|31|C", at + 10);
        } else {
            a.read_out("t|31|C", at);
            assert_eq!(by(&hub), (false, true));
            a.alarm("hot|t|31|RAISED", at, 1);
        }
        assert_eq!(by(&hub), (true, true), "device first: {device_first}");
        a.alarm("hot|t|28|CLEARED", at + 20, 2);
        assert_eq!(hub.only_alarm()["state"], "cleared");
        a.read_out("t|28|C", at + 20);
        let shown = hub.alarm(&hub.only_alarm());
        assert_eq!(history(&shown).last().unwrap(), "cleared by device");
        assert!(shown["rule"].is_number(), "{shown:#}");
    }
}

/// The later word by the device's time.
#[test]
fn the_later_word_holds_between_device_and_hub() {
    let (hub, device, mut a) = obedient();
    given(
        &hub,
        &device,
        &mut a,
        &["--when", "t > 30", "--clear", "28"],
        "6",
    );
    let at = minute_ago();
    a.read_out("t|31|C", at + 10);
    a.alarm("hot|t|28|CLEARED", at + 5, 1);
    assert_eq!(hub.only_alarm()["state"], "raised");
    a.alarm("hot|t|28|CLEARED", at + 15, 2);
    a.read_out("t|31|C", at + 12);
    assert_eq!(hub.only_alarm()["state"], "cleared");
    a.read_out("t|32|C", at + 20);
    assert_eq!(hub.alarms(&[]).len(), 2);
}

/// An alarm that a device raised before there was a rule of its name ends when the device says so.
#[test]
fn a_rule_of_the_name_of_an_open_alarm_leaves_none_open_for_ever() {
    let (hub, device, mut a) = obedient();
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    hub.watch(&device, "t > 30", &[]);
    a.alarm("hot|t|20|CLEARED", at + 1, 2);
    assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
}
