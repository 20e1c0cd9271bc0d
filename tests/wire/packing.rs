//! Readings that have settled are packed, and nobody can tell from outside.

use crate::harness::{Client, Home, Hub, eventually};

fn home() -> Home {
    Home::new().set("STORAGE__SETTLE_SECONDS", "0")
}

#[track_caller]
fn report(client: &mut Client, second: i64, msgno: i64) {
    let at = 1_700_000_000_000 + second * 1000;
    client.say(0, format_args!("26|t|{second}|C|{at}|{msgno}"));
    client.expect_hub(format_args!("7|{msgno}"));
}

/// Waits until all readings are packed; they are so many.
#[track_caller]
fn packed(hub: &Hub) -> i64 {
    eventually("all is packed", || {
        (hub.stored_readings() == 0).then_some(())
    });
    let sql = "SELECT coalesce(sum(count), 0) FROM pack";
    hub.database().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// R2.3, P5.4: also after the rows are packed, after a restart, and for readings that come late.
#[test]
fn a_repeat_is_one_also_after_packing() {
    let home = home();
    let device = home.add("greenhouse");
    let hub = home.start();
    let mut a = hub.login(&device);
    for second in 0..100 {
        report(&mut a, second, second);
    }
    assert_eq!(packed(&hub), 100);
    for second in [0, 50, 99] {
        report(&mut a, second, second);
    }
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    for second in [0, 50, 99] {
        report(&mut a, second, second);
    }
    // Late, between others; and an equal reading of another number.
    report(&mut a, 50, 1000);
    assert_eq!(packed(&hub), 101);
    report(&mut a, 50, 1000);
    assert_eq!(packed(&hub), 101);
    let out = hub
        .verb(&["reading", "query", &device.at(), "t", "--json"])
        .ok();
    assert_eq!(out.matches("at_ms").count(), 101);
}

/// R2.2: whatever hour it belongs to.
#[test]
fn a_late_reading_is_stored_where_it_belongs() {
    let hub = home().start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for (msgno, second) in [(0, 9000), (1, 100), (2, 9001), (3, 4000), (4, 50)] {
        report(&mut a, second, msgno);
        packed(&hub);
    }
    let at = a.address.to_string();
    let out = hub.verb(&["reading", "query", &at, "t", "--json"]).ok();
    let series: serde_json::Value = serde_json::from_str(&out).unwrap();
    let points = series[0]["points"].as_array().unwrap();
    let values: Vec<_> = points
        .iter()
        .map(|p| p["value"].as_i64().unwrap())
        .collect();
    assert_eq!(values, [50, 100, 4000, 9000, 9001]);
}
