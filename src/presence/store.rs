//! Presence in the database.

use std::sync::{Arc, Mutex};

use super::{Entry, Inner, Moment, Presences};
use crate::alarm::Alarms;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::recorder::Work;
use crate::storage::{
    self, ALIVE, ALIVE_COMMAND, Commands, Driver, Marks, PresenceRow, Readings, StorageError,
    transaction,
};
use crate::wire::Address;

impl Presences {
    /// Reads what is stored. Only while no other hub runs on the store: whoever was online is offline now.
    ///
    /// # Errors
    /// The store failed.
    pub fn load(
        store: &mut dyn Driver,
        clock: Clock,
        bus: Bus,
        alarms: Alarms,
    ) -> Result<Self, StorageError> {
        let alive = Marks::get(store, ALIVE)?.unwrap_or(0);
        transaction(store, |store| {
            storage::Presences::hub_was_down(store, alive)
        })?;
        let mut inner = Inner::default();
        storage::Presences::each(store, |row| {
            if let Some(address) = Address::new(row.address) {
                let entry = Entry {
                    reason: row.reason.into(),
                    since: Moment::Before(row.since_ms),
                    last_byte: Moment::Before(row.last_byte_ms),
                    account: None,
                };
                inner.entries.insert(address, entry);
            }
        })?;
        Ok(Self {
            inner: Arc::new(Mutex::new(inner)),
            clock,
            bus,
            alarms,
        })
    }

    /// Some of those that are online; the next ones the next time.
    fn next_online(&self, most: usize) -> Vec<PresenceRow> {
        let mut inner = self.lock();
        let online = inner.entries.iter().filter(|(_, e)| e.account.is_some());
        let rows: Vec<_> = online
            .skip(inner.noted)
            .take(most)
            .map(|(address, entry)| self.row(*address, entry))
            .collect();
        inner.noted = if rows.len() < most {
            0
        } else {
            inner.noted + most
        };
        rows
    }

    fn row(&self, address: Address, entry: &Entry) -> PresenceRow {
        let shown = self.shown(entry);
        PresenceRow {
            address: address.get(),
            online: entry.account.is_some(),
            reason: shown.reason,
            since_ms: shown.since_ms.unwrap_or(0),
            last_byte_ms: shown.last_byte_ms.unwrap_or(0),
        }
    }
}

/// Writes what has changed until its turn comes.
pub(super) struct Write {
    presences: Presences,
    rows: Vec<PresenceRow>,
}

impl Write {
    pub(super) fn new(presences: Presences) -> Self {
        Self {
            presences,
            rows: Vec::new(),
        }
    }
}

impl Work for Write {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        let mut inner = self.presences.lock();
        inner.writing = false;
        let dirty = std::mem::take(&mut inner.dirty);
        self.rows = dirty
            .into_iter()
            .filter_map(|address| Some(self.presences.row(address, inner.entries.get(&address)?)))
            .collect();
        drop(inner);
        self.rows.iter().try_for_each(|row| {
            storage::Presences::put(store, row)?;
            match Address::new(row.address) {
                Some(address) => self.presences.alarms.presence(store, address, row.online),
                None => Ok(()),
            }
        })
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        if let Err(error) = done {
            log::warn!("presence not stored yet error={error}");
            // Written with the next change.
            let missed = self.rows.iter().filter_map(|row| Address::new(row.address));
            self.presences.lock().dirty.extend(missed);
        }
    }

    fn is_urgent(&self) -> bool {
        false
    }
}

/// The hub's sign of life, from which a later start knows since when it was down; and, some devices each time, when the
/// last byte came from those that are online.
pub struct Alive {
    presences: Presences,
    unix_ms: i64,
}

/// Devices whose last byte one sign of life writes down.
const NOTED: usize = 500;

impl Alive {
    pub fn new(presences: Presences, unix_ms: i64) -> Self {
        Self { presences, unix_ms }
    }
}

impl Work for Alive {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        let rows = self.presences.next_online(NOTED);
        rows.iter()
            .try_for_each(|row| storage::Presences::put(store, row))?;
        let last = Commands::last_id(store)?;
        Marks::set(store, ALIVE_COMMAND, last)?;
        Marks::set(store, ALIVE, self.unix_ms)
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        if let Err(error) = done {
            log::warn!("sign of life not stored error={error}");
        }
    }

    fn is_urgent(&self) -> bool {
        false
    }
}
