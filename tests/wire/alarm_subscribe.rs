//! ALARM_SUBSCRIBE: who hears of an alarm as it happens, and who does not (docs/alarms.md A3.6, A4.1).

use crate::harness::{Client, Device, Hub, minute_ago};

struct Scene {
    hub: Hub,
    raiser: Device,
    a: Client,
    b: Client,
    /// Of `b`.
    listener: Device,
}

fn scene() -> Scene {
    let hub = Hub::start();
    let (raiser, listener) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let (a, b) = (hub.login(&raiser), hub.login(&listener));
    Scene {
        hub,
        raiser,
        a,
        b,
        listener,
    }
}

/// Byte for byte, with the raiser as origin: nothing of it is the hub's.
#[test]
fn subscribers_get_what_the_raiser_sent() {
    let Scene {
        hub,
        raiser,
        mut a,
        mut b,
        listener,
    } = scene();
    let mut all = hub.login(&hub.add("greenhouse"));
    let mut none = hub.login(&hub.add("greenhouse"));
    let mut elsewhere = hub.login(&hub.add("harbour"));
    b.subscribe("ho%7Ct");
    all.subscribe("*");
    a.subscribe("*");
    elsewhere.subscribe("*");
    let at = minute_ago();
    a.alarm("ho%7Ct|t|31.50|RAISED", at, 7);
    a.alarm("cold|t|1|RAISED", at, 8);
    a.alarm("ho%7Ct|t|29|CLEARED", at + 1, 9);
    let (from, to) = (raiser.address, listener.address);
    for rest in [
        format!("ho%7Ct|t|31.50|RAISED|{at}|7"),
        format!("ho%7Ct|t|29|CLEARED|{}|9", at + 1),
    ] {
        b.expect(&format!("{from}|{to}|30|{rest}|"));
    }
    b.expect_nothing();
    for (name, at, number) in [
        ("ho%7Ct|t|31.50|RAISED", at, "7"),
        ("cold|t|1|RAISED", at, "8"),
    ] {
        let msgno = all.expect_alarm(&raiser, format_args!("{name}|{at}"));
        assert_eq!(msgno, number);
    }
    all.expect_alarm(&raiser, format_args!("ho%7Ct|t|29|CLEARED|{}", at + 1));
    for client in [&mut all, &mut a, &mut none, &mut elsewhere] {
        client.expect_nothing();
    }
}

/// Subscribed by name and by `*`: told once.
#[test]
fn an_alarm_is_told_once() {
    let Scene {
        hub: _hub,
        raiser,
        mut a,
        mut b,
        ..
    } = scene();
    for name in ["hot", "*", "hot"] {
        b.subscribe(name);
    }
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    b.expect_alarm(&raiser, format_args!("hot|t|31|RAISED|{at}"));
    b.expect_nothing();
}

#[test]
fn repeats_and_refused_reports_are_not_told() {
    let Scene {
        hub: _hub,
        raiser,
        mut a,
        mut b,
        ..
    } = scene();
    b.subscribe("*");
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    a.alarm("hot|t|31|RAISED", at, 1);
    a.say(0, format_args!("30|hot|t|31|raised|{at}|3"));
    a.expect_refusal("BAD_VALUE", 0, "3");
    b.expect_alarm(&raiser, format_args!("hot|t|31|RAISED|{at}"));
    b.expect_nothing();
}

#[test]
fn unsubscribed_is_not_told_any_more() {
    let Scene {
        hub: _hub,
        raiser,
        mut a,
        mut b,
        ..
    } = scene();
    for name in ["hot", "cold"] {
        b.subscribe(name);
    }
    b.say(0, "34|hot|m1");
    b.expect_hub("6|m1");
    // Also of what was never subscribed.
    b.say(0, "34|*|m2");
    b.expect_hub("6|m2");
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    a.alarm("cold|t|1|RAISED", at, 2);
    b.expect_alarm(&raiser, format_args!("cold|t|1|RAISED|{at}"));
    b.expect_nothing();
}

#[test]
fn a_subscription_and_its_end_are_kept_over_a_crash() {
    let Scene {
        hub,
        raiser,
        mut b,
        listener,
        ..
    } = scene();
    for name in ["hot", "cold"] {
        b.subscribe(name);
    }
    b.say(0, "34|cold|1");
    b.expect_hub("6|1");
    let hub = hub.crash().start();
    let (mut a, mut b) = (hub.login(&raiser), hub.login(&listener));
    let at = minute_ago();
    a.alarm("cold|t|1|RAISED", at, 1);
    a.alarm("hot|t|31|RAISED", at, 2);
    b.expect_alarm(&raiser, format_args!("hot|t|31|RAISED|{at}"));
    b.expect_nothing();
}
