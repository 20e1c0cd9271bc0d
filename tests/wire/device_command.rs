//! COMMAND: a device with the right `control` has another one act (docs/commands.md section 3).

use crate::harness::{Stored, controlled, eventually};

/// C3.1, C3.2: to a device that is there.
#[test]
fn the_issuer_is_told_of_each_state() {
    let (hub, controller, mut issuer, device) = controlled();
    let mut target = hub.login(&device);
    issuer.say(0, format_args!("40|{}|3||vent|1|m7", device.address));
    issuer.expect_hub("41|QUEUED||m7");
    issuer.expect_hub("41|SENT||m7");
    let command = hub.only_command();
    assert_eq!(
        command.text("issuer"),
        format!("device {}", controller.address)
    );
    assert_eq!(command["fields"], serde_json::json!(["vent", "1"]));
    let span = command.number("expires_ms") - command.number("issued_ms");
    assert_eq!(span, 60_000, "C1.5");
    target.expect_order(&command);
    target.answer(&command, 6);
    issuer.expect_hub("41|ACCEPTED||m7");
    target.answer(&command, "4|vent|0.7");
    issuer.expect_hub("41|SUCCEEDED|0.7|m7");
    issuer.expect_nothing();
    target.expect_nothing();
}

/// C3.2
#[test]
fn the_issuer_is_told_why_not() {
    let (hub, _, mut issuer, device) = controlled();
    let mut target = hub.login(&device);
    issuer.say(0, format_args!("40|{}|3||vent|9|1", device.address));
    for state in ["QUEUED", "SENT"] {
        issuer.expect_hub(format_args!("41|{state}||1"));
    }
    let command = hub.only_command();
    target.expect_order(&command);
    target.answer(&command, "5|OUT%7COF_RANGE");
    issuer.expect_hub("41|REJECTED|OUT%7COF_RANGE|1");
    issuer.expect_nothing();
}

/// C3.2, C2.2: to a device that is away; and what becomes of it without its doing.
#[test]
fn a_command_waits_for_a_device_that_is_away() {
    let (hub, _, mut issuer, device) = controlled();
    issuer.say(0, format_args!("40|{}|1||t|1", device.address));
    issuer.expect_hub("41|QUEUED||1");
    let read = hub.only_command();
    assert!(read["expires_ms"].is_null(), "C1.5: {read:?}");
    issuer.expect_nothing();
    let soon = Stored::now_ms() + 1000;
    issuer.say(0, format_args!("40|{}|3|{soon}|vent|1|2", device.address));
    issuer.expect_hub("41|QUEUED||2");
    issuer.expect_hub("41|EXPIRED||2");
    issuer.say(0, format_args!("40|{}|60|||3", device.address));
    issuer.expect_refusal("BAD_VALUE", 0, "3");
    issuer.say(0, format_args!("40|{}|60||3", device.address));
    issuer.expect_hub("41|QUEUED||3");
    let blink = hub.commands(&[]).remove(0);
    hub.cancel(blink.id());
    issuer.expect_hub("41|CANCELLED||3");
    let mut target = hub.login(&device);
    target.expect_order(&read);
    issuer.expect_hub("41|SENT||1");
    issuer.expect_hub("41|TIMED_OUT||1");
    target.answer(&read, format_args!("2|t|5|C|{}", Stored::now_ms()));
    issuer.expect_hub("41|SUCCEEDED|5|1");
    target.expect_only_a_blink(&hub, &device);
}

/// C3.2: with an expiry of its own.
#[test]
fn an_expiry_travels_with_the_write() {
    let (hub, _, mut issuer, device) = controlled();
    let mut target = hub.login(&device);
    let expires = Stored::now_ms() + 3_600_000;
    issuer.say(
        0,
        format_args!("40|{}|3|{expires}|vent|1|1", device.address),
    );
    issuer.expect_hub("41|QUEUED||1");
    let command = hub.only_command();
    target.expect_hub(format_args!("3|vent|1|{expires}|{}", command.id()));
}

/// C3.2, C1.1: each frame names the device; the issuer itself is left out.
#[test]
fn an_order_to_a_set_tells_of_each_device() {
    let (hub, controller, mut issuer, device) = controlled();
    let other = hub.add_with("greenhouse", &["--label", "vents"]);
    hub.add("harbour");
    issuer.say(0, "40|*|1||t|7");
    let mut told = [issuer.recv(), issuer.recv()];
    told.sort();
    let mut wanted =
        [&device, &other].map(|d| format!("0|{}|41|QUEUED||{}|7|", controller.address, d.address));
    wanted.sort();
    assert_eq!(told, wanted);
    let mut target = hub.login(&other);
    let commands = hub.commands(&["--device", &other.at()]);
    target.expect_order(&commands[0]);
    issuer.expect_hub(format_args!("41|SENT||{}|7", other.address));
    issuer.say(0, "40|@vents|60||8");
    issuer.expect_hub(format_args!("41|QUEUED||{}|8", other.address));
    issuer.expect_hub(format_args!("41|SENT||{}|8", other.address));
    let blink = &hub.commands(&["--device", &other.at()])[0];
    target.expect_order(blink);
    target.answer(blink, 6);
    issuer.expect_hub(format_args!("41|SUCCEEDED||{}|8", other.address));
    assert_eq!(hub.commands(&[]).len(), 3);
}

/// C3.2: while it is connected; C2.11: of its own, and nobody else is told.
#[test]
fn each_issuer_is_told_of_its_own() {
    let (hub, _, mut one, device) = controlled();
    let second = hub.add_with("greenhouse", &["--rights", "control"]);
    let mut two = hub.login(&second);
    let mut target = hub.login(&device);
    one.say(0, format_args!("40|{}|3||vent|1|1", device.address));
    for state in ["QUEUED", "SENT"] {
        one.expect_hub(format_args!("41|{state}||1"));
    }
    two.say(0, format_args!("40|{}|3||vent|2|1", device.address));
    for state in ["QUEUED", "SENT"] {
        two.expect_hub(format_args!("41|{state}||1"));
    }
    let commands = hub.commands(&[]);
    for (command, value) in commands.iter().rev().zip([1, 2]) {
        target.expect_order(command);
        target.answer(command, format_args!("4|vent|{value}"));
    }
    one.expect_hub("41|SUCCEEDED|1|1");
    two.expect_hub("41|SUCCEEDED|2|1");
    one.expect_nothing();
    two.expect_nothing();
}

/// A verb's command is the operator's: no device is told of it.
#[test]
fn nobody_is_told_of_an_operators_command() {
    let (hub, _, mut issuer, device) = controlled();
    let mut target = hub.login(&device);
    let command = hub.order(&device, &["write", "vent", "1"]);
    target.expect_order(&command);
    target.answer(&command, "4|vent|1");
    eventually("it has ended", || {
        (hub.command(command.id()).text("state") == "succeeded").then_some(())
    });
    issuer.expect_nothing();
}
