//! The seed's login.

use crate::harness::{Client, Device, Home, Hub, legacy_digest, legacy_nonce};

const VECTOR: &str = "6311583b45f83b1ff9115f880efd59f4562fae58015b8c0a35ae95d3b2888975";

/// Step 3 with this nonce and the digest that belongs to it.
#[track_caller]
fn sign(hub: &Hub, device: &Device, nonce: &str) -> (Client, String) {
    let mut client = hub.connect();
    client.hello(device.kind, &device.id);
    let digest = legacy_digest(&device.serial, nonce);
    client.send(&format!("{digest}|{nonce}|"));
    let answer = client.recv();
    (client, answer)
}

/// P2.4, with the published vector.
#[test]
fn the_published_digest_logs_in() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    let mut client = hub.connect();
    client.address = client.hello(device.kind, &device.id).n;
    client.send(&format!("{VECTOR}|4821|"));
    client.expect("OK|OK|");
    assert!(client.recv().contains("|80|"));
    client.expect_nothing();
}

/// P1.2, P1.5: published devices leave the last separator out, people at a terminal send line ends.
#[test]
fn the_last_separator_is_optional_and_line_ends_are_skipped_at_the_login_too() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    let mut client = hub.connect();
    client.send(&format!("\r\n{}|{}", device.kind, device.id));
    client.recv();
    client.send(&format!("\r\n{VECTOR}|4821"));
    client.expect("OK|OK|");
}

/// P2.18
#[test]
fn the_whole_login_and_a_first_message_may_come_in_one_write() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    let a = device.address;
    let mut client = hub.connect();
    let all = format!(
        "511|{}|\x04{VECTOR}|4821|\x04{a}|0|50|first|\x04",
        device.id
    );
    client.send_raw(all.as_bytes()).unwrap();
    assert!(client.recv().starts_with(&format!("{a}|OK|")));
    client.expect("OK|OK|");
    assert!(client.recv().contains("|80|"));
    client.expect(&format!("0|{a}|50|first|"));
}

/// P2.10
#[test]
fn a_replayed_digest_is_refused() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    assert_eq!(sign(&hub, &device, "4821").1, "OK|OK|");
    let (mut replay, answer) = sign(&hub, &device, "4821");
    assert_eq!(answer, "REFUSED|ERROR|");
    replay.expect_closed();
    assert_eq!(sign(&hub, &device, "4822").1, "OK|OK|");
}

/// P2.10, P2.14: the nonce is committed before the device hears OK.
#[test]
fn a_replayed_digest_is_refused_after_a_crash_too() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    assert_eq!(sign(&hub, &device, "4821").1, "OK|OK|");
    let hub = hub.crash().start();
    assert_eq!(sign(&hub, &device, "4821").1, "REFUSED|ERROR|");
}

/// P2.10: only nonces that came with a right digest are remembered, or a stranger could use them up.
#[test]
fn a_nonce_of_a_wrong_digest_is_still_good() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    let guess = device.guessing("SN-EXAMPLE-02");
    assert_eq!(sign(&hub, &guess, "4821").1, "REFUSED|ERROR|");
    assert_eq!(sign(&hub, &device, "4821").1, "OK|OK|");
}

/// P2.10: boards whose random numbers repeat at each start.
#[test]
fn a_device_without_nonce_memory_may_repeat() {
    let hub = Hub::start();
    let words = ["--login", "legacy", "--serial", "SN-1", "--nonce-memory"];
    let device = hub.add_with("greenhouse", &[&words[..], &["0"]].concat());
    for _ in 0..3 {
        assert_eq!(sign(&hub, &device, "7").1, "OK|OK|");
    }
}

/// P2.10: the oldest of N remembered nonces makes room.
#[test]
fn a_device_remembers_as_many_nonces_as_it_is_told() {
    let hub = Hub::start();
    let words = ["--login", "legacy", "--serial", "SN-1", "--nonce-memory"];
    let device = hub.add_with("greenhouse", &[&words[..], &["2"]].concat());
    for nonce in ["1", "2", "3"] {
        assert_eq!(sign(&hub, &device, nonce).1, "OK|OK|");
    }
    assert_eq!(sign(&hub, &device, "3").1, "REFUSED|ERROR|");
    assert_eq!(sign(&hub, &device, "2").1, "REFUSED|ERROR|");
    assert_eq!(sign(&hub, &device, "1").1, "OK|OK|");
}

/// P2.5: even with the right digest.
#[test]
fn a_nonce_of_other_bytes_is_refused() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    let wrong = [
        "",
        "12345678901",
        "12a4",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1.5",
        "0x1f",
        "١٢٣",
    ];
    for nonce in wrong {
        let (mut client, answer) = sign(&hub, &device, nonce);
        assert_eq!(answer, "REFUSED|ERROR|", "{nonce:?}");
        client.expect_closed();
    }
    assert_eq!(sign(&hub, &device, &legacy_nonce()).1, "OK|OK|");
}

/// P2.5: what the rule is for. Somebody who saw digest and nonce could append bytes to both.
#[test]
fn a_digest_extended_with_other_bytes_is_refused() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    for tail in ["%80", "\u{80}", "%00"] {
        let nonce = format!("4821{tail}");
        assert_eq!(sign(&hub, &device, &nonce).1, "REFUSED|ERROR|");
    }
}

/// P2.16
#[test]
fn a_weak_serial_is_accepted_for_legacy_devices_only() {
    let home = Home::new();
    home.verb(&["group", "add", "greenhouse"]).ok();
    let words = "device add --group greenhouse --type 1 --id a --serial short --login challenge";
    let words: Vec<&str> = words.split(' ').collect();
    let complaint = home.verb(&words).refused();
    assert!(complaint.contains("serial"), "{complaint}");
}
