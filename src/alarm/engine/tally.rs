//! Open alarms, counted: for lists and overviews, which must not ask the engine (it belongs to the recorder's thread).

use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use super::{Alarms, Engine, Undo};
use crate::alarm::{Alarm, Severity};
use crate::registry::GroupId;
use crate::wire::Address;

/// How many alarms are open, of a device or a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    by_severity: [usize; Severity::ALL.len()],
    /// Nobody has seen so many of them.
    pub unacknowledged: usize,
}

impl Tally {
    pub fn open(&self) -> usize {
        self.by_severity.iter().sum()
    }

    /// `None`: nothing is open.
    pub fn worst(&self) -> Option<Severity> {
        let known = Severity::ALL.into_iter().zip(self.by_severity);
        known.rev().find(|(_, open)| *open > 0).map(|(s, _)| s)
    }

    /// Of both together.
    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.by_severity.iter_mut().zip(other.by_severity) {
            *ours += theirs;
        }
        self.unacknowledged += other.unacknowledged;
    }

    fn count(&mut self, alarm: &Alarm, more: bool) {
        let change = |number: &mut usize| {
            *number = if more {
                *number + 1
            } else {
                number.saturating_sub(1)
            };
        };
        if let Some(open) = self.by_severity.get_mut(alarm.severity as usize) {
            change(open);
        }
        if alarm.acked_ms.is_none() {
            change(&mut self.unacknowledged);
        }
    }
}

/// Those of the whole hub; devices and groups without an open alarm are not in it.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    devices: FxHashMap<Address, Tally>,
    groups: FxHashMap<GroupId, Tally>,
}

impl Tallies {
    fn count(&mut self, alarm: &Alarm, more: bool) {
        let device = self.devices.entry(alarm.address).or_default();
        device.count(alarm, more);
        if *device == Tally::default() {
            self.devices.remove(&alarm.address);
        }
        let group = self.groups.entry(alarm.group).or_default();
        group.count(alarm, more);
        if *group == Tally::default() {
            self.groups.remove(&alarm.group);
        }
    }
}

impl Alarms {
    /// What is open of a group.
    pub fn tally_of(&self, group: GroupId) -> Tally {
        let tallies = self.0.tallies.read();
        let tallies = tallies.unwrap_or_else(PoisonError::into_inner);
        tallies.groups.get(&group).copied().unwrap_or_default()
    }

    /// What is open of some devices, one after the other.
    pub fn tallies_of(&self, devices: impl Iterator<Item = Address>) -> Vec<Tally> {
        let tallies = self.0.tallies.read();
        let tallies = tallies.unwrap_or_else(PoisonError::into_inner);
        devices
            .map(|address| tallies.devices.get(&address).copied().unwrap_or_default())
            .collect()
    }

    /// A transaction that changed this is committed; `fresh`: the engine was read anew.
    pub(super) fn recount(&self, engine: &Engine, undo: &Undo, fresh: bool) {
        let anew = fresh || undo.reload;
        if undo.open.is_empty() && !anew {
            return;
        }
        let tallies = self.0.tallies.write();
        let mut tallies = tallies.unwrap_or_else(PoisonError::into_inner);
        if anew {
            *tallies = Tallies::default();
            engine.open.values().for_each(|a| tallies.count(a, true));
            return;
        }
        for (key, earlier) in &undo.open {
            if let Some(earlier) = earlier {
                tallies.count(earlier, false);
            }
            if let Some(now) = engine.open.get(key) {
                tallies.count(now, true);
            }
        }
    }
}
