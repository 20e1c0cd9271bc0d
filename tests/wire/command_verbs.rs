//! `hub command`: send, list, show and cancel, in JSON and by exit code.

use serde_json::json;

use crate::harness::{Device, Home, Hub, Stored};

fn scene() -> (Hub, Device) {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    (hub, device)
}

/// C1.1, C1.5
#[test]
fn a_command_is_printed_as_it_was_committed() {
    let (hub, away) = scene();
    let before = Stored::now_ms();
    let sent = hub.order(&away, &["write", "vent", "1"]);
    let after = Stored::now_ms();
    let issued = sent.number("issued_ms");
    assert!(
        (before..=after).contains(&i128::from(issued)),
        "{before} {sent:?} {after}"
    );
    let wanted = json!({
        "id": sent.id(), "group": "greenhouse", "address": away.address, "type": 3, "fields": ["vent", "1"],
        "issuer": "operator", "issued_ms": issued, "expires_ms": issued + 60_000, "condition": "",
        "state": "queued", "detail": "", "sent_ms": null, "sendings": 0, "ended_ms": null, "late": false,
    });
    assert_eq!(sent.0, wanted);
    assert_eq!(hub.command(sent.id()), sent);
    assert_eq!(hub.commands(&[]), [sent]);
}

/// C1.3, C1.5: types by word and by number; only what acts has an expiry that nobody asked for.
#[test]
fn every_type_has_its_word_and_its_expiry() {
    let (hub, away) = scene();
    for (words, kind, fields, expires) in [
        (&["read", "t"][..], 1, json!(["t"]), false),
        (&["1", "t"], 1, json!(["t"]), false),
        (&["write", "a", "1"], 3, json!(["a", "1"]), true),
        (&["event-set", "t", "500"], 27, json!(["t", "500"]), false),
        (&["blink"], 60, json!([]), true),
        (&["clock-set"], 80, json!([]), false),
        (&["clock-read"], 81, json!([]), false),
        (&["1000", "x", "y"], 1000, json!(["x", "y"]), true),
        (&["999"], 999, json!([]), true),
    ] {
        let command = hub.order(&away, words);
        assert_eq!(command["type"], kind, "{words:?}");
        assert_eq!(command["fields"], fields, "{words:?}");
        assert_eq!(command["expires_ms"].is_i64(), expires, "{command:?}");
    }
}

/// C1.5
#[test]
fn an_expiry_is_a_span_a_time_or_never() {
    let (hub, away) = scene();
    let write = |expires: &str| hub.order(&away, &["write", "a", "1", "--expires", expires]);
    let span = |expires: &str| {
        let command = write(expires);
        command.number("expires_ms") - command.number("issued_ms")
    };
    assert_eq!(span("90s"), 90_000);
    assert_eq!(span("5m"), 300_000);
    assert!(write("never")["expires_ms"].is_null());
    let at = write("2099-01-01T00:00:00Z");
    assert_eq!(at.number("expires_ms"), 4_070_908_800_000);
}

/// A value below zero needs no quoting.
#[test]
fn a_negative_value_is_a_field() {
    let (hub, away) = scene();
    let command = hub.order(&away, &["write", "heater", "-5"]);
    assert_eq!(command["fields"], json!(["heater", "-5"]));
}

#[test]
fn a_list_is_newest_first_and_can_be_narrowed() {
    let (hub, one) = scene();
    let (other, foreign) = (hub.add("greenhouse"), hub.add("harbour"));
    let a = hub.order(&one, &["read", "t"]).id();
    let b = hub.order(&other, &["read", "t"]).id();
    let c = hub.order(&foreign, &["read", "t"]).id();
    let d = hub.order(&one, &["blink"]).id();
    hub.cancel(d);
    let ids = |words: &[&str]| -> Vec<u64> { hub.commands(words).iter().map(|c| c.id()).collect() };
    assert!(a < b && b < c && c < d, "C1.2: {a} {b} {c} {d}");
    assert_eq!(ids(&[]), [d, c, b, a]);
    assert_eq!(ids(&["--limit", "2"]), [d, c]);
    assert_eq!(ids(&["--group", "greenhouse"]), [d, b, a]);
    assert_eq!(ids(&["--device", &one.at()]), [d, a]);
    assert_eq!(ids(&["--state", "queued"]), [c, b, a]);
    assert_eq!(
        ids(&["--state", "queued", "--device", &one.at(), "--limit", "9"]),
        [a]
    );
    assert_eq!(ids(&["--state", "succeeded"]), [0_u64; 0]);
}

/// C2.7
#[test]
fn a_queued_command_can_be_taken_back_and_is_never_sent() {
    let (hub, device) = scene();
    let id = hub.order(&device, &["write", "vent", "1"]).id();
    let cancelled = hub.cancel(id);
    assert_eq!(cancelled.outcome(), ("cancelled", ""));
    assert!(cancelled["ended_ms"].is_i64(), "{cancelled:?}");
    assert_eq!(hub.command(id), cancelled);
    let complaint = hub.verb(&["command", "cancel", &id.to_string()]).refused();
    assert!(complaint.contains("cancelled"), "{complaint}");
    hub.login(&device).expect_only_a_blink(&hub, &device);
    assert_eq!(hub.command(id), cancelled);
}

/// C2.7: what is on its way is not taken back.
#[test]
fn a_sent_command_cannot_be_cancelled() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    let command = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&command);
    let cancel = ["command", "cancel", &command.id().to_string()];
    let complaint = hub.verb(&cancel).refused();
    assert!(complaint.contains("sent"), "{complaint}");
    a.answer(&command, "4|vent|1");
    hub.until(command.id(), "succeeded");
    let complaint = hub.verb(&cancel).refused();
    assert!(complaint.contains("succeeded"), "{complaint}");
}

#[test]
fn people_get_words() {
    let home = Home::new();
    let device = home.add("greenhouse");
    let id = home
        .order(&device, &["write", "vent", "1"])
        .id()
        .to_string();
    let words = ["command", "send", &device.at(), "read", "temperature"];
    assert!(home.verb(&words).ok().contains("queued"));
    let list = home.verb(&["command", "list"]).ok();
    let shown = home.verb(&["command", "show", &id]).ok();
    for text in [list, shown] {
        assert!(text.contains(&id) && text.contains("vent"), "{text}");
        assert!(text.contains("queued") && !text.contains('{'), "{text}");
    }
    let cancelled = home.verb(&["command", "cancel", &id]).ok();
    assert!(cancelled.contains("cancelled"), "{cancelled}");
}
