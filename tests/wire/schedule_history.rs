//! What a run does, and what the history says of it (docs/schedules.md section 3).

use serde_json::{Value, json};

use crate::harness::{Device, Home, Hub, commands, eventually};

fn scene() -> (Hub, Device) {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    (hub, device)
}

/// Adds a schedule that runs once, in a moment; answers its id.
fn soon(home: &Home, name: &str, words: &[&str]) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let at = at.to_string();
    let fixed = [
        "schedule",
        "add",
        name,
        "--group",
        "greenhouse",
        "--at",
        &at,
    ];
    home.json(&[&fixed[..], words].concat())["id"].to_string()
}

fn until(home: &Home, id: &str, outcome: &str) -> Value {
    eventually(&format!("schedule {id} {outcome}"), || {
        let runs = home.json(&["schedule", "history", id]);
        (runs[0]["outcome"] == outcome).then(|| runs[0].clone())
    })
}

/// S1.4, S3.8, S3.9
#[test]
fn a_command_reaches_its_device_and_the_history_follows_it() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    let id = soon(&hub, "it", &["--send", &device.at(), "write", "vent", "40"]);
    let run = until(&hub, &id, "ordered");
    assert_eq!(run["commands"], 1, "{run}");
    let all = commands(&hub.verb(&["command", "list", "--json"]).ok());
    assert_eq!(all.len(), 1);
    let command = &all[0];
    assert_eq!(command.text("issuer"), format!("schedule {id}"));
    a.expect_order(command);
    a.answer(command, "4|vent|40");
    hub.until(command.id(), "succeeded");
    let run = until(&hub, &id, "ordered");
    assert_eq!(run["states"], json!({"succeeded": 1}));
    let text = hub.verb(&["schedule", "history", &id]).ok();
    assert!(text.contains("ordered 1 command (1 succeeded)"), "{text}");
    let shown = hub.json(&["schedule", "show", &id]);
    assert_eq!(shown["next_ms"], Value::Null);
    assert_eq!(shown["last_run"]["outcome"], "ordered");
    let metrics = hub.metrics();
    assert_eq!(
        metrics.labelled("hub_schedule_runs_total", "outcome", "ordered"),
        1
    );
    assert_eq!(metrics.sum("hub_schedule_runs_open"), 0);
}

/// S1.4: an EVENT period is an EVENT_SET.
#[test]
fn an_event_period_is_set() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    let words = format!("{} soil moisture 10s", device.at());
    let id = soon(&hub, "it", &["--event-period", &words]);
    until(&hub, &id, "ordered");
    let all = commands(&hub.verb(&["command", "list", "--json"]).ok());
    assert_eq!(all[0]["fields"], json!(["soil moisture", "10000"]));
    a.expect_order(&all[0]);
}

/// S1.4: of a set, each device gets its own.
#[test]
fn a_set_is_looked_at_as_it_runs() {
    let (hub, _) = scene();
    let id = soon(&hub, "it", &["--send", "*", "blink"]);
    hub.add("greenhouse");
    let run = until(&hub, &id, "ordered");
    assert_eq!(
        (&run["commands"], &run["states"]),
        (&json!(2), &json!({"queued": 2}))
    );
}

/// S1.8
#[test]
fn a_device_that_is_gone_is_refused_in_the_history() {
    let (hub, device) = scene();
    let id = soon(&hub, "it", &["--send", &device.at(), "read", "t"]);
    hub.verb(&["device", "remove", &device.at()]).ok();
    let run = until(&hub, &id, "refused");
    assert!(
        run["detail"].as_str().unwrap().starts_with("NO_DEVICE"),
        "{run}"
    );
    assert_eq!((&run["commands"], &run["states"]), (&json!(0), &json!({})));
}

/// S3.8: what the device has by then decides.
#[test]
fn what_does_not_fit_any_more_is_refused_in_the_history() {
    let (hub, device) = scene();
    let id = soon(
        &hub,
        "it",
        &["--send", &device.at(), "write", "vent", "500"],
    );
    hub.verb(&["device", "describe", &device.at(), "A:vent:number:0:100"])
        .ok();
    let run = until(&hub, &id, "refused");
    assert!(
        run["detail"].as_str().unwrap().starts_with("OUT_OF_RANGE"),
        "{run}"
    );
}
