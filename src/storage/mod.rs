//! What outlives the process. A small [`Driver`] knows an engine; one file per table knows its queries.

mod capabilities;
mod commands;
mod devices;
mod error;
mod groups;
mod marks;
mod nonces;
mod periods;
mod presences;
mod readings;
mod sqlite;

pub use capabilities::Capabilities;
pub use commands::{CommandFilter, Commands};
pub use devices::{DeviceRow, Devices};
pub use error::StorageError;
pub use groups::Groups;
pub use marks::{ALIVE, Marks};
pub use nonces::Nonces;
pub use periods::{EventPeriod, EventPeriods};
pub use presences::{PresenceRow, Presences};
pub use readings::{Readings, Refusal, SeriesKey};
pub use sqlite::Sqlite;

/// A parameter of a prepared statement.
#[derive(Clone, Copy, Debug)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// One row of an answer; columns count from 0.
pub trait Row {
    /// # Errors
    /// The column is missing or of another type.
    fn int(&self, column: usize) -> Result<i64, StorageError>;
    /// # Errors
    /// The column is missing or of another type.
    fn text(&self, column: usize) -> Result<String, StorageError>;
    /// # Errors
    /// The column is missing or of another type.
    fn blob(&self, column: usize) -> Result<Vec<u8>, StorageError>;
    /// # Errors
    /// The column is missing or of another type.
    fn optional_int(&self, column: usize) -> Result<Option<i64>, StorageError>;
    /// # Errors
    /// The column is missing or of another type.
    fn optional_real(&self, column: usize) -> Result<Option<f64>, StorageError>;
}

/// A database engine, seen through parameterised statements only. Used by one thread at a time.
pub trait Driver: Send {
    /// Runs one statement; answers the number of rows it changed.
    ///
    /// # Errors
    /// What the engine said, translated.
    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<usize, StorageError>;

    /// Calls `each` for every row of the answer.
    ///
    /// # Errors
    /// What the engine said, translated, or what `each` said.
    fn query(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StorageError>,
    ) -> Result<(), StorageError>;

    /// # Errors
    /// No transaction could be begun.
    fn begin(&mut self) -> Result<(), StorageError>;
    /// # Errors
    /// Nothing of the transaction is stored.
    fn commit(&mut self) -> Result<(), StorageError>;
    /// Undoes an open transaction; harmless without one.
    fn rollback(&mut self);
}

/// The store as the rest of the hub holds it.
pub type Store = Box<dyn Driver>;

/// Runs `work` in one transaction: all of it is stored, or nothing.
///
/// # Errors
/// Those of `work` and of the commit.
pub fn transaction<T>(
    store: &mut dyn Driver,
    work: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    store.begin()?;
    let done = work(store).and_then(|value| store.commit().map(|()| value));
    if done.is_err() {
        store.rollback();
    }
    done
}
