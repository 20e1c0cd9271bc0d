//! The same COMMAND again is the same command (docs/commands.md C3.3).

use crate::harness::{Client, Command, Device, Home, Hub};

/// A device that may order, with a session, and one that obeys.
fn scene() -> (Hub, Device, Client, Device) {
    let hub = Home::new().set("COMMANDS__ANSWER_SECONDS", "1").start();
    let controller = hub.add_with("greenhouse", &["--rights", "control"]);
    let session = hub.login(&controller);
    let device = hub.add("greenhouse");
    (hub, controller, session, device)
}

/// The only command there is.
#[track_caller]
fn only(hub: &Home) -> Command {
    let mut commands = hub.commands(&[]);
    assert_eq!(commands.len(), 1, "{commands:?}");
    commands.remove(0)
}

/// C3.3
#[test]
fn the_same_command_again_makes_no_second_one() {
    let (hub, controller, mut issuer, device) = scene();
    let order = format!("40|{}|3||vent|1|7", device.address);
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    let mut issuer = hub.login(&controller);
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    let command = only(&hub);
    let mut target = hub.login(&device);
    target.expect_order(&command);
    issuer.expect_hub("41|SENT||7");
    target.answer(&command, "4|vent|1");
    issuer.expect_hub("41|SUCCEEDED|1|7");
    issuer.say(0, &order);
    issuer.expect_hub("41|SUCCEEDED|1|7");
    target.expect_only_a_blink(&hub, &device);
    // Other bytes are another order.
    issuer.say(0, format_args!("40|{}|3||vent|0|7", device.address));
    issuer.expect_hub("41|QUEUED||7");
    assert_eq!(hub.commands(&[]).len(), 3, "two and the blink");
}

/// C3.3, C2.1: after a crash of the hub too; QUEUED was told once it was committed.
#[test]
fn the_same_command_after_a_crash_is_the_same() {
    let (hub, controller, mut issuer, device) = scene();
    let order = format!("40|{}|3||vent|1|7", device.address);
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    let hub = hub.crash().start();
    let command = only(&hub);
    let mut issuer = hub.login(&controller);
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    assert_eq!(only(&hub), command);
    let mut target = hub.login(&device);
    target.expect_order(&command);
    target.answer(&command, "4|vent|1");
    issuer.expect_hub("41|SENT||7");
    issuer.expect_hub("41|SUCCEEDED|1|7");
}
