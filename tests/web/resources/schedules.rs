//! Schedules and their next runs.

use serde_json::json;

use super::{column, device, two_groups};

#[test]
fn a_schedule_is_made_previewed_paused_and_removed() {
    let (_hub, admin) = two_groups();
    let address = device(&admin, "harbour", "a");
    let act = json!({"kind": "command", "target": address.to_string(), "type": 3, "fields": ["lamp", "true"]});
    let timing = json!({"cron": "0 0 6 * * *", "zone": "Europe/Madrid"});
    let body = json!({"name": "dawn", "group": "harbour", "timing": timing, "act": act});
    let made = admin.post("/schedules", &body);
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/schedules/{}", made.json()["id"]);
    admin.post("/schedules", &body).refused(409, "conflict");
    let preview = admin.get(&format!("{path}/preview?count=3")).ok();
    let runs = preview["items"].as_array().unwrap();
    assert_eq!(runs.iter().filter(|run| run["runs"] == true).count(), 3);
    assert!(
        runs[0]["local"].as_str().unwrap().contains("T06:00:00"),
        "{preview}"
    );
    let before = admin
        .post("/schedules/preview", &json!({"timing": timing, "count": 3}))
        .ok();
    assert_eq!(before, preview);
    assert_eq!(admin.get(&format!("{path}/runs")).ok()["items"], json!([]));
    let paused = admin.patch(&path, &json!({"paused": true})).ok();
    assert_eq!(
        (&paused["paused"], &paused["next_ms"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(
        column(&admin.get("/schedules?group=greenhouse").ok(), "id"),
        [0_u64; 0]
    );
    assert_eq!(admin.delete(&path).status, 204);
    admin.get(&path).refused(404, "not_found");
}

#[test]
fn wrong_schedules_are_refused() {
    let (_hub, admin) = two_groups();
    let rule = json!({"kind": "rule", "rule": 99, "enabled": true});
    let every = json!({"every_ms": 60_000});
    let name = "x".repeat(129);
    for (timing, act, name) in [
        (
            json!({}),
            json!({"kind": "command", "target": "*", "type": 81}),
            "a",
        ),
        (
            json!({"cron": "x"}),
            json!({"kind": "command", "target": "*", "type": 81}),
            "a",
        ),
        (
            json!({"cron": "0 0 0 30 2 *"}),
            json!({"kind": "command", "target": "*", "type": 81}),
            "a",
        ),
        (
            json!({"every_ms": 999}),
            json!({"kind": "command", "target": "*", "type": 81}),
            "a",
        ),
        (
            json!({"every_ms": 60_000, "zone": "Nowhere/Here"}),
            json!({"kind": "command", "target": "*", "type": 81}),
            "a",
        ),
        (every.clone(), rule, "a"),
        (every.clone(), json!({"kind": "moon"}), "a"),
        (
            every.clone(),
            json!({"kind": "command", "target": "x", "type": 81}),
            "a",
        ),
        (
            every.clone(),
            json!({"kind": "command", "target": "*", "type": 81}),
            "",
        ),
        (
            every,
            json!({"kind": "command", "target": "*", "type": 81}),
            &name,
        ),
    ] {
        let body = json!({"name": name, "group": "harbour", "timing": timing, "act": act});
        admin.post("/schedules", &body).refused(422, "invalid");
    }
    let preview = json!({"timing": {"cron": "0 0 6 * * *"}, "count": 1001});
    admin
        .post("/schedules/preview", &preview)
        .refused(422, "invalid");
}
