//! Guessing serials is slowed down, and only guessing.

use crate::harness::{Client, Device, Hub};

const STRANGER: [u8; 4] = [127, 0, 0, 2];

/// Guesses from this address until the hub has had enough; returns how many guesses were judged.
#[track_caller]
fn guess_until_busy(hub: &Hub, device: &Device, source: [u8; 4]) -> u32 {
    let guess = device.guessing("00000000000000000000000000000000");
    for judged in 0..100 {
        let mut client = Client::connect_from(source, hub.device_port());
        client.send(&format!("{}|{}|", guess.kind, guess.id));
        let mut answer = client.recv();
        if !answer.starts_with("BUSY|") {
            client.send(&format!("{}|{}|2|", "0".repeat(64), "0".repeat(32)));
            answer = client.recv();
        }
        client.expect_closed();
        if let Some(seconds) = answer.strip_prefix("BUSY|ERROR|") {
            let seconds: u32 = seconds.trim_end_matches('|').parse().unwrap();
            assert!(seconds >= 1, "come back after {seconds} s");
            return judged;
        }
        assert_eq!(answer, "REFUSED|ERROR|");
    }
    panic!("100 guesses were judged");
}

/// P2.11, P2.13
#[test]
fn a_stranger_who_guesses_is_held_off_and_the_device_is_not() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let judged = guess_until_busy(&hub, &device, STRANGER);
    assert!((20..=40).contains(&judged), "{judged} guesses were judged");
    drop(hub.login(&device));
    assert!(hub.metrics().logins("busy") >= 1);
}

/// P2.13: the bucket is per device and source.
#[test]
fn guesses_at_one_device_leave_another_of_the_same_address_alone() {
    let hub = Hub::start();
    let (guessed, other) = (hub.add("greenhouse"), hub.add("greenhouse"));
    guess_until_busy(&hub, &guessed, STRANGER);
    let mut client = Client::connect_from(STRANGER, hub.device_port());
    client.login(&other);
}

/// P2.3, P2.13: an unknown device is throttled like a known one, or BUSY would tell them apart.
#[test]
fn guesses_at_an_unknown_device_are_held_off_the_same_way() {
    let hub = Hub::start();
    let mut device = hub.add("greenhouse");
    device.id = "no-such-device".to_owned();
    let judged = guess_until_busy(&hub, &device, STRANGER);
    assert!((20..=40).contains(&judged), "{judged} guesses were judged");
}

/// P2.13
#[test]
fn right_logins_never_count_as_guesses() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    for _ in 0..60 {
        drop(hub.login(&device));
    }
}

/// P2.13
#[test]
fn malformed_logins_never_count_as_guesses() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    for _ in 0..60 {
        let mut client = hub.connect();
        client.hello(device.kind, &device.id);
        client.send("what?|");
        client.expect("REFUSED|ERROR|");
    }
    drop(hub.login(&device));
}
