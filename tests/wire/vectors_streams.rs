//! The streams of the published vectors, cut into frames by the hub. Origin 42 and destination 17 stand for two devices.

use serde_json::Value;

use crate::harness::{Client, Device, Hub};
use crate::vectors::{list, text, vectors};

/// One stream between two devices.
struct Stream {
    bytes: Vec<u8>,
    frames: Vec<Vec<u8>>,
    rest: Vec<u8>,
}

impl Stream {
    fn of(vector: &Value, from: u32, to: u32) -> Self {
        let bytes = |value: &Value| {
            let bytes = hex::decode(text(value)).unwrap();
            readdress(&bytes, format!("{from}|{to}|").as_bytes())
        };
        Self {
            bytes: bytes(&vector["hex"]),
            frames: list(&vector["frames"]).iter().map(bytes).collect(),
            rest: bytes(&vector["rest"]),
        }
    }
}

fn readdress(bytes: &[u8], real: &[u8]) -> Vec<u8> {
    const PUBLISHED: &[u8] = b"42|17|";
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(PUBLISHED) {
            out.extend_from_slice(real);
            at += PUBLISHED.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

/// P1.8, as far as the streams need it.
fn is_good(frame: &[u8]) -> bool {
    let fields = frame.split(|byte| *byte == b'|').count();
    let clean = frame.iter().all(|byte| *byte >= 0x20 && *byte != 0x7f);
    clean && fields > 3 && std::str::from_utf8(frame).is_ok()
}

/// Sends the stream, completes its rest, and expects each frame at its receiver or refused at its sender.
#[track_caller]
fn converse(hub: &Hub, sender: &Device, b: &mut Client, vector: &Value, pieces: usize) {
    let mut a = hub.login(sender);
    let mut stream = Stream::of(vector, a.address, b.address);
    for piece in stream.bytes.chunks(pieces) {
        a.send_raw(piece).unwrap();
    }
    if !stream.rest.is_empty() {
        a.send_raw(b"9|end|\x04").unwrap();
        stream.frames.push([&stream.rest[..], b"9|end|"].concat());
    }
    let (good, bad): (Vec<_>, Vec<_>) = stream.frames.iter().partition(|frame| is_good(frame));
    let refused = a.barrier();
    let start = format!("0|{}|50|ERROR|BAD_FRAME|", a.address);
    assert_eq!(refused.len(), bad.len(), "{vector}: {refused:?}");
    assert!(refused.iter().all(|f| f.starts_with(&start)), "{refused:?}");
    for frame in good {
        b.expect(&String::from_utf8(frame.clone()).unwrap());
    }
    b.expect_nothing();
}

/// P1.4, P1.5, P1.8
#[test]
fn the_streams_of_the_vectors_are_cut_as_published() {
    let hub = Hub::start();
    let sender = hub.add("greenhouse");
    let mut b = hub.login(&hub.add("greenhouse"));
    for vector in list(&vectors()["streams"]) {
        converse(&hub, &sender, &mut b, vector, usize::MAX);
    }
}

/// P1.4: one byte at a time makes no difference.
#[test]
fn the_streams_of_the_vectors_are_cut_so_in_single_bytes_too() {
    let hub = Hub::start();
    let sender = hub.add("greenhouse");
    let mut b = hub.login(&hub.add("greenhouse"));
    for vector in list(&vectors()["streams"]) {
        converse(&hub, &sender, &mut b, vector, 1);
    }
}
