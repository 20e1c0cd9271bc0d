//! Readings that come late go into the pack of their time, or into its roll-up when its readings are kept no longer.

use super::packing::{PACK_BYTES, PACK_READINGS};
use super::packs::{self, PackHead};
use super::{Driver, StorageError};
use crate::readings::{
    MINUTE_MS, Minute, Packable, Stats, Value, minutes_of, read_all, read_minutes, write_minutes,
};

/// Readings of a pack that grew by late ones, before it is cut.
const MOST_READINGS: usize = 6000;

/// Puts readings into the pack that they belong to, which is cut when it becomes too large. Returns the newest time.
pub(super) fn merge(
    store: &mut dyn Driver,
    series: i64,
    head: &PackHead,
    rows: Vec<Packable>,
) -> Result<i64, StorageError> {
    let reached = rows
        .last()
        .map_or(head.to.0, |row| row.key().0.max(head.to.0));
    let Some(mut readings) = packs::raw(store, head.id)?.and_then(|blob| read_all(&blob)) else {
        merge_rolled_up(store, series, head, &rows)?;
        return Ok(reached);
    };
    readings.extend(rows);
    // Two sorted runs: what sort finds them to be.
    readings.sort_by_key(Packable::key);
    readings.dedup_by_key(|reading| reading.key());
    packs::delete(store, head.id)?;
    let by_count = if readings.len() > MOST_READINGS {
        readings.len().div_ceil(PACK_READINGS)
    } else {
        1
    };
    // A little over is no reason to cut.
    let by_bytes = readings.iter().map(bytes).sum::<usize>() * 2 / (3 * PACK_BYTES) + 1;
    let pieces = by_count.max(by_bytes);
    for piece in readings.chunks(readings.len().div_ceil(pieces).max(1)) {
        packs::insert(store, series, piece)?;
    }
    Ok(reached)
}

/// The readings of that time are kept no longer: these few are rolled up with the others.
fn merge_rolled_up(
    store: &mut dyn Driver,
    series: i64,
    head: &PackHead,
    rows: &[Packable],
) -> Result<(), StorageError> {
    let mut head = head.clone();
    for row in rows {
        head.stats.add(row.at_ms, &row.value);
        if row.key() > head.to {
            (head.to, head.last_later) = (row.key(), row.later_ms);
        }
    }
    let mut minutes = packs::minutes(store, head.id)?.and_then(|blob| read_minutes(&blob));
    for new in minutes_of(rows.iter().map(|row| (row.at_ms, &row.value))) {
        if let Some(minutes) = &mut minutes {
            put_minute(minutes, new);
        }
    }
    packs::delete(store, head.id)?;
    let minutes = minutes.map(|minutes| write_minutes(&minutes));
    packs::insert_head(store, series, &head, minutes.as_deref(), None)
}

fn put_minute(minutes: &mut Vec<Minute>, new: Minute) {
    debug_assert_eq!(new.from_ms % MINUTE_MS, 0);
    match minutes.binary_search_by_key(&new.from_ms, |minute| minute.from_ms) {
        Ok(at) => {
            if let Some(minute) = minutes.get_mut(at) {
                Stats::merge(&mut minute.stats, &new.stats);
            }
        }
        Err(at) => minutes.insert(at, new),
    }
}

/// What a reading takes more than others do: its text. Numbers are bounded by their count.
pub(super) fn bytes(reading: &Packable) -> usize {
    match &reading.value {
        Value::Text(text) => text.len(),
        _ => 0,
    }
}
