//! The viewer's own address (L4).

use serde_json::{Value, json};

use super::{Card, Scene, Socket};

fn send(id: i64, to: &str, kind: u32) -> Value {
    json!({"t": "send", "id": id, "group": "greenhouse", "to": to, "type": kind, "fields": ["a|b"]})
}

#[test]
fn a_frame_comes_from_its_own_address_and_the_answer_comes_back() {
    let mut scene = Scene::new();
    let (mut socket, hello) = Socket::open(&scene.operator);
    let own = hello["addresses"][0]["address"].as_u64().unwrap();
    let device = scene.one.address;
    socket.say(&send(1, &device.to_string(), 1000));
    assert_eq!(socket.message("sent")["id"], 1);
    assert_eq!(scene.one.recv(), format!("{own}|{device}|1000|a%7Cb|"));
    scene.one.say(own, "1000|answer|5");
    let answer = socket.item("the answer", |item| item["e"] == "frame");
    assert_eq!(
        (answer["from"].as_u64(), &answer["to"]),
        (Some(u64::from(device)), &json!(own.to_string()))
    );
    assert_eq!(answer["fields"], json!(["answer", "5"]));
    // The ledger knows of both.
    let ledger: Value =
        serde_json::from_str(
            &scene
                .hub
                .verb(&["device", "show", &device.to_string(), "--json"]),
        )
        .unwrap();
    assert_eq!(ledger["ledger"]["delivered"], 1, "{ledger}");
    // It is in nobody's DEVICES, and hears no broadcast.
    scene.one.say(0, "500|3");
    let devices = scene.one.recv();
    assert!(!devices.contains(&own.to_string()), "{devices}");
    scene.one.say("*", "1000|all|4");
    assert_eq!(
        scene.one.recv(),
        format!("0|{device}|50|ERROR|NO_DEVICE|*|4|")
    );
    assert!(
        socket
            .items_so_far()
            .iter()
            .all(|item| item["e"] != "frame")
    );
    drop(socket);
    crate::harness::eventually("its proxy is gone", || {
        scene.one.say(own, "1000|gone|6");
        // Nothing comes back while it is there.
        scene.one.say(0, "50|x");
        scene.one.recv().contains("NO_DEVICE") && scene.one.recv().contains("|50|x|")
    });
}

#[test]
fn its_broadcast_reaches_every_device_of_the_group() {
    let mut scene = Scene::new();
    let mut peer = Card::add(&scene.hub, "greenhouse", "100003").log_in(&scene.hub);
    let (mut socket, hello) = Socket::open(&scene.operator);
    let own = &hello["addresses"][0]["address"];
    socket.say(&send(1, "*", 1000));
    for board in [&mut scene.one, &mut peer] {
        assert_eq!(board.recv(), format!("{own}|*|1000|a%7Cb|"));
    }
    socket.say(&send(2, "@pumps", 1000));
    let error = socket.item("the error", |item| item["e"] == "frame");
    assert_eq!(error["fields"][1], "NO_DEVICE");
}

#[test]
fn what_it_may_not_send_is_refused_in_a_sentence() {
    let scene = Scene::new();
    let device = scene.one.address.to_string();
    let (mut socket, _) = Socket::open(&scene.operator);
    let mut refused = |message: Value, status: u16| {
        socket.say(&message);
        let refused = socket.message("refused");
        assert_eq!(refused["problem"]["status"], status, "{message} {refused}");
        assert!(
            refused["problem"]["detail"]
                .as_str()
                .unwrap()
                .ends_with('.')
        );
    };
    // Commands go by POST /commands; these only the hub or nobody says to a device.
    for kind in [1, 3, 27, 60, 40, 80, 7, 20] {
        refused(send(1, &device, kind), 422);
    }
    for to in ["0", "", "x", "042"] {
        refused(send(2, to, 1000), 422);
    }
    refused(
        json!({"t": "send", "id": 3, "group": "greenhouse", "to": device, "type": 1000, "fields": ["x".repeat(9000)]}),
        422,
    );
    std::thread::sleep(std::time::Duration::from_millis(700));
    let many: Vec<_> = (0..200).map(|n| n.to_string()).collect();
    refused(
        json!({"t": "send", "id": 4, "group": "greenhouse", "to": device, "type": 1000, "fields": many}),
        422,
    );
    refused(json!({"t": "shout"}), 400);
    refused(json!([1]), 400);
}

#[test]
fn a_viewer_by_role_looks_and_sends_nothing() {
    let mut scene = Scene::new();
    let ben = scene.hub.user("ben", "viewer", &["greenhouse"]);
    let (mut socket, _) = Socket::open(&ben);
    socket.say(&send(1, &scene.one.address.to_string(), 1000));
    assert_eq!(socket.message("refused")["problem"]["status"], 403);
    socket.watch(&[], &[], &json!({"group": "greenhouse"}));
    scene.one.say(0, "50|hello");
    socket.item("a frame", |item| item["e"] == "frame");
}
