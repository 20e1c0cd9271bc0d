//! What changed about accounts, for whoever holds a caller for longer than a request: the live sockets.

use super::{Caller, Via};

/// One change. It concerns one session or token, or all that the user has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    pub user: i64,
    pub of: Of,
    pub what: AccountChange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    All,
    Session(i64),
    Token(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// Ended by its user: logout, another password, one of the sessions or tokens taken back.
    LoggedOut,
    Expired,
    /// The user was disabled or removed.
    Disabled,
    /// Role or groups are others: [`super::Accounts::current`] says which.
    RightsChanged,
}

impl AccountEvent {
    pub fn concerns(&self, caller: &Caller) -> bool {
        self.user == caller.user
            && match (self.of, &caller.via) {
                (Of::All, _) => true,
                (Of::Session(id), Via::Session(own)) => id == *own,
                (Of::Token(id), Via::Token(own, _)) => id == *own,
                _ => false,
            }
    }
}
