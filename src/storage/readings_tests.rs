//! Readings through packing, roll-up and query, against a model that keeps them all in a map.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::readings::{DAY_MS, HOUR_MS, Key, MINUTE_MS, Packable};
use crate::settings;

const NOW: i64 = 1_800_000_000_000;
const ALL: Range = Range {
    from_ms: 0,
    to_ms: i64::MAX,
};

struct Bed {
    store: Sqlite,
    readings: Readings,
}

impl Bed {
    fn new() -> Self {
        Self::with(&settings::Storage::default())
    }

    fn with(settings: &settings::Storage) -> Self {
        let mut store = Sqlite::in_memory().unwrap();
        let group = Groups::insert(&mut store, "g").unwrap();
        assert_eq!(group, 1);
        for address in [42, 43] {
            let row = DeviceRow {
                address,
                group,
                kind: 1,
                id: address.to_string(),
                name: String::new(),
                labels: String::new(),
                rights: "talk".into(),
                login: "challenge".into(),
                nonce_memory: 0,
                disabled: false,
                weak: false,
                serial: Vec::new(),
            };
            Devices::insert(&mut store, &row).unwrap();
        }
        Self {
            store,
            readings: Readings::new(settings),
        }
    }

    fn put(&mut self, sensor: &str, value: &str, at_ms: i64, msgno: i64) -> Result<bool, Refusal> {
        let reading = NewReading {
            address: 42,
            group: 1,
            sensor,
            unit: "C",
            value,
            at_ms,
            hub_ms: NOW,
            msgno,
        };
        self.readings.put(&mut self.store, &reading).unwrap()
    }

    /// Packs all that can be, as of so much later.
    fn pack(&mut self, later_ms: i64) {
        let due = Due {
            now_ms: NOW + later_ms,
            settle_ms: 1000,
            at_once: None,
        };
        let mut after = 0;
        while self
            .readings
            .pack_step(&mut self.store, &mut after, due)
            .unwrap()
            != Step::Finished
        {}
    }

    /// Takes a layer off all packs that may lose it; answers how many did.
    fn evict(&mut self, layer: Layer) -> usize {
        let (mut walk, mut gone) = (Eviction::default(), 0);
        while let Some(packs) =
            Readings::evict_step(&mut self.store, layer, i64::MAX, &mut walk).unwrap()
        {
            gone += packs;
        }
        gone
    }

    fn count(&mut self, sql: &str) -> i64 {
        let mut count = 0;
        let sql = format!("SELECT count(*) FROM {sql}");
        self.store
            .query(&sql, &[], &mut |row| {
                count = row.int(0)?;
                Ok(())
            })
            .unwrap();
        count
    }

    fn all(&mut self, limit: usize) -> Vec<Packable> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let next = page(&mut self.store, 1, ALL, after, limit).unwrap();
            let Some(last) = next.last() else { return all };
            after = Some(last.key());
            all.extend(next);
        }
    }
}

type Rounds = Vec<Vec<(i64, i64, i32)>>;

/// Rounds of readings within two hours; between the rounds everything is packed, so later rounds come late.
fn rounds() -> impl Strategy<Value = Rounds> {
    let reading = (0i64..2 * HOUR_MS / 5000, 0i64..3, -100i32..100);
    let reading =
        reading.prop_map(|(step, msgno, value)| (NOW - 3 * HOUR_MS + step * 5000, msgno, value));
    proptest::collection::vec(proptest::collection::vec(reading, 1..80), 1..5)
}

fn stored(bed: &mut Bed, rounds: &Rounds) -> BTreeMap<Key, i32> {
    let mut model = BTreeMap::new();
    for round in rounds {
        for (at, msgno, value) in round {
            let fresh = !model.contains_key(&(*at, *msgno));
            assert_eq!(bed.put("t", &value.to_string(), *at, *msgno), Ok(fresh));
            model.entry((*at, *msgno)).or_insert(*value);
        }
        bed.pack(2000);
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_reading_is_there_once_however_late_it_came(rounds in rounds(), limit in 1usize..50) {
        let mut bed = Bed::new();
        let model = stored(&mut bed, &rounds);
        prop_assert_eq!(bed.count("reading"), 0);
        let found: Vec<_> = bed.all(limit).into_iter().map(|r| (r.key(), r.value.to_string())).collect();
        let wanted: Vec<_> = model.iter().map(|(key, value)| (*key, value.to_string())).collect();
        prop_assert_eq!(found, wanted);
        // Packs of one hour do not overlap.
        let overlaps = bed.count("pack a JOIN pack b ON a.id <> b.id AND (a.from_ms, a.from_msgno) <= (b.from_ms, b.from_msgno) AND (b.from_ms, b.from_msgno) <= (a.to_ms, a.to_msgno)");
        prop_assert_eq!(overlaps, 0);
        let last = Readings::last(&mut bed.store, 42, 1, "t", i64::MAX).unwrap().unwrap();
        let (key, value) = model.last_key_value().unwrap();
        prop_assert_eq!((last.at_ms, last.value.to_string()), (key.0, value.to_string()));
    }

    #[test]
    fn queries_keep_the_peaks_of_any_range(
        rounds in rounds(),
        from in 0i64..2 * HOUR_MS,
        span in 1i64..2 * HOUR_MS,
        most in 4usize..40,
        rest in proptest::collection::vec((0i64..2 * HOUR_MS, -200i32..200), 0..9),
    ) {
        let mut bed = Bed::new();
        let mut model = stored(&mut bed, &rounds);
        for (at, value) in rest {
            let at = NOW - 3 * HOUR_MS + at;
            if bed.put("t", &value.to_string(), at, 9) == Ok(true) {
                model.insert((at, 9), value);
            }
        }
        let from = NOW - 3 * HOUR_MS + from;
        let range = Range { from_ms: from, to_ms: from + span };
        let inside: Vec<_> = model.iter().filter(|(key, _)| (from..from + span).contains(&key.0)).collect();
        let chosen = points(&mut bed.store, 1, range, most).unwrap();
        prop_assert!(chosen.points.len() <= most);
        prop_assert_eq!(chosen.points.is_empty(), inside.is_empty());
        if !chosen.decimated {
            prop_assert_eq!(chosen.points.len(), inside.len());
        }
        for peak in [inside.iter().map(|(_, v)| **v).min(), inside.iter().map(|(_, v)| **v).max()].into_iter().flatten() {
            prop_assert!(chosen.points.iter().any(|point| point.value.to_string() == peak.to_string()));
        }
        for point in &chosen.points {
            prop_assert!(inside.iter().any(|(key, value)| key.0 == point.at_ms && value.to_string() == point.value.to_string()));
        }
        for unit in [MINUTE_MS, HOUR_MS] {
            let (_, buckets) = roll_up(&mut bed.store, 1, range, unit, most).unwrap();
            prop_assert!(buckets.len() <= most);
            prop_assert_eq!(buckets.iter().map(|b| b.stats.count).sum::<u64>(), inside.len() as u64);
            let sum: f64 = buckets.iter().map(|b| b.stats.sum).sum();
            prop_assert_eq!(sum, inside.iter().map(|(_, v)| f64::from(**v)).sum::<f64>());
        }
    }
}

#[test]
fn many_packs_are_answered_from_their_columns_without_losing_a_peak() {
    let mut bed = Bed::new();
    let start = NOW - 200 * HOUR_MS;
    for minute in 0..100 * 60 {
        let value = if minute == 3333 { 999 } else { minute % 7 };
        let at = start + minute * MINUTE_MS;
        assert_eq!(bed.put("t", &value.to_string(), at, minute), Ok(true));
    }
    bed.pack(2000);
    assert!(bed.count("pack") >= 100);
    let chosen = points(&mut bed.store, 1, ALL, 40).unwrap();
    assert!(chosen.decimated && chosen.points.len() <= 40);
    let peak = chosen.points.iter().find(|p| p.value.to_string() == "999");
    assert_eq!(peak.unwrap().at_ms, start + 3333 * MINUTE_MS);
    assert_eq!(chosen.points[0].at_ms, start);
    let last = chosen.points.last().unwrap().at_ms;
    assert_eq!(last, start + (100 * 60 - 1) * MINUTE_MS);
}

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
fn retention_ends_each_layer_in_its_time() {
    let mut bed = Bed::new();
    for day in 0..50 {
        bed.put("t", "1", NOW - day * DAY_MS - 2 * HOUR_MS, day)
            .unwrap();
    }
    bed.pack(2000);
    let keep = Keep {
        raw_days: 10,
        minute_days: 20,
        hour_days: 30,
    };
    let rule = RetentionRow {
        group: 1,
        sensor: "t".into(),
        keep,
    };
    Retention::set(&mut bed.store, &rule).unwrap();
    bed.readings.retention_changed();
    let mut after = 0;
    while bed
        .readings
        .sweep_step(&mut bed.store, &mut after, NOW)
        .unwrap()
    {}
    assert_eq!(bed.count("pack WHERE readings IS NOT NULL"), 10);
    assert_eq!(bed.count("pack WHERE minutes IS NOT NULL"), 10);
    assert_eq!(bed.count("pack"), 30);
}

#[test]
fn a_removed_device_loses_its_packs_too() {
    let mut bed = Bed::new();
    for hour in 0..900 {
        bed.put("t", "1", NOW - hour * HOUR_MS - 2 * HOUR_MS, 1)
            .unwrap();
    }
    bed.pack(2000);
    bed.put("t", "1", NOW, 1).unwrap();
    Devices::remove(&mut bed.store, 42).unwrap();
    let mut from = 0;
    while Readings::purge_step(&mut bed.store, &mut from).unwrap() {}
    for table in ["series", "pack", "reading"] {
        assert_eq!(bed.count(table), 0, "{table}");
    }
}

#[test]
fn ended_commands_go_down_to_their_share_the_oldest_first() {
    let mut bed = Bed::new();
    let sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000)
        INSERT INTO command (id, group_id, address, type, fields, issuer, issuer_msgno, order_key, one_of_set, issued_ms,
                             condition, state, detail, sendings, ended_ms, late)
        SELECT x, 1, 42, 3, printf('%.*c', 4000, 'x'), 'device 43', '1', '', 0, 1, '', 'succeeded', '', 1,
               CASE WHEN x % 3 = 0 THEN NULL ELSE x END, 0 FROM n";
    bed.store.execute(sql, &[]).unwrap();
    assert_eq!(
        Readings::commands_over(&mut bed.store, 100 << 20).unwrap(),
        0
    );
    let mut over = Readings::commands_over(&mut bed.store, 4250 * 700).unwrap();
    assert_eq!(over, 1300);
    while over > 0 {
        let gone = Readings::evict_commands(&mut bed.store, over).unwrap();
        assert!((1..=500).contains(&gone));
        over -= gone as i64;
    }
    assert_eq!(bed.count("command WHERE ended_ms IS NULL"), 1000);
    assert_eq!(bed.count("command WHERE ended_ms IS NOT NULL"), 700);
    assert_eq!(bed.count("command WHERE ended_ms < 1951"), 0);
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
fn a_reading_from_the_future_or_ever_older_ones_keep_nothing_from_being_packed() {
    let mut bed = Bed::new();
    let put = |bed: &mut Bed, at_ms: i64, hub_ms: i64, now_ms: i64| {
        let reading = NewReading {
            address: 42,
            group: 1,
            sensor: "t",
            unit: "C",
            value: "1",
            at_ms,
            hub_ms,
            msgno: 1,
        };
        let put = bed.readings.put_as_of(&mut bed.store, &reading, now_ms);
        assert_eq!(put.unwrap(), Ok(true));
    };
    // The same by a clock that was wrong: in the table it stays as it came.
    put(&mut bed, NOW - 10 * DAY_MS, NOW + 999 * DAY_MS, NOW);
    put(&mut bed, NOW - 9 * DAY_MS, NOW, NOW);
    bed.store
        .execute(
            "UPDATE reading SET later_ms = 90000000000000 WHERE at_ms < ?1",
            &[Param::Int(NOW - 9 * DAY_MS)],
        )
        .unwrap();
    for second in 0..100 {
        put(&mut bed, NOW - DAY_MS + second * 1000, NOW, NOW);
    }
    bed.pack(10_000);
    assert_eq!(bed.count("reading"), 0);
    // More than are passed come before those that have settled, which are packed all the same.
    for second in 0..100 {
        put(&mut bed, NOW - 2 * DAY_MS + second * 1000, NOW, NOW);
    }
    for older in 0..12_000 {
        put(
            &mut bed,
            NOW - 3 * DAY_MS - older * 1000,
            NOW + 100_000,
            NOW + 100_000,
        );
    }
    put(&mut bed, NOW + 100_000, NOW + 100_000, NOW + 100_000);
    bed.pack(100_500);
    assert_eq!(bed.count("reading"), 12_001);
    bed.pack(3 * HOUR_MS);
    assert_eq!(bed.count("reading"), 0);
    assert_eq!(bed.all(500).len(), 102 + 100 + 12_001);
}

#[test]
fn late_readings_of_sensors_in_turn_are_told_from_repeats() {
    let mut bed = Bed::new();
    let sensors: Vec<_> = (0..40).map(|n| format!("s{n}")).collect();
    for sensor in &sensors {
        for n in 0..10 {
            assert_eq!(bed.put(sensor, "1", NOW - DAY_MS + n * 1000, n), Ok(true));
        }
    }
    bed.pack(HOUR_MS);
    for n in 0..9 {
        for sensor in sensors.iter().take(3 + 12 * (n as usize % 4)) {
            assert_eq!(bed.put(sensor, "1", NOW - DAY_MS + n * 1000, n), Ok(false));
            assert_eq!(
                bed.put(sensor, "1", NOW - DAY_MS + n * 1000 + 500, n),
                Ok(true)
            );
        }
        bed.pack(HOUR_MS);
        assert_eq!(
            bed.put("s0", "1", NOW - DAY_MS + n * 1000 + 500, n),
            Ok(false)
        );
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

#[test]
fn the_newest_packs_are_passed_in_the_search_for_what_may_go() {
    let mut bed = Bed::new();
    let insert = "INSERT INTO pack (series, from_ms, from_msgno, to_ms, to_msgno, count, numbers, sum, last, last_later)";
    for (first, count, per_series) in [(1, 3000, 3000), (5000, 50, 1)] {
        let sql = format!(
            "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < {count} - 1)
             {insert} SELECT {first} + x % {per_series}, 1000 + x, 0, 1000 + {first} + x, 0, 1, 0, 0.0, 1, 0 FROM n"
        );
        bed.store.execute(&sql, &[]).unwrap();
    }
    assert_eq!(bed.evict(Layer::Hours), 49);
    assert_eq!(bed.count("pack"), 3001);
    assert_eq!(bed.evict(Layer::Hours), 0);
}

#[test]
fn retention_and_eviction_find_what_is_due_by_an_index() {
    let mut bed = Bed::new();
    for (sql, index) in [
        (
            "WHERE series = 1 AND to_ms < 5 AND readings IS NOT NULL ORDER BY to_ms",
            "pack_series_raw (series=? AND to_ms<?)",
        ),
        (
            "WHERE series = 1 AND to_ms < 5 AND readings IS NULL AND minutes IS NOT NULL ORDER BY to_ms",
            "pack_series_minutes (series=? AND to_ms<?)",
        ),
        (
            "WHERE readings IS NULL AND minutes IS NULL AND to_ms < 9 AND to_ms >= 2 AND (to_ms, id) > (2, 3) ORDER BY to_ms, id",
            "pack_hours (to_ms>? AND to_ms<?)",
        ),
    ] {
        let mut plan = String::new();
        bed.store
            .query(
                &format!("EXPLAIN QUERY PLAN SELECT id FROM pack {sql} LIMIT 16"),
                &[],
                &mut |row| {
                    plan += &row.text(3)?;
                    Ok(())
                },
            )
            .unwrap();
        assert!(
            plan.contains(index) && !plan.contains("TEMP"),
            "{sql}: {plan}"
        );
    }
}
