//! The same COMMAND again is the same command (docs/commands.md C3.3).

use crate::harness::{Client, Device, Home, Stored, controlled};

/// C3.3
#[test]
fn the_same_command_again_makes_no_second_one() {
    let (hub, controller, mut issuer, device) = controlled();
    let order = format!("40|{}|3||vent|1|7", device.address);
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    let mut issuer = hub.login(&controller);
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    let command = hub.only_command();
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
    let (hub, controller, mut issuer, device) = controlled();
    let order = format!("40|{}|3||vent|1|7", device.address);
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    let hub = hub.crash().start();
    let command = hub.only_command();
    let mut issuer = hub.login(&controller);
    issuer.say(0, &order);
    issuer.expect_hub("41|QUEUED||7");
    assert_eq!(hub.only_command(), command);
    let mut target = hub.login(&device);
    target.expect_order(&command);
    target.answer(&command, "4|vent|1");
    issuer.expect_hub("41|SENT||7");
    issuer.expect_hub("41|SUCCEEDED|1|7");
}

/// What is said in `count` frames about the devices of an order to a set, in any order.
fn told(issuer: &mut Client, count: usize) -> Vec<String> {
    let mut told: Vec<_> = (0..count).map(|_| issuer.recv()).collect();
    told.sort();
    told
}

/// C3.3: a device whose command has ended is not left out while another one's is open.
#[test]
fn a_repeated_order_to_a_set_tells_of_all_its_devices() {
    let (hub, controller, mut issuer, device) = controlled();
    let other = hub.add("greenhouse");
    let state = |told: &str, device: &Device| {
        let (to, about) = (controller.address, device.address);
        format!("0|{to}|41|{told}|{about}|7|")
    };
    issuer.say(0, "40|*|1||t|7");
    told(&mut issuer, 2);
    let mut target = hub.login(&device);
    let read = hub.commands(&["--device", &device.at()]).remove(0);
    target.expect_order(&read);
    target.answer(&read, format_args!("2|t|5|C|{}", Stored::now_ms()));
    assert_eq!(issuer.recv(), state("SENT|", &device));
    assert_eq!(issuer.recv(), state("SUCCEEDED|5", &device));
    let mut wanted = vec![state("SUCCEEDED|5", &device), state("QUEUED|", &other)];
    wanted.sort();
    issuer.say(0, "40|*|1||t|7");
    assert_eq!(told(&mut issuer, 2), wanted);
    // A start remembers what ended lately only.
    let hub = hub.crash().start();
    let mut issuer = hub.login(&controller);
    issuer.say(0, "40|*|1||t|7");
    assert_eq!(told(&mut issuer, 2), wanted);
    assert_eq!(hub.commands(&[]).len(), 2);
}

/// C3.3, C1.8: it asks for no room.
#[test]
fn a_repeated_order_to_a_set_is_answered_though_no_device_could_take_another() {
    let hub = Home::new().set("COMMANDS__QUEUE", "1").start();
    let controller = hub.add_with("greenhouse", &["--rights", "control"]);
    hub.add("greenhouse");
    hub.add("greenhouse");
    let mut issuer = hub.login(&controller);
    issuer.say(0, "40|*|1||t|7");
    let first = told(&mut issuer, 2);
    issuer.say(0, "40|*|1||t|7");
    assert_eq!(told(&mut issuer, 2), first);
    issuer.say(0, "40|*|1||t|8");
    issuer.expect_refusal("BUSY", 0, "8");
}
