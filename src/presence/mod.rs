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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Presence {
    pub state: PresenceState,
    /// Why it is offline; empty otherwise.
    pub reason: String,
    /// Since when, Unix milliseconds; `None` when it was never seen.
    pub since_ms: Option<i64>,
    /// When the last byte came from it.
    pub last_byte_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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
    /// Of the session, and its group; `None` when offline.
    account: Option<(GroupId, Arc<Account>)>,
}

/// Whether a device is there, without the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    pub state: PresenceState,
    pub since_ms: Option<i64>,
    pub last_byte_ms: Option<i64>,
}

#[derive(Default)]
struct Inner {
    entries: FxHashMap<Address, Entry>,
    /// Changed since they were written: one write under way takes all of them, so that the queue holds one at most.
    dirty: FxHashSet<Address>,
    writing: bool,
    /// How many are online.
    online: FxHashMap<GroupId, usize>,
    /// How many of those online have their last byte written down in this round.
    noted: usize,
}

impl Inner {
    fn one_less(&mut self, group: GroupId) {
        if let Some(online) = self.online.get_mut(&group) {
            *online = online.saturating_sub(1);
            if *online == 0 {
                self.online.remove(&group);
            }
        }
    }
}

impl Entry {
    fn state(&self) -> PresenceState {
        match self.account {
            Some(_) => PresenceState::Online,
            None => PresenceState::Offline,
        }
    }
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
            account: Some((group, Arc::clone(account))),
        };
        let earlier = inner.entries.insert(address, entry);
        if let Some((earlier, _)) = earlier.and_then(|earlier| earlier.account) {
            inner.one_less(earlier);
        }
        *inner.online.entry(group).or_default() += 1;
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
        let account = entry.account.take();
        if let Some((_, account)) = &account {
            entry.last_byte = self.heard(account);
        }
        entry.reason = Cow::Borrowed(reason.name());
        entry.since = now;
        if let Some((group, _)) = account {
            inner.one_less(group);
        }
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
        self.lock().online.values().sum()
    }

    /// How many of a group are online.
    pub fn online_in(&self, group: GroupId) -> usize {
        self.lock().online.get(&group).copied().unwrap_or(0)
    }

    /// Some devices, one after the other: not more than some thousands, for logins wait meanwhile.
    pub fn glance(&self, devices: impl Iterator<Item = Address>) -> Vec<Glance> {
        let inner = self.lock();
        let glance = |address| match inner.entries.get(&address) {
            None => Glance::default(),
            Some(entry) => Glance {
                state: entry.state(),
                since_ms: Some(self.unix_ms(entry.since)),
                last_byte_ms: Some(self.unix_ms(self.last_byte(entry))),
            },
        };
        devices.map(glance).collect()
    }

    /// The states of some devices, likewise.
    pub fn states(&self, devices: impl Iterator<Item = Address>) -> Vec<PresenceState> {
        let inner = self.lock();
        let state = |address| {
            inner
                .entries
                .get(&address)
                .map_or_else(Default::default, Entry::state)
        };
        devices.map(state).collect()
    }

    /// The device is removed.
    pub fn forget(&self, address: Address) {
        let mut inner = self.lock();
        let known = inner.entries.remove(&address);
        if let Some((group, _)) = known.and_then(|entry| entry.account) {
            inner.one_less(group);
        }
        inner.dirty.remove(&address);
    }

    fn shown(&self, entry: &Entry) -> Presence {
        Presence {
            state: entry.state(),
            reason: entry.reason.to_string(),
            since_ms: Some(self.unix_ms(entry.since)),
            last_byte_ms: Some(self.unix_ms(self.last_byte(entry))),
        }
    }

    fn last_byte(&self, entry: &Entry) -> Moment {
        let account = entry.account.as_ref();
        account.map_or(entry.last_byte, |(_, account)| self.heard(account))
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
