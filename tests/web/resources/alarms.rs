//! Alarms from raise to clear.

use serde_json::{Value, json};

use super::{column, rule};
use crate::harness::eventually;
use crate::live::Scene;

/// A scene with an alarm of the first device; answers its number.
fn raised() -> (Scene, u64) {
    let mut scene = Scene::new();
    scene
        .operator
        .post("/rules", &rule("hot", "greenhouse", 30.0))
        .ok();
    scene.one.report("t", "31", 1);
    let mut id = Value::Null;
    eventually("an alarm", || {
        let list = scene.operator.get("/alarms?open=true").ok();
        id = list["items"][0]["id"].clone();
        !id.is_null()
    });
    (scene, id.as_u64().unwrap())
}

#[test]
fn an_alarm_is_acknowledged_shelved_and_cleared() {
    let (scene, id) = raised();
    let ana = &scene.operator;
    let path = format!("/alarms/{id}");
    assert_eq!(ana.get(&path).ok()["state"], "raised");
    let acknowledged = ana
        .post(
            &format!("{path}/acknowledge"),
            &json!({"note": "on my way"}),
        )
        .ok();
    assert_eq!(acknowledged["state"], "acknowledged");
    assert_eq!(acknowledged["acked_by"], "ana");
    let again = ana.post(&format!("{path}/acknowledge"), &json!({"note": ""}));
    let sentence = again.refused(409, "conflict");
    assert!(!sentence.contains("hub alarm"), "{sentence}");
    let past = ana.post(
        &format!("{path}/shelve"),
        &json!({"until_ms": 1, "note": ""}),
    );
    past.refused(422, "invalid");
    let until = 4_102_444_800_000_i64;
    let shelved = ana
        .post(
            &format!("{path}/shelve"),
            &json!({"until_ms": until, "note": "part ordered"}),
        )
        .ok();
    assert_eq!(shelved["shelved_until_ms"], until);
    let back = ana
        .post(&format!("{path}/unshelve"), &json!({"note": ""}))
        .ok();
    assert_eq!(back["shelved_until_ms"], json!(null));
    ana.post(&format!("{path}/clear"), &json!({"note": "by hand"}))
        .ok();
    let shown = ana.get(&path).ok();
    assert_eq!(shown["state"], "cleared");
    let history: Vec<_> = shown["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["what"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        history.join(" "),
        "raised acknowledged shelved unshelved cleared"
    );
    ana.post(&format!("{path}/clear"), &json!({"note": ""}))
        .refused(409, "conflict");
    let long = json!({"note": "x".repeat(1001)});
    ana.post(&format!("{path}/acknowledge"), &long)
        .refused(422, "invalid");
}

#[test]
fn alarms_are_filtered_and_counted() {
    let (scene, id) = raised();
    let ana = &scene.operator;
    let address = scene.one.address;
    for (query, found) in [
        ("", true),
        ("?open=true", true),
        ("?state=raised", true),
        ("?state=acknowledged", false),
        ("?state=cleared", false),
        ("?severity=major", true),
        ("?severity=critical", false),
        (&format!("?device={address}"), true),
        ("?group=greenhouse&open=true&severity=major", true),
    ] {
        let ids = column(&ana.get(&format!("/alarms{query}")).ok(), "id");
        assert_eq!(ids.contains(&json!(id)), found, "{query}");
    }
    ana.get("/alarms?severity=awful").refused(400, "malformed");
    let listed = ana.get("/devices?state=alarm").ok();
    assert_eq!(column(&listed, "open_alarms"), [json!(1)]);
    assert_eq!(column(&listed, "worst"), [json!("major")]);
    assert_eq!(column(&ana.get("/groups").ok(), "open_alarms"), [json!(1)]);
    let overview = ana.get("/overview").ok();
    assert_eq!(overview["alarms"]["open"], 1);
    assert_eq!(overview["alarms"]["unacknowledged"], 1);
    assert_eq!(overview["alarms"]["worst"], "major");
    assert_eq!(overview["alarms"]["items"][0]["id"], id);
    ana.post(&format!("/alarms/{id}/acknowledge"), &json!({}))
        .ok();
    assert_eq!(ana.get("/overview").ok()["alarms"]["unacknowledged"], 0);
    ana.post(&format!("/alarms/{id}/clear"), &json!({})).ok();
    assert_eq!(ana.get("/overview").ok()["alarms"]["open"], 0);
    // What was counted comes back after a crash as the database has it.
}

#[test]
fn open_alarms_are_counted_after_a_crash_as_before() {
    let (scene, _) = raised();
    let Scene { hub, .. } = scene;
    let hub = hub.crash_and_start();
    let ana = hub.log_in("ana");
    assert_eq!(column(&ana.get("/groups").ok(), "open_alarms"), [json!(1)]);
    assert_eq!(
        column(&ana.get("/devices?state=alarm").ok(), "worst"),
        [json!("major")]
    );
}
