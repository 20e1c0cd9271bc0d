//! What goes from table pack: what retention ends, and the oldest when the disk is nearly full.

use super::packs;
use super::{Driver, Keep, Param, Readings, StorageError, transaction};
use crate::readings::DAY_MS;

/// What is kept of a stretch of time, from the finest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    Raw,
    Minutes,
    Hours,
}

impl Layer {
    pub const ALL: [Self; 3] = [Self::Raw, Self::Minutes, Self::Hours];

    /// As the metrics say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
        }
    }

    /// Packs of this layer.
    fn packs(self) -> &'static str {
        match self {
            Self::Raw => "readings IS NOT NULL",
            Self::Minutes => "readings IS NULL AND minutes IS NOT NULL",
            // The last known value of a series is kept as long as its device.
            Self::Hours => {
                "readings IS NULL AND minutes IS NULL AND EXISTS (SELECT 1 FROM pack AS newer
                 WHERE newer.series = pack.series AND newer.from_ms > pack.from_ms)"
            }
        }
    }

    fn days(self, keep: Keep) -> i64 {
        match self {
            Self::Raw => keep.raw_days,
            Self::Minutes => keep.minute_days,
            Self::Hours => keep.hour_days,
        }
    }

    /// Takes the layer off some packs.
    fn drop(self, store: &mut dyn Driver, ids: &[i64]) -> Result<(), StorageError> {
        for id in ids {
            match self {
                Self::Raw => packs::drop_raw(store, *id)?,
                Self::Hours => packs::delete(store, *id)?,
                Self::Minutes => {
                    let sql = "UPDATE pack SET minutes = NULL WHERE id = ?1";
                    store.execute(sql, &[Param::Int(*id)])?;
                }
            }
        }
        Ok(())
    }
}

/// Packs that one step changes.
const STEP: i64 = 16;

impl Readings {
    /// Takes the layer off the oldest packs that end before `before_ms`; answers off how many.
    ///
    /// # Errors
    /// The store failed.
    pub fn evict_step(
        store: &mut dyn Driver,
        layer: Layer,
        before_ms: i64,
    ) -> Result<usize, StorageError> {
        let sql = format!(
            "SELECT id FROM pack WHERE {} AND to_ms < ?1 ORDER BY to_ms LIMIT ?2",
            layer.packs()
        );
        let ids = ids(store, &sql, &[Param::Int(before_ms), Param::Int(STEP)])?;
        if !ids.is_empty() {
            transaction(store, |store| layer.drop(store, &ids))?;
        }
        Ok(ids.len())
    }

    /// Applies retention to some packs of the next series behind `after`, and moves it. False at the end.
    ///
    /// # Errors
    /// The store failed.
    pub fn sweep_step(
        &mut self,
        store: &mut dyn Driver,
        after: &mut i64,
        now_ms: i64,
    ) -> Result<bool, StorageError> {
        let rules = self.rules(store)?;
        let mut next = None;
        if !rules.keep_all() {
            store.query(
                "SELECT id, group_id, sensor FROM series WHERE id > ?1 ORDER BY id LIMIT 1",
                &[Param::Int(*after)],
                &mut |row| {
                    next = Some((row.int(0)?, row.int(1)?, row.text(2)?));
                    Ok(())
                },
            )?;
        }
        let Some((series, group, sensor)) = next else {
            *after = 0;
            return Ok(false);
        };
        let keep = rules.of(group, &sensor);
        for layer in Layer::ALL {
            let days = layer.days(keep);
            if days == 0 {
                continue;
            }
            let before = now_ms.saturating_sub(days.saturating_mul(DAY_MS));
            let sql = format!(
                "SELECT id FROM pack WHERE series = ?1 AND from_ms < ?2 AND to_ms < ?2 AND {} LIMIT ?3",
                layer.packs()
            );
            let some = [Param::Int(series), Param::Int(before), Param::Int(STEP)];
            let ids = ids(store, &sql, &some)?;
            if !ids.is_empty() {
                transaction(store, |store| layer.drop(store, &ids))?;
                self.late.clear();
                // There may be more of it.
                return Ok(true);
            }
        }
        *after = series;
        Ok(true)
    }
}

fn ids(store: &mut dyn Driver, sql: &str, params: &[Param<'_>]) -> Result<Vec<i64>, StorageError> {
    let mut ids = Vec::new();
    store.query(sql, params, &mut |row| {
        ids.push(row.int(0)?);
        Ok(())
    })?;
    Ok(ids)
}
