//! The same POST twice.

use serde_json::json;

use crate::harness::{Ask, Browser, Hub};

fn keyed(browser: &Browser, key: &str, path: &str, body: &serde_json::Value) -> Ask {
    browser
        .ask("POST", path)
        .json(body)
        .header("idempotency-key", key)
}

#[test]
fn a_repeat_is_answered_and_not_done_again() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let address = hub.device("north", "1001");
    let admin = hub.administrator();
    let order = json!({"target": address.to_string(), "type": 24, "fields": ["vent", "1"]});
    let ask = keyed(&admin, "k-1", "/commands", &order);
    let first = ask.send(hub.web);
    assert_eq!(first.status, 202, "{first:?}");
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = ask.send(hub.web);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!((again.status, &again.body), (202, &first.body));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    let listed = admin.get("/commands").ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    // Another request under the key, another caller, another key.
    let other = json!({"target": address.to_string(), "type": 24, "fields": ["vent", "2"]});
    keyed(&admin, "k-1", "/commands", &other)
        .send(hub.web)
        .refused(422, "invalid");
    let olga = hub.user("olga", "operator", &["north"]);
    assert_eq!(
        keyed(&olga, "k-1", "/commands", &order)
            .send(hub.web)
            .status,
        202
    );
    assert_eq!(
        keyed(&admin, "k-2", "/commands", &order)
            .send(hub.web)
            .status,
        202
    );
    // And after a crash.
    let hub = hub.crash_and_start();
    let kept = Browser {
        web: hub.web,
        ..admin
    };
    let again = keyed(&kept, "k-1", "/commands", &order).send(hub.web);
    assert_eq!(again.body, first.body);
}

#[test]
fn refusals_are_kept_as_well() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let ask = keyed(&admin, "k", "/groups", &json!({"name": ""}));
    let first = ask.send(hub.web);
    first.refused(422, "invalid");
    let again = ask.send(hub.web);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.refused(422, "invalid"), first.refused(422, "invalid"));
}

#[test]
fn what_was_cut_off_is_not_done_again() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let ask = keyed(&admin, "k", "/groups", &json!({"name": "north"}));
    ask.send(hub.web).ok();
    // As a crash between the deed and its answer leaves it.
    hub.database()
        .execute("UPDATE idempotency SET status = NULL", [])
        .unwrap();
    ask.send(hub.web).refused(409, "conflict");
    hub.database()
        .execute("UPDATE idempotency SET at_ms = at_ms - 86400001", [])
        .unwrap();
    // A day later the key is like new: and the group exists.
    ask.send(hub.web).refused(409, "conflict");
    let status: i64 = hub
        .database()
        .query_row("SELECT status FROM idempotency", [], |row| row.get(0))
        .unwrap();
    assert_eq!(status, 409);
}

#[test]
fn a_secret_is_shown_once_and_kept_nowhere() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let admin = hub.administrator();
    let new = json!({"name": "ana", "role": "viewer", "groups": ["north"]});
    let ask = keyed(&admin, "k", "/users", &new);
    let first = ask.send(hub.web);
    assert_eq!(first.status, 201);
    assert!(
        ask.send(hub.web)
            .refused(409, "conflict")
            .contains("was done")
    );
    let device = json!({"group": "north", "type": 511, "id": "7", "name": "", "labels": []});
    let ask = keyed(&admin, "d", "/devices", &device);
    let first = ask.send(hub.web);
    assert_eq!(first.status, 201, "{first:?}");
    ask.send(hub.web).refused(409, "conflict");
    let kept: i64 = hub
        .database()
        .query_row("SELECT sum(length(body)) FROM idempotency", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(kept, 0);
}

#[test]
fn two_at_once_are_one() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let ask = keyed(&admin, "k", "/groups", &json!({"name": "north"}));
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..6).map(|_| scope.spawn(|| ask.send(hub.web))).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let done = statuses.iter().filter(|reply| {
        (200..300).contains(&reply.status) && reply.header("idempotent-replayed").is_none()
    });
    assert_eq!(done.count(), 1, "{statuses:?}");
    for reply in statuses.iter().filter(|reply| reply.status >= 300) {
        assert!(
            reply.refused(409, "conflict").contains("under way"),
            "{reply:?}"
        );
    }
}

#[test]
fn a_key_is_short_and_visible() {
    let hub = Hub::start();
    let admin = hub.administrator();
    for key in ["", "a b", "ñ", &"k".repeat(129)] {
        let ask = keyed(&admin, key, "/groups", &json!({"name": "north"}));
        ask.send(hub.web).refused(400, "malformed");
    }
}
