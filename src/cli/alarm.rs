//! `hub alarm`

use clap::Subcommand;

use super::alarm_rule::{self, RuleVerb};
use super::output::{json, table, unexpected};
use super::span::{id, span, time};
use crate::admin::{AlarmQuery, AlarmRequest, AlarmResponse, Request, Response};
use crate::alarm::AlarmInfo;
use crate::control::request;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, Subcommand)]
pub(super) enum AlarmVerb {
    /// What is watched
    #[command(
        subcommand,
        after_help = "Example: hub alarm rule add hot --group greenhouse --all --when 'temperature > 30' --clear 28"
    )]
    Rule(Box<RuleVerb>),
    /// Show alarms, the newest first
    #[command(after_help = "Example: hub alarm list --group greenhouse --open")]
    List {
        /// Only those of this group
        #[arg(long)]
        group: Option<String>,
        /// Only those of this device
        #[arg(long, value_name = "ADDRESS")]
        device: Option<u32>,
        /// Only those that are not cleared
        #[arg(long)]
        open: bool,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Show an alarm and its history
    #[command(after_help = "Example: hub alarm show 7")]
    Show {
        #[arg(value_parser = id)]
        id: i64,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Say that you have seen an alarm
    #[command(after_help = "Example: hub alarm ack 7 --note 'on my way'")]
    Ack {
        #[arg(value_parser = id)]
        id: i64,
        #[command(flatten)]
        said: SaidArgs,
    },
    /// Notify nobody of an alarm, and of its like, for a while
    #[command(
        after_help = "Example: hub alarm shelve 7 --for 2h --note 'the vent is being mended'"
    )]
    Shelve {
        #[arg(value_parser = id)]
        id: i64,
        /// For so long
        #[arg(long = "for", value_name = "SPAN", value_parser = span, required_unless_present = "until")]
        span: Option<i64>,
        /// Until then
        #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "span")]
        until: Option<i64>,
        #[command(flatten)]
        said: SaidArgs,
    },
    /// Notify people again
    #[command(after_help = "Example: hub alarm unshelve 7")]
    Unshelve {
        #[arg(value_parser = id)]
        id: i64,
        #[command(flatten)]
        said: SaidArgs,
    },
    /// End an open alarm by force, such as one whose device is gone for good
    #[command(after_help = "Example: hub alarm clear 7 --note 'the board was replaced'")]
    Clear {
        #[arg(value_parser = id)]
        id: i64,
        #[command(flatten)]
        said: SaidArgs,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct SaidArgs {
    /// What there is to say about it
    #[arg(long, default_value = "")]
    note: String,
    /// Who says it
    #[arg(long, default_value_t = user())]
    by: String,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

/// Who types, as far as the system says.
pub(super) fn user() -> String {
    std::env::var("USER")
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "operator".into())
}

/// Asks the service about alarms.
pub(super) fn ask(settings: &Settings, asked: AlarmRequest) -> Result<AlarmResponse, Failure> {
    match request(settings, Request::Alarm(asked))? {
        Response::Alarm(answer) => Ok(*answer),
        other => Err(unexpected(&other)),
    }
}

/// Asks for something that is only done.
pub(super) fn done(settings: &Settings, asked: AlarmRequest) -> Result<(), Failure> {
    match request(settings, Request::Alarm(asked))? {
        Response::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

pub(super) fn other() -> Failure {
    Failure::new("the hub gave an unexpected answer".to_owned())
}

pub(super) fn time_of(unix_ms: i64) -> String {
    super::command::time(unix_ms)
}

pub(super) fn run(settings: &Settings, verb: AlarmVerb) -> Result<(), Failure> {
    match verb {
        AlarmVerb::Rule(verb) => alarm_rule::run(settings, *verb),
        AlarmVerb::List {
            group,
            device,
            open,
            limit,
            json: as_json,
        } => {
            let query = AlarmQuery {
                group,
                device,
                open,
                limit,
                ..AlarmQuery::default()
            };
            let AlarmResponse::Alarms(alarms) = ask(settings, AlarmRequest::List(query))? else {
                return Err(other());
            };
            if as_json {
                return json(&alarms);
            }
            print(&alarms);
            Ok(())
        }
        AlarmVerb::Show { id, json } => one(ask(settings, AlarmRequest::Show { id })?, json),
        AlarmVerb::Ack { id, said } => {
            let (by, note) = (said.by, said.note);
            one(
                ask(settings, AlarmRequest::Ack { id, by, note })?,
                said.json,
            )
        }
        AlarmVerb::Shelve {
            id,
            span,
            until,
            said,
        } => {
            let now = jiff::Timestamp::now().as_millisecond();
            let until_ms = until.unwrap_or_else(|| now.saturating_add(span.unwrap_or(0)));
            // 0 would take it from the shelf.
            shelve(settings, id, until_ms.max(1), said)
        }
        AlarmVerb::Unshelve { id, said } => shelve(settings, id, 0, said),
        AlarmVerb::Clear { id, said } => {
            let (by, note) = (said.by, said.note);
            one(
                ask(settings, AlarmRequest::Clear { id, by, note })?,
                said.json,
            )
        }
    }
}

fn shelve(settings: &Settings, id: i64, until_ms: i64, said: SaidArgs) -> Result<(), Failure> {
    let asked = AlarmRequest::Shelve {
        id,
        until_ms,
        by: said.by,
        note: said.note,
    };
    one(ask(settings, asked)?, said.json)
}

fn one(answer: AlarmResponse, as_json: bool) -> Result<(), Failure> {
    let AlarmResponse::Alarm(alarm) = answer else {
        return Err(other());
    };
    if as_json {
        return json(&alarm);
    }
    print(std::slice::from_ref(&*alarm));
    if let Some(until) = alarm.shelved_until_ms {
        say(format_args!(
            "nobody is notified of it until {}",
            time_of(until)
        ));
    }
    if let Some(events) = alarm.events {
        say("");
        table(
            ["when", "what", "by", "value", "note"],
            events.into_iter().map(|event| {
                [
                    time_of(event.at_ms),
                    event.what.name().into(),
                    event.by,
                    event.value,
                    event.note,
                ]
            }),
        );
    }
    Ok(())
}

fn print(alarms: &[AlarmInfo]) {
    table(
        [
            "id", "group", "device", "alarm", "severity", "state", "raised", "value", "by",
        ],
        alarms.iter().map(|alarm| {
            [
                alarm.id.to_string(),
                alarm.group.clone(),
                alarm.address.to_string(),
                alarm.name.clone(),
                alarm.severity.name().into(),
                state(alarm),
                time_of(alarm.raised_ms),
                alarm.last_value.clone(),
                match (alarm.by_hub, alarm.by_device) {
                    (true, true) => "both".into(),
                    (false, true) => "device".into(),
                    _ => "hub".into(),
                },
            ]
        }),
    );
}

fn state(alarm: &AlarmInfo) -> String {
    let mut words = alarm.state.name().to_owned();
    if alarm.chattering {
        words.push_str(&format!(", chattering ({} times)", alarm.times));
    }
    if alarm.cleared_ms.is_some() && alarm.acked_ms.is_none() {
        words.push_str(", unseen");
    }
    if alarm.shelved_until_ms.is_some() {
        words.push_str(", shelved");
    }
    words
}
