//! Who changed what.

use serde_json::{Value, json};

use crate::harness::{Browser, Hub, PASSWORD, token_of};

fn lines(browser: &Browser, query: &str) -> Vec<Value> {
    let page = browser.get(&format!("/audit{query}")).ok();
    page["items"].as_array().unwrap().clone()
}

fn actions(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect()
}

#[test]
fn changes_are_written_down_with_who_and_how() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let admin = hub.administrator();
    let address = hub.device("north", "1001");
    admin
        .patch(&format!("/devices/{address}"), &json!({"disabled": true}))
        .ok();
    let all = lines(&admin, "");
    assert_eq!(
        actions(&all),
        ["device.disable", "device.add", "user.setup", "group.add"]
    );
    let [disabled, added, setup, group] = &all[..] else {
        panic!("{all:?}")
    };
    assert_eq!(
        (&disabled["actor"], &disabled["via"]),
        (&json!("admin"), &json!("web"))
    );
    assert_eq!(
        (&disabled["group"], &disabled["from"]),
        (&json!("north"), &json!("127.0.0.1"))
    );
    assert!(
        disabled["target"]
            .as_str()
            .unwrap()
            .starts_with(&address.to_string())
    );
    assert_eq!(added["via"], "verb");
    assert_ne!(added["actor"], "");
    assert_eq!(added["target"], address.to_string());
    assert_eq!(setup["actor"], "admin");
    assert_eq!(
        (&group["group"], &group["target"]),
        (&json!("north"), &json!("north"))
    );
}

#[test]
fn logins_and_users_are_written_down_and_no_secret_is() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let admin = hub.administrator();
    let new = json!({"name": "ana", "role": "viewer", "groups": ["north"]});
    let made = admin.post("/users", &new).ok();
    let token = token_of(made["link"].as_str().unwrap()).to_owned();
    let set = json!({"token": token, "password": PASSWORD});
    let ana = Browser::of(hub.web, &hub.post("/setup", &set));
    hub.post(
        "/login",
        &json!({"name": "ana", "password": "wrong secret"}),
    );
    hub.post(
        "/login",
        &json!({"name": "typed-the-password-here", "password": "x"}),
    );
    let changed = json!({"old": PASSWORD, "new": "another row of words"});
    let reply = ana.post("/me/password", &changed);
    let ana = Browser {
        cookie: reply.cookie("hub_session").unwrap(),
        ..ana
    };
    let csrf = ana.get("/me").ok()["csrf"].as_str().unwrap().to_owned();
    Browser { csrf, ..ana }.post("/logout", &json!(null));
    let id = &made["user"]["id"];
    admin
        .patch(&format!("/users/{id}"), &json!({"role": "operator"}))
        .ok();
    admin.post(&format!("/users/{id}/reset"), &json!(null)).ok();
    admin.delete(&format!("/users/{id}"));
    let users = lines(&admin, "?action=user");
    assert_eq!(
        actions(&users),
        [
            "user.remove",
            "user.reset",
            "user.change",
            "user.logout",
            "user.password",
            "user.login_failed",
            "user.login_failed",
            "user.setup",
            "user.add",
            "user.setup",
        ]
    );
    assert_eq!(users[5]["actor"], "unknown");
    assert_eq!(users[6]["actor"], "ana");
    let text = format!("{users:?}");
    for secret in [
        &token,
        PASSWORD,
        "wrong secret",
        "typed-the-password",
        "another row",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    let own = lines(&admin, "?actor=ana");
    assert!(own.iter().all(|line| line["actor"] == "ana"));
    assert_eq!(lines(&admin, "?action=user.remove").len(), 1);
    assert_eq!(lines(&admin, "?to=1").len(), 0);
}

#[test]
fn a_group_administrator_reads_of_its_groups_alone() {
    let hub = Hub::start();
    hub.groups(&["north", "south"]);
    let admin = hub.administrator();
    let gus = hub.user("gus", "group_administrator", &["north"]);
    hub.device("north", "1001");
    hub.device("south", "1002");
    let both = ["north", "south"];
    let new = json!({"name": "both", "role": "viewer", "groups": both});
    admin.post("/users", &new).ok();
    let seen = lines(&gus, "");
    assert!(seen.iter().all(|line| line["group"] == "north"), "{seen:?}");
    assert_eq!(
        actions(&seen),
        [
            "user.add",
            "device.add",
            "user.setup",
            "user.add",
            "group.add"
        ]
    );
    let text = format!("{seen:?}");
    assert!(
        !text.contains("1002") && !text.contains("\"south\""),
        "{text}"
    );
    let hidden = gus.get("/audit?group=south");
    let unknown = gus.get("/audit?group=nowhere");
    hidden.refused(404, "not_found");
    assert_eq!(hidden.body, unknown.body);
}

#[test]
fn the_log_comes_in_pages_the_newest_first() {
    let hub = Hub::start();
    let names: Vec<String> = (0..7).map(|n| format!("g{n}")).collect();
    let admin = hub.administrator();
    for name in &names {
        admin.post("/groups", &json!({"name": name})).ok();
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin
            .get(&format!("/audit?action=group.add&limit=3{cursor}"))
            .ok();
        for line in page["items"].as_array().unwrap() {
            seen.push(line["target"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    seen.reverse();
    assert_eq!(seen, names);
}

#[test]
fn what_a_user_does_is_by_the_proven_name() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let address = hub.device("north", "1001");
    let olga = hub.user("olga", "operator", &["north"]);
    let order = json!({"target": address.to_string(), "type": 24, "fields": ["vent", "1"]});
    let reply = olga.post("/commands", &order);
    assert_eq!(reply.status, 202, "{reply:?}");
    assert_eq!(reply.json()["items"][0]["issuer"], "olga");
    let stored: String = hub
        .database()
        .query_row("SELECT issuer FROM command", [], |row| row.get(0))
        .unwrap();
    assert!(stored.starts_with("user "), "{stored}");
    // After a crash too.
    let hub = hub.crash_and_start();
    let olga = Browser {
        web: hub.web,
        ..olga
    };
    let listed = olga.get("/commands").ok();
    assert_eq!(listed["items"][0]["issuer"], "olga");
}
