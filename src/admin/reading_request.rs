//! Requests about readings and their answers, as JSON on the control socket.

use serde::{Deserialize, Serialize};

use super::{ReadingImported, ReadingRow};
use crate::readings::Value;
use crate::storage::Detail;

/// What may be asked about readings. Times are Unix milliseconds, ranges without their end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum ReadingRequest {
    Query(ReadingQuery),
    Export(ReadingExport),
    Import {
        rows: Vec<ReadingRow>,
        /// Checks all of it and stores nothing.
        check: bool,
    },
    Stats {
        group: Option<String>,
        address: Option<u32>,
        /// The series that the answer before ended with; 0 at first.
        after: i64,
    },
    RetentionSet(RetentionRule),
    RetentionList,
    RetentionRemove {
        group: String,
        sensor: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ReadingQuery {
    pub address: u32,
    /// Or a composite: all of its parts are answered.
    pub sensor: String,
    pub unit: Option<String>,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
    /// Points of a series at most.
    pub points: usize,
    pub resolution: Resolution,
}

/// How a range is answered.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Every reading while they are few enough, else the least and greatest of equal stretches of time
    Auto,
    /// Readings as stored, from the beginning of the range until there are enough
    Raw,
    /// Roll-ups of minutes, or of as many minutes each as it takes
    Minute,
    /// Roll-ups of hours, or of as many hours each as it takes
    Hour,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ReadingExport {
    pub group: Option<String>,
    pub address: Option<u32>,
    pub sensor: Option<String>,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    pub limit: usize,
}

/// A place in an export: behind this reading.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Cursor {
    pub(super) series: i64,
    pub(super) at_ms: i64,
    pub(super) msgno: i64,
}

/// Days that are kept; 0 is for ever.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"group": "greenhouse", "sensor": "t", "raw_days": 30, "minute_days": 365, "hour_days": 0}))]
pub struct RetentionRule {
    pub group: String,
    /// Empty: all sensors of the group.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub sensor: String,
    #[schema(maximum = 36500)]
    pub raw_days: u32,
    #[schema(maximum = 36500)]
    pub minute_days: u32,
    #[schema(maximum = 36500)]
    pub hour_days: u32,
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what", content = "is", rename_all = "snake_case")]
pub enum ReadingResponse {
    Series(Vec<SeriesAnswer>),
    Page {
        rows: Vec<ExportedReading>,
        /// `None`: that was all.
        cursor: Option<Cursor>,
    },
    Imported(ReadingImported),
    Stats {
        series: Vec<SeriesStats>,
        /// `None`: that was all.
        after: Option<i64>,
        database: DatabaseStats,
    },
    Retention(Vec<RetentionRule>),
}

#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeriesAnswer {
    pub address: u32,
    pub sensor: String,
    pub unit: String,
    /// The coarsest that had to be taken: raw, minute or hour.
    pub detail: Detail,
    /// Readings of the range were left out; their least and greatest were not.
    pub decimated: bool,
    pub points: Vec<Point>,
    /// Of roll-ups: milliseconds of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Bucket>,
}

#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Point {
    pub at_ms: i64,
    pub value: Value<'static>,
}

/// A roll-up. `min`, `max` and `mean` are of numbers and booleans (0 and 1).
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Bucket {
    pub from_ms: i64,
    pub count: u64,
    pub min: Option<Value<'static>>,
    pub max: Option<Value<'static>>,
    pub mean: Option<f64>,
    pub last: Value<'static>,
    pub last_at_ms: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ExportedReading {
    pub address: u32,
    #[serde(rename = "type")]
    pub kind: u32,
    pub id: String,
    /// Of the device.
    #[serde(default)]
    pub name: String,
    pub group: String,
    pub sensor: String,
    pub unit: String,
    pub at_ms: i64,
    pub hub_ms: i64,
    pub msgno: i64,
    /// As the wire says it.
    pub value: String,
}

#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeriesStats {
    pub address: u32,
    pub group: String,
    pub sensor: String,
    pub unit: String,
    pub readings: u64,
    /// Readings of which only roll-ups are left.
    pub rolled_up: u64,
    pub first_ms: Option<i64>,
    pub last_ms: Option<i64>,
    /// About so many.
    pub bytes: u64,
}

#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DatabaseStats {
    pub database_bytes: u64,
    /// Of these, free for reuse.
    pub free_bytes: u64,
    pub log_bytes: u64,
    /// 0: no cap.
    pub max_bytes: u64,
}
