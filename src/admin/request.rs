//! Requests and answers of the service layer, as JSON on the control socket.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ReadingRequest, ReadingResponse};
use crate::ledger::Snapshot;
use crate::registry::{LoginKind, Rights};

/// What an operator may ask.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Request {
    GroupAdd { name: String },
    GroupList,
    GroupRemove { name: String },
    DeviceAdd(NewDevice),
    DeviceImport { rows: Vec<ImportRow>, strict: bool },
    DeviceList { group: Option<String> },
    DeviceShow { address: u32 },
    DeviceSetDisabled { address: u32, disabled: bool },
    DeviceRotateSerial { address: u32 },
    DeviceRemove { address: u32 },
    DeviceMove { address: u32, group: String },
    Reading(ReadingRequest),
}

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
    Reading(Box<ReadingResponse>),
    Refused { error: String },
}

/// A device to be registered.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewDevice {
    pub group: String,
    #[serde(rename = "type")]
    pub kind: u32,
    pub id: String,
    pub name: String,
    pub labels: Vec<String>,
    /// `None`: generated.
    pub serial: Option<String>,
    pub login: LoginKind,
    pub rights: Rights,
    pub nonce_memory: u32,
}

/// One row of a device file, with the line it stands on; parsed by the service, so that errors name the line.
#[derive(Clone, Default, Serialize, Deserialize)]
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

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    pub devices: Vec<Credential>,
    pub errors: Vec<RowError>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RowError {
    pub line: u64,
    pub error: String,
}

/// What a board needs to log in; the serial is shown once.
#[derive(Clone, Serialize, Deserialize)]
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

#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// Frames since the hub's start, if it has logged in since.
    pub ledger: Option<Snapshot>,
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
