//! Requests and answers of the service layer, as JSON on the control socket.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    AlarmRequest, AlarmResponse, NotifyRequest, NotifyResponse, ReadingRequest, ReadingResponse,
    ScheduleRequest, ScheduleResponse, UserRequest, UserResponse,
};
use crate::command::State;
use crate::ledger::Snapshot;
use crate::presence::Presence;
use crate::readings::Value;
use crate::refusal::RefusalKind;
use crate::registry::{GroupId, LoginKind, Rights};

/// What an operator may ask.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Request {
    GroupAdd {
        name: String,
    },
    GroupList,
    GroupRemove {
        name: String,
    },
    DeviceAdd(NewDevice),
    DeviceImport {
        rows: Vec<ImportRow>,
        strict: bool,
    },
    DeviceList {
        group: Option<String>,
    },
    DeviceShow {
        address: u32,
    },
    DeviceSetDisabled {
        address: u32,
        disabled: bool,
    },
    DeviceRotateSerial {
        address: u32,
    },
    DeviceRemove {
        address: u32,
    },
    DeviceMove {
        address: u32,
        group: String,
    },
    /// The fields of DESCRIBE, in place of what operators said before.
    DeviceDescribe {
        address: u32,
        capabilities: Vec<String>,
    },
    DeviceCapabilities {
        address: u32,
    },
    CommandSend(SendOrder),
    CommandList(CommandQuery),
    CommandShow {
        id: i64,
    },
    CommandCancel {
        id: i64,
    },
    /// Answered when all have ended, or after so many seconds.
    CommandWait {
        ids: Vec<i64>,
        seconds: u64,
    },
    Reading(ReadingRequest),
    Alarm(AlarmRequest),
    Notify(NotifyRequest),
    Schedule(ScheduleRequest),
    User(UserRequest),
}

/// A stretch of a list that is ordered by number; by itself all of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Part {
    /// Behind this number.
    #[serde(default)]
    pub after: i64,
    #[serde(default)]
    pub limit: Option<u32>,
    /// Whose, if no group is named.
    #[serde(skip)]
    pub within: Within,
}

impl Part {
    pub(super) fn most(&self) -> usize {
        let most = self.limit.and_then(|limit| usize::try_from(limit).ok());
        most.unwrap_or(usize::MAX)
    }
}

/// The groups that whoever asks may see; `None`: all, as for verbs.
pub type Within = Option<Arc<BTreeSet<GroupId>>>;

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", content = "of", rename_all = "snake_case")]
pub enum Response {
    Done,
    Groups(Vec<GroupInfo>),
    Credential(Credential),
    Imported(Imported),
    Devices(Vec<DeviceInfo>),
    Device(Box<DeviceInfo>),
    Capabilities(Box<CapabilitiesInfo>),
    Commands(Vec<CommandInfo>),
    Command(Box<CommandInfo>),
    Reading(Box<ReadingResponse>),
    Alarm(Box<AlarmResponse>),
    Notify(Box<NotifyResponse>),
    Schedule(Box<ScheduleResponse>),
    User(Box<UserResponse>),
    Refused {
        error: String,
        #[serde(default)]
        kind: RefusalKind,
        /// What a verb adds to it; empty: nothing.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        hint: String,
    },
}

/// A device to be registered.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"group": "greenhouse", "type": 1000, "id": "vent-17", "name": "North vent", "labels": ["vents"]}))]
pub struct NewDevice {
    pub group: String,
    #[serde(rename = "type")]
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub kind: u32,
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")]
    pub id: String,
    /// Free text of at most 128 bytes.
    #[serde(default)]
    #[schema(max_length = 128)]
    pub name: String,
    #[serde(default)]
    #[schema(max_items = 16)]
    pub labels: Vec<String>,
    /// Without one it is generated. A challenge login needs a strong one.
    #[schema(min_length = 1, max_length = 128)]
    pub serial: Option<String>,
    #[serde(default)]
    pub login: LoginKind,
    #[serde(default)]
    pub rights: Rights,
    /// Nonces remembered for a legacy login.
    #[serde(default = "nonce_memory")]
    #[schema(maximum = 100_000)]
    pub nonce_memory: u32,
}

fn nonce_memory() -> u32 {
    super::credentials::NONCE_MEMORY
}

/// One row of a device file, with the line it stands on; parsed by the service, so that errors name the line.
#[derive(Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"line": 2, "group": "greenhouse", "type": "1000", "id": "vent-18", "name": "South vent", "labels": "vents"}))]
pub struct ImportRow {
    pub line: u64,
    pub group: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    pub serial: String,
    pub login: String,
    pub name: String,
    pub labels: String,
    pub rights: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Imported {
    pub devices: Vec<Credential>,
    pub errors: Vec<RowError>,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RowError {
    pub line: u64,
    pub error: String,
}

/// What a board needs to log in; the serial is shown once.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Credential {
    pub address: u32,
    pub group: String,
    #[serde(rename = "type")]
    pub kind: u32,
    pub id: String,
    pub serial: String,
    pub login: LoginKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupInfo {
    pub name: String,
    pub devices: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceInfo {
    pub address: u32,
    pub group: String,
    #[serde(rename = "type")]
    pub kind: u32,
    pub id: String,
    pub name: String,
    pub labels: Vec<String>,
    pub rights: Rights,
    pub login: LoginKind,
    pub nonce_memory: u32,
    pub disabled: bool,
    /// Its login can be replayed or its serial guessed.
    pub weak: bool,
    pub connected: bool,
    pub presence: Presence,
    /// Frames since the hub's start, if it has logged in since.
    pub ledger: Option<Snapshot>,
}

/// An order as an operator gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"target": "*", "group": "greenhouse", "type": 81, "expires_in_ms": 60_000}))]
pub struct SendOrder {
    /// An address, `@label` or `*`.
    pub target: String,
    /// Of a label or `*`.
    pub group: Option<String>,
    #[serde(rename = "type")]
    pub kind: u32,
    #[serde(default)]
    pub fields: Vec<String>,
    /// Unix milliseconds.
    pub expires_ms: Option<i64>,
    /// Milliseconds from now. Without any of the three: as the type has it.
    pub expires_in_ms: Option<i64>,
    #[serde(default)]
    pub never: bool,
    /// Such as `vent = 0`; empty: none.
    #[serde(default)]
    pub condition: String,
}

/// Which commands are listed, the newest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CommandQuery {
    pub group: Option<String>,
    pub device: Option<u32>,
    pub state: Option<State>,
    pub limit: u32,
    /// Only those with a lower id.
    #[serde(default)]
    pub before: Option<i64>,
    /// Whose, if no group is named.
    #[serde(skip)]
    pub within: Within,
}

/// A command as it stands in the database.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CommandInfo {
    pub id: i64,
    pub group: String,
    pub address: u32,
    #[serde(rename = "type")]
    pub kind: u32,
    pub fields: Vec<String>,
    pub issuer: String,
    pub issued_ms: i64,
    pub expires_ms: Option<i64>,
    pub condition: String,
    pub state: State,
    pub detail: String,
    pub sent_ms: Option<i64>,
    pub sendings: i64,
    pub ended_ms: Option<i64>,
    pub late: bool,
}

/// What a device has, and what is known of it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CapabilitiesInfo {
    pub address: u32,
    pub sensors: Vec<SensorInfo>,
    pub actuators: Vec<ActuatorInfo>,
    pub events: Vec<EventInfo>,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SensorInfo {
    pub name: String,
    pub kind: String,
    pub unit: String,
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// device, operator, or readings: it reported the name, nobody described it.
    pub by: String,
    pub last: Option<KnownValue>,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ActuatorInfo {
    pub name: String,
    pub kind: String,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub by: String,
    pub desired: Option<DesiredInfo>,
    pub reported: Option<KnownValue>,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KnownValue {
    pub value: Value<'static>,
    /// The device's time.
    pub at_ms: i64,
    pub hub_ms: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DesiredInfo {
    pub value: String,
    pub command: i64,
    /// Empty when that command is no longer kept.
    pub state: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventInfo {
    pub sensor: String,
    pub period_ms: i64,
    pub command: i64,
}

// Serials never get into a log, whatever is printed of a request.
macro_rules! debug_without_serial {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({}/{})", stringify!($name), self.kind, self.id)
            }
        }
    )*};
}

debug_without_serial!(NewDevice ImportRow Credential);
