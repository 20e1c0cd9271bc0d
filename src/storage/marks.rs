//! Table mark: numbers that outlive the process.

use super::{Driver, Param, StorageError};

/// When the hub last was alive, Unix milliseconds.
pub const ALIVE: &str = "alive";

/// The highest command id that was given out then: the sign of life came after all up to it.
pub const ALIVE_COMMAND: &str = "alive_command";

/// Queries on marks.
pub struct Marks;

impl Marks {
    /// # Errors
    /// The store failed.
    pub fn get(store: &mut dyn Driver, name: &str) -> Result<Option<i64>, StorageError> {
        let mut value = None;
        store.query(
            "SELECT value FROM mark WHERE name = ?1",
            &[Param::Text(name)],
            &mut |row| {
                value = Some(row.int(0)?);
                Ok(())
            },
        )?;
        Ok(value)
    }

    /// # Errors
    /// The store failed.
    pub fn set(store: &mut dyn Driver, name: &str, value: i64) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT OR REPLACE INTO mark (name, value) VALUES (?1, ?2)",
                &[Param::Text(name), Param::Int(value)],
            )
            .map(|_| ())
    }

    /// Moves a mark up; one that is higher already stays.
    ///
    /// # Errors
    /// The store failed.
    pub fn raise(store: &mut dyn Driver, name: &str, value: i64) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT INTO mark (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                &[Param::Text(name), Param::Int(value)],
            )
            .map(|_| ())
    }
}
