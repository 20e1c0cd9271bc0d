//! What is stored of which series.

use std::fmt::Write;

use super::{Driver, Param, StorageError};

/// A row of table series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRow {
    pub id: i64,
    pub address: u32,
    pub group: i64,
    pub sensor: String,
    pub unit: String,
}

/// What a series takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Readings that are there one by one.
    pub readings: u64,
    /// Readings of which only roll-ups are left.
    pub rolled_up: u64,
    /// First and last device time, Unix ms.
    pub span_ms: Option<(i64, i64)>,
    /// About so many bytes.
    pub bytes: u64,
}

/// Bytes of a row that is not packed, measured.
const ROW_BYTES: i64 = 34;
/// Bytes of the columns of a pack and of its places in the indexes, measured.
const PACK_BYTES: i64 = 165;

/// Queries on series.
pub struct Census;

impl Census {
    /// Series behind `after`, by id, at most `limit`; of one device or of one group if that is asked.
    ///
    /// # Errors
    /// The store failed.
    pub fn series(
        store: &mut dyn Driver,
        address: Option<u32>,
        group: Option<i64>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<SeriesRow>, StorageError> {
        let mut rows = Vec::new();
        // What is not asked for is not in the statement: only so the device's index serves.
        let mut wanted = String::new();
        let mut params = vec![
            Param::Int(after),
            Param::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
        ];
        let asked = [("address", address.map(i64::from)), ("group_id", group)];
        for (column, value) in asked {
            if let Some(value) = value {
                params.push(Param::Int(value));
                let _ = write!(wanted, " AND {column} = ?{}", params.len());
            }
        }
        store.query(
            &format!(
                "SELECT id, address, group_id, sensor, unit FROM series WHERE id > ?1{wanted} ORDER BY id LIMIT ?2"
            ),
            &params,
            &mut |row| {
                rows.push(SeriesRow {
                    id: row.int(0)?,
                    address: u32::try_from(row.int(1)?).unwrap_or_default(),
                    group: row.int(2)?,
                    sensor: row.text(3)?,
                    unit: row.text(4)?,
                });
                Ok(())
            },
        )?;
        Ok(rows)
    }

    /// # Errors
    /// The store failed.
    pub fn usage(store: &mut dyn Driver, series: i64) -> Result<Usage, StorageError> {
        let mut usage = Usage::default();
        for sql in [
            format!(
                "SELECT count(*), 0, min(at_ms), max(at_ms), count(*) * {ROW_BYTES} FROM reading WHERE series = ?1"
            ),
            format!(
                "SELECT coalesce(sum(count * (readings IS NOT NULL)), 0), coalesce(sum(count * (readings IS NULL)), 0),
                        min(from_ms), max(to_ms),
                        coalesce(sum(coalesce(length(readings), 0) + coalesce(length(minutes), 0) + {PACK_BYTES}), 0)
                 FROM pack WHERE series = ?1"
            ),
        ] {
            store.query(&sql, &[Param::Int(series)], &mut |row| {
                usage.readings += row.int(0)?.cast_unsigned();
                usage.rolled_up += row.int(1)?.cast_unsigned();
                usage.bytes += row.int(4)?.cast_unsigned();
                if let Some((from, to)) = row.optional_int(2)?.zip(row.optional_int(3)?) {
                    let (first, last) = usage.span_ms.unwrap_or((from, to));
                    usage.span_ms = Some((first.min(from), last.max(to)));
                }
                Ok(())
            })?;
        }
        Ok(usage)
    }
}
