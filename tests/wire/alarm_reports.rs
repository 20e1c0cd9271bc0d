//! ALARM from a device: stored, then answered; once however often it is sent (docs/alarms.md A3.1 to A3.5).

use serde_json::{Value, json};

use crate::harness::{Hub, Stored, history, minute_ago, obedient};

/// Rows of the table of what devices reported.
fn reports(hub: &Hub) -> i64 {
    let count = "SELECT COUNT(*) FROM alarm_report";
    let count = hub.database().query_row(count, [], |row| row.get(0));
    count.unwrap()
}

#[track_caller]
fn has(alarm: &Value, wanted: &Value) {
    for (key, value) in wanted.as_object().unwrap() {
        assert_eq!(&alarm[key], value, "{key} of {alarm:#}");
    }
}

#[test]
fn an_alarm_is_open_from_raised_to_cleared() {
    let (hub, device, mut a) = obedient();
    let at = minute_ago();
    a.alarm("hot|t|31.50|RAISED", at, 1);
    let raised = hub.only_alarm();
    let raised_at = json!({
        "group": "greenhouse", "address": device.address, "rule": null, "name": "hot", "sensor": "t",
        "severity": "major", "state": "raised", "raised_ms": at as i64, "cleared_ms": null, "clear_reason": "",
        "by_hub": false, "by_device": true, "acked_ms": null, "acked_by": "", "note": "",
        "shelved_until_ms": null, "chattering": false, "times": 1,
    });
    has(&raised, &raised_at);
    assert_eq!(raised["raised_value"].as_str().unwrap().parse(), Ok(31.5));
    a.alarm("hot|t|29|CLEARED", at + 1000, 2);
    let cleared = hub.only_alarm();
    let cleared_at = json!({
        "id": raised["id"], "state": "cleared", "raised_ms": at as i64, "cleared_ms": (at + 1000) as i64,
        "last_ms": (at + 1000) as i64, "last_value": "29", "clear_reason": "",
    });
    has(&cleared, &cleared_at);
    assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
    let shown = hub.alarm(&cleared);
    assert_eq!(history(&shown), ["raised by device", "cleared by device"]);
    a.alarm("hot|t|32|RAISED", at + 2000, 3);
    assert_eq!(hub.alarms(&[]).len(), 2);
    assert_eq!(hub.alarms(&["--open"])[0]["raised_value"], "32");
}

/// Names, sensors and values of any kind are kept as what they mean.
#[test]
fn an_alarm_is_of_any_name_and_value() {
    let (hub, _, mut a) = obedient();
    a.alarm("do%7Cor|in%3Aside|half%25 open|RAISED", minute_ago(), 1);
    let alarm = hub.only_alarm();
    has(
        &alarm,
        &json!({"name": "do|or", "sensor": "in:side", "raised_value": "half% open"}),
    );
    a.alarm("tamper|||RAISED", minute_ago(), 2);
    has(
        &hub.alarms(&[])[0],
        &json!({"name": "tamper", "sensor": "", "raised_value": ""}),
    );
}

/// Over reconnects and a crash too; and an old RAISED raises nothing that was cleared since.
#[test]
fn a_repeat_is_answered_again_and_changes_nothing() {
    let (hub, device, mut a) = obedient();
    let at = minute_ago();
    for _ in 0..3 {
        a.alarm("hot|t|31|RAISED", at, 1);
    }
    let mut a = hub.login(&device);
    a.alarm("hot|t|31|RAISED", at, 1);
    let raised = hub.only_alarm();
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.alarm("hot|t|31|RAISED", at, 1);
    assert_eq!(hub.only_alarm(), raised);
    a.alarm("hot|t|29|CLEARED", at + 1, 2);
    let cleared = hub.only_alarm();
    a.alarm("hot|t|31|RAISED", at, 1);
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.alarm("hot|t|31|RAISED", at, 1);
    a.alarm("hot|t|29|CLEARED", at + 1, 2);
    assert_eq!(hub.only_alarm(), cleared);
    assert_eq!((cleared["times"].as_u64(), reports(&hub)), (Some(1), 2));
}

/// What a device says itself counts in the order in which it says it, also across a restart: its clock may have been set.
#[test]
fn reports_count_in_the_order_in_which_they_come() {
    let (hub, device, mut a) = obedient();
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    a.alarm("hot|t|29|CLEARED", at - 2000, 2);
    let cleared = hub.only_alarm();
    assert_eq!((&cleared["state"], reports(&hub)), (&json!("cleared"), 2));
    a.alarm("hot|t|33|RAISED", at - 1000, 3);
    assert_eq!(hub.alarms(&["--open"]).len(), 1);
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.alarm("hot|t|28|CLEARED", at - 1500, 4);
    assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
    assert_eq!(reports(&hub), 4);
}

/// Of each name there is one; other devices have their own.
#[test]
fn alarms_of_other_names_and_devices_are_others() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    a.alarm("dry|h|3|RAISED", at, 2);
    b.alarm("hot|t|31|RAISED", at, 1);
    // Raised again: it is raised already.
    a.alarm("hot|t|32|RAISED", at + 1, 3);
    assert_eq!(hub.alarms(&["--open"]).len(), 3);
    let of_a = hub.alarms(&["--device", &a.address.to_string()]);
    assert_eq!(of_a.len(), 2);
    a.alarm("hot|t|1|CLEARED", at + 2, 4);
    let open = hub.alarms(&["--open", "--group", "greenhouse"]);
    assert_eq!(open.len(), 2, "{open:#?}");
    assert_eq!(hub.alarms(&["--limit", "1"]).len(), 1);
}

/// What is not RAISED changes nothing that is not open.
#[test]
fn a_cleared_of_what_was_not_raised_is_stored_alone() {
    let (hub, _, mut a) = obedient();
    a.alarm("hot|t|1|CLEARED", minute_ago(), 1);
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    assert_eq!(reports(&hub), 1);
}

/// P6.1: byte for byte, each alone, and the session goes on.
#[test]
fn a_broken_alarm_is_refused() {
    let (hub, device, mut a) = obedient();
    let at = minute_ago();
    let ahead = Stored::now_ms() + 2 * 86_400_000;
    let long = "n".repeat(65);
    for (rest, reason, msgno) in [
        ("".to_owned(), "BAD_VALUE", ""),
        (format!("t|31|RAISED|{at}|5"), "BAD_VALUE", "5"),
        (format!("hot|t|31|RAISED|{at}|x|5"), "BAD_VALUE", "5"),
        (format!("hot|t|31|raised|{at}|5"), "BAD_VALUE", "5"),
        (format!("hot|t|31|ACKNOWLEDGED|{at}|5"), "BAD_VALUE", "5"),
        (format!("hot|t|31||{at}|5"), "BAD_VALUE", "5"),
        (format!("|t|31|RAISED|{at}|5"), "BAD_VALUE", "5"),
        (format!("*|t|31|RAISED|{at}|5"), "BAD_VALUE", "5"),
        (format!("{long}|t|31|RAISED|{at}|5"), "BAD_VALUE", "5"),
        (format!("hot|{long}|31|RAISED|{at}|5"), "BAD_VALUE", "5"),
        (format!("h%zzt|t|31|RAISED|{at}|5"), "BAD_VALUE", "5"),
        (format!("hot|t|%FF|RAISED|{at}|5"), "BAD_VALUE", "5"),
        ("hot|t|31|RAISED|now|5".to_owned(), "BAD_VALUE", "5"),
        ("hot|t|31|RAISED||5".to_owned(), "BAD_VALUE", "5"),
        (format!("hot|t|31|RAISED|-{at}|5"), "BAD_VALUE", "5"),
        (format!("hot|t|31|RAISED|{at}|05"), "BAD_VALUE", "05"),
        (format!("hot|t|31|RAISED|{at}|m5"), "BAD_VALUE", "m5"),
        (format!("hot|t|31|RAISED|{at}|"), "BAD_VALUE", ""),
        (
            format!("hot|t|31|RAISED|{at}|9223372036854775808"),
            "BAD_VALUE",
            "9223372036854775808",
        ),
        ("hot|t|31|RAISED|1|5".to_owned(), "BAD_TIME", "5"),
        ("hot|t|31|RAISED|946684799999|5".to_owned(), "BAD_TIME", "5"),
        (format!("hot|t|31|RAISED|{ahead}|5"), "BAD_TIME", "5"),
    ] {
        a.say(0, format_args!("30|{rest}"));
        let wanted = format!("0|{}|50|ERROR|{reason}|0|{msgno}|", device.address);
        assert_eq!(a.recv(), wanted, "{rest}");
    }
    a.expect_nothing();
    assert_eq!((hub.alarms(&[]).len(), reports(&hub)), (0, 0));
    a.alarm("hot|t|31|RAISED", at, 5);
    assert_eq!(hub.metrics().dropped("BAD_VALUE"), 19);
}
