//! Requests about schedules and their answers, as JSON on the control socket. Times are Unix milliseconds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Part;
use crate::schedule::{Act, Missed, Outcome, Repeated, Shown, Skipped};

/// What may be asked about schedules.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum ScheduleRequest {
    Add(Box<NewSchedule>),
    List {
        group: Option<String>,
        #[serde(default)]
        part: Part,
    },
    Show {
        id: i64,
    },
    Pause {
        id: i64,
    },
    Resume {
        id: i64,
    },
    Remove {
        id: i64,
    },
    /// The next runs of a schedule that there is.
    Preview {
        id: i64,
        count: usize,
    },
    /// The next runs of one that there is not.
    PreviewOf {
        timing: NewTiming,
        count: usize,
    },
    History {
        id: i64,
        limit: u32,
    },
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", content = "is", rename_all = "snake_case")]
pub enum ScheduleResponse {
    Schedules(Vec<ScheduleInfo>),
    Schedule(Box<ScheduleInfo>),
    Preview(Vec<Shown>),
    History(Vec<RunInfo>),
}

/// A schedule to be made.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "clocks", "group": "greenhouse", "timing": {"cron": "0 0 6 * * MON-FRI", "zone": "Europe/Madrid"}, "act": {"kind": "command", "target": "*", "type": 81}}))]
pub struct NewSchedule {
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    pub group: String,
    pub timing: NewTiming,
    #[serde(default)]
    pub missed: Missed,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 86_400_000)]
    pub jitter_ms: i64,
    #[serde(default)]
    pub paused: bool,
    pub act: Act,
}

/// When it is to run: one of `cron`, `at` and `every_ms`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTiming {
    pub cron: Option<String>,
    /// RFC 3339, or without an offset in the zone.
    pub at: Option<String>,
    #[schema(minimum = 1000)]
    pub every_ms: Option<i64>,
    /// Such as Europe/Madrid.
    #[serde(default = "utc")]
    pub zone: String,
    #[serde(default)]
    pub skipped: Skipped,
    #[serde(default)]
    pub repeated: Repeated,
    pub from: Option<String>,
    pub until: Option<String>,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// A schedule as it stands.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScheduleInfo {
    pub id: i64,
    pub group: String,
    pub name: String,
    pub cron: Option<String>,
    pub at_ms: Option<i64>,
    pub every_ms: Option<i64>,
    pub zone: String,
    pub skipped: Skipped,
    pub repeated: Repeated,
    pub missed: Missed,
    pub jitter_ms: i64,
    pub from_ms: Option<i64>,
    pub until_ms: Option<i64>,
    pub act: Act,
    pub paused: bool,
    pub created_ms: i64,
    /// When the next run is due; `None` when it is paused or none is left.
    pub next_ms: Option<i64>,
    /// The same as the zone's clocks show it; empty without one.
    pub next_local: String,
    pub last_run: Option<RunInfo>,
}

/// A run, or why there was none.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RunInfo {
    pub due_ms: i64,
    /// As the zone's clocks show it.
    pub local: String,
    /// When the hub settled that it runs, or that it does not.
    pub begun_ms: i64,
    pub outcome: Outcome,
    pub detail: String,
    /// That it made.
    pub commands: i64,
    /// How many of them are in which state; those that are no longer kept are in none.
    pub states: BTreeMap<String, i64>,
}
