//! Commands outlive the hub (docs/commands.md C1.2, C2.1, C2.3).

use crate::harness::{Home, Hub};

/// C2.2: also one that was ordered while no hub ran.
#[test]
fn a_queued_command_survives_a_crash() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let first = hub.order(&device, &["write", "vent", "1"]);
    let home = hub.crash();
    assert_eq!(home.command(first.id()), first);
    let second = home.order(&device, &["read", "t"]);
    let hub = home.start();
    assert_eq!(hub.command(first.id()), first);
    let mut a = hub.login(&device);
    a.expect_order(&first);
    a.expect_order(&second);
    a.expect_only_a_blink(&hub, &device);
}

/// C2.1, C2.3: perhaps the device got it, perhaps not.
#[test]
fn a_sent_command_is_repeated_after_a_crash_under_its_id() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let (sent, accepted) = (
        hub.order(&device, &["write", "vent", "1"]),
        hub.order(&device, &["write", "lamp", "1"]),
    );
    a.expect_order(&sent);
    a.expect_order(&accepted);
    a.answer(&accepted, 6);
    hub.until(accepted.id(), "accepted");
    let hub = hub.crash().start();
    assert_eq!(hub.command(sent.id()).text("state"), "sent");
    assert_eq!(hub.command(accepted.id()).text("state"), "accepted");
    let queued = hub.order(&device, &["read", "t"]);
    let mut a = hub.login(&device);
    for command in [&sent, &accepted, &queued] {
        a.expect_order(command);
    }
    a.answer(&sent, "4|vent|1");
    let ended = hub.until(sent.id(), "succeeded");
    assert_eq!(ended["sendings"], 2);
}

/// C2.8, C2.1: before the frame was read, `sent` was committed.
#[test]
fn what_a_device_has_read_is_known_as_sent_whenever_the_hub_is_killed() {
    let mut hub = Hub::start();
    let device = hub.add("greenhouse");
    for _ in 0..5 {
        let mut a = hub.login(&device);
        let command = hub.order(&device, &["write", "vent", "1"]);
        a.expect_order(&command);
        hub = hub.crash().start();
        assert_eq!(hub.command(command.id()).text("state"), "sent");
        let mut a = hub.login(&device);
        a.expect_order(&command);
        a.answer(&command, "4|vent|1");
        hub.until(command.id(), "succeeded");
    }
}

/// What was told as ended stays so.
#[test]
fn an_ended_command_survives_a_crash_and_is_not_sent_again() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let command = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&command);
    a.answer(&command, "4|vent|1");
    let ended = hub.until(command.id(), "succeeded");
    let cancelled = hub.order(&hub.add("greenhouse"), &["blink"]);
    let cancelled = hub.cancel(cancelled.id());
    let hub = hub.crash().start();
    assert_eq!(hub.command(command.id()), ended);
    assert_eq!(hub.command(cancelled.id()), cancelled);
    let mut a = hub.login(&device);
    a.expect_only_a_blink(&hub, &device);
    a.answer(&command, "4|vent|0");
    a.expect_refusal("ALREADY_ANSWERED", 0, &command.id().to_string());
}

/// C1.2: also when the highest is not in the table any more.
#[test]
fn ids_rise_and_never_start_again() {
    let mut home = Home::new();
    let (kept, removed) = (home.add("greenhouse"), home.add("greenhouse"));
    let mut last = 0;
    for round in 0..3 {
        let hub = home.start();
        let a = hub.order(&kept, &["read", "t"]).id();
        let device = hub.add("greenhouse");
        let b = hub.order(&device, &["read", "t"]).id();
        assert!(last < a && a < b, "{last} {a} {b}");
        last = b;
        hub.verb(&["device", "remove", &device.at()]).ok();
        if round == 1 {
            hub.verb(&["device", "remove", &removed.at()]).ok();
            home = hub.stop();
        } else {
            home = hub.crash();
        }
        let offline = home.order(&kept, &["read", "t"]).id();
        assert!(last < offline);
        last = offline;
    }
}

/// C1.5
#[test]
fn what_expired_while_the_hub_was_down_is_not_sent() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let write = hub.order(&device, &["write", "garage", "open", "--expires", "1s"]);
    let read = hub.order(&device, &["read", "t"]);
    let home = hub.crash();
    crate::harness::eventually("its time is over", || {
        let now = crate::harness::Stored::now_ms();
        (now > write.number("expires_ms").into()).then_some(())
    });
    let hub = home.start();
    let mut a = hub.login(&device);
    a.expect_order(&read);
    a.expect_only_a_blink(&hub, &device);
    let expired = hub.until(write.id(), "expired");
    assert_eq!(expired["sendings"], 0);
}

/// C2.6: nobody knows whether it happened.
#[test]
fn what_was_sent_and_expired_while_the_hub_was_down_is_timed_out() {
    let home = Home::new().set("COMMANDS__ANSWER_SECONDS", "1");
    let (device, hub) = (home.add("greenhouse"), home.start());
    let mut a = hub.login(&device);
    let write = hub.order(&device, &["write", "garage", "open", "--expires", "1s"]);
    a.expect_order(&write);
    let home = hub.crash();
    crate::harness::eventually("its time is over", || {
        let now = crate::harness::Stored::now_ms();
        (now > write.number("expires_ms").into()).then_some(())
    });
    let hub = home.start();
    let mut a = hub.login(&device);
    a.expect_only_a_blink(&hub, &device);
    hub.until(write.id(), "timed_out");
    a.answer(&write, "4|garage|open");
    let ended = hub.until(write.id(), "succeeded");
    assert_eq!(ended["late"], true);
}

/// C2.3, P8.2: a stop in good order is no different.
#[test]
fn a_stop_keeps_what_is_open() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let sent = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&sent);
    hub.tell_to_stop();
    a.expect_quit("SHUTDOWN");
    let home = hub.stop();
    let queued = home.order(&device, &["read", "t"]);
    let hub = home.start();
    let mut a = hub.login(&device);
    a.expect_order(&sent);
    a.expect_order(&queued);
}
