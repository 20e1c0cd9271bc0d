//! Why something that was asked for is not done: in words for people, and as a kind for programs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What sort of refusal it is, as far as whoever asked must tell it apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// There is no such thing.
    NotFound,
    /// As things stand it cannot be; nothing is wrong with the request itself.
    Conflict,
    /// It may be seen, but not done by whoever asked.
    Forbidden,
    /// The request itself is wrong.
    #[default]
    Invalid,
    /// Too much waits: later.
    Busy,
    /// The hub stops, or lacks what it takes.
    Unavailable,
    /// The store failed.
    Storage,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub kind: RefusalKind,
    /// For everybody.
    pub text: String,
    /// For whoever sits at a terminal: the verb or the option that helps. May be empty.
    pub hint: String,
}

impl Refused {
    pub fn new(kind: RefusalKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            hint: String::new(),
        }
    }

    pub fn invalid(text: impl Into<String>) -> Self {
        Self::new(RefusalKind::Invalid, text)
    }

    pub fn not_found(text: impl Into<String>) -> Self {
        Self::new(RefusalKind::NotFound, text)
    }

    pub fn conflict(text: impl Into<String>) -> Self {
        Self::new(RefusalKind::Conflict, text)
    }

    pub fn unavailable(text: impl Into<String>) -> Self {
        Self::new(RefusalKind::Unavailable, text)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// As a verb prints it: with the hint.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}
