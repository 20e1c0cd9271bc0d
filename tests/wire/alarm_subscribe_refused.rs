//! Who may not subscribe to alarms, and how often (docs/alarms.md A4.1).

use serde_json::Value;

use crate::harness::{Home, minute_ago, obedient};

/// P4.1
#[test]
fn a_device_that_may_only_report_may_not_listen() {
    let home = Home::new();
    let device = home.add_with("greenhouse", &["--rights", "report"]);
    let raiser = home.add("greenhouse");
    let hub = home.start();
    let (mut a, mut b) = (hub.login(&raiser), hub.login(&device));
    for kind in ["33", "34"] {
        b.say(0, format_args!("{kind}|*|5"));
        b.expect_refusal("NO_RIGHT", 0, "5");
    }
    a.alarm("hot|t|31|RAISED", minute_ago(), 1);
    b.say(0, "50|x");
    b.expect_hub("50|x");
    // It may raise.
    b.alarm("hot|t|31|RAISED", minute_ago(), 1);
    assert_eq!(hub.alarms(&["--open"]).len(), 2);
}

#[test]
fn a_broken_subscription_is_refused() {
    let (hub, _, mut a) = obedient();
    let long = "n".repeat(65);
    for (rest, msgno) in [
        ("33", ""),
        ("33|hot", "hot"),
        ("33||5", "5"),
        ("33|hot|x|5", "5"),
        (&format!("33|{long}|5"), "5"),
        ("33|h%zzt|5", "5"),
        ("34||5", "5"),
    ] {
        a.say(0, rest);
        a.expect_refusal("BAD_VALUE", 0, msgno);
    }
    a.expect_nothing();
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
}

/// Names that are known already make it no more.
#[test]
fn a_device_subscribes_to_64_names() {
    let (hub, device, mut a) = obedient();
    for i in 0..64 {
        a.subscribe(&format!("n{i}"));
    }
    a.say(0, "33|more|5");
    a.expect_refusal("BUSY", 0, "5");
    a.subscribe("n63");
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.say(0, "33|more|5");
    a.expect_refusal("BUSY", 0, "5");
    a.say(0, "34|n0|6");
    a.expect_hub("6|6");
    a.subscribe("more");
}
