//! What is known of a device decides what it may report and be told (docs/commands.md C1.7, C4.4).

use crate::harness::{Client, Stored, obedient};

fn report(client: &mut Client, rest: &str, msgno: u32) {
    client.say(0, format_args!("26|{rest}|{}|{msgno}", Stored::now_ms()));
}

/// C4.4
#[test]
fn a_described_device_reports_what_it_has_and_nothing_else() {
    let (hub, _, mut a) = obedient();
    report(&mut a, "anything|1|C", 1);
    a.expect_hub("7|1");
    a.say(
        0,
        "90|S:t:number:C:-40:85|A:vent:number:0:1|S:bp:composite:mmHg:0:300",
    );
    for (rest, reason) in [
        ("humidity|1|%25", "UNKNOWN_SENSOR"),
        ("anything|1|C", "UNKNOWN_SENSOR"),
        ("t|85.1|C", "OUT_OF_RANGE"),
        ("t|-41|C", "OUT_OF_RANGE"),
        ("bp|systolic=301;diastolic=80|mmHg", "OUT_OF_RANGE"),
    ] {
        report(&mut a, rest, 5);
        a.expect_refusal(reason, 0, "5");
    }
    let good = [
        "t|85|C",
        "t|-40|C",
        "vent|1|",
        "bp|systolic=120;diastolic=80|mmHg",
    ];
    for (msgno, rest) in (10..).zip(good) {
        report(&mut a, rest, msgno);
        a.expect_hub(format_args!("7|{msgno}"));
    }
    a.say(0, "26|button pressed|20");
    a.expect_hub("7|20");
    let metrics = hub.metrics();
    assert_eq!(
        metrics.labelled("hub_readings_refused_total", "reason", "UNKNOWN_SENSOR"),
        2
    );
    assert_eq!(
        metrics.labelled("hub_readings_refused_total", "reason", "OUT_OF_RANGE"),
        3
    );
}

/// C1.7: orders by verb too; of a device that nobody described nothing is refused.
#[test]
fn orders_are_judged_by_what_the_device_has() {
    let (hub, device, mut a) = obedient();
    a.expect_order(&hub.order(&device, &["write", "anything", "at all"]));
    let parts = ["A:vent:number:0:1", "A:lamp:boolean::", "S:t:number:C::"];
    let words = ["device", "describe", &device.at()];
    hub.verb(&[&words, &parts[..]].concat()).ok();
    for (words, needle) in [
        (&["write", "door", "1"][..], "door"),
        (&["write", "vent", "1.5"], "1.5"),
        (&["write", "vent", "NaN"], "NaN"),
        (&["write", "lamp", "on"], "on"),
        (&["read", "humidity"], "humidity"),
        (&["event-set", "humidity", "500"], "humidity"),
    ] {
        let complaint = hub.try_order(&device, words).refused();
        assert!(complaint.contains(needle), "{words:?}: {complaint}");
    }
    a.expect_order(&hub.order(&device, &["write", "vent", "0.5"]));
    a.expect_order(&hub.order(&device, &["read", "t"]));
    assert_eq!(hub.commands(&[]).len(), 3);
}

/// C1.7
#[test]
fn what_the_device_does_not_have_is_refused() {
    let (hub, device, _) = obedient();
    let mut issuer = hub.login(&hub.add_with("greenhouse", &["--rights", "control"]));
    let describe = [
        "device",
        "describe",
        &device.at(),
        "S:t:number:C:-40:85",
        "A:vent:number:0:1",
        "A:lamp:boolean::",
        "A:sign:text::",
    ];
    hub.verb(&describe).ok();
    for (rest, reason) in [
        ("1||humidity", "UNKNOWN_SENSOR"),
        ("27||humidity|500", "UNKNOWN_SENSOR"),
        ("3||door|1", "UNKNOWN_ACTUATOR"),
        ("3||t|1", "UNKNOWN_ACTUATOR"),
        ("3||vent|1.1", "OUT_OF_RANGE"),
        ("3||vent|-0.1", "OUT_OF_RANGE"),
        ("3||vent|NaN", "BAD_VALUE"),
        ("3||vent|inf", "BAD_VALUE"),
        ("3||vent|wide", "BAD_VALUE"),
        ("3||vent|", "BAD_VALUE"),
        ("3||lamp|1", "BAD_VALUE"),
        ("3||lamp|TRUE", "BAD_VALUE"),
    ] {
        issuer.say(0, format_args!("40|{}|{rest}|6", device.address));
        issuer.expect_refusal(reason, 0, "6");
    }
    assert_eq!(hub.commands(&[]), []);
    for (msgno, rest) in (1..).zip([
        "1||t",
        "3||vent|0",
        "3||vent|1",
        "3||lamp|true",
        "3||sign|x y",
    ]) {
        issuer.say(0, format_args!("40|{}|{rest}|{msgno}", device.address));
        issuer.expect_hub(format_args!("41|QUEUED||{msgno}"));
    }
}
