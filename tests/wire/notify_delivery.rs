//! What waits in the outbox of notifications goes out, whatever became of the hub that wrote it.

use std::time::{Duration, Instant};

use rusqlite::params;
use serde_json::json;

use crate::harness::receiver::{body, header};
use crate::harness::{Home, Receiver, eventually};

/// A home with one channel, `ops`, of a group; no hub runs on it.
fn home(receiver: &Receiver) -> Home {
    let home = Home::new()
        .set("NOTIFY__TIMEOUT_SECONDS", "2")
        .set("NOTIFY__GATHER_SECONDS", "1");
    home.verb(&["group", "add", "greenhouse"]).ok();
    let words = [
        "notify",
        "add",
        "ops",
        "--group",
        "greenhouse",
        "--webhook",
        &receiver.url(),
    ];
    home.verb(&words).ok();
    home
}

/// Writes what the transaction of an alarm writes.
fn leave(home: &Home, alarms: std::ops::Range<i64>) {
    let mut database = home.database();
    let transaction = database.transaction().unwrap();
    for id in alarms.clone() {
        let alarm = json!({
            "what": "raised", "at_ms": 1_800_000_000_000_i64, "by": "hub", "note": "",
            "alarm": {
                "id": id, "address": 42, "rule": 1, "name": "hot", "sensor": "temperature", "severity": "major",
                "state": "raised", "raised_ms": 0, "raised_value": "31", "last_ms": 0, "last_value": "31",
                "cleared_ms": null, "clear_reason": "", "by_hub": true, "by_device": false, "acked_ms": null,
                "acked_by": "", "note": "", "shelved_until_ms": null, "chattering": false, "times": 1,
            },
        });
        let sql = "INSERT INTO notification (channel, id, severity, what, body) VALUES (1, ?1, 2, 'raised', ?2)";
        transaction
            .execute(sql, params![id, alarm.to_string()])
            .unwrap();
    }
    let sql = "UPDATE channel SET last_id = ?1 WHERE id = 1";
    transaction.execute(sql, params![alarms.end - 1]).unwrap();
    transaction.commit().unwrap();
}

/// N2.2, N5.1: after a failure the same message comes under the same id.
#[test]
fn what_a_receiver_refuses_for_now_comes_again_unchanged() {
    let receiver = Receiver::web(&[500, 200]);
    let home = home(&receiver);
    leave(&home, 1..4);
    let hub = home.start();
    let (first, second) = (receiver.next(), receiver.next());
    let id = header(&first, "x-hub-delivery").unwrap();
    assert_eq!(header(&second, "x-hub-delivery"), Some(id));
    let said = body(&second);
    assert_eq!(said["alarms"], body(&first)["alarms"]);
    assert_eq!(said["total"], 3);
    assert_eq!(said["summary"], "3 raised (3 major)");
    assert_eq!(said["alarms"][2]["alarm"]["id"], 3);
    assert_eq!(said["alarms"][0]["alarm"]["group"], "greenhouse");
    let metrics = eventually("the message is counted", || {
        let metrics = hub.metrics();
        (metrics.sum("hub_notifications_waiting") == 0).then_some(metrics)
    });
    for (name, count) in [
        ("hub_notifications_sent_total", 1),
        ("hub_notifications_failed_total", 1),
        ("hub_notifications_dead_total", 0),
    ] {
        assert_eq!(metrics.labelled(name, "kind", "webhook"), count, "{name}");
    }
    assert!(!receiver.has_more());
    let left: i64 = hub
        .database()
        .query_row("SELECT count(*) FROM notification", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

/// N5.4
#[test]
fn what_a_receiver_refuses_for_good_is_shown_by_the_list() {
    let receiver = Receiver::web(&[410]);
    let home = home(&receiver);
    leave(&home, 1..3);
    let hub = home.start();
    receiver.next();
    let listed = eventually("the message is given up", || {
        let out = hub.verb(&["notify", "list", "--json"]).ok();
        let listed: serde_json::Value = serde_json::from_str(&out).unwrap();
        (listed[0]["dead"] == 2).then_some(listed)
    });
    let one = &listed[0];
    assert_eq!(
        (&one["state"], &one["waiting"]),
        (&"failing".into(), &0.into())
    );
    let letter = &one["dead_letters"][0];
    assert_eq!(letter["notifications"], 2);
    assert_eq!(letter["reason"], "answered 410");
    assert!(!receiver.has_more());
}

/// N5.6: killed or stopped while a receiver hangs, the hub loses nothing, and its stop waits for nobody.
#[test]
fn a_receiver_that_hangs_holds_up_neither_the_stop_nor_what_waits() {
    let receiver = Receiver::web(&[0, 0, 200]);
    let home = home(&receiver);
    leave(&home, 1..2);
    let hub = home.start();
    let first = receiver.next();
    let home = hub.crash();
    let hub = home.start();
    let second = receiver.next();
    let begun = Instant::now();
    let home = hub.stop();
    assert!(begun.elapsed() < Duration::from_secs(8));
    let _hub = home.start();
    let third = receiver.next();
    let id = header(&first, "x-hub-delivery");
    assert_eq!(header(&second, "x-hub-delivery"), id);
    assert_eq!(header(&third, "x-hub-delivery"), id);
}

/// N5.2: devices go on as if nothing were.
#[test]
fn a_receiver_that_hangs_slows_no_device_down() {
    let receiver = Receiver::web(&[0]);
    let home = home(&receiver);
    leave(&home, 1..2);
    let hub = home.start();
    receiver.next();
    let device = hub.add("field");
    let mut client = hub.login(&device);
    let begun = Instant::now();
    for number in 1..=100 {
        client.say(0, format_args!("26|t|1|C|1700000000000|{number}"));
        client.expect_hub(format_args!("7|{number}"));
    }
    assert!(begun.elapsed() < Duration::from_secs(10));
}
