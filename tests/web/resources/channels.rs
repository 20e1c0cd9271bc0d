//! Notification channels.

use serde_json::json;

use super::{column, two_groups};

#[test]
fn a_channel_is_made_tried_and_removed_and_its_secret_shown_once() {
    let (_hub, admin) = two_groups();
    // Nobody listens there.
    let to = json!({"kind": "webhook", "url": "http://127.0.0.1:9/hook"});
    let body = json!({"group": "harbour", "name": "duty", "to": to, "severity": "warning"});
    let made = admin.post("/channels", &body);
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    admin.post("/channels", &body).refused(409, "conflict");
    let listed = admin.get("/channels?group=harbour");
    assert!(!listed.body.contains(&secret));
    assert_eq!(column(&listed.ok(), "name"), [json!("duty")]);
    let path = format!("/channels/{}", made.json()["id"]);
    let test = admin.ask("POST", &format!("{path}/test"));
    assert_eq!(admin.send(&test).ok()["delivered"], false);
    assert_eq!(admin.delete(&path).status, 204);
    admin.delete(&path).refused(404, "not_found");
}

#[test]
fn channels_are_for_those_who_manage_the_group() {
    let (hub, admin) = two_groups();
    let to = json!({"kind": "webhook", "url": "http://127.0.0.1:9/hook"});
    let body = json!({"group": "harbour", "name": "duty", "to": to});
    let id = admin.post("/channels", &body).ok()["id"].to_string();
    let ana = hub.user("ana", "operator", &["harbour"]);
    ana.get("/channels").refused(403, "forbidden");
    ana.delete(&format!("/channels/{id}"))
        .refused(403, "forbidden");
    let gina = hub.user("gina", "group_administrator", &["greenhouse"]);
    assert_eq!(gina.get("/channels").ok()["items"], json!([]));
    gina.delete(&format!("/channels/{id}"))
        .refused(404, "not_found");
    for wrong in [
        json!({"kind": "webhook", "url": "ftp://x"}),
        json!({"kind": "pigeon"}),
        json!({"kind": "webhook", "url": "http://x", "secret": "s"}),
    ] {
        let body = json!({"group": "greenhouse", "name": "x", "to": wrong});
        gina.post("/channels", &body).refused(422, "invalid");
    }
}
