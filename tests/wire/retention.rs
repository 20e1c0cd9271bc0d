//! What is kept no longer goes; its roll-ups stay as long as they are to.

use serde_json::Value;

use crate::harness::{Client, Home, Stored, eventually};

const DAY: i64 = 86_400_000;

#[track_caller]
fn report(client: &mut Client, sensor: &str, at: i64, msgno: i64) {
    client.say(0, format_args!("26|{sensor}|{msgno}|C|{at}|{msgno}"));
    client.expect_hub(format_args!("7|{msgno}"));
}

/// R3.1 to R3.4
#[test]
fn a_rule_ends_raw_readings_of_its_sensor_and_keeps_their_roll_ups() {
    let hub = Home::new().set("STORAGE__SETTLE_SECONDS", "0").start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let now = i64::try_from(Stored::now_ms()).unwrap();
    let old = now / DAY * DAY - 10 * DAY;
    for second in 0..120 {
        report(&mut a, "short", old + second * 1000, second);
        report(&mut a, "long", old + second * 1000, second);
    }
    report(&mut a, "short", now - DAY / 2, 500);
    eventually("old ones are packed", || {
        (hub.stored_readings() <= 1).then_some(())
    });
    let rule = [
        "reading",
        "retention",
        "set",
        "greenhouse",
        "--sensor",
        "short",
        "--raw-days",
        "5",
        "--minute-days",
        "20",
    ];
    hub.verb(&rule).ok();
    let query = |sensor: &str, more: &[&str]| -> Value {
        let at = device.at();
        let words = [&["reading", "query", &at, sensor, "--json"], more].concat();
        serde_json::from_str(&hub.verb(&words).ok()).unwrap()
    };
    let short = eventually("raw readings are gone", || {
        Some(query("short", &[])).filter(|short| short[0]["detail"] == "minute")
    });
    // Two minutes: the least and the greatest of each, and the new one.
    assert_eq!(short[0]["points"].as_array().unwrap().len(), 5, "{short}");
    assert_eq!(
        query("long", &[])[0]["points"].as_array().unwrap().len(),
        120
    );
    let minutes = query(
        "short",
        &["--resolution", "minute", "--to", &(old + DAY).to_string()],
    );
    let counts: Vec<_> = minutes[0]["buckets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b["count"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [60, 60]);
    // R3.5: what retention would end at once is not taken.
    a.say(0, format_args!("26|short|1|C|{old}|900"));
    a.expect_refusal("BAD_TIME", 0, "900");
    report(&mut a, "long", old, 900);

    let rules: Value =
        serde_json::from_str(&hub.verb(&["reading", "retention", "list", "--json"]).ok()).unwrap();
    assert_eq!(
        (&rules[0]["sensor"], &rules[0]["raw_days"]),
        (&Value::from("short"), &Value::from(5))
    );
    hub.verb(&[
        "reading",
        "retention",
        "remove",
        "greenhouse",
        "--sensor",
        "short",
    ])
    .ok();
    report(&mut a, "short", old - DAY, 901);
}
