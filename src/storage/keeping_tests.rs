//! What is kept for how long, and what goes when the room is short.

use super::*;

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
