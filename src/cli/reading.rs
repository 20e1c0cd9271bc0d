//! `hub reading`

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::output::{json, table, unexpected};
use super::reading_csv::{ExportArgs, ImportArgs};
use crate::admin::{
    ReadingQuery, ReadingRequest, ReadingResponse, Request, Resolution, Response, RetentionRule,
    SeriesAnswer, parse_time,
};
use crate::control::request;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, Subcommand)]
pub(super) enum ReadingVerb {
    /// Show a range of one sensor in few points that leave out no peak
    #[command(
        after_help = "Example: hub reading query 1234567 temperature --from 2026-11-21T00:00:00Z --points 500 --json"
    )]
    Query(QueryArgs),
    /// Write readings as CSV
    #[command(after_help = "Example: hub reading export --group greenhouse --out greenhouse.csv")]
    Export(ExportArgs),
    /// Store the readings of a CSV file; importing it again changes nothing
    #[command(
        after_help = "Example: hub reading import room-temperatures.csv --device 1234567 --unit C"
    )]
    Import(ImportArgs),
    /// Show what is stored of which sensor, and the size of the database
    #[command(after_help = "Example: hub reading stats --group greenhouse --json")]
    Stats {
        /// Only of this group
        #[arg(long)]
        group: Option<String>,
        /// Only of this device
        #[arg(long, value_name = "ADDRESS")]
        device: Option<u32>,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// How long readings are kept
    #[command(
        subcommand,
        after_help = "Example: hub reading retention set greenhouse --raw-days 30 --minute-days 365"
    )]
    Retention(RetentionVerb),
}

#[derive(Debug, Args)]
pub(super) struct QueryArgs {
    /// The device
    address: u32,
    /// The sensor, or a composite for all of its parts
    sensor: String,
    /// From this time on, RFC 3339 or Unix milliseconds
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<i64>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<i64>,
    /// Points of each series at most
    #[arg(long, default_value_t = 2000)]
    points: usize,
    /// Only readings in this unit
    #[arg(long)]
    unit: Option<String>,
    #[arg(long, value_enum, default_value = "auto")]
    resolution: Resolution,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum RetentionVerb {
    /// Set how long a group's readings, or those of one of its sensors, are kept
    #[command(
        after_help = "Example: hub reading retention set greenhouse --sensor temperature --raw-days 30"
    )]
    Set {
        group: String,
        /// Only of this sensor; else of all without a rule of their own
        #[arg(long, default_value = "")]
        sensor: String,
        /// Days that readings are kept one by one; 0 is for ever
        #[arg(long, default_value_t = 0)]
        raw_days: u32,
        /// Days that minute roll-ups are kept
        #[arg(long, default_value_t = 0)]
        minute_days: u32,
        /// Days that hour roll-ups are kept
        #[arg(long, default_value_t = 0)]
        hour_days: u32,
    },
    /// Show all rules; where there is none the settings hold
    #[command(after_help = "Example: hub reading retention list --json")]
    List {
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Take a rule away
    #[command(after_help = "Example: hub reading retention remove greenhouse --sensor temperature")]
    Remove {
        group: String,
        #[arg(long, default_value = "")]
        sensor: String,
    },
}

/// Reads a time of the command line.
pub(super) fn time(text: &str) -> Result<i64, String> {
    parse_time(text).map_err(|error| error.to_string())
}

pub(super) fn run(settings: &Settings, verb: ReadingVerb) -> Result<(), Failure> {
    match verb {
        ReadingVerb::Query(args) => query(settings, args),
        ReadingVerb::Export(args) => super::reading_csv::export(settings, &args),
        ReadingVerb::Import(args) => super::reading_csv::import(settings, &args),
        ReadingVerb::Stats {
            group,
            device,
            json,
        } => stats(settings, group, device, json),
        ReadingVerb::Retention(verb) => retention(settings, verb),
    }
}

/// Asks the service about readings.
pub(super) fn ask(settings: &Settings, asked: ReadingRequest) -> Result<ReadingResponse, Failure> {
    match request(settings, Request::Reading(asked))? {
        Response::Reading(answer) => Ok(*answer),
        other => Err(unexpected(&other)),
    }
}

pub(super) fn strange(answer: &ReadingResponse) -> Failure {
    Failure::new(format!("the hub gave an unexpected answer: {answer:?}"))
}

fn query(settings: &Settings, args: QueryArgs) -> Result<(), Failure> {
    let as_json = args.json;
    let query = ReadingQuery {
        address: args.address,
        sensor: args.sensor,
        unit: args.unit,
        from_ms: args.from,
        to_ms: args.to,
        points: args.points,
        resolution: args.resolution,
    };
    match ask(settings, ReadingRequest::Query(query))? {
        ReadingResponse::Series(series) if as_json => json(&series),
        ReadingResponse::Series(series) => {
            if series.is_empty() {
                say("no such sensor has reported; hub reading stats shows all");
            }
            series.into_iter().for_each(show);
            Ok(())
        }
        other => Err(strange(&other)),
    }
}

fn show(series: SeriesAnswer) {
    let left_out = if series.decimated { ", thinned" } else { "" };
    let detail = format!("{:?}", series.detail).to_lowercase();
    say(format_args!(
        "{} [{}], {detail}{left_out}",
        series.sensor, series.unit
    ));
    if series.width_ms.is_none() {
        let rows = series.points.into_iter();
        table(
            ["time", "value"],
            rows.map(|point| [shown(point.at_ms), point.value.to_string()]),
        );
        return;
    }
    let or_none = |text: Option<String>| text.unwrap_or_default();
    table(
        ["from", "count", "min", "max", "mean", "last"],
        series.buckets.into_iter().map(|bucket| {
            [
                shown(bucket.from_ms),
                bucket.count.to_string(),
                or_none(bucket.min.map(|min| min.to_string())),
                or_none(bucket.max.map(|max| max.to_string())),
                or_none(bucket.mean.map(|mean| format!("{mean:.3}"))),
                bucket.last.to_string(),
            ]
        }),
    );
}

/// A time as people and CSV files have it.
pub(super) fn shown(unix_ms: i64) -> String {
    Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| unix_ms.to_string(), |time| time.to_string())
}

fn stats(
    settings: &Settings,
    group: Option<String>,
    address: Option<u32>,
    as_json: bool,
) -> Result<(), Failure> {
    let (mut all, mut from) = (Vec::new(), 0);
    let database = loop {
        let asked = ReadingRequest::Stats {
            group: group.clone(),
            address,
            after: from,
        };
        match ask(settings, asked)? {
            ReadingResponse::Stats {
                series,
                after,
                database,
            } => {
                all.extend(series);
                match after {
                    Some(after) => from = after,
                    None => break database,
                }
            }
            other => return Err(strange(&other)),
        }
    };
    if as_json {
        return json(&serde_json::json!({ "series": all, "database": database }));
    }
    let at = |ms: Option<i64>| ms.map_or_else(String::new, shown);
    table(
        [
            "address",
            "group",
            "sensor",
            "unit",
            "readings",
            "rolled up",
            "first",
            "last",
            "bytes",
        ],
        all.into_iter().map(|series| {
            [
                series.address.to_string(),
                series.group,
                series.sensor,
                series.unit,
                series.readings.to_string(),
                series.rolled_up.to_string(),
                at(series.first_ms),
                at(series.last_ms),
                series.bytes.to_string(),
            ]
        }),
    );
    let cap = match database.max_bytes {
        0 => "no cap".to_owned(),
        bytes => format!("cap {bytes}"),
    };
    say(format_args!(
        "database {} bytes ({} of them free), log {}, {cap}",
        database.database_bytes, database.free_bytes, database.log_bytes
    ));
    Ok(())
}

fn retention(settings: &Settings, verb: RetentionVerb) -> Result<(), Failure> {
    match verb {
        RetentionVerb::Set {
            group,
            sensor,
            raw_days,
            minute_days,
            hour_days,
        } => {
            let rule = RetentionRule {
                group,
                sensor,
                raw_days,
                minute_days,
                hour_days,
            };
            change(settings, ReadingRequest::RetentionSet(rule), "rule set")
        }
        RetentionVerb::Remove { group, sensor } => change(
            settings,
            ReadingRequest::RetentionRemove { group, sensor },
            "rule removed",
        ),
        RetentionVerb::List { json: as_json } => {
            match ask(settings, ReadingRequest::RetentionList)? {
                ReadingResponse::Retention(rules) if as_json => json(&rules),
                ReadingResponse::Retention(rules) => {
                    table(
                        ["group", "sensor", "raw days", "minute days", "hour days"],
                        rules.into_iter().map(|rule| {
                            [
                                rule.group,
                                rule.sensor,
                                rule.raw_days.to_string(),
                                rule.minute_days.to_string(),
                                rule.hour_days.to_string(),
                            ]
                        }),
                    );
                    Ok(())
                }
                other => Err(strange(&other)),
            }
        }
    }
}

fn change(settings: &Settings, asked: ReadingRequest, done: &str) -> Result<(), Failure> {
    request(settings, Request::Reading(asked))?;
    say(done);
    Ok(())
}
