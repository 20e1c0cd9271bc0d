//! Whether devices are there: kept over restarts, told to subscribers, on the monotonic clock while the hub runs.

mod store;

pub use store::Alive;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::alarm::Alarms;
use crate::bus::{Bus, Event};
use crate::clock::Clock;
use crate::ledger::Account;
use crate::recorder::Recorder;
use crate::registry::GroupId;
use crate::session::EndReason;
use crate::wire::Address;

/// What is known of a device's being there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    pub state: PresenceState,
    /// Why it is offline; empty otherwise.
    pub reason: String,
    /// Since when, Unix milliseconds; `None` when it was never seen.
    pub since_ms: Option<i64>,
    /// When the last byte came from it.
    pub last_byte_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    #[default]
    NeverSeen,
    Online,
    Offline,
}

impl PresenceState {
    pub fn name(self) -> &'static str {
        match self {
            Self::NeverSeen => "never seen",
            Self::Online => "online",
            Self::Offline => "offline",
        }
    }
}

/// A moment of this process on both clocks, or one from before it.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Now { at: Duration, unix_ms: i64 },
    Before(i64),
}

/// A wall clock that is off by less has not been set, only disciplined.
const SET_MS: i64 = 1000;

struct Entry {
    reason: Cow<'static, str>,
    since: Moment,
    last_byte: Moment,
    /// Of the session; `None` when offline.
    account: Option<Arc<Account>>,
}

#[derive(Default)]
struct Inner {
    entries: FxHashMap<Address, Entry>,
    /// Changed since they were written: one write under way takes all of them, so that the queue holds one at most.
    dirty: FxHashSet<Address>,
    writing: bool,
    /// How many of those online have their last byte written down in this round.
    noted: usize,
}

/// Of all devices of the hub. Cheap to clone.
#[derive(Clone)]
pub struct Presences {
    inner: Arc<Mutex<Inner>>,
    clock: Clock,
    bus: Bus,
    alarms: Alarms,
}

impl Presences {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session is in the table. A takeover is no change.
    pub fn joined(
        &self,
        group: GroupId,
        address: Address,
        account: &Arc<Account>,
        recorder: &Recorder,
    ) {
        let now = self.now();
        let mut inner = self.lock();
        let earlier = inner.entries.get(&address);
        let since = match earlier {
            Some(earlier) if earlier.account.is_some() => earlier.since,
            _ => now,
        };
        let changed = earlier.is_none_or(|earlier| earlier.account.is_none());
        let entry = Entry {
            reason: Cow::Borrowed(""),
            since,
            last_byte: now,
            account: Some(Arc::clone(account)),
        };
        inner.entries.insert(address, entry);
        if changed {
            self.changed(inner, group, address, recorder);
        }
    }

    /// A session has left the table without a successor.
    pub fn left(&self, group: GroupId, address: Address, reason: EndReason, recorder: &Recorder) {
        let now = self.now();
        let mut inner = self.lock();
        let Some(entry) = inner.entries.get_mut(&address) else {
            return;
        };
        if let Some(account) = entry.account.take() {
            entry.last_byte = self.heard(&account);
        }
        entry.reason = Cow::Borrowed(reason.name());
        entry.since = now;
        self.changed(inner, group, address, recorder);
    }

    fn changed(
        &self,
        mut inner: MutexGuard<'_, Inner>,
        group: GroupId,
        address: Address,
        recorder: &Recorder,
    ) {
        inner.dirty.insert(address);
        let write = !std::mem::replace(&mut inner.writing, true);
        if let Some(entry) = inner.entries.get(&address) {
            // Under the lock, so that subscribers hear of one device's changes in their order.
            self.bus.tell(Event::Presence {
                group,
                address,
                presence: self.shown(entry),
            });
        }
        drop(inner);
        if write {
            recorder.submit_bounded(Box::new(store::Write::new(self.clone())));
        }
    }

    pub fn of(&self, address: Address) -> Presence {
        self.lock()
            .entries
            .get(&address)
            .map_or_else(Presence::default, |entry| self.shown(entry))
    }

    /// How many devices are online.
    pub fn online(&self) -> usize {
        let inner = self.lock();
        let online = inner.entries.values().filter(|e| e.account.is_some());
        online.count()
    }

    /// The device is removed.
    pub fn forget(&self, address: Address) {
        let mut inner = self.lock();
        inner.entries.remove(&address);
        inner.dirty.remove(&address);
    }

    fn shown(&self, entry: &Entry) -> Presence {
        let last_byte = entry
            .account
            .as_ref()
            .map_or(entry.last_byte, |account| self.heard(account));
        Presence {
            state: match entry.account {
                Some(_) => PresenceState::Online,
                None => PresenceState::Offline,
            },
            reason: entry.reason.to_string(),
            since_ms: Some(self.unix_ms(entry.since)),
            last_byte_ms: Some(self.unix_ms(last_byte)),
        }
    }

    fn now(&self) -> Moment {
        Moment::Now {
            at: self.clock.now(),
            unix_ms: self.clock.unix_ms(),
        }
    }

    fn heard(&self, account: &Account) -> Moment {
        let (at, unix_ms) = account.last_byte();
        Moment::Now { at, unix_ms }
    }

    fn unix_ms(&self, moment: Moment) -> i64 {
        match moment {
            Moment::Before(unix_ms) => unix_ms,
            Moment::Now { at, unix_ms } => {
                let ago = self.clock.now().saturating_sub(at).as_millis();
                let ago = i64::try_from(ago).unwrap_or(i64::MAX);
                let by_span = self.clock.unix_ms().saturating_sub(ago);
                if by_span.abs_diff(unix_ms) < SET_MS.unsigned_abs() {
                    unix_ms
                } else {
                    by_span
                }
            }
        }
    }
}
