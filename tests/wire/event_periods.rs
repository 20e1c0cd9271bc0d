//! EVENT_SET: a period that the hub keeps, and gives the device at each login (docs/commands.md C4.6).

use serde_json::{Value, json};

use crate::harness::{Client, Command, Device, Hub, eventually};

/// A device that has taken a period.
fn scene() -> (Hub, Device, Client, Command) {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut client = hub.login(&device);
    let command = set(&hub, &device, &mut client, "t", "60000", "6");
    hub.until(command.id(), "succeeded");
    (hub, device, client, command)
}

#[track_caller]
fn set(
    hub: &Hub,
    device: &Device,
    client: &mut Client,
    sensor: &str,
    period: &str,
    answer: &str,
) -> Command {
    let command = hub.order(device, &["event-set", sensor, period]);
    client.expect_order(&command);
    client.answer(&command, answer);
    command
}

#[track_caller]
fn periods(hub: &Hub, device: &Device) -> Value {
    hub.capabilities(device)["events"].clone()
}

#[test]
fn a_period_is_kept_and_sent_again_at_each_login() {
    let (hub, device, _, command) = scene();
    let kept = json!([{"sensor": "t", "period_ms": 60_000, "command": command.id()}]);
    assert_eq!(periods(&hub, &device), kept);
    for _ in 0..2 {
        let mut a = hub.login(&device);
        a.expect_order(&command);
        a.answer(&command, 6);
        a.expect_only_a_blink(&hub, &device);
        assert_eq!(hub.command(command.id()).text("state"), "succeeded");
    }
    let hub = hub.crash().start();
    assert_eq!(periods(&hub, &device), kept);
    hub.login(&device).expect_order(&command);
}

/// Before other commands, also those with lower ids.
#[test]
fn periods_come_before_other_commands() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let open = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&open);
    let one = set(&hub, &device, &mut a, "t", "60000", "6");
    let two = set(&hub, &device, &mut a, "h", "30000", "6");
    hub.until(two.id(), "succeeded");
    drop(a);
    eventually("the hub sees it go", || {
        (hub.presence(&device)["state"] == "offline").then_some(())
    });
    let queued = hub.order(&device, &["read", "t"]);
    let mut a = hub.login(&device);
    let mut first = [a.recv(), a.recv()];
    first.sort();
    let mut wanted = [&one, &two].map(|c| format!("0|{}|{}|", device.address, c.frame()));
    wanted.sort();
    assert_eq!(first, wanted);
    a.expect_order(&open);
    a.expect_order(&queued);
    a.expect_only_a_blink(&hub, &device);
}

/// The newest period of a sensor is the one that holds.
#[test]
fn a_new_period_replaces_the_old_one() {
    let (hub, device, mut a, _) = scene();
    let newer = set(&hub, &device, &mut a, "t", "1000", "6");
    hub.until(newer.id(), "succeeded");
    let kept = json!([{"sensor": "t", "period_ms": 1000, "command": newer.id()}]);
    assert_eq!(periods(&hub, &device), kept);
    let mut a = hub.login(&device);
    a.expect_order(&newer);
    a.expect_only_a_blink(&hub, &device);
}

#[test]
fn a_period_of_0_stops_it() {
    let (hub, device, mut a, _) = scene();
    let stop = set(&hub, &device, &mut a, "t", "0", "6");
    hub.until(stop.id(), "succeeded");
    assert_eq!(periods(&hub, &device), json!([]));
    hub.login(&device).expect_only_a_blink(&hub, &device);
}

#[test]
fn a_device_that_rejects_a_period_is_not_asked_again() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let command = set(&hub, &device, &mut a, "t", "1", "5|TOO_FAST");
    hub.until(command.id(), "rejected");
    assert_eq!(periods(&hub, &device), json!([]));
    hub.login(&device).expect_only_a_blink(&hub, &device);
}

/// Also when it changes its mind at a later login.
#[test]
fn a_period_that_is_rejected_at_a_later_login_is_taken_away() {
    let (hub, device, _, command) = scene();
    let mut a = hub.login(&device);
    a.expect_order(&command);
    a.answer(&command, "5|UNKNOWN_SENSOR");
    eventually("it is taken away", || {
        (periods(&hub, &device) == json!([])).then_some(())
    });
    hub.login(&device).expect_only_a_blink(&hub, &device);
}

/// Kept from its first sending, whether it was answered or not.
#[test]
fn a_period_without_an_answer_is_sent_again_and_once() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let command = hub.order(&device, &["event-set", "t", "60000"]);
    assert_eq!(periods(&hub, &device), json!([]));
    for _ in 0..3 {
        let mut a = hub.login(&device);
        a.expect_order(&command);
        a.expect_only_a_blink(&hub, &device);
    }
    assert_eq!(periods(&hub, &device)[0]["period_ms"], 60_000);
}

/// An order that never reached the device set nothing.
#[test]
fn a_period_that_was_taken_back_is_not_kept() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let command = hub.order(&device, &["event-set", "t", "60000"]);
    hub.cancel(command.id());
    assert_eq!(periods(&hub, &device), json!([]));
    hub.login(&device).expect_only_a_blink(&hub, &device);
}
