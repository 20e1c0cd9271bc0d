//! What a device has, by its own word and the operator's (docs/commands.md section 4).

use serde_json::Value;

use crate::harness::{Client, Device, Hub, Stored, eventually, obedient};

/// One row for each sensor and actuator: `S name kind unit min max by` and `A name kind min max by`, sorted.
#[track_caller]
fn rows(hub: &Hub, device: &Device) -> Vec<String> {
    let known = hub.capabilities(device);
    assert_eq!(known["address"], device.address);
    let row = |letter: &str, of: &Value, keys: &[&str]| {
        let words = keys.iter().map(|key| match &of[*key] {
            Value::String(text) => text.clone(),
            Value::Null => "-".to_owned(),
            number => number.as_f64().unwrap().to_string(),
        });
        let words: Vec<String> = words.collect();
        format!("{letter} {}", words.join(" "))
    };
    let list = |key: &str| known[key].as_array().expect(key).clone();
    let sensors = list("sensors").into_iter();
    let sensors = sensors.map(|s| row("S", &s, &["name", "kind", "unit", "min", "max", "by"]));
    let actuators = list("actuators").into_iter();
    let actuators = actuators.map(|a| row("A", &a, &["name", "kind", "min", "max", "by"]));
    let mut all: Vec<String> = sensors.chain(actuators).collect();
    all.sort();
    all
}

/// Waits until exactly this is known.
#[track_caller]
fn becomes(hub: &Hub, device: &Device, wanted: &[&str]) {
    let mut last = Vec::new();
    eventually(&format!("{wanted:?}"), || {
        let now = rows(hub, device);
        if now != last {
            eprintln!("known: {now:?}");
            last.clone_from(&now);
        }
        (now == wanted).then_some(())
    });
}

fn report(client: &mut Client, rest: &str, msgno: u32) {
    client.say(0, format_args!("26|{rest}|{}|{msgno}", Stored::now_ms()));
}

/// C4.1: a `:` inside a part is escaped, min and max may be empty, and nothing is answered.
#[test]
fn a_device_describes_itself() {
    let (hub, device, mut a) = obedient();
    assert_eq!(rows(&hub, &device), [""; 0]);
    a.say(0, "90|S:t:number:C:-40:85|S:bp:composite:mmHg::|S:in%3Aside:text:::|A:vent:number:0:1.5|A:bell:button::");
    a.expect_nothing();
    becomes(
        &hub,
        &device,
        &[
            "A bell button - - device",
            "A vent number 0 1.5 device",
            "S bp composite mmHg - - device",
            "S in:side text  - - device",
            "S t number C -40 85 device",
        ],
    );
    a.expect_nothing();
    let home = hub.crash();
    let hub = home.start();
    assert_eq!(rows(&hub, &device).len(), 5);
}

/// C4.2
#[test]
fn the_first_of_a_session_replaces_and_further_ones_add() {
    let (hub, device, mut a) = obedient();
    a.say(0, "90|S:t:number:C::|A:vent:number:0:1");
    a.say(0, "90|S:h:number:%25::|S:t:number:F::");
    let both = [
        "A vent number 0 1 device",
        "S h number % - - device",
        "S t number F - - device",
    ];
    becomes(&hub, &device, &both);
    let mut a = hub.login(&device);
    a.expect_nothing();
    assert_eq!(rows(&hub, &device), both);
    a.say(0, "90|S:x:weight:kg:0:");
    becomes(&hub, &device, &["S x weight kg 0 - device"]);
}

/// C4.1: whole, with what was known before left alone.
#[test]
fn a_broken_description_is_refused_whole() {
    let (hub, device, mut a) = obedient();
    a.say(0, "90|S:t:number:C::");
    becomes(&hub, &device, &["S t number C - - device"]);
    for broken in [
        "t",
        "X:t:number:C::",
        "S:t:number:C:",
        "S:t:number:C:::",
        "S::number:C::",
        "A:vent:number:0",
        "A:vent:number:C:0:1",
        "S:t:number:C:low:high",
        "S:t:number:C:NaN:1",
        "S:t:number:C:1e999:",
        "S:t:number:C:9:1",
        "S:t%zz:number:C::",
    ] {
        a.say(0, format_args!("90|S:good:number:C::|{broken}"));
        a.expect_refusal("BAD_VALUE", 0, broken);
    }
    assert_eq!(rows(&hub, &device), ["S t number C - - device"]);
}

/// C4.3
#[test]
fn the_operators_word_holds() {
    let (hub, device, mut a) = obedient();
    a.say(0, "90|S:t:number:C:0:50|S:h:number:%25::");
    becomes(
        &hub,
        &device,
        &["S h number % - - device", "S t number C 0 50 device"],
    );
    let describe = |parts: &[&str]| {
        let words = ["device", "describe", &device.at()];
        hub.verb(&[&words, parts].concat()).ok();
    };
    describe(&["S:t:number:C:-40:85", "A:vent:number:0:1"]);
    let ours = [
        "A vent number 0 1 operator",
        "S h number % - - device",
        "S t number C -40 85 operator",
    ];
    assert_eq!(rows(&hub, &device), ours);
    report(&mut a, "t|-30|C", 1);
    a.expect_hub("7|1");
    // Whatever the device says afterwards.
    let mut a = hub.login(&device);
    a.say(0, "90|S:t:number:C:20:30");
    becomes(
        &hub,
        &device,
        &["A vent number 0 1 operator", "S t number C -40 85 operator"],
    );
    describe(&[]);
    assert_eq!(rows(&hub, &device), ["S t number C 20 30 device"]);
}

/// C4.3: what the verb cannot read is refused, and nothing changes.
#[test]
fn a_broken_word_of_the_operator_is_refused() {
    let (hub, device, _a) = obedient();
    for broken in [
        "t",
        "S:t",
        "B:t:number:::",
        "S:t:number:C:x:",
        "S:t:number:C:9:1",
    ] {
        let words = ["device", "describe", &device.at(), "S:u:number:::", broken];
        let complaint = hub.verb(&words).refused();
        assert!(complaint.contains(broken), "{complaint}");
    }
    assert_eq!(rows(&hub, &device), [""; 0]);
    let nobody = crate::harness::NOWHERE.to_string();
    let complaint = hub.verb(&["device", "describe", &nobody, "S:u:number:::"]);
    assert!(complaint.refused().contains(&nobody));
    let complaint = hub.verb(&["device", "capabilities", &nobody, "--json"]);
    assert!(complaint.refused().contains(&nobody));
}
