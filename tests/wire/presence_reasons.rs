//! Why a device is away: each reason by its name (docs/commands.md C5.1).

use crate::harness::{Client, Device, Home, Hub, eventually, obedient};

#[track_caller]
fn is_away_for(hub: &Hub, device: &Device, reason: &str) {
    let presence = eventually("it is offline", || {
        let presence = hub.presence(device);
        (presence["state"] == "offline").then_some(presence)
    });
    assert_eq!(presence["reason"], reason, "{presence}");
    let _back = hub.login(device);
    assert_eq!(hub.presence(device)["state"], "online", "after {reason}");
}

#[test]
fn goodbye_is_what_a_quit_says() {
    let (hub, device, mut a) = obedient();
    a.say(0, "20|good night");
    a.expect_closed();
    is_away_for(&hub, &device, "GOODBYE");
}

#[test]
fn closed_is_a_connection_that_the_device_closed() {
    let (hub, device, a) = obedient();
    drop(a);
    is_away_for(&hub, &device, "CLOSED");
}

#[test]
fn broken_is_a_connection_that_was_reset() {
    let (hub, device, a) = obedient();
    a.reset();
    is_away_for(&hub, &device, "BROKEN");
}

#[test]
fn disabled_is_the_operators_doing() {
    let (hub, device, mut a) = obedient();
    hub.verb(&["device", "disable", &device.at()]).ok();
    a.expect_quit("DISABLED");
    hub.verb(&["device", "enable", &device.at()]).ok();
    is_away_for(&hub, &device, "DISABLED");
}

#[test]
fn moved_is_a_device_of_another_group_now() {
    let (hub, device, mut a) = obedient();
    hub.verb(&["group", "add", "harbour"]).ok();
    hub.verb(&["device", "move", &device.at(), "harbour"]).ok();
    a.expect_quit("MOVED");
    is_away_for(&hub, &device, "MOVED");
}

#[test]
fn serial_rotated_needs_the_new_serial() {
    let (hub, device, mut a) = obedient();
    let told = hub.json(&["device", "rotate-serial", &device.at()]);
    a.expect_quit("SERIAL_ROTATED");
    let device = device.guessing(told["serial"].as_str().unwrap());
    is_away_for(&hub, &device, "SERIAL_ROTATED");
}

#[test]
fn silent_is_a_device_that_does_not_answer_alive() {
    let hub = Home::new()
        .set("DEVICES__ALIVE_SECONDS", "1")
        .set("DEVICES__ALIVE_GRACE_SECONDS", "1")
        .start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    a.expect_hub("22");
    a.expect_quit("SILENT");
    is_away_for(&hub, &device, "SILENT");
}

#[test]
fn frame_too_long_and_protocol_errors_are_mistakes_of_the_device() {
    let (hub, device, mut a) = obedient();
    let _ = a.send_raw(&[b'x'; 9000]);
    is_away_for(&hub, &device, "FRAME_TOO_LONG");
    let mut a = hub.login(&device);
    for _ in 0..3 {
        a.send("x");
        a.expect_hub("50|ERROR|BAD_FRAME||");
    }
    a.expect_quit("PROTOCOL_ERRORS");
    is_away_for(&hub, &device, "PROTOCOL_ERRORS");
}

#[test]
fn slow_reader_is_one_that_did_not_read() {
    let hub = Home::new()
        .set("DEVICES__OUTBOX_BYTES", "65536")
        .set("DEVICES__SLOW_READER_SECONDS", "1")
        .start();
    let device = hub.add("greenhouse");
    let mut peer = hub.login(&hub.add("greenhouse"));
    let mut slow = Client::connect_narrow(hub.device_port());
    slow.login(&device);
    let big = "x".repeat(4000);
    eventually("the slow reader ends", || {
        for _ in 0..64 {
            peer.say(slow.address, format_args!("60|{big}"));
        }
        let told = peer.barrier();
        told.iter()
            .any(|frame| frame.contains("|NO_DEVICE|"))
            .then_some(())
    });
    is_away_for(&hub, &device, "SLOW_READER");
}
