//! Requests about notification channels and their answers, as JSON on the control socket.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::alarm::Severity;

/// What may be asked about channels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum NotifyRequest {
    Add(AddChannel),
    List {
        group: Option<String>,
    },
    /// Sends a message that says that it is a test, now.
    Test {
        group: String,
        name: String,
    },
    Remove {
        group: String,
        name: String,
    },
}

#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"group": "greenhouse", "name": "duty", "to": {"kind": "webhook", "url": "https://example.org/hook"}, "severity": "major"}))]
pub struct AddChannel {
    pub group: String,
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    pub to: ChannelTo,
    /// The least that is told.
    #[serde(default)]
    pub severity: Severity,
}

#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChannelTo {
    Webhook {
        url: String,
        /// `None`: generated.
        secret: Option<String>,
    },
    Email {
        /// With commas between.
        addresses: String,
    },
}

// Secrets never get into a log, whatever is printed of a request.
impl fmt::Debug for AddChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddChannel({}/{})", self.group, self.name)
    }
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what", content = "is", rename_all = "snake_case")]
pub enum NotifyResponse {
    Added(AddedChannel),
    Channels(Vec<ChannelInfo>),
    Tested(TestedChannel),
}

/// A channel that was made; the secret is shown once.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub struct AddedChannel {
    pub id: i64,
    pub group: String,
    pub name: String,
    pub kind: String,
    pub target: String,
    pub severity: Severity,
    /// Of a webhook: what X-Hub-Signature is made with.
    pub secret: Option<String>,
}

impl fmt::Debug for AddedChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddedChannel({}/{})", self.group, self.name)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChannelInfo {
    pub id: i64,
    pub group: String,
    pub name: String,
    pub kind: String,
    pub target: String,
    pub severity: Severity,
    pub created_ms: i64,
    /// new (nothing was sent yet), ok or failing.
    pub state: String,
    pub failing_since_ms: Option<i64>,
    /// Of the last attempt that failed, or who was refused by the last one that did not.
    pub last_error: String,
    pub last_sent_ms: Option<i64>,
    /// Notifications that wait.
    pub waiting: i64,
    /// And those that were left out because too many do.
    pub omitted: i64,
    /// Messages delivered.
    pub sent: i64,
    /// Notifications in messages that were given up.
    pub dead: i64,
    /// These messages, the newest last.
    pub dead_letters: Vec<DeadLetterInfo>,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetterInfo {
    pub at_ms: i64,
    pub delivery: String,
    pub notifications: i64,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TestedChannel {
    pub delivered: bool,
    /// Why not; or who was refused though others were not.
    pub reason: String,
}
