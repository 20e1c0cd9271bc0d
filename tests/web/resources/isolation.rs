//! What another group has is answered, byte for byte, like what there is not; and what a role may not do is refused.

use serde_json::{Value, json};

use super::{device, rule, two_groups};
use crate::harness::{Browser, Hub, Reply};

/// Every path with an id, and what each takes.
const PATHS: [(&str, &str, &str); 30] = [
    ("GET", "/devices/DEVICE", ""),
    ("PATCH", "/devices/DEVICE", r#"{"disabled":true}"#),
    ("DELETE", "/devices/DEVICE", ""),
    ("POST", "/devices/DEVICE/serial", ""),
    ("GET", "/devices/DEVICE/capabilities", ""),
    (
        "PUT",
        "/devices/DEVICE/capabilities",
        r#"{"capabilities":[]}"#,
    ),
    ("GET", "/devices/DEVICE/rules", ""),
    ("GET", "/devices/DEVICE/series", ""),
    ("GET", "/devices/DEVICE/readings?sensor=t", ""),
    ("GET", "/readings.csv?device=DEVICE", ""),
    ("GET", "/commands?device=DEVICE", ""),
    ("GET", "/alarms?device=DEVICE", ""),
    ("GET", "/events?device=DEVICE", ""),
    (
        "POST",
        "/commands",
        r#"{"target":"DEVICE","type":3,"fields":["fan","1"]}"#,
    ),
    ("GET", "/commands/COMMAND", ""),
    ("POST", "/commands/COMMAND/cancel", ""),
    ("GET", "/rules/RULE", ""),
    ("PATCH", "/rules/RULE", r#"{"enabled":false}"#),
    ("DELETE", "/rules/RULE", ""),
    ("POST", "/rules/backtest", r#"{"rule":RULE}"#),
    ("GET", "/schedules/SCHEDULE", ""),
    ("PATCH", "/schedules/SCHEDULE", r#"{"paused":true}"#),
    ("DELETE", "/schedules/SCHEDULE", ""),
    ("GET", "/schedules/SCHEDULE/preview", ""),
    ("GET", "/schedules/SCHEDULE/runs", ""),
    ("DELETE", "/channels/CHANNEL", ""),
    ("POST", "/channels/CHANNEL/test", ""),
    ("GET", "/devices?group=GROUP", ""),
    (
        "POST",
        "/rules",
        r#"{"name":"x","group":"greenhouse","scope":"device DEVICE","check":{"kind":"offline","after_ms":1000}}"#,
    ),
    (
        "POST",
        "/schedules",
        r#"{"name":"x","group":"greenhouse","timing":{"every_ms":60000},"act":{"kind":"command","target":"DEVICE","type":81}}"#,
    ),
];

/// One of everything in the harbour, by placeholder, and the same of what there is not.
struct Things(Vec<(&'static str, String, &'static str)>);

impl Things {
    fn make(admin: &Browser) -> Self {
        let address = device(admin, "harbour", "a");
        let order = json!({"target": address.to_string(), "type": 3, "fields": ["fan", "1"], "never": true});
        let command = admin.post("/commands", &order).ok()["items"][0]["id"].to_string();
        let made = |path: &str, body: Value| admin.post(path, &body).ok()["id"].to_string();
        let act = json!({"kind": "command", "target": "*", "type": 81});
        let schedule =
            json!({"name": "s", "group": "harbour", "timing": {"every_ms": 60_000}, "act": act});
        let to = json!({"kind": "webhook", "url": "http://127.0.0.1:9/hook"});
        Self(vec![
            ("DEVICE", address.to_string(), "7"),
            ("COMMAND", command, "999999"),
            ("RULE", made("/rules", rule("r", "harbour", 1.0)), "999999"),
            ("SCHEDULE", made("/schedules", schedule), "999999"),
            (
                "CHANNEL",
                made(
                    "/channels",
                    json!({"group": "harbour", "name": "c", "to": to}),
                ),
                "999999",
            ),
            ("GROUP", "harbour".into(), "nowhere"),
        ])
    }

    fn fill(&self, text: &str, real: bool) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (place, there, not)| {
                text.replace(place, if real { there } else { not })
            })
    }
}

fn ask(browser: &Browser, method: &str, path: &str, body: &str) -> Reply {
    let ask = browser.ask(method, path);
    if body.is_empty() {
        browser.send(&ask)
    } else {
        browser.send(&ask.text("application/json", body))
    }
}

fn scene() -> (Hub, Browser, Things) {
    let (hub, admin) = two_groups();
    let things = Things::make(&admin);
    (hub, admin, things)
}

#[test]
fn what_is_another_groups_is_answered_like_what_there_is_not() {
    let (hub, _, things) = scene();
    let gina = hub.user("gina", "group_administrator", &["greenhouse"]);
    for (method, path, body) in PATHS {
        let replies = [true, false].map(|real| {
            let reply = ask(
                &gina,
                method,
                &things.fill(path, real),
                &things.fill(body, real),
            );
            let headers = reply.headers.clone().into_iter();
            let headers: Vec<_> = headers.filter(|(name, _)| name != "date").collect();
            (reply.status, headers, reply.body)
        });
        assert_eq!(replies[0].0, 404, "{method} {path}: {replies:?}");
        assert_eq!(replies[0], replies[1], "{method} {path}");
    }
}

#[test]
fn lists_have_nothing_of_other_groups() {
    let (hub, admin, _) = scene();
    let gina = hub.user("gina", "group_administrator", &["greenhouse"]);
    for path in [
        "/devices",
        "/devices?q=a",
        "/commands",
        "/alarms",
        "/rules",
        "/schedules",
        "/channels",
        "/retention",
    ] {
        assert_eq!(gina.get(path).ok()["items"], json!([]), "{path}");
    }
    for path in ["/devices", "/commands", "/rules", "/schedules", "/channels"] {
        assert_ne!(admin.get(path).ok()["items"], json!([]), "{path}");
    }
    let happened = gina.get("/events").body;
    assert!(!happened.contains("harbour"), "{happened}");
    let known = json!({"group": "greenhouse", "type": 1000, "id": "a"});
    let taken = gina.post("/devices", &known).refused(409, "conflict");
    assert!(!taken.contains("address"), "{taken}");
}

#[test]
fn a_viewer_looks_and_an_operator_acts() {
    let (hub, _, things) = scene();
    let eva = hub.user("eva", "viewer", &["harbour"]);
    for (method, path, body) in PATHS {
        // Looking at what a rule would have done changes nothing.
        let looks = method == "GET" || path.ends_with("backtest");
        let (path, body) = (things.fill(path, true), things.fill(body, true));
        let reply = ask(&eva, method, &path, &body.replace("greenhouse", "harbour"));
        if looks {
            assert_eq!(reply.status, 200, "{method} {path}: {reply:?}");
        } else {
            reply.refused(403, "forbidden");
        }
    }
}

#[test]
fn what_is_no_number_is_the_number_of_nothing() {
    let (_hub, admin, _) = scene();
    for path in [
        "/devices/x",
        "/devices/0",
        "/devices/-1",
        "/devices/99999999999",
        "/rules/x",
        "/alarms/1e3",
        "/commands/%00",
        "/nothing/here",
    ] {
        admin.get(path).refused(404, "not_found");
    }
    let wrong = admin.ask("PUT", "/devices").json(&json!({}));
    let reply = admin.send(&wrong);
    reply.refused(405, "method_not_allowed");
    assert_eq!(reply.header("allow"), Some("GET, POST"));
}
