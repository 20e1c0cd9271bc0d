//! Who may manage whom.

use serde_json::{Value, json};

use crate::harness::{Browser, Hub, PASSWORD, token_of};

fn id_of(admin: &Browser, name: &str) -> i64 {
    let users = admin.get("/users").ok();
    let users = users["items"].as_array().unwrap();
    let user = users.iter().find(|user| user["name"] == name).unwrap();
    user["id"].as_i64().unwrap()
}

fn names(browser: &Browser) -> Vec<String> {
    let users = browser.get("/users").ok();
    let users = users["items"].as_array().unwrap();
    let name = |user: &Value| user["name"].as_str().unwrap().to_owned();
    users.iter().map(name).collect()
}

#[test]
fn an_administrator_makes_a_user_who_sets_the_password() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let admin = hub.administrator();
    let new = json!({"name": "ana", "role": "operator", "groups": ["north"]});
    let reply = admin.post("/users", &new);
    assert_eq!(reply.status, 201);
    let made = reply.json();
    assert_eq!(made["user"]["has_password"], false);
    assert_eq!(made["user"]["groups"], json!(["north"]));
    assert!(made["link_expires_ms"].as_i64().unwrap() > 0);
    let token = token_of(made["link"].as_str().unwrap());
    let set = json!({"token": token, "password": PASSWORD});
    let ana = Browser::of(hub.web, &hub.post("/setup", &set));
    assert_eq!(ana.get("/me").ok()["role"], "operator");
    let shown = admin.get(&format!("/users/{}", made["user"]["id"])).ok();
    assert_eq!(shown["has_password"], true);
    assert!(shown["last_login_ms"].is_i64());
    admin.post("/users", &new).refused(409, "conflict");
    let same = json!({"name": "ANA", "role": "operator", "groups": ["north"]});
    admin.post("/users", &same).refused(409, "conflict");
    for (wrong, pointer) in [
        (
            json!({"name": "a b", "role": "viewer", "groups": ["north"]}),
            "/name",
        ),
        (
            json!({"name": "bob", "role": "viewer", "groups": []}),
            "/groups",
        ),
    ] {
        let reply = admin.post("/users", &wrong);
        reply.refused(422, "invalid");
        assert_eq!(reply.json()["errors"][0]["pointer"], pointer);
    }
    let nowhere = json!({"name": "bob", "role": "viewer", "groups": ["nowhere"]});
    admin.post("/users", &nowhere).refused(404, "not_found");
}

#[test]
fn a_group_administrator_keeps_to_its_groups() {
    let hub = Hub::start();
    hub.groups(&["north", "south"]);
    let admin = hub.administrator();
    let gus = hub.user("gus", "group_administrator", &["north"]);
    hub.user("nora", "operator", &["north"]);
    hub.user("sam", "operator", &["south"]);
    hub.user("both", "viewer", &["north", "south"]);
    assert_eq!(names(&gus), ["gus", "nora", "both"]);
    let both = gus.get(&format!("/users/{}", id_of(&admin, "both"))).ok();
    assert_eq!(both["groups"], json!(["north"]));

    // Users of other groups are as unknown as those that are not there.
    let unknown = gus.get("/users/999");
    unknown.refused(404, "not_found");
    for name in ["sam", "admin"] {
        let path = format!("/users/{}", id_of(&admin, name));
        for reply in [
            gus.get(&path),
            gus.patch(&path, &json!({"disabled": true})),
            gus.delete(&path),
            gus.post(&format!("{path}/reset"), &json!(null)),
        ] {
            assert_eq!((reply.status, &reply.body), (404, &unknown.body));
        }
    }

    // What the other group's administrator would feel as well.
    let both = format!("/users/{}", id_of(&admin, "both"));
    gus.patch(&both, &json!({"disabled": true}))
        .refused(403, "forbidden");
    gus.delete(&both).refused(403, "forbidden");

    let nora = format!("/users/{}", id_of(&admin, "nora"));
    let raised = json!({"role": "administrator"});
    gus.patch(&nora, &raised).refused(403, "forbidden");
    gus.patch(&format!("/users/{}", id_of(&admin, "gus")), &raised)
        .refused(403, "forbidden");
    let foreign = json!({"groups": ["north", "south"]});
    gus.patch(&nora, &foreign).refused(404, "not_found");
    let new = json!({"name": "eve", "role": "administrator"});
    gus.post("/users", &new).refused(403, "forbidden");
    let new = json!({"name": "eve", "role": "viewer", "groups": ["south"]});
    gus.post("/users", &new).refused(404, "not_found");

    let peer = json!({"role": "group_administrator"});
    assert_eq!(gus.patch(&nora, &peer).ok()["role"], "group_administrator");
    let new = json!({"name": "eve", "role": "viewer", "groups": ["north"]});
    assert_eq!(gus.post("/users", &new).status, 201);
    assert_eq!(gus.delete(&nora).status, 204);
}

#[test]
fn operators_and_viewers_manage_nobody() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    for (name, role) in [("olga", "operator"), ("vera", "viewer")] {
        let browser = hub.user(name, role, &["north"]);
        browser.get("/users").refused(403, "forbidden");
        browser.get("/users/1").refused(403, "forbidden");
        browser.get("/users/999").refused(403, "forbidden");
        browser.get("/audit").refused(403, "forbidden");
        let new = json!({"name": "eve", "role": "viewer", "groups": ["north"]});
        browser.post("/users", &new).refused(403, "forbidden");
        browser
            .post("/groups", &json!({"name": "x"}))
            .refused(403, "forbidden");
    }
    hub.get("/users").refused(401, "unauthenticated");
}

#[test]
fn the_last_administrator_stays() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let admin = hub.administrator();
    let own = format!("/users/{}", id_of(&admin, "admin"));
    let demoted = json!({"role": "operator", "groups": ["north"]});
    for reply in [
        admin.delete(&own),
        admin.patch(&own, &json!({"disabled": true})),
        admin.patch(&own, &demoted),
    ] {
        reply.refused(409, "conflict");
    }
    let verb = hub.try_verb(&["user", "remove", "admin"]);
    assert!(!verb.status.success());
    let second = hub.user("second", "administrator", &[]);
    assert_eq!(admin.patch(&own, &demoted).ok()["role"], "operator");
    admin.get("/users").refused(403, "forbidden");
    let other = format!("/users/{}", id_of(&second, "second"));
    second.delete(&other).refused(409, "conflict");
}

#[test]
fn users_come_in_pages() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let admin = hub.administrator();
    for name in ["a", "b", "c"] {
        let new = json!({"name": name, "role": "viewer", "groups": ["north"]});
        admin.post("/users", &new).ok();
    }
    let first = admin.get("/users?limit=3").ok();
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    let next = first["next"].as_str().unwrap();
    let second = admin.get(&format!("/users?limit=3&cursor={next}")).ok();
    assert_eq!(second["items"][0]["name"], "c");
    assert!(second["next"].is_null());
}

#[test]
fn verbs_show_users_and_refuse_in_words() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    hub.user("ana", "operator", &["north"]);
    let users: Value = serde_json::from_str(&hub.verb(&["user", "list", "--json"])).unwrap();
    let ana = users.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&ana["name"], &ana["role"]),
        (&json!("ana"), &json!("operator"))
    );
    for words in [
        &["user", "add", "ana", "--role", "viewer", "--group", "north"][..],
        &["user", "add", "bob", "--role", "viewer"],
        &[
            "user", "add", "bob", "--role", "viewer", "--group", "nowhere",
        ],
        &["user", "role", "nobody", "viewer"],
        &["user", "remove", "nobody"],
    ] {
        let output = hub.try_verb(words);
        assert!(!output.status.success(), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("hub: "), "{said}");
    }
}
