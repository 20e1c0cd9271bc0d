//! Table legacy_nonce: what makes a replayed legacy digest fail.

use super::{Driver, Param, StorageError};

/// Queries on used nonces.
pub struct Nonces;

impl Nonces {
    /// Remembers a nonce and forgets all but the newest `keep`. Answers false when it was remembered already.
    ///
    /// # Errors
    /// The store failed.
    pub fn remember(
        store: &mut dyn Driver,
        address: u32,
        nonce: &str,
        keep: u32,
    ) -> Result<bool, StorageError> {
        let inserted = store.execute(
            "INSERT OR IGNORE INTO legacy_nonce (address, nonce) VALUES (?1, ?2)",
            &[Param::Int(address.into()), Param::Text(nonce)],
        )?;
        if inserted == 0 {
            return Ok(false);
        }
        store.execute(
            "DELETE FROM legacy_nonce WHERE address = ?1 AND seq <= (
                 SELECT seq FROM legacy_nonce WHERE address = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
            &[Param::Int(address.into()), Param::Int(keep.into())],
        )?;
        Ok(true)
    }

    /// # Errors
    /// The store failed.
    pub fn forget(store: &mut dyn Driver, address: u32) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM legacy_nonce WHERE address = ?1",
                &[Param::Int(address.into())],
            )
            .map(|_| ())
    }
}
