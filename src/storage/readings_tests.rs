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

#[path = "refusal_tests.rs"]
mod refusals;

#[path = "keeping_tests.rs"]
mod keeping;
