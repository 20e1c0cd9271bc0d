//! Table api_token: programs that act for a user.

use super::{Driver, Param, StorageError};

/// A token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    pub id: i64,
    pub user: i64,
    pub name: String,
    /// SHA-256 of the token.
    pub secret: Vec<u8>,
    pub scope: String,
    /// Ids with commas between, or `*`.
    pub groups: String,
    pub created_ms: i64,
    pub expires_ms: i64,
    pub used_ms: Option<i64>,
}

/// Queries on API tokens.
pub struct Tokens;

impl Tokens {
    /// Answers its id; the one in the row is not used.
    ///
    /// # Errors
    /// The store failed.
    pub fn insert(store: &mut dyn Driver, row: &TokenRow) -> Result<i64, StorageError> {
        store.execute(
            "INSERT INTO api_token (user_id, name, secret, scope, groups, created_ms, expires_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &[
                Param::Int(row.user),
                Param::Text(&row.name),
                Param::Blob(&row.secret),
                Param::Text(&row.scope),
                Param::Text(&row.groups),
                Param::Int(row.created_ms),
                Param::Int(row.expires_ms),
            ],
        )?;
        let mut id = 0;
        store.query(
            "SELECT id FROM api_token WHERE secret = ?1",
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
    pub fn all(store: &mut dyn Driver) -> Result<Vec<TokenRow>, StorageError> {
        let mut found = Vec::new();
        store.query(
            "SELECT id, user_id, name, secret, scope, groups, created_ms, expires_ms, used_ms FROM api_token ORDER BY id",
            &[],
            &mut |row| {
                found.push(TokenRow {
                    id: row.int(0)?,
                    user: row.int(1)?,
                    name: row.text(2)?,
                    secret: row.blob(3)?,
                    scope: row.text(4)?,
                    groups: row.text(5)?,
                    created_ms: row.int(6)?,
                    expires_ms: row.int(7)?,
                    used_ms: row.optional_int(8)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// # Errors
    /// The store failed.
    pub fn set_used(store: &mut dyn Driver, id: i64, now_ms: i64) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE api_token SET used_ms = ?2 WHERE id = ?1",
                &[Param::Int(id), Param::Int(now_ms)],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, ids: &[i64]) -> Result<(), StorageError> {
        for id in ids {
            store.execute("DELETE FROM api_token WHERE id = ?1", &[Param::Int(*id)])?;
        }
        Ok(())
    }
}
