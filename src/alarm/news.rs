//! What changed about an alarm, for its history, subscribers, viewers and notifications.

use serde::{Deserialize, Serialize};

use super::Alarm;

/// One change, with the alarm as it is after it.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    pub alarm: Alarm,
    pub what: What,
    /// The hub's time, Unix ms.
    pub at_ms: i64,
    /// hub, device, or who did it.
    pub by: String,
    pub note: String,
}

/// One line of an alarm's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AlarmEvent {
    /// The hub's time, Unix ms.
    pub at_ms: i64,
    pub what: What,
    pub by: String,
    pub value: String,
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AlarmChange)]
pub enum What {
    Raised,
    Cleared,
    Acknowledged,
    Shelved,
    Unshelved,
    /// From now on it is held, and its raises only counted.
    Chattering,
}

impl What {
    pub const ALL: [Self; 6] = [
        Self::Raised,
        Self::Cleared,
        Self::Acknowledged,
        Self::Shelved,
        Self::Unshelved,
        Self::Chattering,
    ];

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Cleared => "cleared",
            Self::Acknowledged => "acknowledged",
            Self::Shelved => "shelved",
            Self::Unshelved => "unshelved",
            Self::Chattering => "chattering",
        }
    }

    /// Whether people are notified of it, unless the alarm is shelved.
    pub fn is_notified(self) -> bool {
        matches!(self, Self::Raised | Self::Cleared | Self::Chattering)
    }
}
