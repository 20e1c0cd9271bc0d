//! Requests about alarms and their answers, as JSON on the control socket. Times are Unix milliseconds.

use serde::{Deserialize, Serialize};

use crate::alarm::{Act, AlarmInfo, Check, Severity, Span};

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum AlarmRequest {
    RuleAdd(NewRule),
    RuleList {
        group: Option<String>,
    },
    RuleShow {
        id: i64,
    },
    RuleSetEnabled {
        id: i64,
        enabled: bool,
        by: String,
    },
    RuleRemove {
        id: i64,
        by: String,
    },
    BackTest(BackTestQuery),
    List(AlarmQuery),
    Show {
        id: i64,
    },
    Ack {
        id: i64,
        by: String,
        note: String,
    },
    /// 0: not any more.
    Shelve {
        id: i64,
        until_ms: i64,
        by: String,
        note: String,
    },
    Clear {
        id: i64,
        by: String,
        note: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", content = "is", rename_all = "snake_case")]
pub enum AlarmResponse {
    Rules(Vec<RuleInfo>),
    Rule(Box<RuleInfo>),
    BackTests(Vec<BackTestAnswer>),
    Alarms(Vec<AlarmInfo>),
    Alarm(Box<AlarmInfo>),
}

/// A rule as an operator gives it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewRule {
    pub name: String,
    pub group: String,
    /// `device ADDRESS`, `label NAME` or `group`.
    pub scope: String,
    pub check: Check,
    pub unit: String,
    pub severity: Severity,
    pub enabled: bool,
    pub on_delay_ms: i64,
    pub off_delay_ms: i64,
    pub act: Option<Act>,
    pub local: bool,
}

/// A stored rule, or one that is only tried.
#[derive(Debug, Serialize, Deserialize)]
pub struct BackTestQuery {
    pub rule: Option<i64>,
    pub new: Option<NewRule>,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
    /// Only this device.
    pub address: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct BackTestAnswer {
    pub address: u32,
    pub readings: usize,
    /// Of the first and the last reading.
    pub first_ms: Option<i64>,
    pub last_ms: Option<i64>,
    pub spans: Vec<Span>,
}

/// Which alarms are listed, the newest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AlarmQuery {
    pub group: Option<String>,
    pub device: Option<u32>,
    pub open: bool,
    pub limit: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleInfo {
    pub id: i64,
    pub group: String,
    pub name: String,
    pub scope: String,
    pub check: Check,
    pub unit: String,
    pub severity: Severity,
    pub enabled: bool,
    pub on_delay_ms: i64,
    pub off_delay_ms: i64,
    pub act: Option<Act>,
    pub local: bool,
    pub created_ms: i64,
    /// Where it stands, device by device; only of one rule that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<RuleSource>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleSource {
    pub address: u32,
    /// normal, raising, raised or clearing.
    pub phase: String,
    /// `hub`, or `device and hub`.
    pub held_by: String,
    /// What the device makes of it; empty: it was not asked.
    pub local: String,
    /// The open alarm.
    pub alarm: Option<i64>,
}
