//! A schedule as it is kept, what it does, and its runs.

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use super::timing::{Missed, Timing, When};
use crate::registry::GroupId;

/// A schedule as the hub keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub id: i64,
    pub group: GroupId,
    pub name: String,
    pub timing: Timing,
    pub missed: Missed,
    /// A run begins up to so many milliseconds after it is due.
    pub jitter_ms: i64,
    pub act: Act,
    pub paused: bool,
    /// What was due up to then is settled, Unix milliseconds.
    pub done_ms: i64,
    pub next: Option<Planned>,
}

/// The next run of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub due_ms: i64,
    /// When it is to begin: later by its jitter.
    pub at_ms: i64,
}

/// What a schedule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ScheduleAct)]
pub enum Act {
    /// Have a command sent.
    Command {
        /// An address, `@label` or `*`.
        target: String,
        #[serde(rename = "type")]
        kind: u32,
        #[serde(default)]
        fields: Vec<String>,
        /// Unix milliseconds.
        expires_ms: Option<i64>,
        /// Milliseconds from the run. Without any of the three: as the type has it.
        expires_in_ms: Option<i64>,
        #[serde(default)]
        never: bool,
        /// Such as `vent = 0`; empty: none.
        #[serde(default)]
        condition: String,
    },
    /// Enable or disable an alarm rule.
    Rule { rule: i64, enabled: bool },
    /// Have sensors report each so many milliseconds; 0: not any more.
    EventPeriod {
        target: String,
        sensor: String,
        period_ms: i64,
    },
}

/// How a pattern, a time or a period lies in the store.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Cron(String),
    AtMs(i64),
    EveryMs(i64),
}

impl When {
    /// As it lies in the store.
    pub fn to_json(&self) -> String {
        let kept = match self {
            Self::Cron(pattern) => Kept::Cron(pattern.to_string()),
            Self::At(at) => Kept::AtMs(*at),
            Self::Every(period) => Kept::EveryMs(*period),
        };
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// `None`: it was not stored by this version.
    pub fn from_json(text: &str) -> Option<Self> {
        Some(match serde_json::from_str(text).ok()? {
            Kept::Cron(pattern) => Self::Cron(Pattern::parse(&pattern).ok()?),
            Kept::AtMs(at) => Self::At(at),
            Kept::EveryMs(period) => Self::Every(period),
        })
    }
}

/// How a run came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RunOutcome)]
pub enum Outcome {
    /// It has begun.
    Running,
    /// It made commands.
    Ordered,
    /// It changed what it was to change.
    Done,
    Refused,
    Skipped,
}

impl Outcome {
    pub const ALL: [Self; 5] = [
        Self::Running,
        Self::Ordered,
        Self::Done,
        Self::Refused,
        Self::Skipped,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ordered => "ordered",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// One run, or why there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub schedule: i64,
    pub due_ms: i64,
    /// When the hub settled that it runs, or that it does not.
    pub begun_ms: i64,
    pub outcome: Outcome,
    pub detail: String,
    /// That it made.
    pub commands: i64,
}

impl Run {
    pub fn new(schedule: i64, due_ms: i64, begun_ms: i64, outcome: Outcome) -> Self {
        Self {
            schedule,
            due_ms,
            begun_ms,
            outcome,
            detail: String::new(),
            commands: 0,
        }
    }

    /// What makes a repeat of its order a repeat.
    pub fn order_key(&self) -> String {
        format!("{}@{}", self.schedule, self.due_ms)
    }
}
