//! From what a request carries to the caller that it proves. No wait, no lock for longer than a look.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::secret::digest;
use super::{Accounts, Caller, Inner, Session, Token, User, Via};
use crate::storage::{Sessions, Tokens};

/// How old what the database knows of the last use may become.
const SEEN_MS: i64 = 5 * 60_000;

/// A proven session.
#[derive(Clone, Debug)]
pub struct Proof {
    pub caller: Caller,
    /// When it ends unless it is used again.
    pub expires_ms: i64,
    /// Its last use is to be written down: the browser is to be told the new end as well.
    pub renewed: bool,
}

impl Accounts {
    /// By what a cookie holds.
    pub fn session(&self, secret: &str, from: Option<IpAddr>) -> Option<Proof> {
        let now = self.0.now_ms();
        let (caller, session) = {
            let book = self.read();
            let session = book.sessions.get(&digest(secret))?;
            let user = book.user(session.user).filter(|user| !user.disabled)?;
            if session.seen_ms().saturating_add(self.0.session_ms()) <= now {
                return None;
            }
            (by_session(user, session, from), Arc::clone(session))
        };
        Some(Proof {
            caller,
            expires_ms: now.saturating_add(self.0.session_ms()),
            renewed: self.seen(&session, now),
        })
    }

    /// By an API token.
    pub fn token(&self, secret: &str, from: Option<IpAddr>) -> Option<Caller> {
        let now = self.0.now_ms();
        let (caller, token) = {
            let book = self.read();
            let token = book.tokens.get(&digest(secret))?;
            let user = book.user(token.user).filter(|user| !user.disabled)?;
            if token.expires_ms <= now {
                return None;
            }
            (by_token(user, token, from), Arc::clone(token))
        };
        token.used_ms.store(now, Ordering::Relaxed);
        if is_due(&token.written_ms, now) {
            let id = token.id;
            self.write_soon(move |store| Tokens::set_used(store, id, now));
        }
        Some(caller)
    }

    /// The same caller with the rights that it has by now; `None` once its session or token is over.
    pub fn current(&self, caller: &Caller) -> Option<Caller> {
        let now = self.0.now_ms();
        let book = self.read();
        let user = book.user(caller.user).filter(|user| !user.disabled)?;
        match &caller.via {
            Via::Session(id) => {
                let sessions = book.sessions.values();
                let session = sessions.into_iter().find(|session| session.id == *id)?;
                let over = session.seen_ms().saturating_add(self.0.session_ms()) <= now;
                (!over).then(|| by_session(user, session, caller.from))
            }
            Via::Token(id, _) => {
                let token = book.tokens.values().find(|token| token.id == *id)?;
                (token.expires_ms > now).then(|| by_token(user, token, caller.from))
            }
        }
    }

    /// When a session ends unless it is used again.
    pub fn session_ends(&self, session: &Session) -> i64 {
        session.seen_ms().saturating_add(self.0.session_ms())
    }

    /// A session is in use without requests: a live socket says so now and then.
    pub fn still_here(&self, caller: &Caller) {
        if let Via::Session(id) = caller.via {
            let session = {
                let book = self.read();
                let found = book.sessions.values().find(|session| session.id == id);
                found.cloned()
            };
            if let Some(session) = session {
                self.seen(&session, self.0.now_ms());
            }
        }
    }

    /// True when that is written down as well.
    fn seen(&self, session: &Session, now: i64) -> bool {
        session.seen_ms.store(now, Ordering::Relaxed);
        let due = is_due(&session.written_ms, now);
        if due {
            let id = session.id;
            self.write_soon(move |store| Sessions::set_seen(store, id, now));
        }
        due
    }

    /// Nobody waits for it, and nothing is lost but a time.
    fn write_soon(
        &self,
        work: impl FnOnce(&mut dyn crate::storage::Driver) -> Result<(), crate::storage::StorageError>
        + Send
        + 'static,
    ) {
        let inner: &Inner = &self.0;
        let recorder = inner.parts.recorder.clone();
        tokio::spawn(async move {
            if let Ok(Err(error)) = recorder.call(work).await {
                log::warn!("the last use of a session was not written down error={error}");
            }
        });
    }
}

/// Whether it is time to write; says so once.
fn is_due(written_ms: &std::sync::atomic::AtomicI64, now: i64) -> bool {
    let written = written_ms.load(Ordering::Relaxed);
    // Also when the clock was set back.
    now.abs_diff(written) >= SEEN_MS.unsigned_abs()
        && written_ms
            .compare_exchange(written, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
}

fn by_session(user: &User, session: &Session, from: Option<IpAddr>) -> Caller {
    Caller {
        user: user.id,
        name: Arc::clone(&user.name),
        role: user.role,
        groups: user.groups_seen(),
        via: Via::Session(session.id),
        from,
    }
}

/// A token's groups are those of its owner, or fewer.
fn by_token(user: &User, token: &Token, from: Option<IpAddr>) -> Caller {
    let groups = match (user.groups_seen(), &token.groups) {
        (seen, None) => seen,
        (None, Some(named)) => Some(Arc::new(named.clone())),
        (Some(seen), Some(named)) => Some(Arc::new(seen.intersection(named).copied().collect())),
    };
    Caller {
        user: user.id,
        name: Arc::clone(&user.name),
        role: user.role,
        groups,
        via: Via::Token(token.id, token.scope),
        from,
    }
}
