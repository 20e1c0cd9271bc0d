//! Work on the store that is no reading: it shares the transaction, and the wait for the disk, of what comes with it.

use crate::storage::{Driver, Readings, StorageError};

/// One piece of it.
pub trait Work: Send {
    /// Inside the transaction. May run again after a failed commit only if it is handed over again.
    ///
    /// # Errors
    /// The store failed: nothing of the whole transaction is stored. What concerns this work alone goes into its own
    /// outcome.
    fn perform(
        &mut self,
        store: &mut dyn Driver,
        readings: &mut Readings,
    ) -> Result<(), StorageError>;

    /// After the commit, or after its failure. Must not wait.
    fn answer(self: Box<Self>, done: Result<(), &StorageError>);

    /// Whether it is committed at once, taking along what waits.
    fn is_urgent(&self) -> bool {
        true
    }
}
