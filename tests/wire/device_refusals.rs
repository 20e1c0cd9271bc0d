//! COMMANDs that make no command, byte for byte (docs/commands.md C3.4).

use crate::harness::{Client, Device, Home, Hub, NOWHERE, Stored};

fn scene() -> (Hub, Client, Device) {
    scene_in(Home::new())
}

fn scene_in(home: Home) -> (Hub, Client, Device) {
    let hub = home.start();
    let controller = hub.add_with("greenhouse", &["--rights", "control"]);
    let issuer = hub.login(&controller);
    let device = hub.add("greenhouse");
    (hub, issuer, device)
}

/// P4.1
#[test]
fn only_control_may_order() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    for right in ["report", "talk"] {
        let mut a = hub.login(&hub.add_with("greenhouse", &["--rights", right]));
        for target in [device.at(), "*".to_owned(), NOWHERE.to_string()] {
            a.say(0, format_args!("40|{target}|3||vent|1|4"));
            a.expect_refusal("NO_RIGHT", 0, "4");
        }
    }
    assert_eq!(hub.commands(&[]), []);
}

/// C1.3
#[test]
fn types_that_are_not_for_orders_are_refused() {
    let (hub, mut issuer, device) = scene();
    for kind in [
        2, 4, 5, 6, 7, 20, 21, 22, 26, 30, 31, 32, 33, 34, 40, 41, 50, 90, 500,
    ] {
        issuer.say(0, format_args!("40|{}|{kind}||x|1|9", device.address));
        issuer.expect_refusal("NO_RIGHT", 0, "9");
    }
    assert_eq!(hub.commands(&[]), []);
}

/// P4.4: with the same bytes as an address that was never given out.
#[test]
fn a_foreign_device_is_no_device() {
    let (hub, mut issuer, _) = scene();
    let foreign = hub.add_with("harbour", &["--label", "cranes"]);
    let _there = hub.login(&foreign);
    for target in [&foreign.at(), &NOWHERE.to_string(), "@cranes", "@roof"] {
        issuer.say(0, format_args!("40|{target}|1||t|5"));
        issuer.expect_refusal("NO_DEVICE", 0, "5");
    }
    assert_eq!(hub.commands(&[]), []);
}

/// C1.1: the issuer itself is left out, and then nobody is left.
#[test]
fn a_set_of_nobody_else_is_no_device() {
    let hub = Hub::start();
    let alone = hub.add_with("greenhouse", &["--rights", "control", "--label", "vents"]);
    let mut issuer = hub.login(&alone);
    for set in ["*", "@vents"] {
        issuer.say(0, format_args!("40|{set}|1||t|5"));
        issuer.expect_refusal("NO_DEVICE", 0, "5");
    }
}

#[test]
fn what_does_not_fit_is_a_bad_value() {
    let (hub, mut issuer, device) = scene();
    let to = device.address;
    for rest in [
        "1|",
        "1||a|b",
        "3||vent",
        "3||vent|1|2",
        "27||t",
        "27||t|soon",
        "27||t|-1",
        "60||x",
        "80||x",
        "81||x",
        "3|soon|vent|1",
        "3|-1|vent|1",
        "3|1.5|vent|1",
        "3|99999999999999999999|vent|1",
        "3||vent|%zz",
        "3||%4|1",
        "1000||%",
        "x||vent|1",
        "|3|vent|1",
    ] {
        issuer.say(0, format_args!("40|{to}|{rest}|6"));
        issuer.expect_refusal("BAD_VALUE", 0, "6");
    }
    for target in ["", "0", "x", "042", "-1", "@", "99999999999"] {
        issuer.say(0, format_args!("40|{target}|1||t|6"));
        let answer = issuer.recv();
        let refused = ["BAD_VALUE", "NO_DEVICE"]
            .map(|reason| format!("0|{}|50|ERROR|{reason}|0|6|", issuer.address));
        assert!(refused.contains(&answer), "{target:?}: {answer}");
    }
    assert_eq!(hub.commands(&[]), []);
}

/// Even the last field is the msgno of something that has none.
#[test]
fn a_command_that_is_cut_short_is_a_bad_value() {
    let (hub, mut issuer, device) = scene();
    for rest in ["40|6".to_owned(), format!("40|{}|6", device.address)] {
        issuer.say(0, rest);
        issuer.expect_refusal("BAD_VALUE", 0, "6");
    }
    issuer.send(&format!("{}|0|40", issuer.address));
    issuer.expect_refusal("BAD_VALUE", 0, "");
    assert_eq!(hub.commands(&[]), []);
}

/// C1.5
#[test]
fn an_expiry_in_the_past_is_refused() {
    let (hub, mut issuer, device) = scene();
    for expires in [0, 1, Stored::now_ms() - 1000] {
        issuer.say(
            0,
            format_args!("40|{}|3|{expires}|vent|1|6", device.address),
        );
        issuer.expect_refusal("EXPIRED", 0, "6");
    }
    assert_eq!(hub.commands(&[]), []);
}

/// C1.8
#[test]
fn a_full_queue_is_busy() {
    let (hub, mut issuer, device) = scene_in(Home::new().set("COMMANDS__QUEUE", "2"));
    let to = device.address;
    for msgno in 1..=2 {
        issuer.say(0, format_args!("40|{to}|1||t|{msgno}"));
        issuer.expect_hub(format_args!("41|QUEUED||{msgno}"));
    }
    issuer.say(0, format_args!("40|{to}|1||t|3"));
    issuer.expect_refusal("BUSY", 0, "3");
    // C3.3: a repeat is no new one.
    issuer.say(0, format_args!("40|{to}|1||t|2"));
    issuer.expect_hub("41|QUEUED||2");
    assert_eq!(hub.commands(&[]).len(), 2);
    hub.add("greenhouse");
    issuer.say(0, "40|*|1||t|4");
    issuer.expect_refusal("BUSY", 0, "4");
    assert_eq!(hub.commands(&[]).len(), 2, "whole or not at all");
}

/// P6.4: none of these is a protocol error.
#[test]
fn refused_commands_end_no_session() {
    let (_hub, mut issuer, _) = scene();
    for i in 0..20 {
        issuer.say(0, format_args!("40|{NOWHERE}|1||t|{i}"));
        issuer.expect_refusal("NO_DEVICE", 0, i.to_string().as_str());
    }
    issuer.expect_nothing();
}
