//! Why something about accounts was not done.

use super::Denied;
use crate::refusal::{RefusalKind, Refused};
use crate::storage::StorageError;

#[derive(Clone, Debug, thiserror::Error)]
pub enum AccountError {
    /// What was given cannot be; `pointer` (RFC 6901) names the member.
    #[error("{text}")]
    Invalid { pointer: &'static str, text: String },
    /// There is none, or it is not for the caller to see.
    #[error("there is no such user, session, token or link")]
    Unknown,
    #[error("{0}")]
    Forbidden(String),
    /// It goes against what there is already.
    #[error("{0}")]
    Conflict(String),
    #[error("name or password is wrong")]
    WrongPassword,
    /// Seconds to stay away.
    #[error("too many wrong passwords; wait {0} seconds")]
    Throttled(u64),
    #[error("too many passwords are being checked at once")]
    Busy,
    #[error("nothing was changed: {0}")]
    Storage(#[from] StorageError),
}

impl AccountError {
    pub(super) fn invalid(pointer: &'static str, text: impl Into<String>) -> Self {
        Self::Invalid {
            pointer,
            text: text.into(),
        }
    }
}

impl From<Denied> for AccountError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unseen => Self::Unknown,
            Denied::Forbidden => Self::Forbidden("Your role does not allow this.".into()),
        }
    }
}

impl From<AccountError> for Refused {
    fn from(error: AccountError) -> Self {
        let kind = match &error {
            AccountError::Invalid { .. } => RefusalKind::Invalid,
            AccountError::Unknown => RefusalKind::NotFound,
            AccountError::Forbidden(_) | AccountError::WrongPassword => RefusalKind::Forbidden,
            AccountError::Conflict(_) => RefusalKind::Conflict,
            AccountError::Throttled(_) | AccountError::Busy => RefusalKind::Busy,
            AccountError::Storage(_) => RefusalKind::Storage,
        };
        Self::new(kind, error.to_string())
    }
}
