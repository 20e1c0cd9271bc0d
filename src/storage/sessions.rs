//! Table session: browsers that are logged in.

use super::{Driver, Param, StorageError};

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub id: i64,
    pub user: i64,
    /// SHA-256 of what the cookie holds.
    pub secret: Vec<u8>,
    pub created_ms: i64,
    pub seen_ms: i64,
    pub source: String,
    pub agent: String,
}

/// Queries on sessions.
pub struct Sessions;

impl Sessions {
    /// Answers its id; the one in the row is not used.
    ///
    /// # Errors
    /// The store failed.
    pub fn insert(store: &mut dyn Driver, row: &SessionRow) -> Result<i64, StorageError> {
        store.execute(
            "INSERT INTO session (user_id, secret, created_ms, seen_ms, source, agent) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                Param::Int(row.user),
                Param::Blob(&row.secret),
                Param::Int(row.created_ms),
                Param::Int(row.seen_ms),
                Param::Text(&row.source),
                Param::Text(&row.agent),
            ],
        )?;
        let mut id = 0;
        store.query(
            "SELECT id FROM session WHERE secret = ?1",
            &[Param::Blob(&row.secret)],
            &mut |row| {
                id = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(id)
    }

    /// # Errors
    /// The store failed.
    pub fn all(store: &mut dyn Driver) -> Result<Vec<SessionRow>, StorageError> {
        let mut found = Vec::new();
        store.query(
            "SELECT id, user_id, secret, created_ms, seen_ms, source, agent FROM session ORDER BY id",
            &[],
            &mut |row| {
                found.push(SessionRow {
                    id: row.int(0)?,
                    user: row.int(1)?,
                    secret: row.blob(2)?,
                    created_ms: row.int(3)?,
                    seen_ms: row.int(4)?,
                    source: row.text(5)?,
                    agent: row.text(6)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// # Errors
    /// The store failed.
    pub fn set_seen(store: &mut dyn Driver, id: i64, now_ms: i64) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE session SET seen_ms = ?2 WHERE id = ?1",
                &[Param::Int(id), Param::Int(now_ms)],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed.
    pub fn set_secret(store: &mut dyn Driver, id: i64, secret: &[u8]) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE session SET secret = ?2 WHERE id = ?1",
                &[Param::Int(id), Param::Blob(secret)],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, ids: &[i64]) -> Result<(), StorageError> {
        for id in ids {
            store.execute("DELETE FROM session WHERE id = ?1", &[Param::Int(*id)])?;
        }
        Ok(())
    }
}
