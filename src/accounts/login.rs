//! The ways in: name and password, a one-time link; and the change of a password.

use std::net::IpAddr;
use std::sync::Arc;

use super::secret::digest;
use super::sessions::Opening;
use super::user::key_of;
use super::{
    AccountChange, AccountError, Accounts, Caller, Purpose, Secret, User, Via, check_password,
};
use crate::storage::{Links, Sessions, Users, transaction};

/// Bytes that are kept of what a browser calls itself.
const AGENT_BYTES: usize = 200;

/// The browser that wants in.
#[derive(Clone, Debug, Default)]
pub struct Entering {
    pub from: Option<IpAddr>,
    pub agent: String,
    /// What its cookie held before: never used again, so that nobody can plant a session.
    pub before: Option<String>,
}

/// In.
#[derive(Clone, Debug)]
pub struct Entered {
    /// For the cookie.
    pub secret: Secret,
    pub caller: Caller,
    pub expires_ms: i64,
}

impl Accounts {
    /// # Errors
    /// `WrongPassword` for whatever is wrong, `Throttled`, `Busy`, or the store failed.
    pub async fn log_in(
        &self,
        name: &str,
        password: String,
        entering: Entering,
    ) -> Result<Entered, AccountError> {
        let now = self.0.parts.clock.now();
        // All that can be no name shares a bucket.
        let key = key_of(name).unwrap_or_default();
        let taken = self.0.guesses().take(key, entering.from, now);
        let guess = taken.map_err(AccountError::Throttled)?;
        let user = self
            .read()
            .named(name)
            .filter(|user| !user.disabled)
            .cloned();
        let phc = user.as_ref().map_or("", |user| &user.password);
        let verified = self.0.hashing.verify(password, phc).await;
        if !matches!(verified, Ok(false)) {
            self.0.guesses().forgive(guess);
        }
        let from = entering.from;
        match user {
            Some(user) if verified? => {
                let expected = Arc::clone(&user.password);
                self.enter(entering, "user.login", false, move |inner, _| {
                    let now = inner.working(user.id)?;
                    // It was changed while it was looked at.
                    if now.password == expected {
                        Ok((now, None))
                    } else {
                        Err(AccountError::WrongPassword)
                    }
                })
                .await
            }
            user => {
                if self.notes_failure() {
                    self.note_user(user.as_deref(), from, "user.login_failed")
                        .await;
                }
                Err(AccountError::WrongPassword)
            }
        }
    }

    /// Sets the password of the link's user, and logs it in; its other sessions end.
    ///
    /// # Errors
    /// `Unknown` for a link that does not work (any more), `Invalid` for the password, `Busy`, or the store failed.
    pub async fn set_up(
        &self,
        link: &str,
        password: String,
        entering: Entering,
    ) -> Result<Entered, AccountError> {
        // Only whoever has a link costs the work of hashing.
        let info = self.link_info(link).await?;
        if info.purpose != Purpose::Password {
            return Err(AccountError::Unknown);
        }
        check_password(&password, &info.name)?;
        let phc = self.0.hashing.hash(password, &self.0.parts.entropy).await?;
        let link = digest(link);
        self.enter(entering, "user.setup", true, move |inner, store| {
            let user = inner.usable(store, &link, Purpose::Password)?;
            Ok((user, Some(phc)))
        })
        .await
    }

    /// Logs the link's user in.
    ///
    /// # Errors
    /// `Unknown` for a link that does not work (any more), or the store failed.
    pub async fn enter_by(&self, link: &str, entering: Entering) -> Result<Entered, AccountError> {
        let link = digest(link);
        self.enter(entering, "user.enter", false, move |inner, store| {
            let user = inner.usable(store, &link, Purpose::Enter)?;
            // Used up with the commit that logs in.
            Ok((user, None))
        })
        .await
    }

    /// Whose session begins, and with which new password, is judged by `who` on the recorder's thread. The user's links
    /// are used up: it is in.
    async fn enter(
        &self,
        entering: Entering,
        action: &'static str,
        alone: bool,
        who: impl FnOnce(
            &super::Inner,
            &mut dyn crate::storage::Driver,
        ) -> Result<(Arc<User>, Option<String>), AccountError>
        + Send
        + 'static,
    ) -> Result<Entered, AccountError> {
        let secret = Secret::new(&self.0.parts.entropy);
        let stored = secret.digest();
        let from = entering.from;
        let (user, session) = self
            .change(move |inner, store| {
                let (user, phc) = who(inner, store)?;
                let id = user.id;
                let opening = Opening {
                    user: id,
                    secret: stored,
                    from: entering
                        .from
                        .map(|from| from.to_string())
                        .unwrap_or_default(),
                    agent: shortened(entering.agent),
                    replaces: entering.before.as_deref().map(digest),
                    alone,
                };
                let set = phc.clone();
                let session = inner.open(
                    store,
                    opening,
                    |store| {
                        Links::remove_of(store, id)?;
                        match set {
                            Some(phc) => Users::set_password(store, id, &phc),
                            None => Ok(()),
                        }
                    },
                    |user| {
                        if let Some(phc) = phc {
                            user.password = phc.into();
                        }
                    },
                )?;
                Ok((user, session))
            })
            .await?;
        self.note_user(Some(&user), from, action).await;
        Ok(Entered {
            secret,
            caller: Caller {
                user: user.id,
                name: Arc::clone(&user.name),
                role: user.role,
                groups: user.groups_seen(),
                via: Via::Session(session),
                from,
            },
            expires_ms: self.0.now_ms().saturating_add(self.0.session_ms()),
        })
    }

    /// Another password for whoever knows the old one. The user's other sessions end; this one goes on with the secret
    /// that is answered.
    ///
    /// # Errors
    /// `WrongPassword`, `Invalid`, `Throttled`, `Busy`, `Unknown` when the session is over, or the store failed.
    pub async fn change_password(
        &self,
        caller: &Caller,
        old: String,
        new: String,
    ) -> Result<Secret, AccountError> {
        let Via::Session(session) = caller.via else {
            return Err(AccountError::Forbidden(
                "A token cannot change passwords.".into(),
            ));
        };
        let user = self.0.working(caller.user)?;
        let key = key_of(&user.name).unwrap_or_default();
        let now = self.0.parts.clock.now();
        let taken = self.0.guesses().take(key, caller.from, now);
        let guess = taken.map_err(AccountError::Throttled)?;
        let verified = self.0.hashing.verify(old, &user.password).await;
        if !matches!(verified, Ok(false)) {
            self.0.guesses().forgive(guess);
        }
        if !verified? {
            return Err(AccountError::WrongPassword);
        }
        check_password(&new, &user.name)?;
        let phc = self.0.hashing.hash(new, &self.0.parts.entropy).await?;
        let secret = Secret::new(&self.0.parts.entropy);
        let stored = secret.digest();
        self.change(move |inner, store| {
            let mut others = inner.read().sessions_of(user.id);
            let own = others.iter().position(|one| one.id == session);
            let own = others.remove(own.ok_or(AccountError::Unknown)?);
            let ids: Vec<_> = others.iter().map(|session| session.id).collect();
            transaction(store, |store| {
                Users::set_password(store, user.id, &phc)?;
                Links::remove_of(store, user.id)?;
                Sessions::remove(store, &ids)?;
                Sessions::set_secret(store, session, &stored)
            })?;
            {
                let mut book = inner.write();
                book.sessions.retain(|_, one| one.user != user.id);
                book.sessions.insert(stored, own);
                book.change(user.id, |user| user.password = phc.into());
            }
            inner.tell_ended(&others, AccountChange::LoggedOut);
            Ok(())
        })
        .await?;
        let user = self.read().user(caller.user).cloned();
        self.note_user(user.as_deref(), caller.from, "user.password")
            .await;
        Ok(secret)
    }
}

fn shortened(mut agent: String) -> String {
    agent.retain(|symbol| !symbol.is_control());
    let mut end = agent.len().min(AGENT_BYTES);
    while !agent.is_char_boundary(end) {
        end -= 1;
    }
    agent.truncate(end);
    agent
}
