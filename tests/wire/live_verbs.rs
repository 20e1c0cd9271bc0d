//! What a verb changes in a running hub is in effect when it returns.

use serde_json::Value;

use crate::harness::{Client, Device, Hub};

/// A running hub, a device with a session, and a peer of its group with one.
fn scene() -> (Hub, Device, Client, Client) {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let session = hub.login(&device);
    let peer = hub.login(&hub.add("greenhouse"));
    (hub, device, session, peer)
}

#[track_caller]
fn is_gone_for(peer: &mut Client, device: &Device) {
    peer.say(device.address, "60|1");
    peer.expect_refusal("NO_DEVICE", device.address, "1");
}

/// P8.2, P2.9
#[test]
fn disabling_ends_the_session_before_the_verb_returns() {
    let (hub, device, mut session, mut peer) = scene();
    hub.verb(&["device", "disable", &device.at()]).ok();
    is_gone_for(&mut peer, &device);
    session.expect_quit("DISABLED");
    hub.connect().is_refused(&device);
    hub.verb(&["device", "enable", &device.at()]).ok();
    drop(hub.login(&device));
}

/// P8.2
#[test]
fn moving_ends_the_session_and_the_next_one_is_in_the_new_group() {
    let (hub, device, mut session, mut peer) = scene();
    let mut neighbour = hub.login(&hub.add("harbour"));
    hub.verb(&["device", "move", &device.at(), "harbour"]).ok();
    is_gone_for(&mut peer, &device);
    session.expect_quit("MOVED");

    let mut session = hub.login(&device);
    neighbour.say(device.address, "60|welcome");
    session.expect(&neighbour.frame(device.address, "60|welcome"));
    is_gone_for(&mut peer, &device);
}

/// P1.7: labels belong to the group that gave them.
#[test]
fn moving_clears_the_labels() {
    let hub = Hub::start();
    let device = hub.add_with("greenhouse", &["--label", "pumps"]);
    let mut neighbour = hub.login(&hub.add("harbour"));
    hub.verb(&["device", "move", &device.at(), "harbour"]).ok();
    let _session = hub.login(&device);
    neighbour.say("@pumps", "60|1");
    neighbour.expect_refusal("NO_DEVICE", "@pumps", "1");
}

/// P8.2, P2.9
#[test]
fn removing_ends_the_session_and_the_device() {
    let (hub, device, mut session, mut peer) = scene();
    hub.verb(&["device", "remove", &device.at()]).ok();
    is_gone_for(&mut peer, &device);
    session.expect_quit("REMOVED");
    hub.connect().is_refused(&device);
}

/// P8.2
#[test]
fn a_new_serial_ends_the_session_and_the_old_serial() {
    let (hub, device, mut session, mut peer) = scene();
    let verb = hub.verb(&["device", "rotate-serial", &device.at(), "--json"]);
    let told: Value = serde_json::from_str(&verb.ok()).unwrap();
    is_gone_for(&mut peer, &device);
    session.expect_quit("SERIAL_ROTATED");
    hub.connect().is_refused(&device);
    let serial = told["serial"].as_str().unwrap();
    drop(hub.login(&device.guessing(serial)));
}

#[test]
fn a_device_added_to_a_running_hub_logs_in_at_once() {
    let hub = Hub::start();
    for _ in 0..5 {
        drop(hub.login(&hub.add("greenhouse")));
    }
}

#[test]
fn verbs_work_the_same_without_a_running_hub() {
    let hub = Hub::start();
    let (kept, disabled, moved) = (hub.add("a"), hub.add("a"), hub.add("a"));
    let home = hub.stop();
    home.verb(&["device", "disable", &disabled.at()]).ok();
    home.verb(&["group", "add", "b"]).ok();
    home.verb(&["device", "move", &moved.at(), "b"]).ok();
    let listed = home.verb(&["device", "list", "--json"]).ok();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    let shown = home.verb(&["device", "show", &moved.at(), "--json"]).ok();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["group"], "b");

    let hub = home.start();
    hub.connect().is_refused(&disabled);
    let mut kept = hub.login(&kept);
    let moved = hub.login(&moved);
    kept.say(moved.address, "60|1");
    kept.expect_refusal("NO_DEVICE", moved.address, "1");
}
