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
            Self::Hours => "readings IS NULL AND minutes IS NULL",
        }
    }

    /// Of these, those that may go: the last known value of a series is kept as long as its device.
    fn may_go(self) -> &'static str {
        match self {
            Self::Raw | Self::Minutes => "1",
            Self::Hours => {
                "EXISTS (SELECT 1 FROM pack AS newer WHERE newer.series = pack.series AND newer.from_ms > pack.from_ms)"
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

/// Packs that one step looks at.
const LOOK: i64 = 500;

/// How far the oldest packs of a layer were looked at: those that must stay are not looked at in each step.
#[derive(Clone, Copy, Debug)]
pub struct Eviction {
    /// End and id of the last.
    after: (i64, i64),
    /// Something went since the beginning.
    any: bool,
    /// None of those that were looked at last may go: more are looked at at once.
    passing: bool,
}

impl Default for Eviction {
    fn default() -> Self {
        Self {
            after: (i64::MIN, i64::MIN),
            any: false,
            passing: false,
        }
    }
}

impl Readings {
    /// Takes the layer off the next of the oldest packs that end before `before_ms`; answers off how many, which may be
    /// none yet. `None`: there are none, and `walk` begins anew.
    ///
    /// # Errors
    /// The store failed.
    pub fn evict_step(
        store: &mut dyn Driver,
        layer: Layer,
        before_ms: i64,
        walk: &mut Eviction,
    ) -> Result<Option<usize>, StorageError> {
        let sql = format!(
            "SELECT id, to_ms, {} FROM pack WHERE {} AND to_ms < ?1 AND to_ms >= ?2 AND (to_ms, id) > (?2, ?3)
             ORDER BY to_ms, id LIMIT ?4",
            layer.may_go(),
            layer.packs()
        );
        let look = if walk.passing { LOOK } else { STEP };
        let (after_ms, after_id) = walk.after;
        let mut ids = Vec::new();
        let mut passed = false;
        store.query(
            &sql,
            &[
                Param::Int(before_ms),
                Param::Int(after_ms),
                Param::Int(after_id),
                Param::Int(look),
            ],
            &mut |row| {
                if (ids.len() as i64) < STEP {
                    passed = true;
                    walk.after = (row.int(1)?, row.int(0)?);
                    if row.int(2)? != 0 {
                        ids.push(row.int(0)?);
                    }
                }
                Ok(())
            },
        )?;
        walk.passing = ids.is_empty();
        if !ids.is_empty() {
            walk.any = true;
            transaction(store, |store| layer.drop(store, &ids))?;
        }
        if passed {
            return Ok(Some(ids.len()));
        }
        // What was passed may be able to go by now; once round without finding any is enough.
        let again = std::mem::take(walk).any;
        Ok(again.then_some(0))
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
                "SELECT id FROM pack WHERE series = ?1 AND to_ms < ?2 AND {} AND {} ORDER BY to_ms LIMIT ?3",
                layer.packs(),
                layer.may_go()
            );
            let some = [Param::Int(series), Param::Int(before), Param::Int(STEP)];
            let ids = ids(store, &sql, &some)?;
            if !ids.is_empty() {
                transaction(store, |store| layer.drop(store, &ids))?;
                self.late.forget(series);
                // There may be more of it.
                return Ok(true);
            }
        }
        *after = series;
        Ok(true)
    }
}

/// Ended commands that one step deletes.
const STEP_COMMANDS: i64 = 500;

/// Ended commands that are counted at most: more are too many when space is short.
const MOST_COMMANDS: i64 = 200_000;

/// Bytes of a command's row and of its places in the indexes, without its texts.
const COMMAND_BYTES: i64 = 250;

impl Readings {
    /// How many ended commands, the oldest, are to go for what they take to be within `bytes`, about.
    ///
    /// # Errors
    /// The store failed.
    pub fn commands_over(store: &mut dyn Driver, bytes: u64) -> Result<i64, StorageError> {
        let mut count = 0;
        store.query(
            "SELECT count(*) FROM (SELECT 1 FROM command WHERE ended_ms IS NOT NULL LIMIT ?1)",
            &[Param::Int(MOST_COMMANDS + STEP_COMMANDS)],
            &mut |row| {
                count = row.int(0)?;
                Ok(())
            },
        )?;
        // What the oldest take, or the newest, whichever is more.
        let mut each = COMMAND_BYTES;
        for order in ["ASC", "DESC"] {
            let sql = format!(
                "SELECT coalesce(avg(bytes), 0) FROM (
                     SELECT octet_length(fields) + octet_length(detail) + octet_length(condition)
                            + 2 * octet_length(order_key) AS bytes
                     FROM command WHERE ended_ms IS NOT NULL ORDER BY ended_ms {order} LIMIT {STEP_COMMANDS})"
            );
            store.query(&sql, &[], &mut |row| {
                let texts = row.optional_real(0)?.unwrap_or_default();
                each = each.max(COMMAND_BYTES + texts as i64);
                Ok(())
            })?;
        }
        let most = i64::try_from(bytes).unwrap_or(i64::MAX) / each;
        Ok((count - most.min(MOST_COMMANDS)).max(0))
    }

    /// Deletes the oldest ended commands, `most` or the few hundred of a step; answers how many.
    ///
    /// # Errors
    /// The store failed.
    pub fn evict_commands(store: &mut dyn Driver, most: i64) -> Result<usize, StorageError> {
        store.execute(
            "DELETE FROM command WHERE id IN (
                 SELECT id FROM command WHERE ended_ms IS NOT NULL ORDER BY ended_ms LIMIT ?1)",
            &[Param::Int(most.min(STEP_COMMANDS))],
        )
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
