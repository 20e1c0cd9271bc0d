//! A user as the hub holds it in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{AccountError, Role};
use crate::registry::GroupId;
use crate::storage::{StorageError, UserRow};

/// Bytes of a name at most.
const NAME_BYTES: usize = 64;

#[derive(Clone)]
pub struct User {
    pub id: i64,
    pub name: Arc<str>,
    pub role: Role,
    /// A PHC string; empty: none was set yet.
    pub(super) password: Arc<str>,
    pub disabled: bool,
    pub language: String,
    pub created_ms: i64,
    pub last_login_ms: Option<i64>,
    /// Of an administrator: none, and all are meant.
    pub groups: Arc<BTreeSet<GroupId>>,
}

// The hash of a password never gets into a log.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({} {} {})", self.id, self.name, self.role.name())
    }
}

impl User {
    pub fn has_password(&self) -> bool {
        !self.password.is_empty()
    }

    /// `None`: all groups.
    pub fn groups_seen(&self) -> Option<Arc<BTreeSet<GroupId>>> {
        (self.role != Role::Administrator).then(|| Arc::clone(&self.groups))
    }
}

impl TryFrom<UserRow> for User {
    type Error = StorageError;

    fn try_from(row: UserRow) -> Result<Self, StorageError> {
        let role = Role::from_name(&row.role)
            .ok_or_else(|| StorageError::Failed(format!("user {} has an unknown role", row.id)))?;
        Ok(Self {
            id: row.id,
            name: row.name.into(),
            role,
            password: row.password.into(),
            disabled: row.disabled,
            language: row.language,
            created_ms: row.created_ms,
            last_login_ms: row.last_login_ms,
            groups: Arc::new(row.groups.into_iter().map(GroupId).collect()),
        })
    }
}

/// What a name is found by: in lower case. `None` for what is no name.
pub(super) fn key_of(name: &str) -> Option<String> {
    let fits = !name.is_empty() && name.len() <= NAME_BYTES;
    let plain = |symbol: char| symbol.is_alphanumeric() || "._-@+".contains(symbol);
    (fits && name.chars().all(plain)).then(|| name.to_lowercase())
}

/// # Errors
/// What a name is, in words.
pub(super) fn check_name(name: &str) -> Result<String, AccountError> {
    key_of(name).ok_or_else(|| {
        AccountError::invalid(
            "/name",
            "A user's name is 1 to 64 bytes of letters, digits and . _ - @ +.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_by_more_than_case() {
        assert_eq!(key_of("Ana@Example.org").unwrap(), "ana@example.org");
        assert_eq!(key_of("Íñigo").unwrap(), "íñigo");
        for wrong in ["", "a b", "<b>", "a\n", &"x".repeat(65)] {
            assert_eq!(key_of(wrong), None, "{wrong:?}");
        }
    }
}
