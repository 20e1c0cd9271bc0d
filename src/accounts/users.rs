//! Users are made, changed and removed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::manage::{may_change, may_give};
use super::user::check_name;
use super::{AccountChange, AccountError, Accounts, Caller, Inner, Of, Role, User};
use crate::registry::GroupId;
use crate::storage::{Driver, Links, Sessions, StorageError, Users, transaction};

/// Users at most: all are in memory.
const MOST: usize = 10_000;

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: String,
    pub role: Role,
    pub groups: BTreeSet<GroupId>,
}

/// What is to be others about a user; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    pub role: Option<Role>,
    pub groups: Option<BTreeSet<GroupId>>,
    pub disabled: Option<bool>,
}

impl Accounts {
    /// `by`: `None` may everything.
    ///
    /// # Errors
    /// `Invalid`, `Forbidden`, `Conflict` when there is one of that name, or the store failed.
    pub async fn add_user(
        &self,
        by: Option<Caller>,
        new: NewUser,
    ) -> Result<Arc<User>, AccountError> {
        let key = check_name(&new.name)?;
        self.change(move |inner, store| {
            may_give(by.as_ref(), new.role, &new.groups)?;
            if inner.read().named(&new.name).is_some() {
                return Err(AccountError::Conflict(format!(
                    "There is a user {} already.",
                    new.name
                )));
            }
            if inner.read().users().count() >= MOST {
                return Err(AccountError::Conflict(format!(
                    "There are {MOST} users, as many as the hub can have."
                )));
            }
            let (now, role) = (inner.now_ms(), new.role);
            let groups = groups_of(role, new.groups);
            let id = transaction(store, |store| {
                let id = Users::insert(store, &new.name, &key, role.name(), now)?;
                set_groups(store, id, &groups).map(|()| id)
            })?;
            inner.write().put(User {
                id,
                name: new.name.into(),
                role,
                password: "".into(),
                disabled: false,
                language: String::new(),
                created_ms: now,
                last_login_ms: None,
                groups: Arc::new(groups),
            });
            inner.working(id)
        })
        .await
    }

    /// # Errors
    /// `Unknown`, `Forbidden`, `Invalid`, `Conflict` for the last administrator, or the store failed.
    pub async fn change_user(
        &self,
        by: Option<Caller>,
        id: i64,
        change: UserChange,
    ) -> Result<Arc<User>, AccountError> {
        self.change(move |inner, store| {
            let before = inner.changeable(by.as_ref(), id)?;
            let role = change.role.unwrap_or(before.role);
            let groups = change.groups.unwrap_or_else(|| (*before.groups).clone());
            let disabled = change.disabled.unwrap_or(before.disabled);
            let rights = role != before.role || groups != *before.groups;
            if rights {
                may_give(by.as_ref(), role, &groups)?;
            }
            if disabled || role != Role::Administrator {
                inner.spare(&before)?;
            }
            let groups = groups_of(role, groups);
            let ended = if disabled {
                inner.read().sessions_of(id)
            } else {
                Vec::new()
            };
            let ids: Vec<_> = ended.iter().map(|session| session.id).collect();
            transaction(store, |store| {
                Users::set_role(store, id, role.name())?;
                set_groups(store, id, &groups)?;
                Users::set_disabled(store, id, disabled)?;
                Sessions::remove(store, &ids)?;
                if disabled {
                    Links::remove_of(store, id)?;
                }
                Ok(())
            })?;
            {
                let mut book = inner.write();
                book.sessions.retain(|_, one| !ids.contains(&one.id));
                book.change(id, |user| {
                    user.role = role;
                    user.groups = Arc::new(groups);
                    user.disabled = disabled;
                });
            }
            if disabled && !before.disabled {
                inner.tell(id, Of::All, AccountChange::Disabled);
            } else if rights {
                inner.tell(id, Of::All, AccountChange::RightsChanged);
            }
            let user = inner.read().user(id).cloned();
            user.ok_or(AccountError::Unknown)
        })
        .await
    }

    /// With sessions, links and tokens.
    ///
    /// # Errors
    /// `Unknown`, `Forbidden`, `Conflict` for the last administrator, or the store failed.
    pub async fn remove_user(
        &self,
        by: Option<Caller>,
        id: i64,
    ) -> Result<Arc<User>, AccountError> {
        self.change(move |inner, store| {
            let user = inner.changeable(by.as_ref(), id)?;
            inner.spare(&user)?;
            transaction(store, |store| Users::remove(store, id))?;
            inner.write().remove(id);
            inner.tell(id, Of::All, AccountChange::Disabled);
            Ok(user)
        })
        .await
    }

    /// A new link to set the password of a user that `by` may change.
    ///
    /// # Errors
    /// `Unknown`, `Forbidden`, `Conflict` for a disabled user, or the store failed.
    pub async fn reset(&self, by: Option<Caller>, id: i64) -> Result<super::Link, AccountError> {
        self.0.changeable(by.as_ref(), id)?;
        self.link(id, super::Purpose::Password).await
    }

    /// # Errors
    /// `Invalid`, `Unknown`, or the store failed.
    pub async fn set_language(&self, id: i64, language: String) -> Result<(), AccountError> {
        if !matches!(language.as_str(), "" | "en" | "es") {
            return Err(AccountError::invalid(
                "/language",
                "The language is en, es, or empty for the browser's own.",
            ));
        }
        self.change(move |inner, store| {
            inner.working(id)?;
            transaction(store, |store| Users::set_language(store, id, &language))?;
            inner.write().change(id, |user| user.language = language);
            Ok(())
        })
        .await
    }

    /// A group is gone, from the database already: nobody is in it any more.
    ///
    /// # Errors
    /// The recorder has stopped.
    pub async fn group_removed(&self, group: GroupId) -> Result<(), AccountError> {
        self.change(move |inner, _| {
            let mut book = inner.write();
            let users = book.users().filter(|user| user.groups.contains(&group));
            let users: Vec<_> = users.map(|user| user.id).collect();
            for id in &users {
                book.change(*id, |user| {
                    Arc::make_mut(&mut user.groups).remove(&group);
                });
            }
            drop(book);
            for id in users {
                inner.tell(id, Of::All, AccountChange::RightsChanged);
            }
            Ok(())
        })
        .await
    }
}

impl Inner {
    fn changeable(&self, by: Option<&Caller>, id: i64) -> Result<Arc<User>, AccountError> {
        let user = self.read().user(id).cloned();
        let user = user.ok_or(AccountError::Unknown)?;
        may_change(by, &user)?;
        Ok(user)
    }

    /// The last administrator that can log in has to stay: nobody could let another in.
    fn spare(&self, user: &User) -> Result<(), AccountError> {
        let counts = user.role == Role::Administrator && !user.disabled;
        if counts && self.read().working_administrators().count() == 1 {
            return Err(AccountError::Conflict(format!(
                "{} is the last administrator; make another one first.",
                user.name
            )));
        }
        Ok(())
    }
}

/// An administrator has all groups, and none by name.
fn groups_of(role: Role, groups: BTreeSet<GroupId>) -> BTreeSet<GroupId> {
    if role == Role::Administrator {
        BTreeSet::new()
    } else {
        groups
    }
}

fn set_groups(
    store: &mut dyn Driver,
    id: i64,
    groups: &BTreeSet<GroupId>,
) -> Result<(), StorageError> {
    let ids: Vec<_> = groups.iter().map(|group| group.0).collect();
    Users::set_groups(store, id, &ids)
}
