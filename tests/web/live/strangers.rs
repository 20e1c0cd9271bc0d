//! Unknown devices, and their adoption (L9).

use serde_json::json;

use super::{Card, Scene, Socket};

const SERIAL: &str = "00112233445566778899aabbccddeeff";

fn stranger() -> Card {
    Card {
        id: "200001".into(),
        serial: SERIAL.into(),
    }
}

#[test]
fn an_unknown_device_is_adopted_with_its_serial_and_no_other() {
    let scene = Scene::new();
    let boss = scene.hub.administrator();
    let mut socket = Socket::open(&boss).0;
    assert!(!stranger().try_log_in(&scene.hub).0);
    socket.item("the stranger", |item| item["e"] == "discovered");
    let listed = boss.get("/discovered").ok();
    let found = &listed["items"][0];
    for (key, value) in [
        ("type", json!(511)),
        ("id", json!("200001")),
        ("login", json!("challenge")),
        ("from", json!("127.0.0.1")),
        ("attempts", json!(1)),
    ] {
        assert_eq!(found[key], value, "{key}");
    }
    let key = found["key"].as_str().unwrap();
    let adopt = |serial: &str, group: &str| {
        let body = json!({"serial": serial, "group": group, "name": "new", "labels": ["pumps"], "rights": "talk"});
        boss.post(&format!("/discovered/{key}/adopt"), &body)
    };
    adopt(&SERIAL.replace('f', "e"), "greenhouse").refused(422, "invalid");
    adopt(SERIAL, "nowhere").refused(404, "not_found");
    let made = adopt(SERIAL, "greenhouse");
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["group"], "greenhouse");
    let (taken, board) = stranger().try_log_in(&scene.hub);
    assert!(taken);
    assert_eq!(made.json()["address"], board.address);
    assert_eq!(boss.get("/discovered").ok()["items"], json!([]));
    adopt(SERIAL, "greenhouse").refused(404, "not_found");
}

#[test]
fn wrong_serials_are_slowed_down_and_a_stranger_may_be_forgotten() {
    let scene = Scene::new();
    let boss = scene.hub.administrator();
    assert!(!stranger().try_log_in(&scene.hub).0);
    crate::harness::eventually("it is listed", || {
        boss.get("/discovered").ok()["items"] != json!([])
    });
    let key = boss.get("/discovered").ok()["items"][0]["key"].clone();
    let path = format!("/discovered/{}", key.as_str().unwrap());
    let body = json!({"serial": "x", "group": "greenhouse"});
    for _ in 0..5 {
        boss.post(&format!("{path}/adopt"), &body)
            .refused(422, "invalid");
    }
    let slowed = boss.post(&format!("{path}/adopt"), &body);
    slowed.refused(429, "throttled");
    assert!(slowed.header("retry-after").is_some());
    assert_eq!(boss.delete(&path).status, 204);
    boss.delete(&path).refused(404, "not_found");
}

#[test]
fn strangers_are_for_administrators() {
    let scene = Scene::new();
    let mut socket = Socket::open(&scene.operator).0;
    assert!(!stranger().try_log_in(&scene.hub).0);
    scene.operator.get("/discovered").refused(403, "forbidden");
    scene
        .operator
        .delete("/discovered/x")
        .refused(403, "forbidden");
    let told = socket.items_so_far();
    assert!(
        told.iter().all(|item| item["e"] != "discovered"),
        "{told:?}"
    );
}
