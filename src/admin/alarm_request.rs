//! Requests about alarms and their answers, as JSON on the control socket. Times are Unix milliseconds.

use serde::{Deserialize, Serialize};

use super::{Part, Within};
use crate::alarm::{Act, AlarmInfo, AlarmState, Check, Severity, Span};

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum AlarmRequest {
    RuleAdd(NewRule),
    RuleList {
        group: Option<String>,
        #[serde(default)]
        part: Part,
    },
    /// The rules that watch a device, and where they stand for it.
    RulesOf {
        address: u32,
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
    Watching(Vec<Watching>),
    Rule(Box<RuleInfo>),
    BackTests(Vec<BackTestAnswer>),
    Alarms(Vec<AlarmInfo>),
    Alarm(Box<AlarmInfo>),
}

/// A rule as an operator gives it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "too hot", "group": "greenhouse", "scope": "group", "severity": "major", "check": {"kind": "threshold", "sensor": "t", "op": ">", "raise": 30, "clear": 28}}))]
pub struct NewRule {
    /// Also the alarm's name on the wire; not `*`.
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    pub group: String,
    /// `device ADDRESS`, `label NAME` or `group`.
    pub scope: String,
    pub check: Check,
    /// Only readings in this unit count; empty: all.
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub severity: Severity,
    #[serde(default = "yes")]
    pub enabled: bool,
    /// How long the condition has to hold before the alarm is raised.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 31_622_400_000_i64)]
    pub on_delay_ms: i64,
    /// How long it has to be gone before the alarm is cleared.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 31_622_400_000_i64)]
    pub off_delay_ms: i64,
    /// What the device does by itself as the alarm is raised.
    pub act: Option<Act>,
    /// Given to the device as well, if it is simple enough.
    #[serde(default = "yes")]
    pub local: bool,
}

fn yes() -> bool {
    true
}

/// A stored rule, or one that is only tried.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"new": {"name": "too hot", "group": "greenhouse", "scope": "group", "check": {"kind": "threshold", "sensor": "t", "op": ">", "raise": 30, "clear": 28}}}))]
pub struct BackTestQuery {
    pub rule: Option<i64>,
    pub new: Option<NewRule>,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
    /// Only this device.
    pub address: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
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
    #[serde(default)]
    pub state: Option<AlarmState>,
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Only those with a lower id.
    #[serde(default)]
    pub before: Option<i64>,
    /// Whose, if no group is named.
    #[serde(skip)]
    pub within: Within,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
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

/// A rule that watches a device.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Watching {
    pub rule: RuleInfo,
    pub source: RuleSource,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
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
