//! The EVENT periods that hold, of all groups: a device that moves keeps its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::storage::{Driver, EventPeriod, EventPeriods, StorageError};
use crate::wire::Address;

/// Cheap to clone; as the database has them.
#[derive(Clone, Default)]
pub struct Periods(Arc<Mutex<FxHashMap<Address, Vec<EventPeriod>>>>);

impl Periods {
    /// # Errors
    /// The store failed.
    pub fn load(store: &mut dyn Driver) -> Result<Self, StorageError> {
        let periods = Self::default();
        EventPeriods::each(store, |address, period| {
            if let Some(address) = Address::new(address) {
                periods.lock().entry(address).or_default().push(period);
            }
        })?;
        Ok(periods)
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<Address, Vec<EventPeriod>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the device was given, by sensor.
    pub fn of(&self, device: Address) -> Vec<EventPeriod> {
        self.lock().get(&device).cloned().unwrap_or_default()
    }

    /// Whether a command's period holds.
    pub fn holds(&self, device: Address, command: i64) -> bool {
        let all = self.lock();
        let of_device = all.get(&device).into_iter().flatten();
        of_device.into_iter().any(|known| known.command == command)
    }

    /// A period of 0 takes it away.
    pub fn set(&self, device: Address, period: EventPeriod) {
        let mut all = self.lock();
        let of_device = all.entry(device).or_default();
        of_device.retain(|known| known.sensor != period.sensor);
        if period.period_ms > 0 {
            of_device.push(period);
        }
        if of_device.is_empty() {
            all.remove(&device);
        }
    }

    /// Takes away what a command set, if it still holds.
    pub fn take_back(&self, device: Address, command: i64) {
        if let Some(of_device) = self.lock().get_mut(&device) {
            of_device.retain(|known| known.command != command);
        }
    }

    pub fn forget(&self, device: Address) {
        self.lock().remove(&device);
    }
}
