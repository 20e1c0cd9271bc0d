//! One change of an alarm, as it is kept until it is told, and as a webhook gets it.

use serde::{Deserialize, Serialize};

use crate::alarm::{AlarmInfo, News};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// raised, cleared or chattering.
    pub what: String,
    /// The hub's time, Unix ms.
    pub at_ms: i64,
    /// hub, device, or who did it.
    pub by: String,
    pub note: String,
    /// As the registry knows it when the message is made; `None` when it is gone.
    #[serde(default)]
    pub device: Option<Named>,
    /// As it was after the change; its group is filled in as the message is made.
    pub alarm: AlarmInfo,
}

/// What people call a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    #[serde(rename = "type")]
    pub kind: u32,
    pub id: String,
    pub name: String,
}

impl Told {
    pub fn new(news: &News) -> Self {
        Self {
            what: news.what.name().to_owned(),
            at_ms: news.at_ms,
            by: news.by.clone(),
            note: news.note.clone(),
            device: None,
            alarm: AlarmInfo::new(&news.alarm, ""),
        }
    }
}
