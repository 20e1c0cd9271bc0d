//! The published vectors, through a running hub.

use serde_json::Value;

use crate::harness::{Client, Hub, hub_proof, keyed_digest, legacy_digest};

pub(crate) fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors.json")).unwrap()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// P2.4, P2.6, P2.7: what these tests compute is what is published.
#[test]
fn the_digests_of_the_vectors_hold() {
    let digests = &vectors()["digests"];
    for v in list(&digests["legacy"]) {
        let ours = legacy_digest(text(&v["serial"]), text(&v["nonce"]));
        assert_eq!(ours, text(&v["digest"]), "{v}");
    }
    for v in list(&digests["challenge"]) {
        let n = u32::try_from(v["address"].as_u64().unwrap()).unwrap();
        let [serial, nonce, challenge] = ["serial", "nonce", "challenge"].map(|k| text(&v[k]));
        assert_eq!(
            keyed_digest(serial, n, nonce, challenge),
            text(&v["digest"])
        );
        assert_eq!(hub_proof(serial, n, nonce, challenge), text(&v["proof"]));
    }
}

/// P2.1
#[test]
fn the_first_frames_of_the_vectors_are_taken_or_refused() {
    let hub = Hub::start();
    let first = &vectors()["login"]["first"];
    for v in list(&first["accepted"]) {
        let mut client = hub.connect();
        client.send(text(&v["frame"]));
        assert!(client.recv().contains("|OK|"), "{v}");
    }
    for v in list(&first["malformed"]) {
        let mut client = hub.connect();
        client.send(text(v));
        assert_eq!(client.rest(), ["REFUSED|ERROR|"], "{v}");
    }
}

/// P1.8, P1.9, P1.11, P4.2: origin 42 and destination 17 of the vectors stand for two devices.
#[test]
fn the_frames_of_the_vectors_are_forwarded_or_refused() {
    let hub = Hub::start();
    let sender = hub.add("greenhouse");
    let mut b = hub.login(&hub.add("greenhouse"));
    for v in list(&vectors()["frames"]) {
        let bytes = hex::decode(text(&v["hex"])).unwrap();
        let Some(rest) = bytes.strip_prefix(b"42|17|") else {
            continue;
        };
        let mut a = hub.login(&sender);
        let start = format!("{}|{}|", a.address, b.address);
        let frame = [start.as_bytes(), rest].concat();
        a.send_raw(&[&frame[..], b"\x04"].concat()).unwrap();
        if v.get("error").is_some() {
            let start = format!("0|{}|50|ERROR|BAD_FRAME|", a.address);
            let answer = a.recv();
            assert!(answer.starts_with(&start), "{v}: {answer}");
            b.expect_nothing();
        } else {
            arrives(&mut b, &start, v);
        }
    }
}

/// The frame has the fields of the vector, each as sent.
#[track_caller]
fn arrives(receiver: &mut Client, start: &str, vector: &Value) {
    let mut wanted = format!("{start}{}|", vector["type"]);
    for field in list(&vector["fields"]) {
        wanted += text(field);
        wanted.push('|');
    }
    assert_eq!(receiver.recv(), wanted, "{vector}");
}

/// P1.10: names of every kind leave as the vectors say.
#[test]
fn the_escapes_of_the_vectors_are_what_the_hub_writes() {
    let hub = Hub::start();
    for v in list(&vectors()["escapes"]["encode"]) {
        let name = text(&v["text"]);
        if name.chars().any(char::is_control) || name.is_empty() {
            continue; // no name of a device
        }
        let device = hub.add_with("greenhouse", &["--name", name]);
        let mut client = hub.login(&device);
        client.say(0, "500|1");
        let field = text(&v["field"]).replace(':', "%3A");
        let entry = format!("{}:511:{}:{field}", device.address, device.id);
        client.expect_hub(format_args!("500|{entry}|1"));
        client.say(0, "20|done");
        client.expect_closed();
    }
}
