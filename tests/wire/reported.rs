//! The last known values, and the desired one beside the reported (docs/commands.md C4.5).

use serde_json::{Value, json};

use crate::harness::{Client, Device, Hub, Stored, eventually, obedient};

/// What is known under this name among the `sensors` or `actuators`.
#[track_caller]
fn named(hub: &Hub, device: &Device, list: &str, name: &str) -> Value {
    let known = hub.capabilities(device);
    let all = known[list].as_array().expect(list).clone();
    let mut found = all.into_iter().filter(|one| one["name"] == name);
    let one = found.next().unwrap_or_else(|| panic!("no {name}: {known}"));
    assert!(found.next().is_none(), "twice: {known}");
    one
}

#[track_caller]
fn report(client: &mut Client, name: &str, value: &str, at: i128, msgno: u32) {
    client.say(0, format_args!("26|{name}|{value}|C|{at}|{msgno}"));
    client.expect_hub(format_args!("7|{msgno}"));
}

/// C4.5: with both times.
#[test]
fn the_last_value_is_the_one_with_the_newest_device_time() {
    let (hub, device, mut a) = obedient();
    a.say(0, "90|S:t:number:C::|S:never:number:C::");
    let now = Stored::now_ms();
    report(&mut a, "t", "21.5", now - 1000, 1);
    report(&mut a, "t", "19", now - 60_000, 2);
    let after = Stored::now_ms();
    let last = &named(&hub, &device, "sensors", "t")["last"];
    assert_eq!(
        (&last["value"], last["at_ms"].as_i64()),
        (&json!(21.5), i64::try_from(now - 1000).ok())
    );
    let hub_ms = i128::from(last["hub_ms"].as_i64().unwrap());
    assert!((now..=after).contains(&hub_ms), "{last}");
    assert!(named(&hub, &device, "sensors", "never")["last"].is_null());
    let hub = hub.crash().start();
    assert_eq!(named(&hub, &device, "sensors", "t")["last"], *last);
}

/// A name that nobody described is known from its readings.
#[test]
fn what_is_reported_is_known_without_a_description() {
    let (hub, device, mut a) = obedient();
    let now = Stored::now_ms();
    for (msgno, (name, wire, value)) in (1..).zip([
        ("t", "21.5", json!(21.5)),
        ("lamp", "true", json!(true)),
        ("door", "half open", json!("half open")),
        ("count", "7", json!(7)),
    ]) {
        report(&mut a, name, wire, now, msgno);
        let known = named(&hub, &device, "sensors", name);
        assert_eq!(known["by"], "readings", "{known}");
        assert_eq!(known["last"]["value"], value, "{known}");
    }
}

/// What is wanted is never shown as what is.
#[test]
fn the_desired_value_stands_beside_the_reported_one() {
    let (hub, device, mut a) = obedient();
    a.say(0, "90|A:vent:number:0:1");
    eventually("the description is known", || {
        let known = hub.capabilities(&device);
        (known["actuators"].as_array().unwrap().len() == 1).then_some(())
    });
    let vent = named(&hub, &device, "actuators", "vent");
    assert!(
        vent["desired"].is_null() && vent["reported"].is_null(),
        "{vent}"
    );

    let one = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&one);
    hub.until(one.id(), "sent");
    let vent = named(&hub, &device, "actuators", "vent");
    let desired = |command: u64, value: &str, state: &str| json!({"value": value, "command": command, "state": state});
    assert_eq!(vent["desired"], desired(one.id(), "1", "sent"));
    assert!(vent["reported"].is_null(), "{vent}");

    a.answer(&one, "4|vent|0.5");
    hub.until(one.id(), "succeeded");
    let vent = named(&hub, &device, "actuators", "vent");
    assert_eq!(vent["desired"], desired(one.id(), "1", "succeeded"));
    assert_eq!(vent["reported"]["value"], json!(0.5));

    let two = hub.order(&device, &["write", "vent", "0"]);
    a.expect_order(&two);
    a.answer(&two, "5|STUCK");
    hub.until(two.id(), "rejected");
    let vent = named(&hub, &device, "actuators", "vent");
    assert_eq!(vent["desired"], desired(two.id(), "0", "rejected"));
    assert_eq!(vent["reported"]["value"], json!(0.5));

    // Somebody turned it by hand.
    report(&mut a, "vent", "0.9", Stored::now_ms() + 1, 1);
    let vent = named(&hub, &device, "actuators", "vent");
    assert_eq!(vent["reported"]["value"], json!(0.9));
    assert_eq!(vent["desired"], desired(two.id(), "0", "rejected"));
}

/// C2.11: the latest issuer's wish is the one that holds.
#[test]
fn the_desired_value_is_the_latest_writes() {
    let (hub, device, mut a) = obedient();
    a.say(0, "90|A:vent:number:0:9");
    let controller = hub.add_with("greenhouse", &["--rights", "control"]);
    let mut issuer = hub.login(&controller);
    a.expect_order(&hub.order(&device, &["write", "vent", "1"]));
    issuer.say(0, format_args!("40|{}|3||vent|2|1", device.address));
    issuer.expect_hub("41|QUEUED||1");
    issuer.expect_hub("41|SENT||1");
    let vent = named(&hub, &device, "actuators", "vent");
    assert_eq!(vent["desired"]["value"], "2");
    let hub = hub.crash().start();
    let vent = named(&hub, &device, "actuators", "vent");
    assert_eq!(vent["desired"]["value"], "2");
}
