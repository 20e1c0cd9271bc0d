//! Readings that somebody watches, on their way from the recorder to the feed: after the commit that stored them.
//!
//! While nobody watches any, a reading costs one relaxed load.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::bell::Bell;
use crate::readings::Value;
use crate::registry::GroupId;
use crate::storage::{Driver, SeriesKey, Stamp, StorageError, Witness};
use crate::wire::Address;

/// Readings that may wait for the feed.
const MOST: usize = 20_000;

/// Which readings are watched, and those that came. Cheap to clone.
#[derive(Clone, Default)]
pub struct Tap(Arc<Inner>);

#[derive(Default)]
struct Inner {
    any: AtomicBool,
    watched: RwLock<Watched>,
    inbox: Mutex<Caught>,
    bell: Bell,
}

/// By how many viewers.
#[derive(Default)]
struct Watched {
    devices: FxHashMap<u32, usize>,
    groups: FxHashMap<i64, usize>,
}

/// One reading that is stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tapped {
    pub(super) address: u32,
    pub(super) group: GroupId,
    pub(super) sensor: String,
    pub(super) unit: String,
    pub(super) value: Value<'static>,
    pub(super) at_ms: i64,
    pub(super) hub_ms: i64,
}

/// What came since the feed last looked, in the order of the commits.
#[derive(Default)]
pub(super) struct Caught {
    pub(super) readings: Vec<Tapped>,
    pub(super) lost: bool,
}

impl Tap {
    pub(super) fn new(bell: Bell) -> Self {
        Self(Arc::new(Inner {
            bell,
            ..Inner::default()
        }))
    }

    fn is_watched(&self) -> bool {
        self.0.any.load(Ordering::Relaxed)
    }

    /// What the recorder tells of each reading that it stores.
    pub fn witness(&self) -> Box<dyn Witness> {
        Box::new(Catcher {
            tap: self.clone(),
            caught: Vec::new(),
        })
    }

    /// A copy of the reading, if its device or group is watched.
    fn copy(&self, key: &SeriesKey<'_>, value: &Value<'_>, stamp: Stamp) -> Option<Tapped> {
        let watched = self.0.watched.read();
        let watched = watched.unwrap_or_else(PoisonError::into_inner);
        if !watched.devices.contains_key(&key.address) && !watched.groups.contains_key(&key.group) {
            return None;
        }
        drop(watched);
        Some(Tapped {
            address: key.address,
            group: GroupId(key.group),
            sensor: key.sensor.to_owned(),
            unit: key.unit.to_owned(),
            value: value.clone().into_owned(),
            at_ms: stamp.at_ms,
            hub_ms: stamp.hub_ms,
        })
    }

    fn tell(&self, readings: Vec<Tapped>) {
        let mut inbox = self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST.saturating_sub(inbox.readings.len());
        inbox.lost |= readings.len() > room;
        inbox.readings.extend(readings.into_iter().take(room));
        drop(inbox);
        self.0.bell.ring();
    }

    pub(super) fn take(&self) -> Caught {
        let mut inbox = self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *inbox)
    }

    /// Another viewer watches these.
    pub(super) fn watch<'a>(
        &self,
        devices: impl Iterator<Item = &'a Address>,
        groups: impl Iterator<Item = &'a GroupId>,
    ) {
        let watched = self.0.watched.write();
        let mut watched = watched.unwrap_or_else(PoisonError::into_inner);
        devices.for_each(|address| *watched.devices.entry(address.get()).or_default() += 1);
        groups.for_each(|group| *watched.groups.entry(group.0).or_default() += 1);
        let any = !watched.devices.is_empty() || !watched.groups.is_empty();
        self.0.any.store(any, Ordering::Relaxed);
    }

    /// One of them does no more.
    pub(super) fn unwatch<'a>(
        &self,
        devices: impl Iterator<Item = &'a Address>,
        groups: impl Iterator<Item = &'a GroupId>,
    ) {
        let watched = self.0.watched.write();
        let mut watched = watched.unwrap_or_else(PoisonError::into_inner);
        devices.for_each(|address| less(&mut watched.devices, address.get()));
        groups.for_each(|group| less(&mut watched.groups, group.0));
        let any = !watched.devices.is_empty() || !watched.groups.is_empty();
        self.0.any.store(any, Ordering::Relaxed);
    }
}

/// Holds readings back until their transaction is committed.
struct Catcher {
    tap: Tap,
    caught: Vec<Tapped>,
}

impl Witness for Catcher {
    fn stored(
        &mut self,
        _: &mut dyn Driver,
        key: SeriesKey<'_>,
        value: &Value<'_>,
        stamp: Stamp,
    ) -> Result<(), StorageError> {
        if self.tap.is_watched() {
            self.caught.extend(self.tap.copy(&key, value, stamp));
        }
        Ok(())
    }

    fn settled(&mut self, committed: bool) {
        let caught = std::mem::take(&mut self.caught);
        if committed && !caught.is_empty() {
            self.tap.tell(caught);
        }
    }
}

fn less<K: std::hash::Hash + Eq>(counts: &mut FxHashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Sqlite;

    fn told(tap: &Tap, committed: bool) -> Vec<i64> {
        let (mut store, mut witness) = (Sqlite::in_memory().unwrap(), tap.witness());
        for at_ms in [1, 2] {
            let key = SeriesKey {
                address: 42,
                group: 1,
                sensor: "t",
                unit: "C",
            };
            let stamp = Stamp {
                at_ms,
                hub_ms: at_ms,
                msgno: at_ms,
            };
            let stored = witness.stored(&mut store, key, &Value::Int(at_ms), stamp);
            stored.unwrap();
        }
        witness.settled(committed);
        tap.take().readings.iter().map(|told| told.at_ms).collect()
    }

    #[test]
    fn readings_are_told_after_their_commit_in_their_order() {
        let tap = Tap::default();
        assert!(told(&tap, true).is_empty());
        let (device, group) = ([Address::new(42).unwrap()], [GroupId(1)]);
        tap.watch(device.iter(), [].iter());
        assert_eq!(told(&tap, true), [1, 2]);
        assert!(told(&tap, false).is_empty());
        tap.unwatch(device.iter(), [].iter());
        assert!(told(&tap, true).is_empty());
        tap.watch([].iter(), group.iter());
        assert_eq!(told(&tap, true), [1, 2]);
    }
}
