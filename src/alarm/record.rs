//! One alarm, from raise to clear.

use serde::{Deserialize, Serialize};

use super::Severity;
use crate::registry::GroupId;
use crate::wire::Address;

/// An alarm as it is stored. There is one open one (not cleared) for a rule and a device at most; for what a device
/// raises without a rule of the hub, one for the device and the name.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    pub id: i64,
    pub group: GroupId,
    /// The device in question.
    pub address: Address,
    /// `None`: the device's own, of which no rule of the hub speaks.
    pub rule: Option<i64>,
    /// As ALARM has it: the rule's name.
    pub name: String,
    /// Empty for rules on the device itself.
    pub sensor: String,
    pub severity: Severity,
    /// When it was raised, Unix ms: the time of what raised it.
    pub raised_ms: i64,
    /// The value then, as text.
    pub raised_value: String,
    /// The newest that was heard of it.
    pub last_ms: i64,
    pub last_value: String,
    pub cleared_ms: Option<i64>,
    /// Empty: back to normal. Otherwise why it ended: RULE_DISABLED, RULE_REMOVED, RULE_CHANGED, OUT_OF_SCOPE, BY_OPERATOR.
    pub clear_reason: String,
    /// The hub found it.
    pub by_hub: bool,
    /// The device reported it.
    pub by_device: bool,
    pub acked_ms: Option<i64>,
    pub acked_by: String,
    pub note: String,
    /// Nobody is notified until then, Unix ms.
    pub shelved_until_ms: Option<i64>,
    /// It came and went so often that it is held, and counted in `times`.
    pub chattering: bool,
    /// How often it was raised.
    pub times: i64,
}

/// What an alarm list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlarmState {
    Raised,
    /// Raised, and somebody has seen it.
    Acknowledged,
    Cleared,
}

impl AlarmState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Acknowledged => "acknowledged",
            Self::Cleared => "cleared",
        }
    }
}

impl Alarm {
    pub fn is_open(&self) -> bool {
        self.cleared_ms.is_none()
    }

    pub fn is_shelved(&self, now_ms: i64) -> bool {
        self.shelved_until_ms.is_some_and(|until| now_ms < until)
    }

    pub fn state(&self) -> AlarmState {
        match (self.cleared_ms, self.acked_ms) {
            (Some(_), _) => AlarmState::Cleared,
            (None, Some(_)) => AlarmState::Acknowledged,
            (None, None) => AlarmState::Raised,
        }
    }
}
