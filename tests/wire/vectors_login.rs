//! The nonces and the escapes of the published vectors, as the hub takes them.

use crate::harness::{Hub, hub_proof, keyed_digest, legacy_digest};
use crate::vectors::{list, text, vectors};

/// P2.5, P2.9: the digest is right each time, so only the nonce is judged.
#[test]
fn the_legacy_nonces_of_the_vectors_are_taken_or_refused() {
    let hub = Hub::start();
    let device = hub.add_legacy("greenhouse");
    let nonces = &vectors()["login"]["legacy_nonce"];
    for (nonce, answer) in judged(&nonces["accepted"], &nonces["refused"], "OK|OK|") {
        let mut client = hub.connect();
        client.hello(device.kind, &device.id);
        let digest = legacy_digest(&device.serial, &nonce);
        client.send(&format!("{digest}|{nonce}|"));
        assert_eq!(client.recv(), answer, "{nonce:?}");
    }
}

/// P2.6, P2.7, P2.9
#[test]
fn the_challenge_nonces_of_the_vectors_are_taken_or_refused() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let nonces = &vectors()["login"]["challenge_nonce"];
    for (nonce, answer) in judged(&nonces["accepted"], &nonces["refused"], "OK|OK|") {
        let mut client = hub.connect();
        let hello = client.hello(device.kind, &device.id);
        let digest = keyed_digest(&device.serial, hello.n, &nonce, &hello.challenge);
        client.send(&format!("{digest}|{nonce}|2|"));
        let proof = hub_proof(&device.serial, hello.n, &nonce, &hello.challenge);
        let answer = answer.replace("OK|OK|", &format!("OK|OK|{proof}|"));
        assert_eq!(client.recv(), answer, "{nonce:?}");
    }
}

/// Each nonce with the answer that is due.
#[track_caller]
fn judged(
    accepted: &serde_json::Value,
    refused: &serde_json::Value,
    good: &str,
) -> Vec<(String, String)> {
    let with = |nonces, answer: &str| {
        let nonces: Vec<_> = list(nonces).iter().collect();
        assert!(!nonces.is_empty());
        let pairs = nonces
            .into_iter()
            .map(|n| (text(n).to_owned(), answer.to_owned()));
        pairs.collect::<Vec<_>>()
    };
    [with(accepted, good), with(refused, "REFUSED|ERROR|")].concat()
}

/// P1.9: a sensor's name is text that the hub interprets.
#[test]
fn the_escapes_of_the_vectors_are_read_as_they_mean() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let escapes = &vectors()["escapes"];
    let both = [list(&escapes["decode"]), list(&escapes["encode"])].concat();
    let pairs = both.iter().map(|v| (text(&v["field"]), text(&v["text"])));
    let pairs: Vec<_> = pairs.filter(|(field, _)| !field.is_empty()).collect();
    for (msgno, (field, _)) in pairs.iter().enumerate() {
        a.say(
            0,
            format_args!("26|{field}|{field}.|C|1700000000000|{msgno}"),
        );
        a.expect_hub(format_args!("7|{msgno}"));
    }
    for (row, (_, meaning)) in hub.stored().iter().zip(&pairs) {
        assert_eq!(row.sensor, *meaning);
        let value = rusqlite::types::Value::Text(format!("{meaning}."));
        assert_eq!(row.value, value, "{meaning:?}");
    }
    assert_eq!(hub.stored().len(), pairs.len());
}

/// P1.9, P5.7
#[test]
fn the_broken_escapes_of_the_vectors_are_refused() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for v in list(&vectors()["escapes"]["broken"]) {
        let broken = text(v);
        for rest in [
            format!("{broken}|1|C"),
            format!("t|{broken}|C"),
            format!("t|1|{broken}"),
        ] {
            a.say(0, format_args!("26|{rest}|1700000000000|7"));
            a.expect_refusal("BAD_VALUE", 0, "7");
        }
    }
    assert_eq!(hub.stored_readings(), 0);
}
