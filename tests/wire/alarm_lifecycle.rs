//! What operators do with an alarm: see it, say so, put it aside, end it by force (docs/alarms.md A2.2, A2.3, A2.5, A2.6).

use serde_json::{Value, json};

use crate::harness::{Client, Device, GROUP, Hub, Stored, history, minute_ago, obedient};

/// A device whose rule has raised an alarm.
fn raised() -> (Hub, Device, Client, Value) {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &[]);
    a.read_out("t|31|C", minute_ago());
    let alarm = hub.only_alarm();
    (hub, device, a, alarm)
}

/// Seen is not over: it stays open, and the condition ends it.
#[test]
fn an_acknowledged_alarm_stays_open() {
    let (hub, device, mut a, alarm) = raised();
    let before = Stored::now_ms();
    let said = ["--by", "Ada", "--note", "on my way"];
    hub.on_alarm("ack", &alarm, &said).ok();
    let hub = hub.crash().start();
    let acked = hub.only_alarm();
    let words = |key: &str| acked[key].as_str().unwrap().to_owned();
    assert_eq!(
        ["state", "acked_by", "note"].map(words),
        ["acknowledged", "Ada", "on my way"]
    );
    let at = i128::from(acked["acked_ms"].as_i64().unwrap());
    assert!((before..=Stored::now_ms()).contains(&at));
    assert_eq!(hub.alarms(&["--open"]).len(), 1);
    a = {
        drop(a);
        hub.login(&device)
    };
    a.read_out("t|32|C", minute_ago() + 10);
    assert_eq!(hub.only_alarm()["state"], "acknowledged");
    a.read_out("t|29|C", minute_ago() + 20);
    let over = hub.alarm(&hub.only_alarm());
    assert_eq!(
        (&over["state"], &over["acked_by"]),
        (&json!("cleared"), &json!("Ada"))
    );
    assert_eq!(
        history(&over),
        ["raised by hub", "acknowledged by Ada", "cleared by hub"]
    );
    assert_eq!(over["events"][1]["note"], "on my way");
    // The next one is another, that nobody has seen.
    a.read_out("t|31|C", minute_ago() + 30);
    assert_eq!(hub.alarms(&["--open"])[0]["acked_ms"], Value::Null);
}

#[test]
fn an_alarm_is_acknowledged_once() {
    let (hub, _, _a, alarm) = raised();
    hub.on_alarm("ack", &alarm, &["--by", "Ada"]).ok();
    let again = hub.on_alarm("ack", &alarm, &["--by", "Bob"]);
    assert_eq!(again.code, Some(1));
    assert!(again.refused().contains("Ada"));
    let shown = hub.alarm(&alarm);
    assert_eq!(
        (&shown["acked_by"], history(&shown).len()),
        (&json!("Ada"), 2)
    );
}

/// Also one that came and went before anybody looked.
#[test]
fn an_alarm_that_is_over_may_be_acknowledged() {
    let (hub, _, mut a, alarm) = raised();
    a.read_out("t|20|C", minute_ago() + 10);
    hub.on_alarm("ack", &alarm, &["--by", "Ada"]).ok();
    let shown = hub.alarm(&alarm);
    assert_eq!(
        (&shown["state"], &shown["acked_by"]),
        (&json!("cleared"), &json!("Ada"))
    );
    assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
}

/// Who types is who does it, unless it is said.
#[test]
fn somebody_has_done_it() {
    let (hub, _, _a, alarm) = raised();
    let said: Value = serde_json::from_str(&hub.on_alarm("ack", &alarm, &["--json"]).ok()).unwrap();
    assert_eq!(said["id"], alarm["id"]);
    assert_ne!(said["acked_by"], "");
    let nobody = hub.on_alarm("clear", &alarm, &["--by", ""]);
    assert_eq!(nobody.code, Some(1));
    nobody.refused();
}

/// Shelved: for this one and for its like that come after it, until then. All else goes on.
#[test]
fn a_shelf_is_for_later_alarms_too() {
    let (hub, device, mut a, alarm) = raised();
    let mut b = hub.login(&hub.add(GROUP));
    let before = Stored::now_ms();
    let said = ["--for", "2h", "--by", "Ada", "--note", "vent is mended"];
    hub.on_alarm("shelve", &alarm, &said).ok();
    let until = |alarm: &Value| i128::from(alarm["shelved_until_ms"].as_i64().unwrap());
    let shelved = hub.only_alarm();
    let span = until(&shelved) - before;
    assert!((7_200_000..7_260_000).contains(&span), "{span} ms");
    assert_eq!(shelved["state"], "raised");
    b.subscribe("hot");
    b.recv();
    let at = minute_ago() + 10;
    a.read_out("t|20|C", at);
    a.read_out("t|33|C", at + 1);
    // Devices are no people to be spared.
    b.expect_alarm(&device, format_args!("hot|t|20|CLEARED|{at}"));
    b.expect_alarm(&device, format_args!("hot|t|33|RAISED|{}", at + 1));
    let next = hub.alarms(&["--open"]).remove(0);
    assert_ne!(next["id"], alarm["id"]);
    assert_eq!(until(&next), until(&shelved));
    hub.on_alarm("unshelve", &next, &["--by", "Bob"]).ok();
    assert_eq!(hub.alarm(&next)["shelved_until_ms"], Value::Null);
    assert_eq!(
        history(&hub.alarm(&next)),
        ["raised by hub", "unshelved by Bob"]
    );
    a.read_out("t|20|C", at + 2);
    a.read_out("t|34|C", at + 3);
    assert_eq!(hub.alarms(&["--open"])[0]["shelved_until_ms"], Value::Null);
}

#[test]
fn a_shelf_has_an_end_that_is_to_come() {
    let (hub, _, _a, alarm) = raised();
    hub.on_alarm("shelve", &alarm, &["--until", "2999-12-31T00:00:00Z"])
        .ok();
    assert_eq!(hub.only_alarm()["shelved_until_ms"], 32_503_593_600_000_i64);
    let past = hub.on_alarm("shelve", &alarm, &["--until", "2020-01-01T00:00:00Z"]);
    assert_eq!(past.code, Some(1));
    past.refused();
    for words in [
        &[][..],
        &["--for", "soon"],
        &["--until", "soon"],
        &["--for", "1h", "--until", "2999-12-31T00:00:00Z"],
    ] {
        let mistake = hub.on_alarm("shelve", &alarm, words);
        assert_eq!(mistake.code, Some(2), "{words:?}");
        mistake.refused();
    }
}

/// What raised it may raise it again.
#[test]
fn an_alarm_is_ended_by_force() {
    let (hub, device, mut a, alarm) = raised();
    let mut b = hub.login(&hub.add(GROUP));
    b.subscribe("*");
    b.recv();
    hub.on_alarm("clear", &alarm, &["--by", "Ada", "--note", "a new board"])
        .ok();
    let shown = hub.alarm(&alarm);
    assert_eq!(
        (&shown["state"], &shown["clear_reason"]),
        (&json!("cleared"), &json!("BY_OPERATOR"))
    );
    assert_eq!(history(&shown), ["raised by hub", "cleared by Ada"]);
    assert_eq!(shown["events"][1]["note"], "a new board");
    let told = b.recv();
    assert!(
        told.starts_with(&format!(
            "{}|{}|30|hot|t|31|CLEARED|",
            device.address, b.address
        )),
        "{told}"
    );
    let again = hub.on_alarm("clear", &alarm, &[]);
    assert_eq!(again.code, Some(1));
    again.refused();
    a.read_out("t|32|C", Stored::now_ms());
    assert_eq!(hub.alarms(&["--open"]).len(), 1);
}

/// A device's own as well: it is raised anew by what is new.
#[test]
fn a_devices_own_alarm_is_ended_by_force() {
    let (hub, device, mut a) = obedient();
    let at = minute_ago();
    a.alarm("door||open|RAISED", at, 1);
    hub.on_alarm("clear", &hub.only_alarm(), &[]).ok();
    a.alarm("door||open|RAISED", at, 1);
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.alarm("door||open|RAISED", at, 1);
    assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
    a.alarm("door||open|RAISED", Stored::now_ms(), 2);
    assert_eq!(hub.alarms(&["--open"]).len(), 1);
}
