//! A login that loses a race is answered: a device that hears nothing cannot tell a refusal from a broken line.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::harness::{Client, Device, Home, Hub, PATIENCE, keyed_digest, long_nonce};

/// The device has its challenge when the operator changes something, and answers it afterwards.
#[track_caller]
fn answer_after(hub: &Hub, device: &Device, words: &[&str]) -> Vec<String> {
    let mut client = hub.connect();
    let hello = client.hello(device.kind, &device.id);
    hub.verb(words).ok();
    let nonce = long_nonce();
    let digest = keyed_digest(&device.serial, hello.n, &nonce, &hello.challenge);
    client.send(&format!("{digest}|{nonce}|2|"));
    client.rest()
}

/// P2.9: the digest was right for what the device is no more.
#[test]
fn a_device_that_was_changed_in_mid_login_is_refused() {
    let hub = Hub::start();
    for verb in ["disable", "rotate-serial", "remove"] {
        let device = hub.add("greenhouse");
        let said = answer_after(&hub, &device, &["device", verb, &device.at()]);
        assert_eq!(said, ["REFUSED|ERROR|"], "{verb}");
    }
}

/// P2.9, P2.11: it may be let in as the group's new device, but never hears nothing.
#[test]
fn a_device_that_was_moved_in_mid_login_is_answered() {
    let hub = Hub::start();
    hub.add("harbour");
    let device = hub.add("greenhouse");
    let mut client = hub.connect();
    let hello = client.hello(device.kind, &device.id);
    hub.verb(&["device", "move", &device.at(), "harbour"]).ok();
    hub.verb(&["group", "remove", "greenhouse"]).ok();
    let nonce = long_nonce();
    let digest = keyed_digest(&device.serial, hello.n, &nonce, &hello.challenge);
    client.send(&format!("{digest}|{nonce}|2|"));
    is_answered(&client.recv());
}

#[track_caller]
fn is_answered(answer: &str) {
    let word = answer.split('|').next().unwrap();
    assert!(["OK", "REFUSED", "BUSY"].contains(&word), "{answer}");
}

/// P2.15: each of them took over from the one before, and was told so.
#[test]
fn logins_of_one_device_at_once_are_all_answered() {
    let hub = Hub::start();
    let (device, port) = (hub.add("greenhouse"), hub.device_port());
    let clients: Vec<Client> = std::thread::scope(|scope| {
        let attempts: Vec<_> = (0..20)
            .map(|_| scope.spawn(|| attempt(port, &device)))
            .collect();
        let clients = attempts.into_iter().map(|a| a.join().unwrap());
        clients.flatten().collect()
    });
    assert!(!clients.is_empty(), "nobody was let in");
    let mut last = hub.login(&device);
    for mut client in clients {
        let said = client.rest();
        let taken_over = format!("0|{}|20|TAKEN_OVER|", device.address);
        assert_eq!(said.last(), Some(&taken_over), "{said:?}");
    }
    last.expect_nothing();
}

/// One login that hears a word; the client if it was let in.
#[track_caller]
fn attempt(port: SocketAddr, device: &Device) -> Option<Client> {
    let mut client = Client::connect(port);
    let (answer, _) = client.attempt(device);
    is_answered(&answer);
    answer.starts_with("OK|").then_some(client)
}

/// P2.9: an operator's verbs while the device comes and goes; every attempt hears a word.
#[test]
fn logins_among_disable_and_enable_are_all_answered() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    for round in 0..20 {
        let verb = ["disable", "enable"][round % 2];
        let verb = hub.begin(&["device", verb, &device.at()]);
        let clients: Vec<_> = (0..5)
            .filter_map(|_| attempt(hub.device_port(), &device))
            .collect();
        verb.end_within(PATIENCE).ok();
        drop(clients);
    }
    hub.login(&device).expect_nothing();
}

/// P2.12: the handshake's share is taken off the login's.
#[test]
fn a_slow_handshake_leaves_less_time_for_the_login() {
    let hub = Home::new()
        .set("DEVICES__TLS_LISTEN", "127.0.0.1:0")
        .set("DEVICES__LOGIN_SECONDS", "2")
        .start();
    let begun = Instant::now();
    // Nothing is sent before the first write: the handshake waits as long as this test does.
    let mut client = crate::tls::connect(&hub);
    std::thread::sleep(Duration::from_millis(1600));
    client.send_raw(b"511|1000").unwrap();
    assert_eq!(client.rest(), [""; 0]);
    let took = begun.elapsed();
    assert!(took > Duration::from_millis(1900), "closed after {took:?}");
    assert!(took < Duration::from_millis(3200), "closed after {took:?}");
}
