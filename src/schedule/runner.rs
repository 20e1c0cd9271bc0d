//! Carries out the runs that have begun, a bounded number at a time, and writes down how they came out.
//!
//! What is to do is in the table of runs: so there is no queue in memory, and a start goes on where a kill broke off. A run
//! that is carried out again after that makes no second command, because its order has its key.

use std::collections::hash_map::Entry;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashMap;
use tokio::task::JoinSet;

use super::keeper::Keeper;
use super::record::{Act, Outcome, Run, Schedule};
use super::settle::GRACE_MS;
use super::timing::Missed;
use crate::admin::Admin;
use crate::registry::GroupId;
use crate::storage::{Driver, ScheduleRuns, Schedules, StorageError, transaction};

/// Runs that are carried out at once.
const UNDER_WAY: usize = 64;

/// Runs that are read, and that are written down, together.
const PAGE: usize = 256;

pub(super) struct Runner {
    keeper: Keeper,
    admin: Admin,
    /// The hub's start, by the wall clock.
    started_ms: i64,
    tasks: JoinSet<Run>,
    /// Read, and not written down yet.
    in_hand: FxHashMap<(i64, i64), Option<GroupId>>,
    ended: Vec<Run>,
}

impl Runner {
    pub(super) fn new(keeper: Keeper, admin: Admin) -> Self {
        Self {
            started_ms: keeper.parts().clock.unix_ms(),
            keeper,
            admin,
            tasks: JoinSet::new(),
            in_hand: FxHashMap::default(),
            ended: Vec::new(),
        }
    }

    pub(super) async fn work(mut self) {
        loop {
            self.keeper.begun().notified().await;
            if let Err(error) = self.carry_out().await {
                // The next tick tries again.
                log::warn!("runs of schedules wait error={error}");
                self.tasks.abort_all();
                self.tasks = JoinSet::new();
                self.ended.clear();
                self.in_hand.clear();
            }
        }
    }

    /// All that is open.
    async fn carry_out(&mut self) -> Result<(), StorageError> {
        let mut from = (i64::MIN, i64::MIN);
        loop {
            let page = self.page(from).await?;
            let last = page.last().map(|(run, _)| (run.due_ms, run.schedule));
            for (run, schedule) in page {
                let (key, group) = (
                    (run.schedule, run.due_ms),
                    schedule.as_ref().map(|schedule| schedule.group),
                );
                if let Entry::Vacant(free) = self.in_hand.entry(key) {
                    free.insert(group);
                    self.make_room().await?;
                    let late = run.begun_ms < self.started_ms;
                    let admin = self.admin.clone();
                    self.tasks.spawn_local(perform(admin, run, schedule, late));
                }
            }
            match last {
                Some(last) => from = last,
                None => break,
            }
        }
        while let Some(ended) = self.tasks.join_next().await {
            self.take(ended);
        }
        self.write_down().await
    }

    async fn page(&self, from: (i64, i64)) -> Result<Vec<(Run, Option<Schedule>)>, StorageError> {
        let look = move |store: &mut dyn Driver| {
            let runs = ScheduleRuns::open(store, from, PAGE)?;
            let with_schedule = runs.into_iter().map(|run| {
                match Schedules::find(store, run.schedule) {
                    // One that cannot be read must not hold up the others.
                    Err(StorageError::Conflict(_)) => Ok((run, None)),
                    found => Ok((run, found?)),
                }
            });
            with_schedule.collect()
        };
        self.keeper.parts().recorder.read(look).await
    }

    async fn make_room(&mut self) -> Result<(), StorageError> {
        while self.tasks.len() >= UNDER_WAY {
            if let Some(ended) = self.tasks.join_next().await {
                self.take(ended);
            }
        }
        if self.ended.len() >= PAGE {
            self.write_down().await?;
        }
        Ok(())
    }

    fn take(&mut self, ended: Result<Run, tokio::task::JoinError>) {
        match ended {
            Ok(run) => self.ended.push(run),
            Err(error) => log::error!("a run broke off error={error}"),
        }
    }

    async fn write_down(&mut self) -> Result<(), StorageError> {
        let ended = std::mem::take(&mut self.ended);
        if ended.is_empty() {
            return Ok(());
        }
        let runs = ended.clone();
        let write = move |store: &mut dyn Driver| {
            transaction(store, |store| {
                runs.iter()
                    .try_for_each(|run| ScheduleRuns::end(store, run))
            })
        };
        self.keeper.parts().recorder.call(write).await??;
        let stats = self.keeper.stats();
        for run in &ended {
            let group = self.in_hand.remove(&(run.schedule, run.due_ms)).flatten();
            if let Some(group) = group {
                self.admin.tell_schedule(group, run.schedule);
            }
            // One that could not be carried out because the hub stops or its store fails stays open.
            if run.outcome != Outcome::Running {
                stats.count(run.outcome);
                stats.open.fetch_sub(1, Ordering::Relaxed);
            }
            if run.outcome == Outcome::Refused {
                let (id, detail) = (run.schedule, &run.detail);
                log::warn!(
                    "a run was refused schedule={id} due_ms={} detail={detail:?}",
                    run.due_ms
                );
            }
        }
        Ok(())
    }
}

/// Does what the schedule says, and answers the run with its outcome. `earlier`: it began before this start of the hub.
async fn perform(admin: Admin, mut run: Run, schedule: Option<Schedule>, earlier: bool) -> Run {
    let refused = |run: Run, detail: String| Run {
        detail,
        outcome: Outcome::Refused,
        ..run
    };
    let Some(schedule) = schedule else {
        return refused(run, "the schedule is removed, or cannot be read".into());
    };
    if earlier
        && schedule.missed == Missed::Skip
        && admin.unix_ms().saturating_sub(run.begun_ms) > GRACE_MS
    {
        return broken_off(&admin, run).await;
    }
    let done = match &schedule.act {
        Act::Rule { rule, enabled } => {
            let by = format!("schedule {}", schedule.id);
            let done = admin.switch_rule(*rule, *enabled, &by).await;
            done.map(|()| (Outcome::Done, 0))
        }
        Act::Command { .. } | Act::EventPeriod { .. } => {
            let ordered = admin.run_order(&schedule, &run).await;
            ordered.map(|commands| (Outcome::Ordered, commands))
        }
    };
    match done {
        Ok((outcome, commands)) => {
            run.outcome = outcome;
            run.commands = commands;
            run
        }
        Err(RunError::Later) => run,
        Err(RunError::Refused(detail)) => refused(run, detail),
    }
}

/// Why a run did not do what it was to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// For this reason.
    Refused(String),
    /// The hub stops, or its store fails: the run stays open.
    Later,
}

/// The hub was killed between the beginning of the run and its outcome, and the schedule does not want it made up for.
async fn broken_off(admin: &Admin, mut run: Run) -> Run {
    let asked = run.clone();
    match admin.states_of(asked).await {
        Ok(states) if states.is_empty() => {
            run.outcome = Outcome::Skipped;
            run.detail = "missed: the hub went down before it was carried out".into();
        }
        Ok(states) => {
            run.outcome = Outcome::Ordered;
            run.commands = states.iter().map(|(_, count)| count).sum();
        }
        Err(_) => {}
    }
    run
}
