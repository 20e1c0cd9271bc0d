//! What devices are given again at each login, of all groups: a device that moves keeps its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::storage::{Driver, StandingOrder, StandingOrders, StorageError};
use crate::wire::Address;

/// Cheap to clone; as the database has them.
#[derive(Clone, Default)]
pub struct Standing(Arc<Mutex<FxHashMap<Address, Vec<StandingOrder>>>>);

impl Standing {
    /// # Errors
    /// The store failed.
    pub fn load(store: &mut dyn Driver) -> Result<Self, StorageError> {
        let standing = Self::default();
        StandingOrders::each(store, |address, order| {
            if let Some(address) = Address::new(address) {
                standing.lock().entry(address).or_default().push(order);
            }
        })?;
        Ok(standing)
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<Address, Vec<StandingOrder>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the device was given.
    pub fn of(&self, device: Address) -> Vec<StandingOrder> {
        let all = self.lock();
        let of_device = all.get(&device).into_iter().flatten();
        let hold = of_device.filter(|known| !known.fields.is_empty());
        hold.cloned().collect()
    }

    /// The command that said the last word about a name: it may have ended what held.
    pub fn last(&self, device: Address, order: &StandingOrder) -> Option<i64> {
        let all = self.lock();
        let of_device = all.get(&device).into_iter().flatten();
        of_device
            .into_iter()
            .find(|known| (known.kind, &known.name) == (order.kind, &order.name))
            .map(|known| known.command)
    }

    /// Whether what a command gave holds.
    pub fn holds(&self, device: Address, command: i64) -> bool {
        let all = self.lock();
        let of_device = all.get(&device).into_iter().flatten();
        of_device.into_iter().any(|known| known.command == command)
    }

    /// In place of what held of that kind and name.
    pub fn set(&self, device: Address, order: StandingOrder) {
        let mut all = self.lock();
        let of_device = all.entry(device).or_default();
        of_device.retain(|known| (known.kind, &known.name) != (order.kind, &order.name));
        of_device.push(order);
    }

    /// Takes away what a command gave, if it still holds.
    pub fn take_back(&self, device: Address, command: i64) {
        if let Some(of_device) = self.lock().get_mut(&device) {
            of_device.retain(|known| known.command != command);
        }
    }

    pub fn forget(&self, device: Address) {
        self.lock().remove(&device);
    }
}
