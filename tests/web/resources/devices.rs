//! Devices: registered, found, changed, removed; many at once; what they have.

use serde_json::json;

use super::{EVIL, column, device, two_groups};

#[test]
fn a_device_is_registered_shown_and_removed() {
    let (_hub, admin) = two_groups();
    let body = json!({"group": "greenhouse", "type": 1000, "id": "v-1", "name": EVIL, "labels": ["vents"]});
    let made = admin.post("/devices", &body);
    assert_eq!(made.status, 201);
    let serial = made.json()["serial"].as_str().unwrap().to_owned();
    let path = format!("/devices/{}", made.json()["address"]);
    let shown = admin.get(&path);
    assert!(!shown.body.contains(&serial), "a serial is shown once");
    let shown = shown.ok();
    assert_eq!(shown["name"], EVIL);
    assert_eq!(shown["presence"]["state"], "never_seen");
    assert_eq!(shown["open_alarms"], 0);
    admin.post("/devices", &body).refused(409, "conflict");
    let rotated = admin.ask("POST", &format!("{path}/serial"));
    assert_ne!(admin.send(&rotated).ok()["serial"], serial);
    assert_eq!(admin.delete(&path).status, 204);
    admin.get(&path).refused(404, "not_found");
}

#[test]
fn wrong_devices_are_refused_with_the_reason() {
    let (_hub, admin) = two_groups();
    let good = json!({"group": "greenhouse", "type": 1000, "id": "v-1"});
    for (member, wrong) in [
        ("type", json!(0)),
        ("type", json!("x")),
        ("type", json!(2_147_483_648_u64)),
        ("id", json!("a b")),
        ("name", json!("x".repeat(129))),
        ("labels", json!(["a b"])),
        ("labels", json!(vec!["a"; 17])),
        ("serial", json!("short")),
        ("nonce_memory", json!(100_001)),
        ("colour", json!("red")),
    ] {
        let mut body = good.clone();
        body[member] = wrong;
        admin.post("/devices", &body).refused(422, "invalid");
    }
    let nowhere = json!({"group": "nowhere", "type": 1000, "id": "v-1"});
    admin.post("/devices", &nowhere).refused(404, "not_found");
}

#[test]
fn a_device_is_disabled_and_moved() {
    let (_hub, admin) = two_groups();
    let path = format!("/devices/{}", device(&admin, "greenhouse", "a"));
    let changed = admin.patch(&path, &json!({"disabled": true})).ok();
    assert_eq!(changed["disabled"], true);
    let moved = admin.patch(&path, &json!({"group": "harbour"})).ok();
    assert_eq!(moved["group"], "harbour");
    let again = admin.patch(&path, &json!({"group": "harbour"}));
    again.refused(409, "conflict");
    let nowhere = admin.patch(&path, &json!({"group": "nowhere"}));
    nowhere.refused(404, "not_found");
}

#[test]
fn devices_are_found_by_group_label_state_and_text() {
    let (_hub, admin) = two_groups();
    for (group, id, name, label) in [
        ("greenhouse", "a-1", "North Vent", "vents"),
        ("greenhouse", "a-2", "Pump", "pumps"),
        ("harbour", "b-1", "Crane ÉOLE", "cranes"),
    ] {
        let body = json!({"group": group, "type": 7, "id": id, "name": name, "labels": [label]});
        admin.post("/devices", &body).ok();
    }
    let address = admin.get("/devices?q=a-2").ok()["items"][0]["address"].to_string();
    for (query, found) in [
        ("", "a-1 a-2 b-1"),
        ("group=harbour", "b-1"),
        ("label=vents", "a-1"),
        ("label=vent", ""),
        ("q=north%20v", "a-1"),
        ("q=VENT", "a-1"),
        ("q=%C3%A9ole", "b-1"),
        ("q=CRANES", "b-1"),
        (&format!("q={address}"), "a-2"),
        ("state=online", ""),
        ("state=never_seen&group=greenhouse", "a-1 a-2"),
        ("state=disabled", ""),
        ("state=weak", ""),
        ("state=alarm", ""),
    ] {
        let list = admin.get(&format!("/devices?{query}")).ok();
        let ids: Vec<_> = column(&list, "id")
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids.join(" "), found, "{query}");
    }
    admin.get("/devices?state=asleep").refused(400, "malformed");
    admin
        .get("/devices?group=nowhere")
        .refused(404, "not_found");
}

#[test]
fn many_devices_come_in_and_bad_rows_are_named() {
    let (hub, admin) = two_groups();
    let row = |line: u64, group: &str, id: &str| json!({"line": line, "group": group, "type": "7", "id": id});
    let rows = json!({"rows": [row(2, "greenhouse", "a"), row(3, "greenhouse", "b c"), row(4, "new", "d")]});
    let done = admin.post("/devices/import", &rows).ok();
    assert_eq!(done["devices"].as_array().unwrap().len(), 2);
    assert_eq!(done["errors"][0]["line"], 3);
    let strict =
        json!({"rows": [row(2, "greenhouse", "e"), row(3, "greenhouse", "f g")], "strict": true});
    let none = admin.post("/devices/import", &strict).ok();
    assert_eq!(none["devices"], json!([]));
    // A group's own administrator makes no group, and sees nothing of another's devices.
    let gina = hub.user("gina", "group_administrator", &["harbour"]);
    let rows = json!({"rows": [row(2, "harbour", "h"), row(3, "greenhouse", "i"), row(4, "unheard of", "j"), row(5, "harbour", "a")]});
    let done = gina.post("/devices/import", &rows).ok();
    assert_eq!(done["devices"].as_array().unwrap().len(), 1, "{done}");
    let errors = done["errors"].to_string();
    assert!(
        errors.contains("no group greenhouse") && errors.contains("no group unheard of"),
        "{errors}"
    );
    assert!(!errors.contains("address"), "{errors}");
}

#[test]
fn people_say_what_a_device_has() {
    let (_hub, admin) = two_groups();
    let path = format!(
        "/devices/{}/capabilities",
        device(&admin, "greenhouse", "a")
    );
    let fields = json!({"capabilities": ["S:t:number:C:-40:80", "A:fan:boolean::"]});
    let said = admin.put(&path, &fields).ok();
    assert_eq!(said["sensors"][0]["unit"], "C");
    assert_eq!(said["actuators"][0]["name"], "fan");
    assert_eq!(admin.get(&path).ok(), said);
    let wrong = json!({"capabilities": ["fan"]});
    admin.put(&path, &wrong).refused(422, "invalid");
}
