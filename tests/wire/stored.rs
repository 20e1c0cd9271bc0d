//! What became of a reading in the database: value, unit, both times, owner.

use rusqlite::types::Value;

use crate::harness::{Client, Home, Hub, Stored};

#[track_caller]
fn report(client: &mut Client, rest: &str, msgno: u32) {
    client.say(0, format_args!("26|{rest}|{msgno}"));
    client.expect_hub(format_args!("7|{msgno}"));
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// P5.8
#[test]
fn both_times_are_kept() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let before = Stored::now_ms();
    report(&mut a, "temperature|21.5|C|1700000000123", 1);
    let after = Stored::now_ms();
    let [row] = &hub.stored()[..] else {
        panic!("{:?}", hub.stored());
    };
    assert_eq!(row.at_ms, 1_700_000_000_123);
    assert!((before..=after).contains(&row.hub_ms), "{row:?}");
    assert_eq!(
        (row.sensor.as_str(), row.unit.as_str()),
        ("temperature", "C")
    );
    assert_eq!((row.address, row.group.as_str()), (a.address, "greenhouse"));
    assert_eq!(row.value, Value::Real(21.5));
}

/// P5.7: a clock that jumped costs its readings, and neither the session nor those of a mended clock.
#[test]
fn absurd_times_of_a_device_are_refused_and_counted() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let two_days_ahead = i64::try_from(Stored::now_ms()).unwrap() + 2 * 86_400_000;
    let times = [
        0,
        1,
        946_684_799_999,
        two_days_ahead,
        4_070_908_800_000,
        i64::MAX - 1,
    ];
    for (msgno, at) in (1..).zip(times) {
        a.say(0, format_args!("26|t|1|C|{at}|{msgno}"));
        a.expect_refusal("BAD_TIME", 0, &msgno.to_string());
    }
    report(&mut a, "t|1|C|946684800000", 9);
    report(
        &mut a,
        &format!("t|1|C|{}", two_days_ahead - 3 * 43_200_000),
        10,
    );
    assert_eq!(hub.stored().len(), 2);
    let refused = hub
        .metrics()
        .labelled("hub_readings_refused_total", "reason", "BAD_TIME");
    assert_eq!(refused, times.len() as u64);
    a.expect_nothing();
}

/// P5.7, P5.8: what is no time in 64 bits is refused, and the next one is taken.
#[test]
fn a_time_over_64_bits_is_refused_and_the_session_goes_on() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for at in ["9223372036854775808", "99999999999999999999999999"] {
        a.say(0, format_args!("26|t|1|C|{at}|5"));
        a.expect_refusal("BAD_VALUE", 0, "5");
    }
    report(&mut a, "t|1|C|1700000000000", 6);
    assert_eq!(hub.stored().len(), 1);
}

/// P5.1: counters of energy meters pass 2^53, where a float would round them.
#[test]
fn whole_numbers_are_kept_exactly() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let numbers = [
        9_007_199_254_740_993,
        -9_007_199_254_740_993,
        9_223_372_036_854_775_807,
        -9_223_372_036_854_775_808,
        1_234_567_890_123_456_789,
        0,
    ];
    for (msgno, number) in (1..).zip(numbers) {
        report(&mut a, &format!("energy|{number}|Wh|1700000000000"), msgno);
    }
    let values: Vec<Value> = hub.stored().into_iter().map(|row| row.value).collect();
    assert_eq!(values, numbers.map(Value::Integer));
}

/// P1.9, P5.2: text is kept as what it means.
#[test]
fn a_text_value_is_kept_without_its_escapes() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    report(&mut a, "door|half%7Copen, 100%25|state|1700000000000", 1);
    report(&mut a, "door|Grüße ☂|state|1700000000000", 2);
    let values: Vec<Value> = hub.stored().into_iter().map(|row| row.value).collect();
    assert_eq!(values, [text("half|open, 100%"), text("Grüße ☂")]);
}

/// P5.1: values of different units never mix.
#[test]
fn another_unit_makes_another_series() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for (msgno, unit) in (1..).zip(["C", "F", "C", ""]) {
        report(&mut a, &format!("t|20|{unit}|1700000000000"), msgno);
    }
    let units: Vec<String> = hub.stored().into_iter().map(|row| row.unit).collect();
    assert_eq!(units, ["C", "F", "C", ""]);
    let series = "SELECT COUNT(*) FROM series";
    let series: i64 = hub
        .database()
        .query_row(series, [], |row| row.get(0))
        .unwrap();
    assert_eq!(series, 3);
}

/// P5.7: known ones go on, also after a restart; other devices have a count of their own.
#[test]
fn one_sensor_too_many_is_refused_and_known_ones_go_on() {
    let home = Home::new().set("STORAGE__MAX_SENSORS", "3");
    let (one, other) = (home.add("greenhouse"), home.add("greenhouse"));
    let hub = home.start();
    let mut a = hub.login(&one);
    for (msgno, sensor) in (1..).zip(["s1", "s2", "s3"]) {
        report(&mut a, &format!("{sensor}|1|C|1700000000000"), msgno);
    }
    let hub = hub.stop().start();
    let (mut a, mut b) = (hub.login(&one), hub.login(&other));
    for rest in ["s4|1|C", "s1|1|F"] {
        a.say(0, format_args!("26|{rest}|1700000000000|9"));
        a.expect_refusal("TOO_MANY_SENSORS", 0, "9");
    }
    report(&mut a, "s3|1|C|1700000000000", 10);
    report(&mut b, "s4|1|C|1700000000000", 11);
    assert_eq!(hub.stored().len(), 5);
}

/// A device that is removed takes its readings along, and nobody else's.
#[test]
fn removing_a_device_removes_its_readings_alone() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let (mut a, mut b) = (hub.login(&device), hub.login(&hub.add("greenhouse")));
    report(&mut a, "t|1|C|1700000000000", 1);
    report(&mut b, "t|1|C|1700000000000", 2);
    hub.verb(&["device", "remove", &device.at()]).ok();
    a.expect_quit("REMOVED");
    report(&mut b, "t|2|C|1700000000000", 3);
    let rows = hub.stored();
    assert_eq!(rows.iter().map(|row| row.msgno).collect::<Vec<_>>(), [2, 3]);
    assert!(rows.iter().all(|row| row.address == b.address), "{rows:?}");
    let orphans = "SELECT COUNT(*) FROM reading WHERE series NOT IN (SELECT id FROM series)";
    let orphans: i64 = hub
        .database()
        .query_row(orphans, [], |row| row.get(0))
        .unwrap();
    assert_eq!(orphans, 0);
}

/// P4.4: a customer keeps what was measured at his place.
#[test]
fn readings_from_before_a_move_stay_with_the_old_group() {
    let hub = Hub::start();
    hub.add("harbour");
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    report(&mut a, "t|1|C|1700000000000", 1);
    hub.verb(&["device", "move", &device.at(), "harbour"]).ok();
    a.expect_quit("MOVED");
    let mut a = hub.login(&device);
    report(&mut a, "t|2|C|1700000000000", 2);
    hub.verb(&["device", "move", &device.at(), "greenhouse"])
        .ok();
    a.expect_quit("MOVED");
    report(&mut hub.login(&device), "t|3|C|1700000000000", 3);
    let groups: Vec<String> = hub.stored().into_iter().map(|row| row.group).collect();
    assert_eq!(groups, ["greenhouse", "harbour", "greenhouse"]);
}
