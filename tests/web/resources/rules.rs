//! Alarm rules and back-tests.

use serde_json::json;

use super::{column, rule, two_groups};
use crate::live::Scene;

#[test]
fn a_rule_is_made_switched_and_removed() {
    let (_hub, admin) = two_groups();
    let made = admin.post("/rules", &rule("hot", "harbour", 30.0));
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["severity"], "major");
    let path = format!("/rules/{}", made.json()["id"]);
    admin
        .post("/rules", &rule("hot", "harbour", 31.0))
        .refused(409, "conflict");
    admin.post("/rules", &rule("hot", "greenhouse", 31.0)).ok();
    assert_eq!(
        admin.patch(&path, &json!({"enabled": false})).ok()["enabled"],
        false
    );
    assert_eq!(admin.get(&path).ok()["enabled"], false);
    assert_eq!(
        column(&admin.get("/rules?group=harbour").ok(), "name"),
        [json!("hot")]
    );
    assert_eq!(admin.delete(&path).status, 204);
    admin.get(&path).refused(404, "not_found");
}

#[test]
fn rules_that_mean_nothing_are_refused_in_words_of_a_page() {
    let (_hub, admin) = two_groups();
    for (member, wrong) in [
        ("name", json!("")),
        ("name", json!("*")),
        ("scope", json!("planet")),
        ("on_delay_ms", json!(-1)),
        ("off_delay_ms", json!(99_999_999_999_999_i64)),
        ("severity", json!("awful")),
        ("act", json!({"actuator": "", "value": "1"})),
        (
            "check",
            json!({"kind": "threshold", "sensor": "t", "op": ">", "raise": 1, "clear": 2}),
        ),
        (
            "check",
            json!({"kind": "rate", "sensor": "t", "direction": "rises", "raise": 1, "clear": 2, "window_ms": 5}),
        ),
        ("check", json!({"kind": "offline", "after_ms": 1})),
        (
            "check",
            json!({"kind": "offline", "after_ms": 1000, "sensor": "t"}),
        ),
        ("check", json!({"kind": "moon"})),
        ("colour", json!("red")),
    ] {
        let mut body = rule("hot", "harbour", 30.0);
        body[member] = wrong;
        let sentence = admin.post("/rules", &body).refused(422, "invalid");
        assert!(!sentence.contains("--"), "{sentence}");
    }
}

#[test]
fn a_back_test_says_when_it_would_have_raised() {
    let mut scene = Scene::new();
    for (n, value) in ["20", "31", "32", "20", "33"].iter().enumerate() {
        scene.one.report("t", value, n as u64 + 1);
    }
    let new = rule("hot", "greenhouse", 30.0);
    let tried = scene
        .operator
        .post("/rules/backtest", &json!({"new": new}))
        .ok();
    assert_eq!(tried["items"][0]["readings"], 5, "{tried}");
    assert_eq!(
        tried["items"][0]["spans"].as_array().unwrap().len(),
        2,
        "{tried}"
    );
    let made = scene.operator.post("/rules", &new).ok();
    let stored = scene
        .operator
        .post("/rules/backtest", &json!({"rule": made["id"]}))
        .ok();
    assert_eq!(stored, tried);
    let watching = scene
        .operator
        .get(&format!("/devices/{}/rules", scene.one.address))
        .ok();
    assert_eq!(watching["items"][0]["rule"]["id"], made["id"]);
    assert_eq!(
        watching["items"][0]["source"]["phase"], "normal",
        "{watching}"
    );
    let both = json!({"new": new, "rule": made["id"]});
    scene
        .operator
        .post("/rules/backtest", &both)
        .refused(422, "invalid");
}
