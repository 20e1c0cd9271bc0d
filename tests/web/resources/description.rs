//! The description of the API, and bodies that cannot be read.

use serde_json::json;

use super::two_groups;

#[test]
fn the_description_has_every_path_once_and_all_that_it_names() {
    let (hub, admin) = two_groups();
    hub.get("/openapi.json").refused(401, "unauthenticated");
    let reply = admin.get("/openapi.json");
    let description = reply.ok();
    for path in [
        "/me",
        "/users",
        "/audit",
        "/devices/{address}/readings",
        "/readings.csv",
        "/live",
        "/events",
        "/discovered",
    ] {
        assert!(description["paths"].get(path).is_some(), "{path}");
    }
    let mut rest = reply.body.as_str();
    while let Some((_, after)) = rest.split_once("#/components/schemas/") {
        let (name, after) = after.split_once('"').unwrap();
        let known = description["components"]["schemas"].get(name);
        assert!(known.is_some(), "{name} is named and not described");
        rest = after;
    }
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(ids.insert(id.to_owned()), "{method} {path}: {id}");
        }
    }
}

#[test]
fn the_page_that_shows_it_has_nothing_inline() {
    let (hub, _) = two_groups();
    let moved = hub.get("//api/docs");
    assert_eq!(
        (moved.status, moved.header("location")),
        (308, Some("/api/docs/"))
    );
    let page = hub.get("//api/docs/");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(!page.body.contains("<style"), "{}", page.body);
    for script in page.body.split("<script").skip(1) {
        let (attributes, inside) = script.split_once('>').unwrap();
        assert!(
            attributes.contains("src=") && inside.trim_start().starts_with("</script>"),
            "{script}"
        );
    }
}

#[test]
fn bodies_that_cannot_be_read_are_refused_by_their_fault() {
    let (_hub, admin) = two_groups();
    let post = |kind: &str, body: &str| admin.send(&admin.ask("POST", "/groups").text(kind, body));
    post("application/json", "{").refused(400, "malformed");
    post("application/json", "").refused(400, "malformed");
    post("application/json", r#"{"name":1}"#).refused(422, "invalid");
    post("application/json", r#"{"name":"a","name":"b"}"#).refused(422, "invalid");
    post("application/json", "[]").refused(422, "invalid");
    post("text/plain", r#"{"name":"a"}"#).refused(415, "unsupported_media_type");
    let deep = "[".repeat(10_000);
    post("application/json", &deep).refused(422, "invalid");
    let large = json!({"name": "x".repeat(1 << 20)}).to_string();
    post("application/json", &large).refused(413, "too_large");
}
