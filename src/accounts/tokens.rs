//! API tokens: a user's programs. A token never has more than its owner, and manages neither users nor tokens.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{AccountChange, AccountError, Accounts, Caller, DAY_MS, Of, Scope, Secret, Token};
use crate::registry::{GroupId, valid_name};
use crate::storage::{TokenRow, Tokens, transaction};

/// Tokens that a user has at most.
const MOST: usize = 50;

/// How long a token works at most.
const LONGEST_DAYS: i64 = 366;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub scope: Scope,
    /// `None`: all that its owner has, those to come included.
    pub groups: Option<BTreeSet<GroupId>>,
    pub expires_ms: i64,
}

impl Accounts {
    /// Of the caller; the secret is known now and never again.
    ///
    /// # Errors
    /// `Invalid`, `Forbidden` for a scope above the caller's role, `Unknown` for groups that are not the caller's,
    /// `Conflict` when there are too many or one of that name, or the store failed.
    pub async fn add_token(
        &self,
        caller: &Caller,
        new: NewToken,
    ) -> Result<(Arc<Token>, Secret), AccountError> {
        self.check_token(caller, &new)?;
        let secret = Secret::new(&self.0.parts.entropy);
        let (stored, user) = (secret.digest(), caller.user);
        let groups = match &new.groups {
            None => "*".to_owned(),
            Some(groups) => {
                let ids: Vec<_> = groups.iter().map(|group| group.0.to_string()).collect();
                ids.join(",")
            }
        };
        let token = self
            .change(move |inner, store| {
                inner.working(user)?;
                let own = inner.read().tokens_of(user);
                if own.iter().any(|token| token.name == new.name) {
                    return Err(AccountError::Conflict(format!(
                        "You have a token {} already.",
                        new.name
                    )));
                }
                if own.len() >= MOST {
                    return Err(AccountError::Conflict(format!(
                        "You have {MOST} tokens, as many as a user can have; remove one first."
                    )));
                }
                let mut row = TokenRow {
                    id: 0,
                    user,
                    name: new.name,
                    secret: stored.to_vec(),
                    scope: new.scope.name().to_owned(),
                    groups,
                    created_ms: inner.now_ms(),
                    expires_ms: new.expires_ms,
                    used_ms: None,
                };
                row.id = transaction(store, |store| Tokens::insert(store, &row))?;
                let token = Arc::new(Token::try_from(row)?);
                inner.write().tokens.insert(stored, Arc::clone(&token));
                Ok(token)
            })
            .await?;
        Ok((token, secret))
    }

    fn check_token(&self, caller: &Caller, new: &NewToken) -> Result<(), AccountError> {
        if new.name.is_empty() || !valid_name(&new.name) {
            return Err(AccountError::invalid(
                "/name",
                "A token's name is 1 to 128 bytes of text without control characters.",
            ));
        }
        let ahead = new.expires_ms.saturating_sub(self.0.now_ms());
        if !(1..=LONGEST_DAYS * DAY_MS).contains(&ahead) {
            return Err(AccountError::invalid(
                "/expires_ms",
                format!("A token ends some time within the next {LONGEST_DAYS} days."),
            ));
        }
        if new.groups.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(AccountError::invalid(
                "/groups",
                "A token is of one group at least, or of all (null).",
            ));
        }
        let wanted = new.groups.iter().flatten();
        if wanted.into_iter().any(|group| !caller.sees(*group)) {
            return Err(AccountError::Unknown);
        }
        if new.scope.allows() > caller.role.allows() {
            return Err(AccountError::Forbidden(
                "A token cannot have more than its owner.".into(),
            ));
        }
        Ok(())
    }

    /// One of a user's tokens: it works no more. Answers its name.
    ///
    /// # Errors
    /// `Unknown`: it is not the user's.
    pub async fn remove_token(&self, user: i64, id: i64) -> Result<String, AccountError> {
        self.change(move |inner, store| {
            let own = inner.read().tokens_of(user);
            let token = own.into_iter().find(|token| token.id == id);
            let token = token.ok_or(AccountError::Unknown)?;
            transaction(store, |store| Tokens::remove(store, &[id]))?;
            inner.write().tokens.retain(|_, one| one.id != id);
            inner.tell(user, Of::Token(id), AccountChange::LoggedOut);
            Ok(token.name.clone())
        })
        .await
    }
}
