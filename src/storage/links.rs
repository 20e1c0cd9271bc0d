//! Table one_time_link: links that let a user in once.

use super::{Driver, Param, StorageError};

/// A link as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    pub user: i64,
    /// password or enter.
    pub purpose: String,
    pub expires_ms: i64,
}

/// Queries on one-time links.
pub struct Links;

impl Links {
    /// A link of the same purpose that the user had before is worth nothing any more; those that are too old go.
    ///
    /// # Errors
    /// The store failed.
    pub fn replace(
        store: &mut dyn Driver,
        secret: &[u8],
        link: &LinkRow,
        now_ms: i64,
    ) -> Result<(), StorageError> {
        store.execute(
            "DELETE FROM one_time_link WHERE (user_id = ?1 AND purpose = ?2) OR expires_ms <= ?3",
            &[
                Param::Int(link.user),
                Param::Text(&link.purpose),
                Param::Int(now_ms),
            ],
        )?;
        store
            .execute(
                "INSERT INTO one_time_link (secret, user_id, purpose, expires_ms) VALUES (?1, ?2, ?3, ?4)",
                &[
                    Param::Blob(secret),
                    Param::Int(link.user),
                    Param::Text(&link.purpose),
                    Param::Int(link.expires_ms),
                ],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed.
    pub fn find(
        store: &mut dyn Driver,
        secret: &[u8],
        now_ms: i64,
    ) -> Result<Option<LinkRow>, StorageError> {
        let mut found = None;
        store.query(
            "SELECT user_id, purpose, expires_ms FROM one_time_link WHERE secret = ?1 AND expires_ms > ?2",
            &[Param::Blob(secret), Param::Int(now_ms)],
            &mut |row| {
                found = Some(LinkRow {
                    user: row.int(0)?,
                    purpose: row.text(1)?,
                    expires_ms: row.int(2)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// All links of a user: it used one, or must not use any.
    ///
    /// # Errors
    /// The store failed.
    pub fn remove_of(store: &mut dyn Driver, user: i64) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM one_time_link WHERE user_id = ?1",
                &[Param::Int(user)],
            )
            .map(|_| ())
    }
}
