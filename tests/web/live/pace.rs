//! Credit, and what too much or too little of a browser leads to (L6).

use serde_json::{Value, json};

use super::{Card, Heard, Scene, Socket};

#[test]
fn a_browser_that_gives_no_pong_gets_no_more_and_then_what_is_newest() {
    let mut scene = Scene::new();
    let (mut socket, _) = Socket::open(&scene.operator);
    socket.watch(&[scene.one.address], &[], &Value::Null);
    socket.polite = false;
    let mut messages = 0;
    let ping = loop {
        messages += 1;
        scene.one.report("t", &messages.to_string(), messages);
        assert!(messages < 1000, "no ping came");
        match socket.next() {
            Heard::Ping(payload) => break payload,
            Heard::Message(_) => {}
            Heard::Closed => panic!("closed"),
        }
    };
    for n in messages + 1..messages + 30 {
        scene.one.report("t", &n.to_string(), n);
    }
    let more = socket.next_within(std::time::Duration::from_millis(300));
    assert!(
        !matches!(more, Some(Heard::Message(_))),
        "without credit: {more:?}"
    );
    socket.pong(b"not the number");
    socket.pong(&ping);
    let last = messages + 29;
    let told = socket.item("the newest", |item| item["e"] == "reading");
    assert_eq!(told["value"], json!(last), "only the newest of the series");
}

#[test]
fn a_slow_browser_is_told_to_read_again_and_slows_no_device() {
    let scene = Scene::new();
    let ids = ["100011", "100012", "100013", "100014", "100015"];
    let cards = ids.map(|id| Card::add(&scene.hub, "greenhouse", id));
    let mut boards = cards.map(|card| card.log_in(&scene.hub));
    let (mut socket, _) = Socket::open(&scene.operator);
    socket.watch(&[], &["greenhouse"], &Value::Null);
    socket.polite = false;
    let last = boards[4].address;
    let (mut other, _) = Socket::open(&scene.operator);
    other.watch(&[last], &[], &Value::Null);
    let mut number = 0;
    loop {
        number += 1;
        boards[0].report("first", "1", number);
        if matches!(socket.next(), Heard::Ping(_)) {
            break;
        }
    }
    // More series than may wait for it, and it does not read: no device waits for that.
    for board in &mut boards {
        for sensor in 0..250 {
            number += 1;
            let at = super::board::now_ms();
            board.say(0, &format!("26|s{sensor}|1|C|{at}|{number}"));
        }
        let begun = std::time::Instant::now();
        board.report("last", "1", number + 1);
        number += 1;
        assert!(begun.elapsed() < std::time::Duration::from_secs(5));
    }
    // What another viewer is told waits for this one as well.
    other.item("the last one", |item| {
        item["address"] == json!(last) && item["sensor"] == "last"
    });
    socket.polite = true;
    // Without the pong that is owed: as a browser that wakes up.
    socket.pong(b"1");
    assert_eq!(socket.message("resync"), json!({"t": "resync"}));
    boards[0].report("after", "7", number + 1);
    socket.item("news after it", |item| item["sensor"] == "after");
}

#[test]
fn who_says_too_much_is_out() {
    let scene = Scene::new();
    let (mut socket, _) = Socket::open(&scene.operator);
    (0..40).for_each(|_| socket.text("{}"));
    assert_eq!(socket.over(), "too_much");
    let (mut socket, _) = Socket::open(&scene.operator);
    socket.text(&format!("\"{}\"", "x".repeat(17_000)));
    assert_eq!(socket.over(), "too_much");
    let (mut socket, _) = Socket::open(&scene.operator);
    socket.text(&format!("\"{}\"", "x".repeat(16_000)));
    assert_eq!(socket.message("refused")["problem"]["code"], "malformed");
}
