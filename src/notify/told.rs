//! One change of an alarm, as it is kept until it is told, and as a webhook gets it.

use serde::{Deserialize, Serialize};

use crate::alarm::{Alarm, News, Severity};

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
    pub alarm: ToldAlarm,
}

/// What people call a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    #[serde(rename = "type")]
    pub kind: u32,
    pub id: String,
    pub name: String,
}

/// The alarm as it was after the change; the fields are those of `hub alarm show --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldAlarm {
    pub id: i64,
    /// Filled in as the message is made.
    #[serde(default)]
    pub group: String,
    pub address: u32,
    pub rule: Option<i64>,
    pub name: String,
    pub sensor: String,
    pub severity: Severity,
    pub state: String,
    pub raised_ms: i64,
    pub raised_value: String,
    pub last_ms: i64,
    pub last_value: String,
    pub cleared_ms: Option<i64>,
    pub clear_reason: String,
    pub by_hub: bool,
    pub by_device: bool,
    pub acked_ms: Option<i64>,
    pub acked_by: String,
    pub note: String,
    pub shelved_until_ms: Option<i64>,
    pub chattering: bool,
    pub times: i64,
}

impl Told {
    pub fn new(news: &News) -> Self {
        Self {
            what: news.what.name().to_owned(),
            at_ms: news.at_ms,
            by: news.by.clone(),
            note: news.note.clone(),
            device: None,
            alarm: ToldAlarm::new(&news.alarm),
        }
    }
}

impl ToldAlarm {
    fn new(alarm: &Alarm) -> Self {
        Self {
            id: alarm.id,
            group: String::new(),
            address: alarm.address.get(),
            rule: alarm.rule,
            name: alarm.name.clone(),
            sensor: alarm.sensor.clone(),
            severity: alarm.severity,
            state: alarm.state().name().to_owned(),
            raised_ms: alarm.raised_ms,
            raised_value: alarm.raised_value.clone(),
            last_ms: alarm.last_ms,
            last_value: alarm.last_value.clone(),
            cleared_ms: alarm.cleared_ms,
            clear_reason: alarm.clear_reason.clone(),
            by_hub: alarm.by_hub,
            by_device: alarm.by_device,
            acked_ms: alarm.acked_ms,
            acked_by: alarm.acked_by.clone(),
            note: alarm.note.clone(),
            shelved_until_ms: alarm.shelved_until_ms,
            chattering: alarm.chattering,
            times: alarm.times,
        }
    }
}
