//! An alarm in JSON, the same for everybody who reads it.

use serde::{Deserialize, Serialize};

use super::{Alarm, AlarmEvent, AlarmState, Severity};

/// An alarm as verbs and webhooks show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AlarmInfo {
    pub id: i64,
    /// Empty where it is not known yet, as in what waits to be told.
    #[serde(default)]
    pub group: String,
    pub address: u32,
    pub rule: Option<i64>,
    pub name: String,
    pub sensor: String,
    pub severity: Severity,
    pub state: AlarmState,
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
    /// Its history; only of one alarm that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<AlarmEvent>>,
}

impl AlarmInfo {
    /// With its group by name, without its history.
    pub fn new(alarm: &Alarm, group: &str) -> Self {
        Self {
            id: alarm.id,
            group: group.to_owned(),
            address: alarm.address.get(),
            rule: alarm.rule,
            name: alarm.name.clone(),
            sensor: alarm.sensor.clone(),
            severity: alarm.severity,
            state: alarm.state(),
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
            events: None,
        }
    }
}
