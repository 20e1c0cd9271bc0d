//! Groups, the overview, health and settings.

use serde_json::json;

use super::{EVIL, column, device, two_groups};

#[test]
fn groups_are_made_counted_and_removed() {
    let (_hub, admin) = two_groups();
    let again = admin.post("/groups", &json!({"name": "harbour"}));
    again.refused(409, "conflict");
    for wrong in [
        json!({"name": ""}),
        json!({"name": "a\nb"}),
        json!({"name": "x".repeat(129)}),
    ] {
        admin.post("/groups", &wrong).refused(422, "invalid");
    }
    device(&admin, "harbour", "a");
    let groups = admin.get("/groups").ok();
    assert_eq!(
        column(&groups, "name"),
        [json!("greenhouse"), json!("harbour")]
    );
    assert_eq!(column(&groups, "devices"), [json!(0), json!(1)]);
    admin.delete("/groups/harbour").refused(409, "conflict");
    assert_eq!(admin.delete("/groups/greenhouse").status, 204);
    admin.delete("/groups/greenhouse").refused(404, "not_found");
}

#[test]
fn a_group_may_be_called_anything() {
    let (_hub, admin) = two_groups();
    admin.post("/groups", &json!({"name": EVIL})).ok();
    let groups = admin.get("/groups");
    assert_eq!(groups.header("content-type"), Some("application/json"));
    assert!(column(&groups.ok(), "name").contains(&json!(EVIL)));
    let path = "/groups/%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E";
    assert_eq!(admin.delete(path).status, 204);
}

#[test]
fn the_overview_counts_what_the_caller_sees() {
    let (hub, admin) = two_groups();
    device(&admin, "harbour", "a");
    let b = device(&admin, "greenhouse", "b");
    let path = format!("/devices/{b}");
    admin.patch(&path, &json!({"disabled": true})).ok();
    let all = admin.get("/overview").ok();
    assert_eq!(all["devices"]["total"], 2);
    assert_eq!(all["devices"]["never_seen"], 2);
    assert_eq!(all["devices"]["disabled"], 1);
    assert_eq!(all["alarms"]["worst"], "");
    let eva = hub.user("eva", "viewer", &["harbour"]);
    let own = eva.get("/overview").ok();
    assert_eq!(own["devices"]["total"], 1);
    assert_eq!(own["devices"]["disabled"], 0);
    assert_eq!(own["groups"].as_array().unwrap().len(), 1);
}

#[test]
fn numbers_of_the_hub_and_settings_are_for_administrators() {
    let (hub, admin) = two_groups();
    let health = admin.get("/health").ok();
    assert!(health["memory_bytes"].as_u64().unwrap() > 0, "{health}");
    assert!(health["database_bytes"].as_u64().unwrap() > 0, "{health}");
    let settings = admin.get("/settings").ok();
    let keys = column(&settings, "key");
    assert!(keys.contains(&json!("max_browsers")), "{settings}");
    let gina = hub.user("gina", "group_administrator", &["harbour"]);
    let health = gina.get("/health").ok();
    assert!(health.get("memory_bytes").is_none(), "{health}");
    assert_eq!(health["storage_failing"], false);
    gina.get("/settings").refused(403, "forbidden");
    gina.post("/groups", &json!({"name": "x"}))
        .refused(403, "forbidden");
}
