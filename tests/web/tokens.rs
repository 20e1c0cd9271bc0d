//! Sessions in a list, and tokens of programs.

use serde_json::{Value, json};

use crate::harness::{Ask, Browser, Hub, Reply};

const HOUR: i64 = 3_600_000;

fn now_ms() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn make(browser: &Browser, scope: &str, groups: &Value) -> String {
    let new = json!({"name": format!("{scope} {groups}"), "scope": scope, "groups": groups, "expires_ms": now_ms() + HOUR});
    let reply = browser.post("/me/tokens", &new);
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()["token"].as_str().unwrap().to_owned()
}

fn with(hub: &Hub, token: &str, ask: &Ask) -> Reply {
    let header = format!("Bearer {token}");
    ask.clone().header("authorization", &header).send(hub.web)
}

#[test]
fn a_token_has_its_scope_and_no_more() {
    let hub = Hub::start();
    hub.groups(&["north", "south"]);
    let address = hub.device("north", "1001");
    let admin = hub.administrator();
    let send = Ask::new("POST", "/commands")
        .json(&json!({"target": address.to_string(), "type": 24, "fields": ["vent", "1"]}));
    let add_group = Ask::new("POST", "/groups").json(&json!({"name": "west"}));

    let read = make(&admin, "read", &Value::Null);
    let me = with(&hub, &read, &Ask::new("GET", "/me")).ok();
    assert_eq!(
        (&me["via"], &me["scope"]),
        (&json!("token"), &json!("read"))
    );
    assert_eq!(me["csrf"], "");
    with(&hub, &read, &Ask::new("GET", "/devices")).ok();
    with(&hub, &read, &send).refused(403, "forbidden");

    let operate = make(&admin, "operate", &Value::Null);
    assert_ne!(with(&hub, &operate, &send).status, 403);
    let manage = make(&admin, "manage", &Value::Null);
    with(&hub, &manage, &add_group).refused(403, "forbidden");

    // Never users, tokens or passwords.
    for path in ["/users", "/me/tokens", "/me/sessions"] {
        with(&hub, &manage, &Ask::new("GET", path)).refused(403, "forbidden");
    }
    let password = json!({"old": "x", "new": "y"});
    for (path, body) in [("/me/password", password), ("/logout", json!(null))] {
        let ask = Ask::new("POST", path).json(&body);
        with(&hub, &manage, &ask).refused(403, "forbidden");
    }
}

#[test]
fn a_token_keeps_to_its_groups() {
    let hub = Hub::start();
    hub.groups(&["north", "south"]);
    let (north, south) = (hub.device("north", "1001"), hub.device("south", "1002"));
    let admin = hub.administrator();
    let token = make(&admin, "manage", &json!(["north"]));
    with(&hub, &token, &Ask::new("GET", &format!("/devices/{north}"))).ok();
    let hidden = with(&hub, &token, &Ask::new("GET", &format!("/devices/{south}")));
    let unknown = with(&hub, &token, &Ask::new("GET", "/devices/77"));
    assert_eq!((hidden.status, hidden.body), (404, unknown.body));
    let me = with(&hub, &token, &Ask::new("GET", "/me")).ok();
    assert_eq!(me["groups"], json!(["north"]));
    // The group goes: nothing is left, not everything.
    hub.verb(&["device", "remove", &north.to_string()]);
    hub.verb(&["group", "remove", "north"]);
    let me = with(&hub, &token, &Ask::new("GET", "/me")).ok();
    assert_eq!(me["groups"], json!([]));
}

#[test]
fn a_token_is_of_its_owner() {
    let hub = Hub::start();
    hub.groups(&["north", "south"]);
    let olga = hub.user("olga", "operator", &["north"]);
    let token = make(&olga, "operate", &Value::Null);
    let me = Ask::new("GET", "/me");
    let wanted = |scope: &str, groups: Value, expires_ms: i64| {
        let new = json!({"name": "n", "scope": scope, "groups": groups, "expires_ms": expires_ms});
        olga.post("/me/tokens", &new)
    };
    wanted("manage", Value::Null, now_ms() + HOUR).refused(403, "forbidden");
    wanted("read", json!(["south"]), now_ms() + HOUR).refused(404, "not_found");
    wanted("read", json!([]), now_ms() + HOUR).refused(422, "invalid");
    wanted("read", Value::Null, now_ms() - 1).refused(422, "invalid");
    wanted("read", Value::Null, now_ms() + 400 * 24 * HOUR).refused(422, "invalid");
    assert_eq!(with(&hub, &token, &me).ok()["groups"], json!(["north"]));
    hub.verb(&["user", "groups", "olga", "south"]);
    assert_eq!(with(&hub, &token, &me).ok()["groups"], json!(["south"]));
    hub.verb(&["user", "disable", "olga"]);
    with(&hub, &token, &me).refused(401, "unauthenticated");
}

#[test]
fn a_token_ends_by_time_and_by_its_owner() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let (first, second) = (
        make(&admin, "read", &Value::Null),
        make(&admin, "operate", &Value::Null),
    );
    let listed = admin.get("/me/tokens").ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(&first));
    let id = listed["items"][0]["id"].as_i64().unwrap();
    assert_eq!(admin.delete(&format!("/me/tokens/{id}")).status, 204);
    admin
        .delete(&format!("/me/tokens/{id}"))
        .refused(404, "not_found");
    let me = Ask::new("GET", "/me");
    with(&hub, &first, &me).refused(401, "unauthenticated");
    with(&hub, &second, &me).ok();
    hub.database()
        .execute("UPDATE api_token SET expires_ms = 1", [])
        .unwrap();
    let hub = hub.crash_and_start();
    with(&hub, &second, &me).refused(401, "unauthenticated");
    for wrong in ["", "x", &"A".repeat(43)] {
        with(&hub, wrong, &me).refused(401, "unauthenticated");
    }
    // No secret of either is in the database.
    let text = std::fs::read(hub.data("hub.db")).unwrap();
    let holds = |secret: &str| {
        text.windows(secret.len())
            .any(|part| part == secret.as_bytes())
    };
    assert!(!holds(&first) && !holds(&second) && !holds(&admin.cookie));
}

#[test]
fn a_user_sees_its_sessions_and_ends_one() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let admin = hub.administrator();
    let other = hub.log_in("admin");
    let ana = hub.user("ana", "viewer", &["north"]);
    let listed = admin.get("/me/sessions").ok();
    let listed = listed["items"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let current: Vec<_> = listed
        .iter()
        .map(|one| one["current"].as_bool().unwrap())
        .collect();
    assert_eq!(current, [true, false]);
    assert_eq!(listed[0]["from"], "127.0.0.1");
    let id = listed[1]["id"].as_i64().unwrap();
    ana.delete(&format!("/me/sessions/{id}"))
        .refused(404, "not_found");
    assert_eq!(admin.delete(&format!("/me/sessions/{id}")).status, 204);
    other.get("/me").refused(401, "unauthenticated");
    admin.get("/me").ok();
}
