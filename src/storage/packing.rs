//! Moves readings that have settled out of table reading, where each is a row, into table pack.
//!
//! Works in steps of a few milliseconds along the series, and finds its work in the table itself: a hub that was
//! killed goes on where it was.

use super::merging::{bytes, merge};
use super::packs;
use super::{Driver, Param, Readings, StorageError, transaction};
use crate::readings::{HOUR_MS, Key, Packable};

/// Readings of a pack, as a rule. More make each look into it dearer, fewer make its row dearer for each of them.
pub(super) const PACK_READINGS: usize = 4096;

/// Bytes of the texts of a pack, about: what moves in one transaction goes through the log.
pub(super) const PACK_BYTES: usize = 128 << 10;

/// Series that one step looks at without finding work.
const GLANCES: usize = 16;

/// When readings are packed.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// The hub's clock, Unix ms.
    pub now_ms: i64,
    /// Readings that came less than this before are left: a repeat of one comes soon, and is found fastest in its row.
    pub settle_ms: i64,
    /// The disk is nearly full: what makes a pack of so many readings is packed, settled or not.
    pub at_once: Option<usize>,
}

impl Due {
    /// Received until then is settled.
    fn settled_until(self) -> i64 {
        if self.at_once.is_some() {
            i64::MAX
        } else {
            self.now_ms.saturating_sub(self.settle_ms)
        }
    }

    /// Received from the one to the other is not settled. What came later than now came by a clock that was wrong,
    /// and is not waited for.
    fn unsettled(self) -> [Param<'static>; 2] {
        [
            Param::Int(self.settled_until().saturating_add(1)),
            Param::Int(self.now_ms.saturating_add(HOUR_MS)),
        ]
    }
}

/// Rows that are passed in search of one that has settled.
const UNSETTLED: i64 = 10_000;

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many readings were moved.
    Packed(usize),
    /// Nothing yet; there are further series.
    Passed,
    /// All series were looked at; the next step begins anew.
    Finished,
}

/// The first row of a series that has settled.
struct First {
    series: i64,
    key: Key,
}

impl Readings {
    /// Packs some readings of the next series behind `after` that has any to pack, and moves `after`.
    ///
    /// # Errors
    /// The store failed; nothing was moved.
    pub fn pack_step(
        &mut self,
        store: &mut dyn Driver,
        after: &mut i64,
        due: Due,
    ) -> Result<Step, StorageError> {
        for _ in 0..GLANCES {
            let Some(series) = next_series(store, *after)? else {
                *after = 0;
                return Ok(Step::Finished);
            };
            if let Some(first) = first_due(store, series, due)? {
                let moved = transaction(store, |store| self.pack(store, &first, due));
                if moved.is_err() {
                    self.forget();
                }
                let moved = moved?;
                if moved > 0 {
                    return Ok(Step::Packed(moved));
                }
            }
            *after = series;
        }
        Ok(Step::Passed)
    }

    /// Packs the readings from the first one on that fall into one pack.
    fn pack(
        &mut self,
        store: &mut dyn Driver,
        first: &First,
        due: Due,
    ) -> Result<usize, StorageError> {
        let series = first.series;
        let hour = first.key.0.div_euclid(HOUR_MS).saturating_mul(HOUR_MS);
        let host = packs::before(store, series, first.key)?.filter(|head| head.from.0 >= hour);
        let end = (hour.saturating_add(HOUR_MS), i64::MIN);
        let until = packs::next_start(store, series, first.key)?.map_or(end, |next| next.min(end));
        let rows = rows(store, series, first.key, until, due)?;
        let Some(last) = rows.last().map(Packable::key) else {
            return Ok(0);
        };
        let count = rows.len();
        delete_rows(store, series, first.key, last, due)?;
        let host = match host {
            Some(head) if head.to >= first.key => Some(head),
            Some(head) if head.stats.count as usize + count <= PACK_READINGS => {
                let bytes =
                    packs::raw_bytes(store, head.id)? + rows.iter().map(bytes).sum::<usize>();
                Some(head).filter(|_| bytes <= PACK_BYTES)
            }
            _ => None,
        };
        let reached = match host {
            Some(head) => merge(store, series, &head, rows)?,
            None => {
                packs::insert(store, series, &rows)?;
                last.0
            }
        };
        self.packed(store, series, reached)?;
        Ok(count)
    }

    fn packed(
        &mut self,
        store: &mut dyn Driver,
        series: i64,
        to_ms: i64,
    ) -> Result<(), StorageError> {
        let mut owner = None;
        store.query(
            "SELECT address, group_id FROM series WHERE id = ?1",
            &[Param::Int(series)],
            &mut |row| {
                owner = Some((u32::try_from(row.int(0)?).unwrap_or_default(), row.int(1)?));
                Ok(())
            },
        )?;
        if let Some(owner) = owner {
            self.cache.packed(owner, series, to_ms);
        }
        self.late.forget(series);
        Ok(())
    }
}

/// The next series that has rows.
fn next_series(store: &mut dyn Driver, after: i64) -> Result<Option<i64>, StorageError> {
    let mut next = None;
    store.query(
        "SELECT series FROM reading WHERE series > ?1 ORDER BY series LIMIT 1",
        &[Param::Int(after)],
        &mut |row| {
            next = Some(row.int(0)?);
            Ok(())
        },
    )?;
    Ok(next)
}

/// Where a pack of the series is to begin now, if one is.
fn first_due(store: &mut dyn Driver, series: i64, due: Due) -> Result<Option<First>, StorageError> {
    let hour = |at_ms: i64| at_ms.div_euclid(HOUR_MS).saturating_mul(HOUR_MS);
    if let Some(first) = first_settled(store, series, i64::MIN, due)? {
        return Ok(is_due(store, &first, due)?.then_some(first));
    }
    // Ever older readings are coming: those of the newest hour that is over came first.
    let mut last = None;
    store.query(
        "SELECT at_ms FROM reading WHERE series = ?1 AND at_ms < ?2 ORDER BY at_ms DESC LIMIT 1",
        &[Param::Int(series), Param::Int(hour(due.now_ms))],
        &mut |row| {
            last = Some(row.int(0)?);
            Ok(())
        },
    )?;
    let Some(last) = last else { return Ok(None) };
    match first_settled(store, series, hour(last), due)? {
        Some(first) if is_due(store, &first, due)? => Ok(Some(first)),
        _ => Ok(None),
    }
}

/// The first of the rows from a time on that has settled; not if very many before it have not.
fn first_settled(
    store: &mut dyn Driver,
    series: i64,
    from_ms: i64,
    due: Due,
) -> Result<Option<First>, StorageError> {
    let mut first = None;
    let [after, until] = due.unsettled();
    store.query(
        "SELECT at_ms, msgno FROM (
             SELECT at_ms, msgno, later_ms FROM reading WHERE series = ?1 AND at_ms >= ?2 ORDER BY at_ms, msgno LIMIT ?3)
         WHERE at_ms + later_ms NOT BETWEEN ?4 AND ?5 LIMIT 1",
        &[
            Param::Int(series),
            Param::Int(from_ms),
            Param::Int(UNSETTLED),
            after,
            until,
        ],
        &mut |row| {
            first = Some(First {
                series,
                key: (row.int(0)?, row.int(1)?),
            });
            Ok(())
        },
    )?;
    Ok(first)
}

/// Whether the row itself came long enough ago.
fn has_settled(store: &mut dyn Driver, first: &First, due: Due) -> Result<bool, StorageError> {
    let mut settled = false;
    store.query(
        "SELECT at_ms + later_ms <= ?4 FROM reading WHERE series = ?1 AND at_ms = ?2 AND msgno = ?3",
        &[
            Param::Int(first.series),
            Param::Int(first.key.0),
            Param::Int(first.key.1),
            Param::Int(due.now_ms.saturating_sub(due.settle_ms)),
        ],
        &mut |row| {
            settled = row.int(0)? != 0;
            Ok(())
        },
    )?;
    Ok(settled)
}

/// A pack is made when its hour is over, or when it is full.
fn is_due(store: &mut dyn Driver, first: &First, due: Due) -> Result<bool, StorageError> {
    let end = first
        .key
        .0
        .div_euclid(HOUR_MS)
        .saturating_add(1)
        .saturating_mul(HOUR_MS);
    // When all is packed at once, what has not settled is not worth small packs.
    if end <= due.now_ms && (due.at_once.is_none() || has_settled(store, first, due)?) {
        return Ok(true);
    }
    let enough = due.at_once.unwrap_or(PACK_READINGS);
    let [after, until] = due.unsettled();
    let mut full = false;
    store.query(
        "SELECT at_ms + later_ms NOT BETWEEN ?5 AND ?6 FROM reading WHERE series = ?1 AND at_ms >= ?2 AND at_ms < ?3
         ORDER BY at_ms, msgno LIMIT 1 OFFSET ?4",
        &[
            Param::Int(first.series),
            Param::Int(first.key.0),
            Param::Int(end),
            Param::Int(enough as i64 - 1),
            after,
            until,
        ],
        &mut |row| {
            full = row.int(0)? != 0;
            Ok(())
        },
    )?;
    Ok(full)
}

/// Settled rows of a series from `from` on and before `until`.
fn rows(
    store: &mut dyn Driver,
    series: i64,
    from: Key,
    until: Key,
    due: Due,
) -> Result<Vec<Packable>, StorageError> {
    let (mut rows, mut size) = (Vec::new(), 0);
    let [after, before] = due.unsettled();
    store.query(
        "SELECT at_ms, msgno, later_ms, value FROM reading
         WHERE series = ?1 AND at_ms >= ?2 AND at_ms <= ?3 AND (at_ms, msgno) < (?3, ?4)
               AND at_ms + later_ms NOT BETWEEN ?5 AND ?6
         ORDER BY at_ms, msgno LIMIT ?7",
        &[
            Param::Int(series),
            Param::Int(from.0),
            Param::Int(until.0),
            Param::Int(until.1),
            after,
            before,
            Param::Int(PACK_READINGS as i64),
        ],
        &mut |row| {
            // At least one; and no gap once there were enough.
            if size < PACK_BYTES {
                let reading = super::readings::read_row(row)?;
                size += bytes(&reading);
                rows.push(reading);
            }
            Ok(())
        },
    )?;
    Ok(rows)
}

fn delete_rows(
    store: &mut dyn Driver,
    series: i64,
    from: Key,
    to: Key,
    due: Due,
) -> Result<(), StorageError> {
    let [after, before] = due.unsettled();
    store
        .execute(
            "DELETE FROM reading
             WHERE series = ?1 AND at_ms >= ?2 AND at_ms <= ?3 AND (at_ms, msgno) <= (?3, ?4)
                   AND at_ms + later_ms NOT BETWEEN ?5 AND ?6",
            &[
                Param::Int(series),
                Param::Int(from.0),
                Param::Int(to.0),
                Param::Int(to.1),
                after,
                before,
            ],
        )
        .map(|_| ())
}
