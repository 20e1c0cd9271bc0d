//! The engine: every rule and every open alarm of the hub, in memory as the database has them.
//!
//! It works on the recorder's thread. What happens in a transaction is taken back when that fails, and told when it is
//! committed.

mod acts;
mod devices;
mod index;
mod judge;
mod life;
mod load;
mod locals;
mod outlet;
mod recall;
mod report;
mod rules;
mod source;
mod stats;
mod subscribers;
mod tally;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::Notify;

use crate::alarm::{Alarm, Rule};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::notify::Bell;
use crate::readings::Value;
use crate::registry::SharedRegistry;
use crate::settings;
use crate::storage::{Driver, Local, SeriesKey, Stamp, StorageError, Witness, transaction};
use crate::wire::Address;

use index::Index;
pub(in crate::alarm) use judge::Tick;
use outlet::Told;
pub use outlet::{Outlet, Spread};
pub use report::{Refused, Reporting};
pub use rules::{By, SourceInfo};
use source::{Key, Source};
pub use stats::AlarmStats;
use subscribers::Subscribers;
pub use subscribers::{Subscribing, Wish};
use tally::Tallies;
pub use tally::Tally;

/// What the engine is made of.
pub struct AlarmParts {
    pub settings: settings::Alarms,
    pub clock: Clock,
    pub registry: SharedRegistry,
    pub bus: Bus,
    /// Rung when people are to be told.
    pub bell: Bell,
    /// Notifications that may wait for one channel.
    pub notifications: u64,
}

/// The alarms of a hub. Cheap to clone.
#[derive(Clone)]
pub struct Alarms(Arc<Shared>);

struct Shared {
    parts: AlarmParts,
    engine: Mutex<Engine>,
    /// When the engine wants to be asked again, ms of the monotonic clock; `u64::MAX`: not.
    due: AtomicU64,
    /// Devices that subscribed to something.
    subscribers: RwLock<FxHashSet<Address>>,
    outlet: RwLock<Option<Outlet>>,
    /// Rung when devices are to be given rules.
    locals: Notify,
    stats: AlarmStats,
    tallies: RwLock<Tallies>,
}

/// The moment, as the engine sees it.
#[derive(Clone, Copy, Debug)]
struct Now {
    /// Monotonic.
    at: Duration,
    unix_ms: i64,
}

impl Now {
    /// What the wall clock is ahead of the monotonic one, ms.
    fn wall_ms(self) -> i64 {
        let passed = i64::try_from(self.at.as_millis()).unwrap_or(i64::MAX);
        self.unix_ms.saturating_sub(passed)
    }
}

#[derive(Default)]
struct Engine {
    loaded: bool,
    /// Just now: nothing of it is counted yet.
    fresh: bool,
    rules: FxHashMap<i64, Arc<Rule>>,
    index: Index,
    sources: FxHashMap<Key, Source>,
    /// Names of the alarms that a device raised without a rule.
    own: FxHashMap<Address, Vec<Box<str>>>,
    open: FxHashMap<Key, Alarm>,
    deadlines: BinaryHeap<Reverse<(Duration, Key)>>,
    subscribers: Subscribers,
    /// By device and rule, what it is to keep itself.
    locals: FxHashMap<Address, BTreeMap<i64, Local>>,
    /// Reports and raises since the start: who has many is tidied up after.
    activity: FxHashMap<Address, u32>,
    /// Of this transaction.
    undo: Undo,
    told: Vec<Told>,
    /// Devices are to be given rules, once that is committed.
    gives: bool,
}

/// How things were before this transaction.
#[derive(Default)]
struct Undo {
    sources: FxHashMap<Key, Option<Source>>,
    open: FxHashMap<Key, Option<Alarm>>,
    /// More was changed: everything is read anew.
    reload: bool,
}

impl Alarms {
    pub fn new(parts: AlarmParts) -> Self {
        Self(Arc::new(Shared {
            parts,
            engine: Mutex::default(),
            due: AtomicU64::new(u64::MAX),
            subscribers: RwLock::default(),
            outlet: RwLock::default(),
            locals: Notify::new(),
            stats: AlarmStats::default(),
            tallies: RwLock::default(),
        }))
    }

    /// Where news go; without it only those inside the hub hear of them.
    pub fn connect(&self, outlet: Option<Outlet>) {
        *self
            .0
            .outlet
            .write()
            .unwrap_or_else(PoisonError::into_inner) = outlet;
    }

    pub fn stats(&self) -> &AlarmStats {
        &self.0.stats
    }

    fn now(&self) -> Now {
        Now {
            at: self.0.parts.clock.now(),
            unix_ms: self.0.parts.clock.unix_ms(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Engine> {
        self.0.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine with everything that the store knows.
    fn ready(&self, store: &mut dyn Driver) -> Result<MutexGuard<'_, Engine>, StorageError> {
        let mut engine = self.lock();
        if !engine.loaded {
            self.load(&mut engine, store)?;
        }
        Ok(engine)
    }

    /// Reads what is stored.
    ///
    /// # Errors
    /// The store failed.
    pub fn start(&self, store: &mut dyn Driver) -> Result<(), StorageError> {
        let done = transaction(store, |store| {
            let mut engine = self.ready(store)?;
            self.mend(&mut engine, store)
        });
        // Deadlines count from here, though nothing else may happen for long.
        self.settled(done.is_ok());
        done
    }

    /// Whether time alone changes something by now.
    pub fn is_due(&self) -> bool {
        let now = u64::try_from(self.0.parts.clock.now().as_millis()).unwrap_or(u64::MAX);
        self.0.due.load(Ordering::Relaxed) <= now
    }

    /// The transaction is committed, or is not.
    pub fn settled(&self, committed: bool) {
        let mut engine = self.lock();
        let undo = std::mem::take(&mut engine.undo);
        let told = std::mem::take(&mut engine.told);
        let gives = std::mem::take(&mut engine.gives);
        let fresh = std::mem::take(&mut engine.fresh);
        if committed {
            self.recount(&engine, &undo, fresh);
        } else {
            engine.take_back(undo);
            self.recount(&engine, &Undo::default(), fresh);
        }
        let next = engine.deadlines.peek().map(|Reverse((at, _))| *at);
        let open = engine.open.len();
        drop(engine);
        let due = next.map_or(u64::MAX, |at| {
            u64::try_from(at.as_millis()).unwrap_or(u64::MAX)
        });
        self.0.due.store(due, Ordering::Relaxed);
        self.0.stats.open.store(open as u64, Ordering::Relaxed);
        if committed {
            told.into_iter().for_each(|told| self.tell(told));
            if gives {
                self.0.locals.notify_one();
            }
        }
    }
}

impl Engine {
    fn take_back(&mut self, undo: Undo) {
        if undo.reload {
            self.loaded = false;
            return;
        }
        for (key, source) in undo.sources {
            match source {
                Some(source) => {
                    // Its deadline may have been taken from the queue.
                    if let Some(queued) = source.queued {
                        self.deadlines.push(Reverse((queued, key.clone())));
                    }
                    self.sources.insert(key, source);
                }
                None => drop(self.sources.remove(&key)),
            }
        }
        for (key, alarm) in undo.open {
            match alarm {
                Some(alarm) => drop(self.open.insert(key, alarm)),
                None => drop(self.open.remove(&key)),
            }
        }
    }
}

impl Witness for Alarms {
    fn stored(
        &mut self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
        value: &Value<'_>,
        stamp: Stamp,
    ) -> Result<(), StorageError> {
        self.judge(store, key, value, stamp)
    }

    fn settled(&mut self, committed: bool) {
        Alarms::settled(self, committed);
    }
}

#[cfg(test)]
mod found_tests;
