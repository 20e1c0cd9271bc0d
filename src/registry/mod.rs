//! Who may log in: groups and devices, held in memory as the database has them.
//!
//! Written only after the database has committed; read once a login.

mod device;
mod seal;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustc_hash::{FxHashMap, FxHashSet};

pub use device::{Device, LoginKind, Rights, is_strong, valid_id, valid_label, valid_name};
pub use seal::{KEY_FILE, SealKey};

use crate::entropy::Entropy;
use crate::storage::{Devices, Driver, Groups, StorageError};
use crate::wire::Address;

/// The database's number of a customer group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub i64);

/// All groups and devices.
#[derive(Default)]
pub struct Registry {
    groups: BTreeMap<GroupId, Arc<str>>,
    devices: FxHashMap<Address, Arc<Device>>,
    by_group: BTreeMap<GroupId, BTreeSet<Address>>,
    // Keyed by what a stranger sends, so by a hash that he cannot aim at.
    by_identity: HashMap<(u32, Box<str>), Address>,
    /// Of viewers: no device gets one of them meanwhile.
    reserved: FxHashSet<Address>,
}

impl Registry {
    /// # Errors
    /// The store failed, or holds a row that this version does not understand.
    pub fn load(store: &mut dyn Driver) -> Result<Self, StorageError> {
        let mut registry = Self::default();
        for (id, name) in Groups::all(store)? {
            registry.put_group(GroupId(id), &name);
        }
        let count = usize::try_from(Devices::count(store)?).unwrap_or(0);
        registry.devices.reserve(count);
        registry.by_identity.reserve(count);
        Devices::each(store, |row| {
            let address = row.address;
            let device = Device::from_row(row)
                .ok_or_else(|| StorageError::Failed(format!("device {address} cannot be read")))?;
            registry.put(device);
            Ok(())
        })?;
        Ok(registry)
    }

    pub fn put_group(&mut self, id: GroupId, name: &str) {
        self.groups.insert(id, name.into());
    }

    pub fn remove_group(&mut self, id: GroupId) {
        self.groups.remove(&id);
        self.by_group.remove(&id);
    }

    pub fn group_named(&self, name: &str) -> Option<GroupId> {
        self.groups
            .iter()
            .find(|(_, n)| ***n == *name)
            .map(|(id, _)| *id)
    }

    pub fn has_group(&self, id: GroupId) -> bool {
        self.groups.contains_key(&id)
    }

    pub fn group_name(&self, id: GroupId) -> Arc<str> {
        self.groups.get(&id).cloned().unwrap_or_else(|| "".into())
    }

    /// Groups in the order they were made.
    pub fn groups(&self) -> impl Iterator<Item = (GroupId, &Arc<str>)> {
        self.groups.iter().map(|(id, name)| (*id, name))
    }

    /// Adds a device, or puts a changed one in its place.
    pub fn put(&mut self, device: Device) {
        self.by_identity
            .insert((device.kind, device.id.clone()), device.address);
        let (address, group) = (device.address, device.group);
        if let Some(earlier) = self.devices.insert(address, Arc::new(device)) {
            self.leave(earlier.group, address);
        }
        self.by_group.entry(group).or_default().insert(address);
    }

    pub fn remove(&mut self, address: Address) {
        if let Some(device) = self.devices.remove(&address) {
            self.by_identity.remove(&(device.kind, device.id.clone()));
            self.leave(device.group, address);
        }
    }

    fn leave(&mut self, group: GroupId, address: Address) {
        if let Some(members) = self.by_group.get_mut(&group) {
            members.remove(&address);
        }
    }

    /// Draws an address that nobody has, for a viewer's proxies.
    pub fn reserve(&mut self, entropy: &Entropy) -> Address {
        loop {
            let address = entropy.address();
            if self.is_free(address) && self.reserved.insert(address) {
                return address;
            }
        }
    }

    /// Its viewer is gone.
    pub fn release(&mut self, address: Address) {
        self.reserved.remove(&address);
    }

    /// Neither a device nor a viewer has it.
    pub fn is_free(&self, address: Address) -> bool {
        !self.devices.contains_key(&address) && !self.reserved.contains(&address)
    }

    pub fn device(&self, address: Address) -> Option<&Arc<Device>> {
        self.devices.get(&address)
    }

    pub fn identified(&self, kind: u32, id: &str) -> Option<&Arc<Device>> {
        self.by_identity
            .get(&(kind, Box::from(id)))
            .and_then(|address| self.devices.get(address))
    }

    /// Devices in no particular order.
    pub fn devices(&self) -> impl Iterator<Item = &Arc<Device>> {
        self.devices.values()
    }

    /// The devices of a group, by address.
    pub fn devices_of(&self, group: GroupId) -> impl Iterator<Item = &Arc<Device>> {
        let members = self.by_group.get(&group).into_iter().flatten();
        members.filter_map(|address| self.devices.get(address))
    }

    pub fn count_in(&self, group: GroupId) -> usize {
        self.by_group.get(&group).map_or(0, BTreeSet::len)
    }
}

/// The registry as threads share it.
#[derive(Clone, Default)]
pub struct SharedRegistry(Arc<RwLock<Registry>>);

impl SharedRegistry {
    pub fn new(registry: Registry) -> Self {
        Self(Arc::new(RwLock::new(registry)))
    }

    pub fn read(&self) -> RwLockReadGuard<'_, Registry> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn write(&self) -> RwLockWriteGuard<'_, Registry> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
