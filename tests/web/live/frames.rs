//! The frame watch (L5).

use serde_json::{Value, json};

use super::{Card, Scene, Socket};

fn frame(text: String) -> impl Fn(&Value) -> bool {
    move |item| item["e"] == "frame" && item["text"] == text.as_str()
}

#[test]
fn frames_of_all_directions_come_whole_and_in_order() {
    let mut scene = Scene::new();
    let card = Card::add(&scene.hub, "greenhouse", "100003");
    let mut peer = card.log_in(&scene.hub);
    let (mut socket, _) = Socket::open(&scene.operator);
    socket.watch(&[], &[], &json!({"group": "greenhouse"}));
    let (one, other) = (scene.one.address, peer.address);
    scene.one.say(other, "1000|a%7Cb|7");
    let told = socket.item(
        "a frame between devices",
        frame(format!("{one}|{other}|1000|a%7Cb|7|")),
    );
    let expected = (
        json!(one),
        json!(other.to_string()),
        json!(1000),
        json!(["a|b", "7"]),
    );
    let got = ["from", "to", "type", "fields"].map(|key| told[key].clone());
    assert_eq!(
        (
            got[0].clone(),
            got[1].clone(),
            got[2].clone(),
            got[3].clone()
        ),
        expected
    );
    // What a device tells the hub, and what the hub says.
    scene.one.report("t", "1", 9);
    socket.item("what the hub said", frame(format!("0|{one}|7|9|")));
    scene.one.say(5, "1000|x|10");
    socket.item(
        "the error",
        frame(format!("0|{one}|50|ERROR|NO_DEVICE|5|10|")),
    );
    // In order, each once.
    for n in 0..500 {
        peer.say(one, &format!("1000|{n}"));
    }
    let mut last = 0;
    for n in 0..500 {
        let told = socket.item("a frame of many", |item| item["e"] == "frame");
        assert_eq!(told["fields"], json!([n.to_string()]));
        assert!(told["n"].as_u64().unwrap() > last);
        last = told["n"].as_u64().unwrap();
    }
    // One device alone.
    socket.watch(&[], &[], &json!({"group": "greenhouse", "device": other}));
    scene.one.say(0, "50|not this");
    peer.say(0, "50|this");
    let told = socket.item("its frame", |item| item["e"] == "frame");
    assert_eq!(told["text"], format!("{other}|0|50|this|"));
    socket.watch(&[], &[], &Value::Null);
    peer.say(0, "50|nobody watches");
    let more = socket.items_so_far();
    let more = more
        .iter()
        .filter(|item| item.to_string().contains("nobody"));
    assert_eq!(more.count(), 0);
}

#[test]
fn what_a_slow_viewer_misses_is_counted() {
    let mut scene = Scene::new();
    let (mut socket, _) = Socket::open(&scene.operator);
    socket.watch(&[], &[], &json!({"group": "greenhouse"}));
    // Its echo is a frame as well.
    for n in 0..6000 {
        scene.one.say(0, &format!("50|{n:0200}"));
        if n % 50 == 49 {
            (0..50).for_each(|_| drop(scene.one.recv()));
        }
        // It does not read meanwhile.
    }
    let (mut frames, mut missed) = (0, 0);
    while frames + missed < 12_000 {
        match socket.next() {
            super::Heard::Message(message) if message["t"] == "news" => {
                frames += message["items"].as_array().unwrap().len() as u64;
            }
            super::Heard::Message(message) if message["t"] == "missed" => {
                missed += message["frames"].as_u64().unwrap();
            }
            super::Heard::Ping(payload) => socket.pong(&payload),
            other => panic!("{other:?}"),
        }
    }
    assert!(missed > 0 && frames > 0, "{frames} came, {missed} missed");
}
