//! Looks each second which schedules are due, and notes their runs. What a run does is the runner's.
//!
//! In memory is only when each has to be looked at next: a tick with nothing due touches no database.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::sync::{Mutex, MutexGuard, Notify};

use super::record::{Outcome, Planned, Run};
use super::settle::{GRACE_MS, Look, Settled};
use super::stats::ScheduleStats;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::recorder::Recorder;
use crate::settings::{Schedules as Limits, size};
use crate::storage::{Driver, ScheduleRuns, Schedules, StorageError, transaction};

/// Schedules that are looked at together, and runs that are noted in one transaction, about.
const CHUNK: usize = 500;

const DAY_MS: u64 = 86_400_000;

/// Slowness of the hub's own that makes no run a missed one, at most.
const MOST_SLOWNESS: Duration = Duration::from_secs(60);

/// Between two lines in the log on a store that fails.
const LOG_PAUSE: Duration = Duration::from_secs(10);

/// What the keeper works with.
pub struct KeeperParts {
    pub clock: Clock,
    pub entropy: Entropy,
    pub recorder: Recorder,
    pub limits: Limits,
}

/// The schedules of a hub, or of a verb that works without one. Cheap to clone.
#[derive(Clone)]
pub struct Keeper(Arc<Inner>);

struct Inner {
    parts: KeeperParts,
    /// Held over each change of a schedule, its commit included: a verb and a tick never work on the same one.
    state: Mutex<State>,
    stats: Arc<ScheduleStats>,
    /// Runs have begun.
    begun: Notify,
    wake: Notify,
    stopped: AtomicBool,
}

/// When each schedule has to be looked at.
#[derive(Default)]
pub struct State {
    /// `None`: it has no run left, as time stands.
    known: FxHashMap<i64, Option<i64>>,
    queue: BTreeSet<(i64, i64)>,
    /// The wall clock at the last tick.
    seen_ms: i64,
    /// How long the last tick took.
    took: Duration,
    next_log: Duration,
}

impl State {
    /// A schedule runs next at this time, or never again.
    pub fn put(&mut self, id: i64, next: Option<Planned>) {
        self.look_at(id, next.map(|next| next.at_ms));
    }

    /// It is paused or gone.
    pub fn forget(&mut self, id: i64) {
        if let Some(Some(at)) = self.known.remove(&id) {
            self.queue.remove(&(at, id));
        }
    }

    fn look_at(&mut self, id: i64, at_ms: Option<i64>) {
        self.forget(id);
        self.known.insert(id, at_ms);
        if let Some(at) = at_ms {
            self.queue.insert((at, id));
        }
    }

    fn look_at_all(&mut self, now_ms: i64) {
        let ids: Vec<_> = self.known.keys().copied().collect();
        for id in ids {
            self.look_at(id, Some(now_ms));
        }
    }

    fn due(&self, now_ms: i64) -> Vec<i64> {
        let due = self.queue.range(..=(now_ms, i64::MAX));
        due.take(CHUNK).map(|(_, id)| *id).collect()
    }
}

impl Keeper {
    pub fn new(parts: KeeperParts) -> Self {
        Self(Arc::new(Inner {
            parts,
            state: Mutex::default(),
            stats: Arc::default(),
            begun: Notify::new(),
            wake: Notify::new(),
            stopped: AtomicBool::new(false),
        }))
    }

    pub fn stats(&self) -> Arc<ScheduleStats> {
        Arc::clone(&self.0.stats)
    }

    pub(super) fn parts(&self) -> &KeeperParts {
        &self.0.parts
    }

    pub(super) fn begun(&self) -> &Notify {
        &self.0.begun
    }

    /// A second has passed.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.0.wake.notified().await;
    }

    /// Nothing begins any more: the hub stops.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// For whoever changes a schedule: nothing is looked at meanwhile.
    pub async fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().await
    }

    /// A number from 0 to `most`.
    pub fn draw(&self, most: i64) -> i64 {
        let span = most.unsigned_abs().saturating_add(1);
        let drawn = u64::from_le_bytes(self.0.parts.entropy.bytes()) % span;
        i64::try_from(drawn).unwrap_or(0)
    }

    /// Takes up what the store holds. Each is looked at with the next tick: the hub may have been down, and a zone's rules may
    /// have changed.
    ///
    /// # Errors
    /// The store failed.
    pub async fn take_up(&self) -> Result<(), StorageError> {
        let mut state = self.lock().await;
        let load = |store: &mut dyn Driver| {
            let open = ScheduleRuns::count_open(store)?;
            Ok::<_, StorageError>((Schedules::active(store)?, open))
        };
        let (ids, open) = self.0.parts.recorder.call(load).await??;
        self.0.stats.open.store(open, Ordering::Relaxed);
        for id in ids {
            state.look_at(id, Some(i64::MIN));
        }
        Ok(())
    }

    fn count(&self, state: &State) {
        let active = i64::try_from(state.known.len()).unwrap_or(i64::MAX);
        self.0.stats.active.store(active, Ordering::Relaxed);
    }

    /// Looks at what is due, and begins its runs.
    pub async fn tick(&self) {
        if self.0.stopped.load(Ordering::Relaxed) {
            return;
        }
        let (begun, now_ms) = (self.0.parts.clock.now(), self.0.parts.clock.unix_ms());
        let look = Look {
            now_ms,
            grace_ms: self.start_tick(now_ms).await,
            keep_ms: i64::try_from(self.0.parts.limits.keep_days * DAY_MS).unwrap_or(i64::MAX),
        };
        let mut looked = false;
        loop {
            let mut state = self.lock().await;
            let ids = state.due(now_ms);
            if ids.is_empty() {
                break;
            }
            looked = true;
            if let Err(error) = self.look(&mut state, ids, look).await {
                self.0.stats.failed.fetch_add(1, Ordering::Relaxed);
                if self.0.parts.clock.now() >= state.next_log {
                    state.next_log = self.0.parts.clock.now() + LOG_PAUSE;
                    log::warn!("schedules not looked at, tried again error={error}");
                }
                break;
            }
            drop(state);
            // Others on this thread have their turn.
            tokio::task::yield_now().await;
        }
        let took = self.0.parts.clock.now().saturating_sub(begun);
        self.lock().await.took = took;
        if looked {
            let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            self.0.stats.tick_us.store(us, Ordering::Relaxed);
        }
        // What could not be written down before is tried again.
        if self.0.stats.open.load(Ordering::Relaxed) > 0 {
            self.0.begun.notify_one();
        }
    }

    /// Looks at the clock. Answers how late a run may be now.
    async fn start_tick(&self, now_ms: i64) -> i64 {
        let mut state = self.lock().await;
        if now_ms.saturating_add(GRACE_MS) < state.seen_ms {
            log::warn!(
                "the wall clock was set back, schedules are planned anew seconds={}",
                (state.seen_ms - now_ms) / 1000
            );
            state.look_at_all(now_ms);
        }
        state.seen_ms = now_ms;
        self.count(&state);
        let slowness = state.took.min(MOST_SLOWNESS).as_millis();
        GRACE_MS.saturating_add(i64::try_from(slowness).unwrap_or(0))
    }

    async fn look(&self, state: &mut State, ids: Vec<i64>, look: Look) -> Result<(), StorageError> {
        let wanted = ids.clone();
        let find = move |store: &mut dyn Driver| {
            let found = wanted.iter().map(|id| (*id, Schedules::find(store, *id)));
            Ok(found.collect::<Vec<_>>())
        };
        let mut chunk = Vec::new();
        let mut rows = 0;
        for (id, found) in self.0.parts.recorder.read(find).await? {
            let schedule = match found {
                Ok(Some(schedule)) if !schedule.paused => schedule,
                Ok(_) => {
                    state.forget(id);
                    continue;
                }
                Err(StorageError::Conflict(error)) => {
                    // It must not keep the others waiting.
                    log::error!("a schedule stands still id={id} error={error}");
                    state.forget(id);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let settled = schedule.look(look, &mut |most| self.draw(most));
            rows += settled.runs.len() + 1;
            chunk.push(settled);
            if rows >= CHUNK {
                rows = 0;
                self.store(state, std::mem::take(&mut chunk)).await?;
            }
        }
        self.store(state, chunk).await
    }

    /// Notes runs, and how far their schedules are, in one transaction; only then they count.
    async fn store(&self, state: &mut State, mut chunk: Vec<Settled>) -> Result<(), StorageError> {
        let stats = &self.0.stats;
        let open = usize::try_from(stats.open.load(Ordering::Relaxed)).unwrap_or(0);
        let mut room = size(self.0.parts.limits.queue_runs).saturating_sub(open);
        for run in chunk.iter_mut().flat_map(|settled| &mut settled.runs) {
            refuse_without(&mut room, run);
        }
        let planned: Vec<_> = chunk
            .iter()
            .map(|settled| (settled.schedule.id, settled.schedule.next))
            .collect();
        chunk.retain(|settled| settled.changed || !settled.runs.is_empty());
        let begun = if chunk.is_empty() {
            Vec::new()
        } else {
            let write =
                move |store: &mut dyn Driver| transaction(store, |store| note(store, &chunk));
            self.0.parts.recorder.call(write).await??
        };
        for (id, next) in planned {
            state.put(id, next);
        }
        let mut more = 0;
        for run in &begun {
            stats.count(run.outcome);
            match run.outcome {
                Outcome::Running => more += 1,
                _ => log::warn!(
                    "a run is left out schedule={} due_ms={} outcome={} detail={:?}",
                    run.schedule,
                    run.due_ms,
                    run.outcome.name(),
                    run.detail
                ),
            }
        }
        if more > 0 {
            stats.open.fetch_add(more, Ordering::Relaxed);
            self.0.begun.notify_one();
        }
        Ok(())
    }
}

fn refuse_without(room: &mut usize, run: &mut Run) {
    if run.outcome != Outcome::Running {
        return;
    }
    if *room == 0 {
        run.outcome = Outcome::Refused;
        run.detail = "BUSY: as many runs are under way as may be (schedules.queue_runs)".into();
    } else {
        *room -= 1;
    }
}

/// Answers the runs that were noted: not those that had run before.
fn note(store: &mut dyn Driver, chunk: &[Settled]) -> Result<Vec<Run>, StorageError> {
    let mut begun = Vec::new();
    for settled in chunk {
        if !Schedules::save(store, &settled.schedule)? {
            continue;
        }
        for run in &settled.runs {
            if ScheduleRuns::begin(store, run)? {
                begun.push(run.clone());
            }
        }
    }
    Ok(begun)
}
