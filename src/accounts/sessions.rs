//! Sessions begin and end.

use std::sync::Arc;

use super::secret::Digest;
use super::{AccountChange, AccountError, Accounts, Caller, Inner, Of, Session, User, Via};
use crate::storage::{Driver, SessionRow, Sessions, StorageError, Users, transaction};

/// Sessions that a user has at most: one more ends the oldest.
const MOST: usize = 20;

/// A session to begin, on the recorder's thread.
pub(super) struct Opening {
    pub(super) user: i64,
    pub(super) secret: Digest,
    pub(super) from: String,
    pub(super) agent: String,
    /// What the browser had before: over, whoever's it was.
    pub(super) replaces: Option<Digest>,
    /// All others of the user end.
    pub(super) alone: bool,
}

impl Inner {
    /// `with` is stored together with the session; `change` is then done to the user in memory.
    pub(super) fn open(
        &self,
        store: &mut dyn Driver,
        opening: Opening,
        with: impl FnOnce(&mut dyn Driver) -> Result<(), StorageError>,
        change: impl FnOnce(&mut User),
    ) -> Result<i64, AccountError> {
        let (user, now) = (opening.user, self.now_ms());
        let ended = self.ended_by(&opening);
        let ids: Vec<_> = ended.iter().map(|session| session.id).collect();
        let mut row = SessionRow {
            id: 0,
            user,
            secret: opening.secret.to_vec(),
            created_ms: now,
            seen_ms: now,
            source: opening.from,
            agent: opening.agent,
        };
        row.id = transaction(store, |store| {
            with(store)?;
            Sessions::remove(store, &ids)?;
            Users::set_last_login(store, user, now)?;
            Sessions::insert(store, &row)
        })?;
        let id = row.id;
        {
            let mut book = self.write();
            book.sessions.retain(|_, one| !ids.contains(&one.id));
            book.sessions
                .insert(opening.secret, Arc::new(Session::from(row)));
            book.change(user, |user| {
                user.last_login_ms = Some(now);
                change(user);
            });
        }
        self.tell_ended(&ended, AccountChange::LoggedOut);
        Ok(id)
    }

    fn ended_by(&self, opening: &Opening) -> Vec<Arc<Session>> {
        let book = self.read();
        let mut own = book.sessions_of(opening.user);
        let keep = if opening.alone { 0 } else { MOST - 1 };
        own.truncate(own.len().saturating_sub(keep));
        let before = opening
            .replaces
            .and_then(|secret| book.sessions.get(&secret));
        if let Some(before) = before.filter(|before| own.iter().all(|one| one.id != before.id)) {
            own.push(Arc::clone(before));
        }
        own
    }

    pub(super) fn tell_ended(&self, ended: &[Arc<Session>], what: AccountChange) {
        for session in ended {
            self.tell(session.user, Of::Session(session.id), what);
        }
    }

    fn end(
        &self,
        store: &mut dyn Driver,
        ended: &[Arc<Session>],
        what: AccountChange,
    ) -> Result<(), AccountError> {
        let ids: Vec<_> = ended.iter().map(|session| session.id).collect();
        transaction(store, |store| Sessions::remove(store, &ids))?;
        self.write()
            .sessions
            .retain(|_, one| !ids.contains(&one.id));
        self.tell_ended(ended, what);
        Ok(())
    }
}

impl Accounts {
    /// Logout.
    ///
    /// # Errors
    /// The store failed; the session goes on.
    pub async fn log_out(&self, caller: &Caller) -> Result<(), AccountError> {
        let Via::Session(id) = caller.via else {
            return Ok(());
        };
        self.end_session(caller.user, id).await?;
        let user = self.read().user(caller.user).cloned();
        self.note_user(user.as_deref(), caller.from, "user.logout")
            .await;
        Ok(())
    }

    /// One of a user's sessions.
    ///
    /// # Errors
    /// `Unknown`: it is not the user's.
    pub async fn end_session(&self, user: i64, id: i64) -> Result<(), AccountError> {
        self.change(move |inner, store| {
            let mut own = inner.read().sessions_of(user);
            own.retain(|session| session.id == id);
            if own.is_empty() {
                return Err(AccountError::Unknown);
            }
            inner.end(store, &own, AccountChange::LoggedOut)
        })
        .await
    }

    /// Sessions that were not used for too long, and tokens past their end, are over: call it now and then.
    ///
    /// # Errors
    /// The store failed; they are over all the same.
    pub async fn expire(&self) -> Result<(), AccountError> {
        let now = self.0.now_ms();
        let due = {
            let book = self.read();
            let sessions = book.sessions.values();
            let old = |session: &&Arc<Session>| {
                session.seen_ms().saturating_add(self.0.session_ms()) <= now
            };
            let sessions: Vec<_> = sessions.filter(old).cloned().collect();
            let tokens = book.tokens.values().filter(|token| token.expires_ms <= now);
            (sessions, tokens.cloned().collect::<Vec<_>>())
        };
        let (sessions, tokens) = due;
        for token in &tokens {
            // It stays in the list, so that its owner sees why a program does not work any more.
            let told = now.saturating_sub(token.expires_ms) < super::DAY_MS;
            if told {
                self.0
                    .tell(token.user, Of::Token(token.id), AccountChange::Expired);
            }
        }
        if sessions.is_empty() {
            return Ok(());
        }
        self.change(move |inner, store| inner.end(store, &sessions, AccountChange::Expired))
            .await
    }
}
