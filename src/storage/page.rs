//! The readings of a series as they were stored, page by page in the order of (time, msgno).

use super::packs;
use super::{Driver, Param, Range, StorageError};
use crate::readings::{HOUR_MS, Key, Packable, read_all};

/// Up to `limit` readings behind `after` within the range. Those whose packs are rolled up are not there any more.
///
/// # Errors
/// The store failed.
pub fn page(
    store: &mut dyn Driver,
    series: i64,
    range: Range,
    after: Option<Key>,
    limit: usize,
) -> Result<Vec<Packable>, StorageError> {
    let start = after
        .unwrap_or((range.from_ms, i64::MIN))
        .max((range.from_ms, i64::MIN));
    let wanted = |key: Key| {
        key.0 < range.to_ms && key.0 >= range.from_ms && after.is_none_or(|after| key > after)
    };
    let mut found = Vec::new();
    unpack(store, series, range, start, limit, &mut |reading| {
        if wanted(reading.key()) {
            found.push(reading);
        }
    })?;
    store.query(
        "SELECT at_ms, msgno, later_ms, value FROM reading
         WHERE series = ?1 AND at_ms >= ?2 AND at_ms < ?3 AND (at_ms, msgno) >= (?2, ?4)
         ORDER BY at_ms, msgno LIMIT ?5",
        &[
            Param::Int(series),
            Param::Int(start.0),
            Param::Int(range.to_ms),
            Param::Int(start.1),
            // One more: the row at `after` itself may be among them.
            Param::Int(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)),
        ],
        &mut |row| {
            let reading = super::readings::read_row(row)?;
            if wanted(reading.key()) {
                found.push(reading);
            }
            Ok(())
        },
    )?;
    found.sort_by_key(Packable::key);
    found.truncate(limit);
    Ok(found)
}

/// Unpacks the packs from `start` on until there are `limit` readings.
fn unpack(
    store: &mut dyn Driver,
    series: i64,
    range: Range,
    start: Key,
    limit: usize,
    each: &mut dyn FnMut(Packable),
) -> Result<(), StorageError> {
    // A pack lies within one hour.
    let mut from_ms = start.0.div_euclid(HOUR_MS).saturating_mul(HOUR_MS);
    let (mut from, mut count) = (start, 0);
    loop {
        let heads = packs::heads_from(store, series, from_ms, range.to_ms, from)?;
        let Some(last) = heads.last() else {
            return Ok(());
        };
        (from_ms, from) = (last.from.0, (last.to.0, last.to.1.saturating_add(1)));
        for head in heads {
            if let Some(readings) = packs::raw(store, head.id)?.and_then(|blob| read_all(&blob)) {
                count += readings
                    .iter()
                    .filter(|reading| reading.key() > start)
                    .count();
                readings.into_iter().for_each(&mut *each);
            }
            if count >= limit {
                return Ok(());
            }
        }
    }
}
