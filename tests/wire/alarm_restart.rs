//! What a `kill -9` leaves of alarms: all that was said, and nothing that did not happen (docs/alarms.md A1.8, A2.7).

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{GROUP, Home, Hub, Stored, history, minute_ago, obedient};

#[test]
fn an_open_alarm_is_open_once_after_a_crash() {
    let (hub, device, mut a) = obedient();
    let rule = hub.watch(&device, "t > 30", &["--clear", "28"]);
    let at = minute_ago();
    a.read_out("t|31|C", at);
    a.alarm("door||open|RAISED", at, 1);
    let before = hub.alarms(&[]);
    assert_eq!(before.len(), 2);
    let hub = hub.crash().start().stop().start();
    assert_eq!(hub.alarms(&[]), before);
    assert_eq!(hub.source(&rule, &device).unwrap()["phase"], "raised");
    let mut a = hub.login(&device);
    a.read_out("t|32|C", at + 1);
    a.alarm("door||open|RAISED", at + 1, 2);
    assert_eq!(hub.alarms(&[]).len(), 2);
    a.read_out("t|28|C", at + 2);
    a.alarm("door||shut|CLEARED", at + 2, 3);
    for alarm in hub.alarms(&[]) {
        assert_eq!(alarm["state"], "cleared");
        assert_eq!(history(&hub.alarm(&alarm)).len(), 2);
    }
}

/// What was on its way to being raised, or cleared, gets there.
#[test]
fn delays_survive_a_crash() {
    let (hub, device, mut a) = obedient();
    let rule = hub.watch(&device, "t > 30", &["--for", "2s", "--clear-for", "2s"]);
    let at = Stored::now_ms();
    a.read_out("t|31|C", at);
    let hub = hub.crash().start();
    assert_eq!(hub.source(&rule, &device).unwrap()["phase"], "raising");
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    let raised = hub.alarm_is("raised");
    assert_eq!(raised["raised_ms"], (at + 2000) as i64);
    assert_eq!(raised["raised_value"], "31");
    let mut a = hub.login(&device);
    let at = Stored::now_ms();
    a.read_out("t|29|C", at);
    let hub = hub.crash().start();
    assert_eq!(hub.source(&rule, &device).unwrap()["phase"], "clearing");
    let cleared = hub.alarm_is("cleared");
    assert_eq!(cleared["id"], raised["id"]);
    assert_eq!(cleared["cleared_ms"], (at + 2000) as i64);
}

/// A delay is ended by what the device says of that time.
#[test]
fn a_delay_that_was_broken_off_raises_nothing_after_a_crash() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &["--for", "2s"]);
    let at = Stored::now_ms() - 1500;
    a.read_out("t|31|C", at);
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.read_out("t|29|C", at + 1000);
    sleep(Duration::from_millis(2500));
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
}

/// No device could be heard while the hub was down: that time counts for nobody.
#[test]
fn the_hubs_own_down_time_is_missed_by_no_rule() {
    let home = Home::new();
    let device = home.add(GROUP);
    let hub = home.start();
    let mut a = hub.login(&device);
    hub.rule("silent", &["--all", "--no-data", "t 3s"]);
    hub.rule("away", &["--all", "--offline", "3s"]);
    a.read_out("t|21|C", Stored::now_ms());
    let home = hub.crash();
    sleep(Duration::from_millis(3500));
    let begun = Stored::now_ms();
    let hub = home.start();
    let up = Stored::now_ms();
    sleep(Duration::from_millis(1500));
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    // From the start on it counts.
    let both = crate::harness::eventually("both are raised", || {
        let alarms = hub.alarms(&["--open"]);
        (alarms.len() == 2).then_some(alarms)
    });
    for alarm in both {
        let first = hub.alarm(&alarm)["events"][0]["at_ms"].as_i64().unwrap();
        let first = i128::from(first);
        let waited = (first - up, first - begun);
        assert!(
            waited.0 < 4500 && waited.1 >= 3000,
            "{waited:?} ms: {alarm:#}"
        );
    }
}

/// A device that comes back in time is not missed; one that was missed before the crash still is, once.
#[test]
fn who_comes_back_in_time_is_not_missed() {
    let home = Home::new();
    let (device, gone) = (home.add(GROUP), home.add(GROUP));
    let hub = home.start();
    hub.rule("away", &["--all", "--offline", "2s"]);
    drop(hub.login(&gone));
    let mut a = hub.login(&device);
    let raised = hub.alarm_is("raised");
    assert_eq!(raised["address"], gone.address);
    a.expect_nothing();
    let hub = hub.crash().start();
    let _a = hub.login(&device);
    sleep(Duration::from_millis(2500));
    assert_eq!(hub.only_alarm(), raised);
    let _gone = hub.login(&gone);
    assert_eq!(hub.alarm_is("cleared")["id"], raised["id"]);
}

/// Kept with the alarm that was shelved; and who is told, with the subscriber.
#[test]
fn a_shelf_survives_a_crash() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &[]);
    let at = minute_ago();
    a.read_out("t|31|C", at);
    hub.on_alarm("shelve", &hub.only_alarm(), &["--for", "1h"])
        .ok();
    let shelved = hub.only_alarm()["shelved_until_ms"].clone();
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.read_out("t|20|C", at + 1);
    a.read_out("t|31|C", at + 2);
    assert_eq!(hub.alarms(&["--open"])[0]["shelved_until_ms"], shelved);
}

/// A rule that is changed while it waits does what it says now.
#[test]
fn a_disabled_rule_is_disabled_after_a_crash() {
    let (hub, device, mut a) = obedient();
    let rule = hub.watch(&device, "t > 30", &["--for", "1s"]);
    a.read_out("t|31|C", Stored::now_ms());
    hub.on_rule("disable", &rule).ok();
    let hub = hub.crash().start();
    sleep(Duration::from_millis(1500));
    let mut a = hub.login(&device);
    a.read_out("t|31|C", minute_ago());
    assert_eq!(hub.alarms(&[]), Vec::<Value>::new());
    let rules = hub.json(&["alarm", "rule", "list"]);
    assert_eq!(rules[0]["enabled"], json!(false));
}

/// An older reading that arrives after a crash is older still.
#[test]
fn an_older_reading_changes_nothing_after_a_crash() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &[]);
    let at = minute_ago();
    a.read_out("t|31|C", at);
    a.read_out("t|20|C", at + 1000);
    let cleared = hub.only_alarm();
    let hub: Hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.read_out("t|31|C", at + 500);
    assert_eq!(hub.only_alarm(), cleared);
}

/// A kill between a device's change and what follows from it for its alarms: the start makes up for it.
#[test]
fn what_a_kill_left_undone_is_done_at_the_start() {
    for (change, state) in [
        ("DELETE FROM device WHERE address = ?1", None),
        (
            "UPDATE device SET disabled = 1 WHERE address = ?1",
            Some("cleared"),
        ),
    ] {
        let (hub, device, mut a) = obedient();
        a.alarm("door||open|RAISED", minute_ago(), 1);
        hub.rule("hot", &["--all", "--when", "t > 30"]);
        a.read_out("t|31|C", minute_ago());
        let home = hub.crash();
        let database = home.database();
        database.execute(change, [device.address]).unwrap();
        drop(database);
        let hub = home.start();
        assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
        let alarms = hub.alarms(&[]);
        assert_eq!(alarms.len(), state.map_or(0, |_| 2), "{change}");
        assert!(alarms.iter().all(|alarm| alarm["state"] == state.unwrap()));
    }
}
