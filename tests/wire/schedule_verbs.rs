//! `hub schedule`: add, list, show, preview, pause, resume and remove (docs/schedules.md sections 1 and 2).

use serde_json::{Value, json};

use crate::harness::{Device, Home, Stored};

fn scene() -> (Home, Device) {
    let home = Home::new();
    let device = home.add("greenhouse");
    (home, device)
}

fn times(preview: &Value) -> Vec<&str> {
    let runs = preview.as_array().unwrap().iter();
    runs.filter(|run| run["runs"] == true)
        .map(|run| run["local"].as_str().unwrap())
        .collect()
}

/// S1.1, S1.7
#[test]
fn a_schedule_is_printed_as_it_was_stored() {
    let (home, device) = scene();
    let words = [
        "schedule",
        "add",
        "morning",
        "--group",
        "greenhouse",
        "--cron",
        "0 30 6 * * MON-FRI",
        "--zone",
        "europe/madrid",
        "--missed",
        "once",
        "--jitter",
        "30s",
        "--send",
        &device.at(),
        "write",
        "vent",
        "-5",
        "--expires",
        "5m",
        "--if",
        "vent!=0",
    ];
    let made = home.json(&words);
    let (created, next) = (made["created_ms"].clone(), made["next_ms"].clone());
    assert!(next.as_i64() > created.as_i64(), "{made}");
    let local = made["next_local"].as_str().unwrap();
    assert!(local.contains("T06:30:00+0"), "{made}");
    let wanted = json!({
        "id": made["id"], "group": "greenhouse", "name": "morning", "cron": "0 30 6 * * MON-FRI", "at_ms": null,
        "every_ms": null, "zone": "Europe/Madrid", "skipped": "auto", "repeated": "auto", "missed": "once",
        "jitter_ms": 30_000, "from_ms": null, "until_ms": null, "paused": false, "created_ms": created,
        "act": {"kind": "command", "target": device.at(), "type": 3, "fields": ["vent", "-5"], "expires_ms": null,
            "expires_in_ms": 300_000, "never": false, "condition": "vent != 0"},
        "next_ms": next, "next_local": local, "last_run": null,
    });
    assert_eq!(made, wanted);
    let id = made["id"].to_string();
    assert_eq!(home.json(&["schedule", "show", &id]), wanted);
    assert_eq!(home.json(&["schedule", "list"]), json!([wanted]));
    let hub = home.start();
    assert_eq!(hub.json(&["schedule", "show", &id]), wanted);
    assert_eq!(
        hub.json(&["schedule", "list", "--group", "greenhouse"]),
        json!([wanted])
    );
    for words in [
        &["schedule", "list"][..],
        &["schedule", "show", &id],
        &["schedule", "preview", &id],
    ] {
        let text = hub.verb(words).ok();
        assert!(text.contains("06:30:00+0") && !text.contains('{'), "{text}");
    }
    hub.verb(&["schedule", "remove", &id]).ok();
    assert_eq!(hub.json(&["schedule", "list"]), json!([]));
    hub.verb(&["schedule", "show", &id]).refused();
}

/// S2.3 to S2.6
#[test]
fn a_preview_shows_what_a_change_of_the_clocks_does() {
    let home = Home::new();
    let preview = |words: &[&str]| {
        let fixed = [
            "schedule",
            "preview",
            "--zone",
            "Europe/Madrid",
            "--count",
            "3",
        ];
        home.json(&[&fixed[..], words].concat())
    };
    let daily = ["--cron", "0 30 2 * * *", "--from", "2027-03-27T12:00:00"];
    let later = preview(&daily);
    let wanted = [
        "2027-03-28T03:00:00+02:00",
        "2027-03-29T02:30:00+02:00",
        "2027-03-30T02:30:00+02:00",
    ];
    assert_eq!(times(&later), wanted);
    assert!(
        later[0]["note"].as_str().unwrap().contains("02:30:00"),
        "{later}"
    );
    let skip = preview(&[&daily[..], &["--skipped", "skip"]].concat());
    assert_eq!(times(&skip)[0], "2027-03-29T02:30:00+02:00");
    assert_eq!(
        (&skip[0]["runs"], skip.as_array().unwrap().len()),
        (&json!(false), 4),
        "{skip}"
    );
    let both = preview(&[
        "--cron",
        "0 30 2 * * *",
        "--from",
        "2027-10-30T12:00:00",
        "--repeated",
        "both",
    ]);
    let wanted = [
        "2027-10-31T02:30:00+02:00",
        "2027-10-31T02:30:00+01:00",
        "2027-11-01T02:30:00+01:00",
    ];
    assert_eq!(times(&both), wanted);
    assert!(
        both[1]["note"].as_str().unwrap().contains("second"),
        "{both}"
    );
    let every = preview(&["--every", "90m", "--from", "2027-03-28T01:00:00"]);
    let wanted = [
        "2027-03-28T01:00:00+01:00",
        "2027-03-28T03:30:00+02:00",
        "2027-03-28T05:00:00+02:00",
    ];
    assert_eq!(times(&every), wanted);
}

/// S3.6
#[test]
fn a_paused_schedule_does_nothing_until_it_is_resumed() {
    let (home, device) = scene();
    let hub = home.start();
    let words = [
        "schedule",
        "add",
        "it",
        "--group",
        "greenhouse",
        "--every",
        "1s",
        "--paused",
        "--send",
        &device.at(),
        "read",
        "t",
    ];
    let made = hub.json(&words);
    let id = made["id"].to_string();
    assert_eq!(
        (&made["paused"], &made["next_ms"]),
        (&json!(true), &Value::Null)
    );
    let resumed = hub.json(&["schedule", "resume", &id]);
    let after = Stored::now_ms();
    assert!(
        i128::from(resumed["next_ms"].as_i64().unwrap()) >= after - 1000,
        "{resumed}"
    );
    crate::harness::eventually("it runs", || {
        let runs = hub.json(&["schedule", "history", &id]);
        (runs[0]["outcome"] == "ordered").then_some(())
    });
    hub.json(&["schedule", "pause", &id]);
    let runs = hub.json(&["schedule", "history", &id, "--limit", "1000"]);
    let until = Stored::now_ms() + 2500;
    crate::harness::eventually("time passes", || (Stored::now_ms() > until).then_some(()));
    let later = hub.json(&["schedule", "history", &id, "--limit", "1000"]);
    assert_eq!(
        runs.as_array().unwrap().len(),
        later.as_array().unwrap().len()
    );
}

/// S1.8
#[test]
fn a_group_takes_its_schedules_with_it() {
    let home = Home::new();
    home.verb(&["group", "add", "empty"]).ok();
    let hub = home.start();
    let words = [
        "schedule", "add", "it", "--group", "empty", "--every", "1s", "--send", "*", "blink",
    ];
    let id = hub.json(&words)["id"].to_string();
    crate::harness::eventually("it runs", || {
        let runs = hub.json(&["schedule", "history", &id]);
        (runs[0]["outcome"] == "refused").then_some(())
    });
    hub.verb(&["group", "remove", "empty"]).ok();
    assert_eq!(hub.json(&["schedule", "list"]), json!([]));
    let left: i64 = hub
        .database()
        .query_row("SELECT count(*) FROM schedule_run", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}
