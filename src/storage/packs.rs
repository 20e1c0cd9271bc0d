//! Table pack: its rows, and the search for a reading in them.

use super::{Driver, Param, Row, StorageError, param};
use crate::readings::{
    Extreme, Key, Packable, Stats, minutes_of, read_all, read_keys, write_minutes, write_pack,
};

/// A row without its blobs.
#[derive(Clone, Debug)]
pub(super) struct PackHead {
    pub(super) id: i64,
    pub(super) from: Key,
    pub(super) to: Key,
    pub(super) stats: Stats,
    pub(super) last_later: i64,
    pub(super) has_raw: bool,
    pub(super) has_minutes: bool,
}

/// Packs of one look ahead.
const PAGE_PACKS: usize = 4;

pub(super) const HEAD: &str = "id, from_ms, from_msgno, to_ms, to_msgno, count, numbers, low, low_at, high, high_at, \
     sum, last, last_later, readings IS NOT NULL, minutes IS NOT NULL";

/// Reads the columns of [`HEAD`].
pub(super) fn read_head(row: &dyn Row) -> Result<PackHead, StorageError> {
    let extreme = |value, at| -> Result<Option<Extreme>, StorageError> {
        let (value, at_ms) = (row.value(value)?, row.optional_int(at)?);
        Ok(value
            .zip(at_ms)
            .map(|(value, at_ms)| Extreme { at_ms, value }))
    };
    let to = (row.int(3)?, row.int(4)?);
    let last = row.value(12)?.ok_or_else(|| damaged(row.int(0)))?;
    Ok(PackHead {
        id: row.int(0)?,
        from: (row.int(1)?, row.int(2)?),
        to,
        stats: Stats {
            count: row.int(5)?.cast_unsigned(),
            numbers: row.int(6)?.cast_unsigned(),
            min: extreme(7, 8)?,
            max: extreme(9, 10)?,
            sum: row
                .value(11)?
                .and_then(|sum| sum.number())
                .unwrap_or_default(),
            last: Extreme {
                at_ms: to.0,
                value: last,
            },
        },
        last_later: row.int(13)?,
        has_raw: row.int(14)? != 0,
        has_minutes: row.int(15)? != 0,
    })
}

fn damaged(id: Result<i64, StorageError>) -> StorageError {
    StorageError::Failed(format!("pack {} is damaged", id.unwrap_or_default()))
}

/// The packs of a series that begin from `from` on and before `before`, in order.
pub(super) fn heads(
    store: &mut dyn Driver,
    series: i64,
    from_ms: i64,
    before_ms: i64,
) -> Result<Vec<PackHead>, StorageError> {
    let mut heads = Vec::new();
    store.query(
        &format!(
            "SELECT {HEAD} FROM pack WHERE series = ?1 AND from_ms >= ?2 AND from_ms < ?3
             ORDER BY from_ms, from_msgno"
        ),
        &[
            Param::Int(series),
            Param::Int(from_ms),
            Param::Int(before_ms),
        ],
        &mut |row| {
            heads.push(read_head(row)?);
            Ok(())
        },
    )?;
    Ok(heads)
}

/// The next packs that have readings behind `start`, a few at a time.
pub(super) fn heads_from(
    store: &mut dyn Driver,
    series: i64,
    from_ms: i64,
    before_ms: i64,
    start: Key,
) -> Result<Vec<PackHead>, StorageError> {
    let mut heads = Vec::new();
    store.query(
        &format!(
            "SELECT {HEAD} FROM pack WHERE series = ?1 AND from_ms >= ?2 AND from_ms < ?3
             AND (to_ms, to_msgno) >= (?4, ?5) AND readings IS NOT NULL
             ORDER BY from_ms, from_msgno LIMIT {PAGE_PACKS}"
        ),
        &[
            Param::Int(series),
            Param::Int(from_ms),
            Param::Int(before_ms),
            Param::Int(start.0),
            Param::Int(start.1),
        ],
        &mut |row| {
            heads.push(read_head(row)?);
            Ok(())
        },
    )?;
    Ok(heads)
}

/// The pack that begins at or before `key`, the nearest.
pub(super) fn before(
    store: &mut dyn Driver,
    series: i64,
    key: Key,
) -> Result<Option<PackHead>, StorageError> {
    let mut head = None;
    store.query(
        &format!(
            "SELECT {HEAD} FROM pack WHERE series = ?1 AND from_ms <= ?2 AND (from_ms, from_msgno) <= (?2, ?3)
             ORDER BY from_ms DESC, from_msgno DESC LIMIT 1"
        ),
        &[Param::Int(series), Param::Int(key.0), Param::Int(key.1)],
        &mut |row| {
            head = Some(read_head(row)?);
            Ok(())
        },
    )?;
    Ok(head)
}

/// The key at which the next pack after `key` begins.
pub(super) fn next_start(
    store: &mut dyn Driver,
    series: i64,
    key: Key,
) -> Result<Option<Key>, StorageError> {
    let mut next = None;
    store.query(
        "SELECT from_ms, from_msgno FROM pack WHERE series = ?1 AND from_ms >= ?2 AND (from_ms, from_msgno) > (?2, ?3)
         ORDER BY from_ms, from_msgno LIMIT 1",
        &[Param::Int(series), Param::Int(key.0), Param::Int(key.1)],
        &mut |row| {
            next = Some((row.int(0)?, row.int(1)?));
            Ok(())
        },
    )?;
    Ok(next)
}

/// The blob in `column`, `readings` or `minutes`, of one pack.
fn blob(store: &mut dyn Driver, column: &str, id: i64) -> Result<Option<Vec<u8>>, StorageError> {
    let mut blob = None;
    store.query(
        &format!("SELECT {column} FROM pack WHERE id = ?1 AND {column} IS NOT NULL"),
        &[Param::Int(id)],
        &mut |row| {
            blob = Some(row.blob(0)?);
            Ok(())
        },
    )?;
    Ok(blob)
}

/// The packed readings of one pack, if it still has them.
pub(super) fn raw(store: &mut dyn Driver, id: i64) -> Result<Option<Vec<u8>>, StorageError> {
    blob(store, "readings", id)
}

/// Bytes of the packed readings of one pack.
pub(super) fn raw_bytes(store: &mut dyn Driver, id: i64) -> Result<usize, StorageError> {
    let mut bytes = 0;
    store.query(
        "SELECT coalesce(length(readings), 0) FROM pack WHERE id = ?1",
        &[Param::Int(id)],
        &mut |row| {
            bytes = usize::try_from(row.int(0)?).unwrap_or_default();
            Ok(())
        },
    )?;
    Ok(bytes)
}

/// The minute roll-ups of one pack, if it has them instead.
pub(super) fn minutes(store: &mut dyn Driver, id: i64) -> Result<Option<Vec<u8>>, StorageError> {
    blob(store, "minutes", id)
}

pub(super) fn delete(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
    store
        .execute("DELETE FROM pack WHERE id = ?1", &[Param::Int(id)])
        .map(|_| ())
}

/// Makes a pack of sorted readings.
pub(super) fn insert(
    store: &mut dyn Driver,
    series: i64,
    readings: &[Packable],
) -> Result<(), StorageError> {
    let Some(((first, rest), last)) = readings.split_first().zip(readings.last()) else {
        return Ok(());
    };
    let mut stats = Stats::of(first.at_ms, &first.value);
    for reading in rest {
        stats.add(reading.at_ms, &reading.value);
    }
    let head = PackHead {
        id: 0,
        from: first.key(),
        to: last.key(),
        stats,
        last_later: last.later_ms,
        has_raw: true,
        has_minutes: false,
    };
    insert_head(store, series, &head, None, Some(&write_pack(readings)))
}

/// Makes a row of what is known of it.
pub(super) fn insert_head(
    store: &mut dyn Driver,
    series: i64,
    head: &PackHead,
    minutes: Option<&[u8]>,
    readings: Option<&[u8]>,
) -> Result<(), StorageError> {
    let (stats, null) = (&head.stats, Param::Null);
    let value = |extreme: &Option<Extreme>| extreme.is_some();
    let (low, high) = (stats.min.as_ref(), stats.max.as_ref());
    debug_assert_eq!(value(&stats.min), value(&stats.max));
    store
        .execute(
            "INSERT INTO pack (series, from_ms, from_msgno, to_ms, to_msgno, count, numbers, low, low_at, high, high_at,
                               sum, last, last_later, minutes, readings)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            &[
                Param::Int(series),
                Param::Int(head.from.0),
                Param::Int(head.from.1),
                Param::Int(head.to.0),
                Param::Int(head.to.1),
                Param::Int(stats.count.cast_signed()),
                Param::Int(stats.numbers.cast_signed()),
                low.map_or(null, |low| param(&low.value)),
                low.map_or(null, |low| Param::Int(low.at_ms)),
                high.map_or(null, |high| param(&high.value)),
                high.map_or(null, |high| Param::Int(high.at_ms)),
                Param::Real(stats.sum),
                param(&stats.last.value),
                Param::Int(head.last_later),
                minutes.map_or(null, Param::Blob),
                readings.map_or(null, Param::Blob),
            ],
        )
        .map(|_| ())
}

/// Puts the minute roll-ups of a pack into the place of its readings.
pub(super) fn drop_raw(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
    let Some(readings) = raw(store, id)?.and_then(|blob| read_all(&blob)) else {
        // Damaged, or gone: the columns are what there is.
        return store
            .execute(
                "UPDATE pack SET readings = NULL WHERE id = ?1",
                &[Param::Int(id)],
            )
            .map(|_| ());
    };
    let minutes = write_minutes(&minutes_of(readings.iter().map(|r| (r.at_ms, &r.value))));
    store
        .execute(
            "UPDATE pack SET readings = NULL, minutes = ?2 WHERE id = ?1",
            &[Param::Int(id), Param::Blob(&minutes)],
        )
        .map(|_| ())
}

/// Whether a late reading is in a pack already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Not in any pack.
    Fresh,
    Repeat,
    /// The readings of that time are rolled up: nobody can tell.
    Gone,
}

/// Packs whose keys are remembered, and keys of all of them at most (1 MiB).
const LATE_PACKS: usize = 16;
const LATE_KEYS: usize = 1 << 16;

/// The keys of the packs that were looked into lately, the last one last: late readings come in runs, of several
/// sensors in turn.
#[derive(Default)]
pub(super) struct LateCache(Vec<(i64, Vec<Key>)>);

impl LateCache {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The packs of one series have changed.
    pub(super) fn forget(&mut self, series: i64) {
        self.0.retain(|(of, _)| *of != series);
    }

    pub(super) fn find(
        &mut self,
        store: &mut dyn Driver,
        series: i64,
        key: Key,
    ) -> Result<Found, StorageError> {
        let known = self.0.iter().rposition(|(of, keys)| {
            *of == series
                && keys.first().is_some_and(|first| *first <= key)
                && keys.last().is_some_and(|last| key <= *last)
        });
        if let Some(place) = known {
            if let Some(behind) = self.0.get_mut(place..) {
                behind.rotate_left(1);
            }
            return Ok(self
                .0
                .last()
                .map_or(Found::Fresh, |(_, keys)| found(keys, key)));
        }
        let Some(head) = before(store, series, key)?.filter(|head| key <= head.to) else {
            return Ok(Found::Fresh);
        };
        let Some(keys) = raw(store, head.id)?.and_then(|blob| read_keys(&blob)) else {
            return Ok(Found::Gone);
        };
        let answer = found(&keys, key);
        self.0.push((series, keys));
        let size =
            |packs: &[(i64, Vec<Key>)]| packs.iter().map(|(_, keys)| keys.len()).sum::<usize>();
        while self.0.len() > LATE_PACKS || (self.0.len() > 1 && size(&self.0) > LATE_KEYS) {
            self.0.remove(0);
        }
        Ok(answer)
    }
}

fn found(keys: &[Key], key: Key) -> Found {
    match keys.binary_search(&key) {
        Ok(_) => Found::Repeat,
        Err(_) => Found::Fresh,
    }
}
