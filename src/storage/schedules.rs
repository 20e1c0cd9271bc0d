//! Table schedule.

use super::of_groups::of_groups;
use super::{Driver, Param, Row, StorageError};
use crate::registry::GroupId;
use crate::schedule::{Missed, Planned, Repeated, Schedule, Skipped, Timing, When, Zone};

/// Queries on schedules.
pub struct Schedules;

const COLUMNS: &str = "id, group_id, name, timing, zone, skipped, repeated, missed, jitter_ms, from_ms, until_ms, act, \
                       paused, created_ms, done_ms, next_ms, next_at_ms";

fn optional(value: Option<i64>) -> Param<'static> {
    value.map_or(Param::Null, Param::Int)
}

fn read(row: &dyn Row) -> Result<Schedule, StorageError> {
    let id = row.int(0)?;
    // The row's fault, not the store's.
    let unknown =
        |what: &str| StorageError::Conflict(format!("schedule {id} cannot be read: {what}"));
    let timing = Timing {
        when: When::from_json(&row.text(3)?).ok_or_else(|| unknown("timing"))?,
        zone: Zone::find(&row.text(4)?).map_err(|error| unknown(&error))?,
        skipped: Skipped::from_name(&row.text(5)?).ok_or_else(|| unknown("skipped"))?,
        repeated: Repeated::from_name(&row.text(6)?).ok_or_else(|| unknown("repeated"))?,
        from_ms: row.optional_int(9)?,
        until_ms: row.optional_int(10)?,
        created_ms: row.int(13)?,
    };
    let planned = row.optional_int(15)?.zip(row.optional_int(16)?);
    Ok(Schedule {
        id,
        group: GroupId(row.int(1)?),
        name: row.text(2)?,
        timing,
        missed: Missed::from_name(&row.text(7)?).ok_or_else(|| unknown("missed"))?,
        jitter_ms: row.int(8)?,
        act: serde_json::from_str(&row.text(11)?).map_err(|_| unknown("act"))?,
        paused: row.int(12)? != 0,
        done_ms: row.int(14)?,
        next: planned.map(|(due_ms, at_ms)| Planned { due_ms, at_ms }),
    })
}

impl Schedules {
    /// Stores a new one; answers its id.
    ///
    /// # Errors
    /// `Conflict` when the group has one of this name.
    pub fn insert(store: &mut dyn Driver, schedule: &Schedule) -> Result<i64, StorageError> {
        let act = serde_json::to_string(&schedule.act)
            .map_err(|error| StorageError::Failed(error.to_string()))?;
        let timing = &schedule.timing;
        store.execute(
            "INSERT INTO schedule (group_id, name, timing, zone, skipped, repeated, missed, jitter_ms, from_ms, until_ms,
                 act, paused, created_ms, done_ms, next_ms, next_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            &[
                Param::Int(schedule.group.0),
                Param::Text(&schedule.name),
                Param::Text(&timing.when.to_json()),
                Param::Text(timing.zone.name()),
                Param::Text(timing.skipped.name()),
                Param::Text(timing.repeated.name()),
                Param::Text(schedule.missed.name()),
                Param::Int(schedule.jitter_ms),
                optional(timing.from_ms),
                optional(timing.until_ms),
                Param::Text(&act),
                Param::Int(schedule.paused.into()),
                Param::Int(timing.created_ms),
                Param::Int(schedule.done_ms),
                optional(schedule.next.map(|next| next.due_ms)),
                optional(schedule.next.map(|next| next.at_ms)),
            ],
        )?;
        let mut id = 0;
        store.query(
            "SELECT id FROM schedule WHERE group_id = ?1 AND name = ?2",
            &[Param::Int(schedule.group.0), Param::Text(&schedule.name)],
            &mut |row| {
                id = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(id)
    }

    /// Writes what changes in its life. False: it is gone.
    ///
    /// # Errors
    /// The store failed.
    pub fn save(store: &mut dyn Driver, schedule: &Schedule) -> Result<bool, StorageError> {
        let changed = store.execute(
            "UPDATE schedule SET paused = ?2, done_ms = ?3, next_ms = ?4, next_at_ms = ?5 WHERE id = ?1",
            &[
                Param::Int(schedule.id),
                Param::Int(schedule.paused.into()),
                Param::Int(schedule.done_ms),
                optional(schedule.next.map(|next| next.due_ms)),
                optional(schedule.next.map(|next| next.at_ms)),
            ],
        )?;
        Ok(changed != 0)
    }

    /// Its runs are left for [`super::ScheduleRuns::forget_step`].
    ///
    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
        store
            .execute("DELETE FROM schedule WHERE id = ?1", &[Param::Int(id)])
            .map(|_| ())
    }

    /// Those of a group that is removed; their runs are left as above.
    ///
    /// # Errors
    /// The store failed.
    pub fn remove_group(store: &mut dyn Driver, group: i64) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM schedule WHERE group_id = ?1",
                &[Param::Int(group)],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed; `Conflict` when this version does not understand the row.
    pub fn find(store: &mut dyn Driver, id: i64) -> Result<Option<Schedule>, StorageError> {
        let mut found = None;
        let sql = format!("SELECT {COLUMNS} FROM schedule WHERE id = ?1");
        store.query(&sql, &[Param::Int(id)], &mut |row| {
            found = Some(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Those of some groups, or all, by id: `limit` at most of those behind `after`.
    ///
    /// # Errors
    /// The store failed.
    pub fn list(
        store: &mut dyn Driver,
        groups: Option<&[GroupId]>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Schedule>, StorageError> {
        of_groups(
            groups,
            limit,
            |schedule: &Schedule| schedule.id,
            |group| Self::list_of(store, group, after, limit),
        )
    }

    fn list_of(
        store: &mut dyn Driver,
        group: Option<GroupId>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Schedule>, StorageError> {
        let mut params = vec![
            Param::Int(after),
            Param::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
        ];
        params.extend(group.map(|group| Param::Int(group.0)));
        let of_group = if group.is_some() {
            " AND group_id = ?3"
        } else {
            ""
        };
        let sql =
            format!("SELECT {COLUMNS} FROM schedule WHERE id > ?1{of_group} ORDER BY id LIMIT ?2");
        let mut schedules = Vec::new();
        store.query(&sql, &params, &mut |row| {
            schedules.push(read(row)?);
            Ok(())
        })?;
        Ok(schedules)
    }

    /// Those that are not paused.
    ///
    /// # Errors
    /// The store failed.
    pub fn active(store: &mut dyn Driver) -> Result<Vec<i64>, StorageError> {
        let mut ids = Vec::new();
        let sql = "SELECT id FROM schedule WHERE paused = 0 ORDER BY id";
        store.query(sql, &[], &mut |row| {
            ids.push(row.int(0)?);
            Ok(())
        })?;
        Ok(ids)
    }

    /// Of a group.
    ///
    /// # Errors
    /// The store failed.
    pub fn ids(store: &mut dyn Driver, group: GroupId) -> Result<Vec<i64>, StorageError> {
        let mut ids = Vec::new();
        let sql = "SELECT id FROM schedule WHERE group_id = ?1 ORDER BY id";
        store.query(sql, &[Param::Int(group.0)], &mut |row| {
            ids.push(row.int(0)?);
            Ok(())
        })?;
        Ok(ids)
    }

    /// # Errors
    /// The store failed.
    pub fn count(store: &mut dyn Driver) -> Result<i64, StorageError> {
        let mut count = 0;
        store.query("SELECT count(*) FROM schedule", &[], &mut |row| {
            count = row.int(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// Whether the group has such an alarm rule.
    ///
    /// # Errors
    /// The store failed.
    pub fn has_rule(store: &mut dyn Driver, group: i64, rule: i64) -> Result<bool, StorageError> {
        let mut found = false;
        store.query(
            "SELECT 1 FROM alarm_rule WHERE id = ?1 AND group_id = ?2",
            &[Param::Int(rule), Param::Int(group)],
            &mut |_| {
                found = true;
                Ok(())
            },
        )?;
        Ok(found)
    }
}
