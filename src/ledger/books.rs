//! All accounts: one for each group, one for each device and group since the start.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::{Account, Snapshot};
use crate::registry::GroupId;
use crate::wire::Address;

/// Shared by the islands, the verbs and the metrics; locked at logins and reports only.
#[derive(Clone, Default)]
pub struct Books(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    // Of removed groups too: what was counted stays counted.
    groups: BTreeMap<GroupId, Arc<Account>>,
    // By group as well: a moved device begins a new account, since its old one belongs to another thread.
    devices: FxHashMap<(GroupId, Address), Arc<Account>>,
}

impl Books {
    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn group(&self, group: GroupId) -> Arc<Account> {
        Arc::clone(self.lock().groups.entry(group).or_default())
    }

    pub fn device(&self, group: GroupId, address: Address) -> Arc<Account> {
        Arc::clone(self.lock().devices.entry((group, address)).or_default())
    }

    /// The account of a device that has logged in since the start.
    pub fn find(&self, group: GroupId, address: Address) -> Option<Arc<Account>> {
        self.lock().devices.get(&(group, address)).cloned()
    }

    pub fn forget(&self, group: GroupId, address: Address) {
        self.lock().devices.remove(&(group, address));
    }

    /// The sum over all groups.
    pub fn total(&self) -> Snapshot {
        let mut total = Snapshot::default();
        for account in self.lock().groups.values() {
            total.add(&account.snapshot());
        }
        total
    }

    /// Bytes of batches between sessions and routers, over all groups.
    pub fn queued_bytes(&self) -> u64 {
        self.lock()
            .groups
            .values()
            .map(|account| account.queued_bytes())
            .sum()
    }

    /// Every device's account, for checks that the parts make the whole.
    pub fn devices(&self) -> Vec<((GroupId, Address), Snapshot)> {
        let inner = self.lock();
        inner
            .devices
            .iter()
            .map(|(key, account)| (*key, account.snapshot()))
            .collect()
    }

    pub fn groups(&self) -> Vec<(GroupId, Snapshot)> {
        let inner = self.lock();
        inner
            .groups
            .iter()
            .map(|(key, account)| (*key, account.snapshot()))
            .collect()
    }
}
