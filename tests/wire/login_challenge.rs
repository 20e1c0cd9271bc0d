//! The challenge login.

use crate::harness::{Hub, hub_proof, keyed_digest, legacy_digest, legacy_nonce, long_nonce};

/// P2.2, P2.6, P2.7, P2.17
#[test]
fn a_device_logs_in_and_the_hub_proves_that_it_holds_the_serial() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut client = hub.login(&device);
    assert_eq!(client.address, device.address);
    client.expect_nothing();
}

/// P1.6: the address belongs to the device, not to the session.
#[test]
fn the_address_is_the_same_at_every_login_and_after_a_restart() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    drop(hub.login(&device));
    drop(hub.login(&device));
    let hub = hub.stop().start();
    drop(hub.login(&device));
}

/// P2.2: the challenge is what makes a captured digest worthless.
#[test]
fn a_captured_answer_is_refused_at_the_next_connection() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let nonce = long_nonce();
    let mut first = hub.connect();
    let hello = first.hello(device.kind, &device.id);
    let digest = keyed_digest(&device.serial, hello.n, &nonce, &hello.challenge);
    let captured = format!("{digest}|{nonce}|2|");
    first.send(&captured);
    let proof = hub_proof(&device.serial, hello.n, &nonce, &hello.challenge);
    first.expect(&format!("OK|OK|{proof}|"));

    let mut replay = hub.connect();
    let again = replay.hello(device.kind, &device.id);
    assert_ne!(again.challenge, hello.challenge);
    replay.send(&captured);
    replay.expect("REFUSED|ERROR|");
    replay.expect_closed();
}

/// P2.6
#[test]
fn a_challenge_nonce_is_16_to_64_lowercase_hex_digits() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let (f15, f65) = ("f".repeat(15), "f".repeat(65));
    let wrong = ["", &f15, &f65, "0123456789ABCDEF", "0123456789abcdeg"];
    for (nonce, fits) in wrong
        .map(|nonce| (nonce, false))
        .into_iter()
        .chain([("0123456789abcdef", true), (&"f".repeat(64), true)])
    {
        let mut client = hub.connect();
        let hello = client.hello(device.kind, &device.id);
        let digest = keyed_digest(&device.serial, hello.n, nonce, &hello.challenge);
        client.send(&format!("{digest}|{nonce}|2|"));
        let answer = client.recv();
        assert_eq!(answer.starts_with("OK|OK|"), fits, "{nonce:?}: {answer}");
    }
}

/// P2.6: the digest has one spelling.
#[test]
fn a_digest_in_upper_case_is_wrong() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut client = hub.connect();
    let hello = client.hello(device.kind, &device.id);
    let nonce = long_nonce();
    let digest = keyed_digest(&device.serial, hello.n, &nonce, &hello.challenge).to_uppercase();
    client.send(&format!("{digest}|{nonce}|2|"));
    client.expect("REFUSED|ERROR|");
    client.expect_closed();
}

/// P2.8
#[test]
fn a_challenge_device_cannot_fall_back_to_the_legacy_digest() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut client = hub.connect();
    client.hello(device.kind, &device.id);
    let nonce = legacy_nonce();
    let digest = legacy_digest(&device.serial, &nonce);
    client.send(&format!("{digest}|{nonce}|"));
    client.expect("REFUSED|ERROR|");
    client.expect_closed();
}

/// P2.8
#[test]
fn a_legacy_device_may_use_the_better_login() {
    let hub = Hub::start();
    let mut device = hub.add_legacy("greenhouse");
    device.legacy = false;
    hub.login(&device).expect_nothing();
}

/// P2.14: twenty times, because only a race can break it.
#[test]
fn a_peer_reaches_the_session_as_soon_as_it_has_heard_ok() {
    let hub = Hub::start();
    let (sender, receiver) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let mut sender = hub.login(&sender);
    for round in 0..20 {
        let mut client = hub.connect();
        client.handshake(&receiver);
        sender.say(receiver.address, format_args!("60|{round}"));
        assert!(client.recv().contains("|80|"), "CLOCK_SET comes first");
        client.expect(&sender.frame(receiver.address, format_args!("60|{round}")));
    }
    sender.expect_nothing();
}
