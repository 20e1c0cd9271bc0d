//! Table customer_group.

use super::{Channels, Driver, Param, Schedules, StorageError, Users};

/// Queries on customer groups.
pub struct Groups;

impl Groups {
    /// # Errors
    /// `Conflict` when the name is taken.
    pub fn insert(store: &mut dyn Driver, name: &str) -> Result<i64, StorageError> {
        store.execute(
            "INSERT INTO customer_group (name) VALUES (?1)",
            &[Param::Text(name)],
        )?;
        let mut id = 0;
        store.query(
            "SELECT id FROM customer_group WHERE name = ?1",
            &[Param::Text(name)],
            &mut |row| {
                id = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(id)
    }

    /// # Errors
    /// `Conflict` while devices belong to it.
    pub fn remove(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
        store.execute(
            "DELETE FROM retention WHERE group_id = ?1",
            &[Param::Int(id)],
        )?;
        Channels::remove_group(store, id)?;
        Schedules::remove_group(store, id)?;
        Users::remove_group(store, id)?;
        store
            .execute(
                "DELETE FROM customer_group WHERE id = ?1",
                &[Param::Int(id)],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed.
    pub fn all(store: &mut dyn Driver) -> Result<Vec<(i64, String)>, StorageError> {
        let mut groups = Vec::new();
        store.query(
            "SELECT id, name FROM customer_group ORDER BY id",
            &[],
            &mut |row| {
                groups.push((row.int(0)?, row.text(1)?));
                Ok(())
            },
        )?;
        Ok(groups)
    }
}
