//! Requests that cannot be read, that are too many, and what is not for everybody.

use serde_json::json;

use crate::harness::{Ask, Hub, PASSWORD};

#[test]
fn what_cannot_be_read_is_said_in_words() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let post = |kind: &str, body: &str| admin.ask("POST", "/groups").text(kind, body).send(hub.web);
    for body in ["", "{", "{\"name\": }", "nothing", "{\"name\": \"a\"} x"] {
        post("application/json", body).refused(400, "malformed");
    }
    for body in [
        "[]",
        "{}",
        "{\"name\": 7}",
        "{\"name\": \"a\", \"more\": 1}",
        "null",
    ] {
        post("application/json", body).refused(422, "invalid");
    }
    post("text/plain", "{\"name\": \"a\"}").refused(415, "unsupported_media_type");
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(2 << 20));
    post("application/json", &huge).refused(413, "too_large");
    let deep = "[".repeat(100_000);
    post("application/json", &deep).refused(422, "invalid");
    assert!(
        admin.get("/groups").ok()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_huge_body_with_a_key_is_refused_as_well() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let huge = "x".repeat((16 << 20) + 1);
    let ask = admin
        .ask("POST", "/groups")
        .text("application/json", &huge)
        .header("idempotency-key", "k");
    ask.send(hub.web).refused(413, "too_large");
}

#[test]
fn paths_and_methods_that_are_not_there_are_problems_too() {
    let hub = Hub::start();
    let admin = hub.administrator();
    for path in [
        "/nothing",
        "/users/x",
        "/users/-1",
        "/users/99999999999999999999",
    ] {
        admin.get(path).refused(404, "not_found");
    }
    for (method, path) in [("DELETE", "/me"), ("GET", "/login"), ("PUT", "/users")] {
        let reply = admin.ask(method, path).send(hub.web);
        reply.refused(405, "method_not_allowed");
        assert!(reply.header("allow").is_some(), "{reply:?}");
    }
    for query in ["?limit=0", "?limit=1001", "?limit=x", "?strange=1"] {
        admin
            .get(&format!("/users{query}"))
            .refused(400, "malformed");
    }
    admin.get("/users?cursor=x").refused(422, "invalid");
}

#[test]
fn too_many_requests_of_one_caller_are_told_to_wait() {
    let hub = Hub::start_with(&[("WEB__BURST", "20"), ("WEB__REQUESTS_PER_SECOND", "1")]);
    hub.groups(&["north"]);
    let admin = hub.administrator();
    let other = hub.user("ana", "viewer", &["north"]);
    let replies: Vec<_> = (0..40).map(|_| admin.get("/me")).collect();
    let refused: Vec<_> = replies.iter().filter(|reply| reply.status != 200).collect();
    assert!(refused.len() >= 15, "{}", refused.len());
    for reply in refused {
        reply.refused(429, "throttled");
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!(wait >= 1);
    }
    other.get("/me").ok();
}

#[test]
fn metrics_are_for_this_machine_and_for_administrators() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let admin = hub.administrator();
    let vera = hub.user("vera", "viewer", &["north"]);
    assert_eq!(hub.get("//metrics").status, 200);
    assert_eq!(hub.get("//healthz").status, 200);
    let through_proxy = |ask: Ask| ask.header("x-forwarded-for", "192.0.2.7").send(hub.web);
    through_proxy(Ask::new("GET", "//metrics")).refused(403, "forbidden");
    through_proxy(vera.ask("GET", "//metrics")).refused(403, "forbidden");
    assert_eq!(through_proxy(admin.ask("GET", "//metrics")).status, 200);
    assert_eq!(through_proxy(Ask::new("GET", "//healthz")).status, 200);
}

#[test]
fn answers_of_the_api_are_not_kept_by_browsers() {
    let hub = Hub::start();
    let admin = hub.administrator();
    assert_eq!(admin.get("/me").header("cache-control"), Some("no-store"));
    let login = hub.post("/login", &json!({"name": "admin", "password": PASSWORD}));
    assert_eq!(login.header("cache-control"), Some("no-store"));
}
