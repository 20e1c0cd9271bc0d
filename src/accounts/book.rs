//! Users, sessions and tokens in memory, as the database has them. Changed on the recorder's thread only, after the commit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::secret::Digest;
use super::user::key_of;
use super::{Role, Scope, User};
use crate::registry::GroupId;
use crate::storage::{Driver, SessionRow, Sessions, StorageError, TokenRow, Tokens, Users};

/// A browser that is logged in.
#[derive(Debug)]
pub struct Session {
    pub id: i64,
    pub user: i64,
    pub created_ms: i64,
    pub(super) seen_ms: AtomicI64,
    /// What the database knows of that.
    pub(super) written_ms: AtomicI64,
    pub from: String,
    pub agent: String,
}

impl Session {
    pub fn seen_ms(&self) -> i64 {
        self.seen_ms.load(Ordering::Relaxed)
    }
}

/// A program that acts for a user.
#[derive(Debug)]
pub struct Token {
    pub id: i64,
    pub user: i64,
    pub name: String,
    pub scope: Scope,
    /// `None`: all that its owner has.
    pub groups: Option<BTreeSet<GroupId>>,
    pub created_ms: i64,
    pub expires_ms: i64,
    /// 0: never.
    pub(super) used_ms: AtomicI64,
    pub(super) written_ms: AtomicI64,
}

impl Token {
    pub fn used_ms(&self) -> Option<i64> {
        Some(self.used_ms.load(Ordering::Relaxed)).filter(|ms| *ms > 0)
    }
}

#[derive(Default)]
pub struct Book {
    users: BTreeMap<i64, Arc<User>>,
    by_name: HashMap<String, i64>,
    pub(super) sessions: HashMap<Digest, Arc<Session>>,
    pub(super) tokens: HashMap<Digest, Arc<Token>>,
}

impl Book {
    /// # Errors
    /// The store failed, or holds a row that this version does not understand.
    pub fn load(store: &mut dyn Driver) -> Result<Self, StorageError> {
        let mut book = Self::default();
        for row in Users::all(store)? {
            book.put(User::try_from(row)?);
        }
        for row in Sessions::all(store)? {
            let digest = digest_of(&row.secret)?;
            book.sessions.insert(digest, Arc::new(Session::from(row)));
        }
        for row in Tokens::all(store)? {
            let digest = digest_of(&row.secret)?;
            book.tokens.insert(digest, Arc::new(Token::try_from(row)?));
        }
        Ok(book)
    }

    pub fn user(&self, id: i64) -> Option<&Arc<User>> {
        self.users.get(&id)
    }

    /// Whatever the case of its letters.
    pub fn named(&self, name: &str) -> Option<&Arc<User>> {
        self.by_name
            .get(&key_of(name)?)
            .and_then(|id| self.users.get(id))
    }

    /// In the order in which they were made.
    pub fn users(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.values()
    }

    /// Those that could log in and do everything.
    pub fn working_administrators(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users()
            .filter(|user| user.role == Role::Administrator && !user.disabled)
    }

    pub(super) fn put(&mut self, user: User) {
        // A name that is stored was checked.
        if let Some(key) = key_of(&user.name) {
            self.by_name.insert(key, user.id);
        }
        self.users.insert(user.id, Arc::new(user));
    }

    pub(super) fn change(&mut self, id: i64, change: impl FnOnce(&mut User)) {
        if let Some(user) = self.users.get_mut(&id) {
            change(Arc::make_mut(user));
        }
    }

    pub(super) fn remove(&mut self, id: i64) {
        if let Some(user) = self.users.remove(&id)
            && let Some(key) = key_of(&user.name)
        {
            self.by_name.remove(&key);
        }
        self.sessions.retain(|_, session| session.user != id);
        self.tokens.retain(|_, token| token.user != id);
    }

    /// Of a user, the oldest first.
    pub fn sessions_of(&self, user: i64) -> Vec<Arc<Session>> {
        let own = self.sessions.values().filter(|one| one.user == user);
        let mut found: Vec<_> = own.cloned().collect();
        found.sort_unstable_by_key(|session| session.id);
        found
    }

    /// Of a user, the oldest first.
    pub fn tokens_of(&self, user: i64) -> Vec<Arc<Token>> {
        let own = self.tokens.values().filter(|one| one.user == user);
        let mut found: Vec<_> = own.cloned().collect();
        found.sort_unstable_by_key(|token| token.id);
        found
    }
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id,
            user: row.user,
            created_ms: row.created_ms,
            seen_ms: AtomicI64::new(row.seen_ms),
            written_ms: AtomicI64::new(row.seen_ms),
            from: row.source,
            agent: row.agent,
        }
    }
}

impl TryFrom<TokenRow> for Token {
    type Error = StorageError;

    fn try_from(row: TokenRow) -> Result<Self, StorageError> {
        let strange = || StorageError::Failed(format!("token {} cannot be read", row.id));
        let groups = match row.groups.as_str() {
            "*" => None,
            list => {
                let ids = list.split(',').filter(|id| !id.is_empty());
                let ids = ids.map(|id| id.parse().map(GroupId));
                Some(ids.collect::<Result<_, _>>().map_err(|_| strange())?)
            }
        };
        let used = row.used_ms.unwrap_or(0);
        Ok(Self {
            scope: Scope::from_name(&row.scope).ok_or_else(strange)?,
            id: row.id,
            user: row.user,
            name: row.name,
            groups,
            created_ms: row.created_ms,
            expires_ms: row.expires_ms,
            used_ms: AtomicI64::new(used),
            written_ms: AtomicI64::new(used),
        })
    }
}

fn digest_of(bytes: &[u8]) -> Result<Digest, StorageError> {
    bytes
        .try_into()
        .map_err(|_| StorageError::Failed("a stored secret cannot be read".into()))
}
