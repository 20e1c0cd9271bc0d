//! The readings of devices that were removed go, in steps of a few milliseconds.

use super::{Driver, Param, Readings, StorageError};

/// Readings that one step of a purge deletes: a few milliseconds for everybody else.
const PURGE_ROWS: i64 = 2000;

/// Series that one step of a purge looks at.
const PURGE_LOOK: i64 = 2000;

/// Packs that one step of a purge deletes.
const PURGE_PACKS: i64 = 200;

impl Readings {
    /// Deletes some readings of devices that are not registered any more, and moves `from` (0 at first) to the
    /// series that it came to. True while there may be more.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_step(store: &mut dyn Driver, from: &mut i64) -> Result<bool, StorageError> {
        let (mut orphan, mut last) = (None, None);
        store.query(
            "SELECT id, address NOT IN (SELECT address FROM device) FROM (
                 SELECT id, address FROM series WHERE id >= ?1 ORDER BY id LIMIT ?2)",
            &[Param::Int(*from), Param::Int(PURGE_LOOK)],
            &mut |row| {
                let id = row.int(0)?;
                last = Some(id);
                if orphan.is_none() && row.int(1)? != 0 {
                    orphan = Some(id);
                }
                Ok(())
            },
        )?;
        let Some(last) = last else {
            return Ok(false);
        };
        let Some(series) = orphan else {
            *from = last + 1;
            return Ok(true);
        };
        *from = series;
        let deleted = store.execute(
            "DELETE FROM reading WHERE series = ?1 AND (at_ms, msgno) IN (
                 SELECT at_ms, msgno FROM reading WHERE series = ?1 LIMIT ?2)",
            &[Param::Int(series), Param::Int(PURGE_ROWS)],
        )?;
        if deleted > 0 {
            return Ok(true);
        }
        let deleted = store.execute(
            "DELETE FROM pack WHERE id IN (SELECT id FROM pack WHERE series = ?1 LIMIT ?2)",
            &[Param::Int(series), Param::Int(PURGE_PACKS)],
        )?;
        if deleted == 0 {
            store.execute("DELETE FROM series WHERE id = ?1", &[Param::Int(series)])?;
        }
        Ok(true)
    }
}
