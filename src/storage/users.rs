//! Tables hub_user and user_group: who may use the hub through the web.

use super::{Driver, Param, Row, StorageError};

/// A user as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    pub id: i64,
    pub name: String,
    pub role: String,
    /// A PHC string; empty: none was set yet.
    pub password: String,
    pub disabled: bool,
    pub language: String,
    pub created_ms: i64,
    pub last_login_ms: Option<i64>,
    /// Sorted.
    pub groups: Vec<i64>,
}

/// Queries on users.
pub struct Users;

const COLUMNS: &str = "id, name, role, password, disabled, language, created_ms, last_login_ms";

fn read(row: &dyn Row) -> Result<UserRow, StorageError> {
    Ok(UserRow {
        id: row.int(0)?,
        name: row.text(1)?,
        role: row.text(2)?,
        password: row.text(3)?,
        disabled: row.int(4)? != 0,
        language: row.text(5)?,
        created_ms: row.int(6)?,
        last_login_ms: row.optional_int(7)?,
        groups: Vec::new(),
    })
}

impl Users {
    /// Answers its id. `key`: the name in lower case.
    ///
    /// # Errors
    /// `Conflict` when there is a user of that name.
    pub fn insert(
        store: &mut dyn Driver,
        name: &str,
        key: &str,
        role: &str,
        now_ms: i64,
    ) -> Result<i64, StorageError> {
        store.execute(
            "INSERT INTO hub_user (name, name_key, role, password, disabled, language, created_ms)
             VALUES (?1, ?2, ?3, '', 0, '', ?4)",
            &[
                Param::Text(name),
                Param::Text(key),
                Param::Text(role),
                Param::Int(now_ms),
            ],
        )?;
        let mut id = 0;
        store.query(
            "SELECT id FROM hub_user WHERE name_key = ?1",
            &[Param::Text(key)],
            &mut |row| {
                id = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(id)
    }

    /// All of them, with their groups.
    ///
    /// # Errors
    /// The store failed.
    pub fn all(store: &mut dyn Driver) -> Result<Vec<UserRow>, StorageError> {
        let mut users = Vec::new();
        let sql = format!("SELECT {COLUMNS} FROM hub_user ORDER BY id");
        store.query(&sql, &[], &mut |row| {
            users.push(read(row)?);
            Ok(())
        })?;
        store.query(
            "SELECT user_id, group_id FROM user_group ORDER BY user_id, group_id",
            &[],
            &mut |row| {
                let (user, group) = (row.int(0)?, row.int(1)?);
                if let Ok(at) = users.binary_search_by_key(&user, |user| user.id)
                    && let Some(user) = users.get_mut(at)
                {
                    user.groups.push(group);
                }
                Ok(())
            },
        )?;
        Ok(users)
    }

    /// # Errors
    /// The store failed.
    pub fn set_role(store: &mut dyn Driver, id: i64, role: &str) -> Result<(), StorageError> {
        set(store, "role = ?2", id, Param::Text(role))
    }

    /// # Errors
    /// The store failed.
    pub fn set_password(store: &mut dyn Driver, id: i64, phc: &str) -> Result<(), StorageError> {
        set(store, "password = ?2", id, Param::Text(phc))
    }

    /// # Errors
    /// The store failed.
    pub fn set_disabled(
        store: &mut dyn Driver,
        id: i64,
        disabled: bool,
    ) -> Result<(), StorageError> {
        set(store, "disabled = ?2", id, Param::Int(disabled.into()))
    }

    /// # Errors
    /// The store failed.
    pub fn set_language(
        store: &mut dyn Driver,
        id: i64,
        language: &str,
    ) -> Result<(), StorageError> {
        set(store, "language = ?2", id, Param::Text(language))
    }

    /// # Errors
    /// The store failed.
    pub fn set_last_login(
        store: &mut dyn Driver,
        id: i64,
        now_ms: i64,
    ) -> Result<(), StorageError> {
        set(store, "last_login_ms = ?2", id, Param::Int(now_ms))
    }

    /// # Errors
    /// `Conflict` when there is no such group.
    pub fn set_groups(store: &mut dyn Driver, id: i64, groups: &[i64]) -> Result<(), StorageError> {
        store.execute(
            "DELETE FROM user_group WHERE user_id = ?1",
            &[Param::Int(id)],
        )?;
        for group in groups {
            store.execute(
                "INSERT INTO user_group (user_id, group_id) VALUES (?1, ?2)",
                &[Param::Int(id), Param::Int(*group)],
            )?;
        }
        Ok(())
    }

    /// A group goes: nobody is in it any more.
    ///
    /// # Errors
    /// The store failed.
    pub fn remove_group(store: &mut dyn Driver, group: i64) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM user_group WHERE group_id = ?1",
                &[Param::Int(group)],
            )
            .map(|_| ())
    }

    /// With sessions, links and tokens.
    ///
    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
        for table in ["user_group", "session", "one_time_link", "api_token"] {
            let sql = format!("DELETE FROM {table} WHERE user_id = ?1");
            store.execute(&sql, &[Param::Int(id)])?;
        }
        store
            .execute("DELETE FROM hub_user WHERE id = ?1", &[Param::Int(id)])
            .map(|_| ())
    }
}

fn set(store: &mut dyn Driver, what: &str, id: i64, value: Param<'_>) -> Result<(), StorageError> {
    let sql = format!("UPDATE hub_user SET {what} WHERE id = ?1");
    store.execute(&sql, &[Param::Int(id), value]).map(|_| ())
}
