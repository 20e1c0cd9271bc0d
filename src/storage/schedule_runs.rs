//! Table schedule_run.

use super::{Driver, Param, Row, StorageError};
use crate::command::Issuer;
use crate::schedule::{Outcome, Run};

/// Queries on the runs of schedules.
pub struct ScheduleRuns;

/// Runs that one step of the clean-up deletes.
const PURGE_ROWS: i64 = 1000;

const COLUMNS: &str = "schedule, due_ms, begun_ms, outcome, detail, commands";

fn read(row: &dyn Row) -> Result<Run, StorageError> {
    let outcome = row.text(3)?;
    Ok(Run {
        schedule: row.int(0)?,
        due_ms: row.int(1)?,
        begun_ms: row.int(2)?,
        outcome: Outcome::from_name(&outcome)
            .ok_or_else(|| StorageError::Failed(format!("unknown outcome {outcome:?}")))?,
        detail: row.text(4)?,
        commands: row.int(5)?,
    })
}

fn select(
    store: &mut dyn Driver,
    rest: &str,
    params: &[Param<'_>],
) -> Result<Vec<Run>, StorageError> {
    let mut runs = Vec::new();
    let sql = format!("SELECT {COLUMNS} FROM schedule_run WHERE {rest}");
    store.query(&sql, params, &mut |row| {
        runs.push(read(row)?);
        Ok(())
    })?;
    Ok(runs)
}

impl ScheduleRuns {
    /// Notes a run. False: this due time has run already. One that was skipped may run after all, for its time may come
    /// again when a wall clock that was ahead is set back.
    ///
    /// # Errors
    /// The store failed.
    pub fn begin(store: &mut dyn Driver, run: &Run) -> Result<bool, StorageError> {
        let changed = store.execute(
            "INSERT INTO schedule_run (schedule, due_ms, begun_ms, outcome, detail, commands)
             VALUES (?1, ?2, ?3, ?4, ?5, 0)
             ON CONFLICT (schedule, due_ms) DO UPDATE
             SET begun_ms = excluded.begun_ms, outcome = excluded.outcome, detail = excluded.detail
             WHERE outcome = 'skipped'",
            &[
                Param::Int(run.schedule),
                Param::Int(run.due_ms),
                Param::Int(run.begun_ms),
                Param::Text(run.outcome.name()),
                Param::Text(&run.detail),
            ],
        )?;
        Ok(changed != 0)
    }

    /// Notes how a run came out.
    ///
    /// # Errors
    /// The store failed.
    pub fn end(store: &mut dyn Driver, run: &Run) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE schedule_run SET outcome = ?3, detail = ?4, commands = ?5 WHERE schedule = ?1 AND due_ms = ?2",
                &[
                    Param::Int(run.schedule),
                    Param::Int(run.due_ms),
                    Param::Text(run.outcome.name()),
                    Param::Text(&run.detail),
                    Param::Int(run.commands),
                ],
            )
            .map(|_| ())
    }

    /// Those without an end, in the order in which they were due, behind a due time and schedule.
    ///
    /// # Errors
    /// The store failed.
    pub fn open(
        store: &mut dyn Driver,
        (due_ms, schedule): (i64, i64),
        limit: usize,
    ) -> Result<Vec<Run>, StorageError> {
        select(
            store,
            "outcome = 'running' AND (due_ms, schedule) > (?1, ?2) ORDER BY due_ms, schedule LIMIT ?3",
            &[
                Param::Int(due_ms),
                Param::Int(schedule),
                Param::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
            ],
        )
    }

    /// # Errors
    /// The store failed.
    pub fn count_open(store: &mut dyn Driver) -> Result<i64, StorageError> {
        let mut count = 0;
        store.query(
            "SELECT count(*) FROM schedule_run WHERE outcome = 'running'",
            &[],
            &mut |row| {
                count = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(count)
    }

    /// The latest runs of a schedule, the newest first.
    ///
    /// # Errors
    /// The store failed.
    pub fn of(store: &mut dyn Driver, schedule: i64, limit: i64) -> Result<Vec<Run>, StorageError> {
        select(
            store,
            "schedule = ?1 ORDER BY due_ms DESC LIMIT ?2",
            &[Param::Int(schedule), Param::Int(limit)],
        )
    }

    /// How the commands of a run stand: states with their counts.
    ///
    /// # Errors
    /// The store failed.
    pub fn states(store: &mut dyn Driver, run: &Run) -> Result<Vec<(String, i64)>, StorageError> {
        let issuer = Issuer::Schedule(run.schedule).to_string();
        let mut states = Vec::new();
        store.query(
            "SELECT state, count(*) FROM command WHERE issuer = ?1 AND order_key = ?2 AND order_key <> ''
             GROUP BY state ORDER BY state",
            &[Param::Text(&issuer), Param::Text(&run.order_key())],
            &mut |row| {
                states.push((row.text(0)?, row.int(1)?));
                Ok(())
            },
        )?;
        Ok(states)
    }

    /// Deletes some that ended before a time. True while there may be more.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_step(store: &mut dyn Driver, before_ms: i64) -> Result<bool, StorageError> {
        let deleted = store.execute(
            "DELETE FROM schedule_run WHERE (schedule, due_ms) IN
             (SELECT schedule, due_ms FROM schedule_run WHERE outcome <> 'running' AND begun_ms < ?1 LIMIT ?2)",
            &[Param::Int(before_ms), Param::Int(PURGE_ROWS)],
        )?;
        Ok(deleted != 0)
    }

    /// Deletes some runs of a schedule that is removed. True while there may be more; what a kill leaves goes with age.
    ///
    /// # Errors
    /// The store failed.
    pub fn forget_step(store: &mut dyn Driver, schedule: i64) -> Result<bool, StorageError> {
        let deleted = store.execute(
            "DELETE FROM schedule_run WHERE schedule = ?1 AND due_ms IN
             (SELECT due_ms FROM schedule_run WHERE schedule = ?1 LIMIT ?2)",
            &[Param::Int(schedule), Param::Int(PURGE_ROWS)],
        )?;
        Ok(deleted != 0)
    }
}
