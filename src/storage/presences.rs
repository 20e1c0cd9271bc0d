//! Table presence.

use super::{Driver, Param, StorageError};

/// Whether a device was there, as last stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceRow {
    pub address: u32,
    pub online: bool,
    pub reason: String,
    /// Unix milliseconds.
    pub since_ms: i64,
    pub last_byte_ms: i64,
}

/// Queries on presence.
pub struct Presences;

impl Presences {
    /// # Errors
    /// The store failed.
    pub fn put(store: &mut dyn Driver, row: &PresenceRow) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT OR REPLACE INTO presence (address, online, reason, since_ms, last_byte_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                &[
                    Param::Int(row.address.into()),
                    Param::Int(row.online.into()),
                    Param::Text(&row.reason),
                    Param::Int(row.since_ms),
                    Param::Int(row.last_byte_ms),
                ],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed.
    pub fn each(
        store: &mut dyn Driver,
        mut each: impl FnMut(PresenceRow),
    ) -> Result<(), StorageError> {
        store.query(
            "SELECT address, online, reason, since_ms, last_byte_ms FROM presence",
            &[],
            &mut |row| {
                each(PresenceRow {
                    address: u32::try_from(row.int(0)?).unwrap_or(0),
                    online: row.int(1)? != 0,
                    reason: row.text(2)?,
                    since_ms: row.int(3)?,
                    last_byte_ms: row.int(4)?,
                });
                Ok(())
            },
        )
    }

    /// Whoever is stored as online was so when the hub was killed.
    ///
    /// # Errors
    /// The store failed.
    pub fn hub_was_down(store: &mut dyn Driver, since_ms: i64) -> Result<usize, StorageError> {
        store.execute(
            "UPDATE presence SET online = 0, reason = 'HUB_DOWN', since_ms = max(since_ms, ?1),
                 last_byte_ms = max(last_byte_ms, 0) WHERE online = 1",
            &[Param::Int(since_ms)],
        )
    }
}
