//! A viewer of one group never hears of another (L3).

use serde_json::{Value, json};

use super::{Scene, Socket};

#[test]
fn nothing_of_another_group_is_told_sent_or_watched() {
    let mut scene = Scene::new();
    let (mut socket, hello) = Socket::open(&scene.operator);
    let own = hello["addresses"][0]["address"].clone();
    let other = scene.other.address;
    // Readings of another group's device, and of its group: as if there were none.
    socket.watch(&[other, scene.one.address], &["harbour"], &Value::Null);
    scene.other.report("t", "1", 1);
    // Its frames: refused like those of a group that there is not.
    for group in ["harbour", "nowhere"] {
        socket.say(&json!({"t": "watch", "readings": {"devices": [scene.one.address]}, "frames": {"group": group}}));
        let refused = socket.message("refused");
        assert_eq!(refused["problem"]["status"], 404, "{refused}");
    }
    socket.say(&json!({"t": "watch", "frames": {"group": "greenhouse", "device": other}}));
    assert_eq!(socket.message("refused")["problem"]["status"], 404);
    // A frame into it.
    for (id, group) in [(1, "harbour"), (2, "nowhere")] {
        socket.say(&json!({"t": "send", "id": id, "group": group, "to": "*", "type": 1000, "fields": ["x"]}));
        let refused = socket.message("refused");
        assert_eq!(refused["id"], id);
        assert_eq!(refused["problem"]["status"], 404, "{refused}");
    }
    // To its device, by way of the own group: there is no such device.
    socket.say(&json!({"t": "send", "id": 3, "group": "greenhouse", "to": other.to_string(), "type": 1000, "fields": ["x"]}));
    assert_eq!(socket.message("sent")["id"], 3);
    let error = socket.item("the error", |item| item["e"] == "frame");
    assert_eq!(
        error["fields"],
        json!(["ERROR", "NO_DEVICE", other.to_string(), "x"])
    );
    // From its device to the viewer's address: there is no such device either.
    scene.other.say(&own, "1000|x|7");
    assert_eq!(
        scene.other.recv(),
        format!("0|{other}|50|ERROR|NO_DEVICE|{own}|7|")
    );
    scene.other.say("*", "1000|secret|8");
    scene
        .hub
        .verb(&["command", "send", &other.to_string(), "60"]);
    scene.one.report("t", "2", 1);
    let told = socket.items_so_far();
    let foreign = told.iter().filter(|item| item["group"] != "greenhouse");
    assert_eq!(foreign.count(), 0, "{told:?}");
    assert!(told.iter().all(|item| !item.to_string().contains("secret")));
}
