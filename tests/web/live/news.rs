//! What it says, and how soon (L2).

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Card, Scene, Socket};

/// How soon a change has to be told.
const SOON: Duration = Duration::from_millis(100);

/// Tries it a few times: on a busy machine one try may be late, but not each.
#[track_caller]
fn soon(mut once: impl FnMut(usize) -> Duration) {
    let took: Vec<_> = (0..8).map(&mut once).collect();
    assert!(took.iter().min().unwrap() < &SOON, "never soon: {took:?}");
}

#[test]
fn a_device_that_comes_and_goes_is_told_soon() {
    let scene = Scene::new();
    let card = Card::add(&scene.hub, "greenhouse", "100003");
    let (mut socket, _) = Socket::open(&scene.operator);
    soon(|_| {
        let board = card.log_in(&scene.hub);
        let begun = Instant::now();
        // Others of the scene came just before, which may be told only now.
        let own = board.address;
        let is = |state: &'static str| {
            move |item: &Value| {
                let of_it = item["e"] == "presence" && item["address"] == own;
                of_it && item["presence"]["state"] == state
            }
        };
        let online = socket.item("its coming", is("online"));
        assert_eq!(online["group"], "greenhouse");
        assert!(online["at_ms"].is_i64() && online["presence"]["since_ms"].is_i64());
        drop(board);
        let offline = socket.item("its going", is("offline"));
        assert!(offline["presence"]["reason"].is_string(), "{offline}");
        begun.elapsed() / 2
    });
}

#[test]
fn a_watched_reading_is_told_soon_after_its_commit_and_no_other() {
    let mut scene = Scene::new();
    let unwatched = Card::add(&scene.hub, "greenhouse", "100003");
    let mut unwatched = unwatched.log_in(&scene.hub);
    let (mut socket, _) = Socket::open(&scene.operator);
    socket.watch(&[scene.one.address], &[], &Value::Null);
    soon(|n| {
        unwatched.report("t", "5", n as u64 + 1);
        scene.one.report("t", &format!("{n}.5"), n as u64 + 1);
        let begun = Instant::now();
        let reading = socket.item("the reading", |item| item["e"] == "reading");
        assert_eq!(reading["address"], scene.one.address, "{reading}");
        let told = (&reading["sensor"], &reading["unit"], &reading["value"]);
        assert_eq!(told, (&json!("t"), &json!("C"), &json!(n as f64 + 0.5)));
        assert!(reading["at_ms"].is_i64() && reading["hub_ms"].is_i64());
        begun.elapsed()
    });
    socket.watch(&[], &["greenhouse"], &Value::Null);
    unwatched.report("t", "6", 100);
    let reading = socket.item("the group's reading", |item| item["e"] == "reading");
    assert_eq!(reading["address"], unwatched.address);
    socket.watch(&[], &[], &Value::Null);
    unwatched.report("t", "7", 101);
    let more = socket.items_so_far();
    assert!(more.iter().all(|item| item["e"] != "reading"), "{more:?}");
}

#[test]
fn a_command_is_told_in_each_state_soon() {
    let mut scene = Scene::new();
    let (mut socket, _) = Socket::open(&scene.operator);
    soon(|_| {
        let to = scene.one.address.to_string();
        scene.hub.verb(&["command", "send", &to, "60"]);
        let begun = Instant::now();
        let told = socket.item("the command", |item| {
            item["e"] == "command" && item["command"]["state"] == "sent"
        });
        assert_eq!(told["command"]["address"], scene.one.address);
        assert_eq!(told["command"]["type"], 60);
        assert_eq!(told["group"], "greenhouse");
        let took = begun.elapsed();
        // 60 is BLINK, which ACCEPTED ends; the last field of both is the command's number.
        let order = scene.one.recv();
        let id = order.trim_end_matches('|').rsplit('|').next().unwrap();
        scene.one.say(0, &format!("6|{id}"));
        socket.item("its end", |item| {
            item["e"] == "command" && item["command"]["state"] == "succeeded"
        });
        took
    });
}

#[test]
fn an_alarm_is_told_soon() {
    let mut scene = Scene::new();
    let (mut socket, _) = Socket::open(&scene.operator);
    soon(|n| {
        let (number, at) = (n * 2 + 1, super::board::now_ms());
        scene
            .one
            .say(0, &format!("30|hot{n}|t|31|RAISED|{at}|{number}"));
        let stored = format!("0|{}|7|{number}|", scene.one.address);
        while scene.one.recv() != stored {}
        let begun = Instant::now();
        let raised = socket.item("the alarm", |item| item["e"] == "alarm");
        assert_eq!(raised["what"], "raised", "{raised}");
        assert_eq!(raised["alarm"]["name"], format!("hot{n}"));
        assert_eq!(raised["alarm"]["address"], scene.one.address);
        assert_eq!(raised["group"], "greenhouse");
        begun.elapsed()
    });
}

#[test]
fn what_operators_change_is_told() {
    let scene = Scene::new();
    let mut boss = Socket::open(&scene.hub.administrator()).0;
    let address = scene.one.address.to_string();
    let told = |socket: &mut Socket, e: &'static str, what: &'static str| {
        socket.item(&format!("{e} {what}"), move |item| {
            item["e"] == e && (what.is_empty() || item["what"] == what)
        })
    };
    scene.hub.groups(&["attic"]);
    assert_eq!(told(&mut boss, "group", "added")["group"], "attic");
    Card::add(&scene.hub, "attic", "100009");
    assert_eq!(told(&mut boss, "device", "added")["group"], "attic");
    scene.hub.verb(&["device", "disable", &address]);
    let changed = told(&mut boss, "device", "changed");
    assert_eq!(changed["address"], scene.one.address);
    scene.hub.verb(&["device", "move", &address, "attic"]);
    assert_eq!(told(&mut boss, "device", "removed")["group"], "greenhouse");
    assert_eq!(told(&mut boss, "device", "added")["group"], "attic");
    let events = scene.hub.administrator().get("/events?limit=3").ok();
    let items = events["items"].as_array().unwrap();
    assert_eq!(items.len(), 3, "{events}");
    assert_eq!(
        (&items[0]["e"], &items[0]["what"]),
        (&json!("device"), &json!("added"))
    );
    // The group of the operator is another one by now: nothing of the attic.
    let own = scene.operator.get("/events").ok();
    let mut own = own["items"].as_array().unwrap().iter();
    assert!(own.all(|item| item["group"] == "greenhouse"));
    scene
        .operator
        .get("/events?group=attic")
        .refused(404, "not_found");
    scene
        .operator
        .get(&format!("/events?device={}", scene.other.address))
        .refused(404, "not_found");
    scene
        .operator
        .get("/events?limit=0")
        .refused(400, "malformed");
}
