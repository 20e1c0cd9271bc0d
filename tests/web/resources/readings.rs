//! Readings of a range, series, and how long they are kept.

use serde_json::json;

use super::column;
use crate::live::Scene;

#[test]
fn what_a_device_reports_is_there_to_be_asked_for() {
    let mut scene = Scene::new();
    for (n, value) in ["20", "21.5", "-3"].iter().enumerate() {
        scene.one.report("t", value, n as u64 + 1);
    }
    let path = format!("/devices/{}", scene.one.address);
    let ana = &scene.operator;
    let series = ana.get(&format!("{path}/series")).ok();
    assert_eq!(series["items"][0]["readings"], 3, "{series}");
    let answer = ana.get(&format!("{path}/readings?sensor=t")).ok();
    let values: Vec<_> = answer["items"][0]["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["value"].clone())
        .collect();
    assert_eq!(values, [json!(20), json!(21.5), json!(-3)]);
    let hours = ana
        .get(&format!("{path}/readings?sensor=t&resolution=hour"))
        .ok();
    let bucket = &hours["items"][0]["buckets"][0];
    assert_eq!(
        (&bucket["min"], &bucket["max"]),
        (&json!(-3), &json!(21.5)),
        "{hours}"
    );
    let last = ana.get(&format!("{path}/capabilities")).ok();
    assert_eq!(last["sensors"][0]["last"]["value"], -3);
    let shown = ana.get(&path).ok();
    assert_eq!(shown["presence"]["state"], "online");
    let listed = ana.get("/devices?state=online").ok();
    assert_eq!(column(&listed, "address"), [json!(scene.one.address)]);
    let groups = ana.get("/groups").ok();
    assert_eq!(column(&groups, "online"), [json!(1)]);
    assert_eq!(ana.get("/overview").ok()["devices"]["online"], 1);
}

#[test]
fn wrong_ranges_are_refused() {
    let scene = Scene::new();
    let path = format!("/devices/{}/readings", scene.one.address);
    for (query, status, code) in [
        ("", 400, "malformed"),
        ("?sensor=t&points=3", 400, "malformed"),
        ("?sensor=t&points=20001", 400, "malformed"),
        ("?sensor=t&resolution=day", 400, "malformed"),
        ("?sensor=t&from_ms=x", 400, "malformed"),
        ("?sensor=t&from_ms=2&to_ms=1", 422, "invalid"),
    ] {
        scene
            .operator
            .get(&format!("{path}{query}"))
            .refused(status, code);
    }
    let none = scene.operator.get(&format!("{path}?sensor=nothing")).ok();
    assert_eq!(none["items"], json!([]));
}

#[test]
fn how_long_readings_are_kept_is_for_those_who_manage() {
    let scene = Scene::new();
    let rule = json!({"group": "greenhouse", "sensor": "t", "raw_days": 7, "minute_days": 30, "hour_days": 0});
    scene
        .operator
        .put("/retention", &rule)
        .refused(403, "forbidden");
    let gina = scene
        .hub
        .user("gina", "group_administrator", &["greenhouse"]);
    assert_eq!(gina.put("/retention", &rule).ok(), rule);
    assert_eq!(gina.get("/retention").ok()["items"], json!([rule]));
    let mut wrong = rule.clone();
    wrong["minute_days"] = json!(3);
    gina.put("/retention", &wrong).refused(422, "invalid");
    wrong = rule.clone();
    wrong["group"] = json!("harbour");
    gina.put("/retention", &wrong).refused(404, "not_found");
    let admin = scene.hub.administrator();
    admin.put("/retention", &wrong).ok();
    assert_eq!(gina.get("/retention").ok()["items"], json!([rule]));
    gina.delete("/retention?group=harbour&sensor=t")
        .refused(404, "not_found");
    assert_eq!(
        gina.delete("/retention?group=greenhouse&sensor=t").status,
        204
    );
    gina.delete("/retention?group=greenhouse&sensor=t")
        .refused(404, "not_found");
}
