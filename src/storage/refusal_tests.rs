//! Readings that are not taken.

use super::*;

#[test]
fn what_is_late_for_a_time_that_is_rolled_up_is_refused() {
    let mut bed = Bed::new();
    for second in 0..100 {
        bed.put("t", "1", NOW - 5 * HOUR_MS + second * 1000, second)
            .unwrap();
    }
    bed.pack(2000);
    assert_eq!(bed.evict(Layer::Raw), 1);
    bed.readings.evicted();
    assert_eq!(
        bed.put("t", "1", NOW - 5 * HOUR_MS + 500, 7),
        Err(Refusal::BadTime)
    );
    let chosen = points(&mut bed.store, 1, ALL, 10).unwrap();
    assert_eq!(chosen.detail, Detail::Minute);
    let (_, minutes) = roll_up(&mut bed.store, 1, ALL, MINUTE_MS, 100).unwrap();
    assert_eq!(minutes.iter().map(|m| m.stats.count).sum::<u64>(), 100);
    bed.evict(Layer::Minutes);
    let chosen = points(&mut bed.store, 1, ALL, 10).unwrap();
    assert_eq!(chosen.detail, Detail::Hour);
    // The newest pack of a series stays: the last known value is in it.
    assert_eq!(bed.evict(Layer::Hours), 0);
    assert!(
        Readings::last(&mut bed.store, 42, 1, "t", i64::MAX)
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_described_device_reports_what_it_has_within_its_ranges() {
    let mut bed = Bed::new();
    for (acts, name, source, low, high) in [
        (0, "t", "device", "-40", "80"),
        (0, "t", "operator", "0", "50"),
        (0, "p", "device", "NULL", "200"),
        (1, "vent", "device", "0", "1"),
    ] {
        let kind = if name == "p" { "composite" } else { "number" };
        let sql = format!(
            "INSERT INTO capability VALUES (42, {acts}, '{name}', '{source}', '{kind}', '', {low}, {high})"
        );
        bed.store.execute(&sql, &[]).unwrap();
    }
    assert_eq!(bed.put("t", "50", NOW, 1), Ok(true));
    assert_eq!(bed.put("t", "50.1", NOW, 2), Err(Refusal::OutOfRange));
    assert_eq!(bed.put("t", "warm", NOW, 2), Err(Refusal::BadValue));
    assert_eq!(bed.put("t", "a=1", NOW, 2), Err(Refusal::BadValue));
    assert_eq!(bed.put("p", "120", NOW, 2), Err(Refusal::BadValue));
    assert_eq!(bed.put("u", "1", NOW, 3), Err(Refusal::UnknownSensor));
    assert_eq!(bed.put("event", "x", NOW, 4), Ok(true));
    assert_eq!(bed.put("vent", "2", NOW, 5), Ok(true));
    assert_eq!(bed.put("p", "systolic=120;diastolic=80", NOW, 6), Ok(true));
    assert_eq!(bed.put("p", "systolic=120;diastolic=80", NOW, 6), Ok(false));
    assert_eq!(
        bed.put("p", "systolic=120;diastolic=280", NOW, 7),
        Err(Refusal::OutOfRange)
    );
    assert_eq!(bed.count("reading"), 5);
    bed.store.execute("DELETE FROM capability", &[]).unwrap();
    assert_eq!(bed.put("u", "1", NOW, 3), Err(Refusal::UnknownSensor));
    bed.readings.forget_device(42);
    assert_eq!(bed.put("u", "1", NOW, 3), Ok(true));
}

#[test]
fn absurd_times_are_refused_alone() {
    let settings = settings::Storage {
        raw_days: 10,
        ..settings::Storage::default()
    };
    let mut bed = Bed::with(&settings);
    for at in [
        0,
        946_684_799_999,
        NOW - 11 * DAY_MS,
        NOW + DAY_MS + 1,
        i64::MAX,
    ] {
        assert_eq!(bed.put("t", "1", at, 1), Err(Refusal::BadTime), "{at}");
    }
    assert_eq!(bed.put("t", "1", NOW + DAY_MS, 1), Ok(true));
    assert_eq!(bed.put("t", "1", NOW - 9 * DAY_MS, 1), Ok(true));
}

#[test]
fn what_a_clock_in_doubt_cannot_judge_is_to_be_sent_again() {
    let mut bed = Bed::with(&settings::Storage {
        raw_days: 10,
        minute_days: 10,
        hour_days: 10,
        ..settings::Storage::default()
    });
    let (old, ahead) = (NOW - 20 * DAY_MS, NOW + 20 * DAY_MS);
    for (doubt, of_old, of_ahead) in [
        (ClockDoubt::None, Refusal::BadTime, Refusal::BadTime),
        (ClockDoubt::Behind, Refusal::BadTime, Refusal::ClockInDoubt),
        (ClockDoubt::Ahead, Refusal::ClockInDoubt, Refusal::BadTime),
    ] {
        bed.readings.doubt_clock(doubt);
        assert_eq!(bed.put("t", "1", old, 1), Err(of_old));
        assert_eq!(bed.put("t", "1", ahead, 1), Err(of_ahead));
        assert_eq!(bed.put("t", "1", 1, 1), Err(Refusal::BadTime));
    }
}

#[test]
fn a_composite_that_is_refused_leaves_nothing() {
    let mut bed = Bed::with(&settings::Storage {
        max_sensors: 4,
        ..settings::Storage::default()
    });
    assert_eq!(bed.put("t", "1", NOW, 1), Ok(true));
    assert_eq!(
        bed.put("p", "a=1;b=2;c=3;d=4", NOW, 2),
        Err(Refusal::TooManySensors)
    );
    assert_eq!(bed.count("series"), 1);
    assert_eq!(bed.put("p", "a=1;b=2;c=3", NOW, 2), Ok(true));
    assert_eq!(bed.put("p", "a=1;b=2;c=3", NOW, 2), Ok(false));
    assert_eq!(
        bed.put("p", "a=1;b=2;e=3", NOW, 3),
        Err(Refusal::TooManySensors)
    );
    assert_eq!(bed.count("series"), 4);
    assert_eq!(bed.count("reading"), 4);
}
