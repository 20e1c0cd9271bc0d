//! Which devices a rule watches: one, those of a label, a group; and what becomes of alarms as that changes.

use serde_json::{Value, json};

use crate::harness::{Client, GROUP, Hub, eventually, minute_ago, obedient};

/// Has each report a value that is too high; returns who has an alarm open.
fn raised(hub: &Hub, of: &mut [&mut Client]) -> Vec<u32> {
    for client in of {
        client.read_out("t|31|C", minute_ago());
    }
    open(hub)
}

fn open(hub: &Hub) -> Vec<u32> {
    let alarms = hub.alarms(&["--open"]);
    let address = |alarm: &Value| u32::try_from(alarm["address"].as_u64().unwrap()).unwrap();
    let mut all: Vec<u32> = alarms.iter().map(address).collect();
    all.sort_unstable();
    all
}

/// Each device on its own.
#[test]
fn a_rule_of_a_label_watches_those_that_carry_it() {
    let hub = Hub::start();
    let labelled = ["--label", "vents"];
    let (one, other) = (
        hub.add_with(GROUP, &labelled),
        hub.add_with(GROUP, &labelled),
    );
    let (plain, elsewhere) = (hub.add(GROUP), hub.add_with("harbour", &labelled));
    let rule = hub.rule("hot", &["--label", "vents", "--when", "t > 30"]);
    assert_eq!(rule["scope"], "label vents");
    let [mut a, mut b, mut c, mut d] = [&one, &other, &plain, &elsewhere].map(|x| hub.login(x));
    let mut wanted = vec![one.address, other.address];
    wanted.sort_unstable();
    assert_eq!(raised(&hub, &mut [&mut a, &mut b, &mut c, &mut d]), wanted);
    a.read_out("t|20|C", minute_ago());
    assert_eq!(open(&hub), [other.address]);
}

/// Also those that are registered later.
#[test]
fn a_rule_of_a_group_watches_all_of_it() {
    let hub = Hub::start();
    let (one, elsewhere) = (hub.add(GROUP), hub.add("harbour"));
    let rule = hub.rule("hot", &["--all", "--when", "t > 30"]);
    assert_eq!(rule["scope"], "group");
    let later = hub.add(GROUP);
    let [mut a, mut b, mut c] = [&one, &later, &elsewhere].map(|x| hub.login(x));
    let mut wanted = vec![one.address, later.address];
    wanted.sort_unstable();
    assert_eq!(raised(&hub, &mut [&mut a, &mut b, &mut c]), wanted);
}

/// A rule watches from its beginning on; one that is disabled does not watch.
#[test]
fn a_rule_that_is_disabled_watches_nothing() {
    let (hub, device, mut a) = obedient();
    let rule = hub.watch(&device, "t > 30", &["--disabled"]);
    assert_eq!(rule["enabled"], false);
    assert_eq!(raised(&hub, &mut [&mut a]), [0; 0]);
    hub.on_rule("enable", &rule).ok();
    assert_eq!(open(&hub), [0; 0]);
    assert_eq!(raised(&hub, &mut [&mut a]), [device.address]);
}

#[track_caller]
fn ends(hub: &Hub, reason: &str) {
    let alarm = hub.only_alarm();
    assert_eq!(
        (&alarm["state"], &alarm["clear_reason"]),
        (&json!("cleared"), &json!(reason))
    );
    assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
}

#[test]
fn a_rule_that_ends_ends_its_alarms() {
    for (verb, reason) in [("disable", "RULE_DISABLED"), ("remove", "RULE_REMOVED")] {
        let (hub, device, mut a) = obedient();
        let mut b = hub.login(&hub.add(GROUP));
        b.subscribe("hot");
        let rule = hub.watch(&device, "t > 30", &[]);
        raised(&hub, &mut [&mut a]);
        b.recv();
        hub.on_rule(verb, &rule).ok();
        ends(&hub, reason);
        let told = b.recv();
        assert!(told.contains("|30|hot|t|31|CLEARED|"), "{told}");
        raised(&hub, &mut [&mut a]);
        ends(&hub, reason);
    }
}

/// Enabled again it raises a new one.
#[test]
fn a_rule_that_is_enabled_again_begins_anew() {
    let (hub, device, mut a) = obedient();
    let rule = hub.watch(&device, "t > 30", &[]);
    raised(&hub, &mut [&mut a]);
    hub.on_rule("disable", &rule).ok();
    hub.on_rule("enable", &rule).ok();
    let hub = hub.crash().start();
    assert_eq!(open(&hub), [0; 0]);
    raised(&hub, &mut [&mut hub.login(&device)]);
    assert_eq!(hub.alarms(&[]).len(), 2);
}

/// Moved or disabled: its alarms of both kinds are over.
#[test]
fn a_device_that_leaves_the_scope_ends_its_alarms() {
    for verb in ["move", "disable"] {
        let (hub, device, mut a) = obedient();
        hub.add("harbour");
        hub.watch(&device, "t > 30", &[]);
        raised(&hub, &mut [&mut a]);
        a.alarm("own|t|1|RAISED", minute_ago(), 1);
        let words = ["device", verb, &device.at(), "harbour"];
        let words = if verb == "move" {
            &words[..]
        } else {
            &words[..3]
        };
        hub.verb(words).ok();
        let alarms = hub.alarms(&[]);
        assert_eq!(alarms.len(), 2);
        for alarm in alarms {
            assert_eq!(alarm["clear_reason"], "OUT_OF_SCOPE", "{verb}: {alarm:#}");
            assert_eq!(alarm["group"], GROUP);
        }
        let hub = hub.crash().start();
        assert_eq!(open(&hub), [0; 0]);
    }
}

/// What is removed leaves nothing behind, and a new device of the same id begins anew.
#[test]
fn a_device_that_is_removed_takes_its_alarms_along() {
    let (hub, device, mut a) = obedient();
    let other = hub.add(GROUP);
    let mut b = hub.login(&other);
    hub.rule("hot", &["--all", "--when", "t > 30"]);
    raised(&hub, &mut [&mut a, &mut b]);
    a.alarm("own|t|1|RAISED", minute_ago(), 1);
    a.subscribe("none");
    hub.verb(&["device", "remove", &device.at()]).ok();
    assert_eq!(open(&hub), [other.address]);
    eventually("nothing of it is left", || {
        let left = [
            "alarm",
            "alarm_phase",
            "alarm_report",
            "alarm_subscription",
            "alarm_local",
        ];
        let count = |table: &str| {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE address = ?1");
            hub.database()
                .query_row(&sql, [device.address], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        (left.map(count) == [0; 5]).then_some(())
    });
    let hub = hub.crash().start();
    assert_eq!(open(&hub), [other.address]);
}
