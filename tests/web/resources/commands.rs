//! Orders, and what becomes of them.

use serde_json::json;

use super::{column, device, two_groups};
use crate::harness::eventually;
use crate::live::Scene;

#[test]
fn an_order_waits_for_its_device_and_is_taken_back() {
    let (_hub, admin) = two_groups();
    let address = device(&admin, "harbour", "a");
    let order =
        json!({"target": address.to_string(), "type": 3, "fields": ["fan", "1"], "never": true});
    let sent = admin.post("/commands", &order);
    assert_eq!(sent.status, 202, "{sent:?}");
    let command = &sent.json()["items"][0];
    assert_eq!(command["state"], "queued");
    let path = format!("/commands/{}", command["id"]);
    assert_eq!(admin.get(&path).ok()["expires_ms"], json!(null));
    assert_eq!(
        column(&admin.get("/commands?state=queued").ok(), "id"),
        [command["id"].clone()]
    );
    assert_eq!(admin.get("/overview").ok()["commands"]["open"], 1);
    let cancel = admin.ask("POST", &format!("{path}/cancel"));
    assert_eq!(admin.send(&cancel).ok()["state"], "cancelled");
    assert_eq!(
        column(&admin.get("/commands?state=queued").ok(), "id"),
        [0_u64; 0]
    );
    assert_eq!(admin.get("/overview").ok()["commands"]["open"], 0);
}

#[test]
fn an_order_goes_to_all_that_carry_a_label() {
    let (_hub, admin) = two_groups();
    for id in ["a", "b"] {
        let body = json!({"group": "harbour", "type": 7, "id": id, "labels": ["lamps"]});
        admin.post("/devices", &body).ok();
    }
    let order =
        json!({"target": "@lamps", "group": "harbour", "type": 3, "fields": ["lamp", "true"]});
    assert_eq!(
        admin.post("/commands", &order).ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let nobody =
        json!({"target": "@pumps", "group": "harbour", "type": 3, "fields": ["lamp", "true"]});
    admin.post("/commands", &nobody).refused(422, "invalid");
}

#[test]
fn wrong_orders_are_refused() {
    let (_hub, admin) = two_groups();
    let address = device(&admin, "harbour", "a").to_string();
    for order in [
        json!({"target": "everybody", "type": 3, "fields": ["fan", "1"]}),
        json!({"target": "0", "type": 3, "fields": ["fan", "1"]}),
        json!({"target": "*", "type": 3, "fields": ["fan", "1"]}),
        json!({"target": address, "type": 3, "fields": ["fan"]}),
        json!({"target": address, "type": 3, "fields": ["fan", "1"], "expires_in_ms": -1}),
        json!({"target": address, "type": 3, "fields": ["fan", "1"], "condition": "fan"}),
        json!({"target": address, "type": 26, "fields": ["fan", "1"]}),
        json!({"target": address, "type": -1}),
        json!({"target": address, "fields": ["fan", "1"]}),
        json!({"target": address, "type": 3, "fields": ["fan", "1"], "urgent": true}),
    ] {
        admin.post("/commands", &order).refused(422, "invalid");
    }
}

#[test]
fn a_connected_device_gets_it() {
    let mut scene = Scene::new();
    let order = json!({"target": scene.one.address.to_string(), "type": 3, "fields": ["fan", "1"]});
    let sent = scene.operator.post("/commands", &order).ok();
    let id = sent["items"][0]["id"].as_u64().unwrap();
    while !scene.one.recv().contains("|3|fan|1|") {}
    let path = format!("/commands/{id}");
    eventually("it is sent", || {
        scene.operator.get(&path).ok()["state"] == "sent"
    });
    let cancel = scene.operator.ask("POST", &format!("{path}/cancel"));
    scene.operator.send(&cancel).refused(409, "conflict");
    assert_eq!(scene.operator.get(&path).ok()["issuer"], "ana");
}
