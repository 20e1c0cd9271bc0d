//! Who is there, since when, and who was last heard when (docs/commands.md section 5).

use serde_json::json;

use crate::harness::{Hub, Stored, ms};

/// C5.1
#[test]
fn a_device_that_never_came_is_never_seen() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let never =
        json!({"state": "never_seen", "reason": "", "since_ms": null, "last_byte_ms": null});
    assert_eq!(hub.presence(&device), never);
    let hub = hub.stop().start();
    assert_eq!(hub.presence(&device), never);
    // C5.2: a login that fails is no session.
    let guess = device.guessing("00000000000000000000000000000000");
    hub.connect().is_refused(&guess);
    assert_eq!(hub.presence(&device)["state"], "never_seen");
}

/// C5.1, C5.2
#[test]
fn a_device_with_a_session_is_online_since_its_login() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let before = Stored::now_ms();
    let a = hub.login(&device);
    let after = Stored::now_ms();
    let online = hub.presence(&device);
    assert_eq!(
        (&online["state"], &online["reason"]),
        (&json!("online"), &json!(""))
    );
    let since = ms(&online, "since_ms");
    assert!(
        (before..=after).contains(&since),
        "{before} {online} {after}"
    );
    drop(a);
    let offline = hub.goes_offline(&device, "CLOSED");
    let since = ms(&offline, "since_ms");
    assert!((after..=Stored::now_ms()).contains(&since), "{offline}");
}

/// `device list` says the same as `device show`.
#[test]
fn the_list_has_the_presence_of_each() {
    let hub = Hub::start();
    let (here, away, never) = (
        hub.add("greenhouse"),
        hub.add("greenhouse"),
        hub.add("harbour"),
    );
    let _a = hub.login(&here);
    drop(hub.login(&away));
    hub.goes_offline(&away, "CLOSED");
    let list = hub.json(&["device", "list"]);
    for (device, state) in [
        (&here, "online"),
        (&away, "offline"),
        (&never, "never_seen"),
    ] {
        let rows = list.as_array().unwrap();
        let row = rows.iter().find(|row| row["address"] == device.address);
        let presence = &row.unwrap()["presence"];
        assert_eq!(presence["state"], state);
        assert_eq!(presence["since_ms"], hub.presence(device)["since_ms"]);
    }
    let people = hub.verb(&["device", "list"]).ok();
    assert!(
        people.contains("online") && people.contains("never seen"),
        "{people}"
    );
    let person = hub.verb(&["device", "show", &away.at()]).ok();
    assert!(
        person.contains("offline") && person.contains("CLOSED"),
        "{person}"
    );
}

/// C5.2
#[test]
fn a_takeover_is_no_change() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut older = hub.login(&device);
    let before = hub.presence(&device);
    let mut newer = hub.login(&device);
    older.expect_quit("TAKEN_OVER");
    drop(older);
    newer.expect_only_a_blink(&hub, &device);
    let after = hub.presence(&device);
    assert_eq!(
        (&after["state"], &after["reason"]),
        (&json!("online"), &json!(""))
    );
    assert_eq!(after["since_ms"], before["since_ms"]);
    drop(newer);
    hub.goes_offline(&device, "CLOSED");
}

/// C5.3
#[test]
fn the_time_of_the_last_byte_is_kept() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let before = Stored::now_ms();
    a.say(0, "50|hello");
    a.expect_hub("50|hello");
    let after = Stored::now_ms();
    let presence = hub.presence(&device);
    let last = ms(&presence, "last_byte_ms");
    assert!(
        (before..=after).contains(&last),
        "{before} {presence} {after}"
    );
    // What the device is told is not what it says.
    let clock = hub.order(&device, &["clock-set"]);
    a.recv();
    hub.until(clock.id(), "sent");
    assert_eq!(ms(&hub.presence(&device), "last_byte_ms"), last);
    drop(a);
    let offline = hub.goes_offline(&device, "CLOSED");
    assert_eq!(ms(&offline, "last_byte_ms"), last);
    let hub = hub.stop().start();
    assert_eq!(ms(&hub.presence(&device), "last_byte_ms"), last);
}
