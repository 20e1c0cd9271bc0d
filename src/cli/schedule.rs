//! `hub schedule`

use clap::{Args, Subcommand};

use super::command::{expire, kind_of};
use super::output::{json, unexpected};
use super::schedule_tables as tables;
use super::span::span;
use crate::admin::{
    NewSchedule, NewTiming, Part, Request, Response, ScheduleRequest, ScheduleResponse, SendOrder,
};
use crate::clock::Clock;
use crate::command::Condition;
use crate::control::request;
use crate::failure::Failure;
use crate::schedule::{Act, Missed, Repeated, Skipped};
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, Subcommand)]
pub(super) enum ScheduleVerb {
    /// Have something done on time
    #[command(
        after_help = "Examples:\n  hub schedule add morning --group home --cron '0 30 6 * * MON-FRI' --zone Europe/Madrid --send 1234567 write heater 21\n  hub schedule add vents --group greenhouse --every 10m --send @vents write vent 0 --if 'vent > 0' --expires 5m\n  hub schedule add quiet --group home --cron '0 0 22 * * *' --zone Europe/Madrid --disable-rule 3\n  hub schedule add often --group home --at 2026-12-24T18:00:00Z --event-period '1234567 temperature 10s'"
    )]
    Add(Box<AddArgs>),
    /// Show schedules
    #[command(after_help = "Example: hub schedule list --group home")]
    List {
        /// Only those of this group
        #[arg(long)]
        group: Option<String>,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Show a schedule
    #[command(after_help = "Example: hub schedule show 3")]
    Show(IdArgs),
    /// Show the next runs of a schedule, or of what could be one
    #[command(
        after_help = "Examples:\n  hub schedule preview 3\n  hub schedule preview --cron '0 30 2 * * *' --zone Europe/Madrid --from 2027-03-26T00:00:00"
    )]
    Preview(PreviewArgs),
    /// Have a schedule wait until it is resumed; what has begun goes on
    #[command(after_help = "Example: hub schedule pause 3")]
    Pause(IdArgs),
    /// Have a paused schedule go on; what was due meanwhile is not made up for
    #[command(after_help = "Example: hub schedule resume 3")]
    Resume(IdArgs),
    /// Remove a schedule and its history
    #[command(after_help = "Example: hub schedule remove 3")]
    Remove { id: i64 },
    /// Show the runs of a schedule, the newest first
    #[command(after_help = "Example: hub schedule history 3 --limit 100")]
    History {
        id: i64,
        /// How many at most
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct IdArgs {
    id: i64,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

/// When it runs.
#[derive(Debug, Args)]
pub(super) struct TimingArgs {
    /// Second, minute, hour, day of month, month and day of week
    #[arg(long, value_name = "'S M H D M W'")]
    cron: Option<String>,
    /// Once: 2026-12-24T18:00:00+01:00, or without an offset in the zone
    #[arg(long, value_name = "TIME", conflicts_with = "cron")]
    at: Option<String>,
    /// Each so often: 90s, 10m, 2h; not touched by changes of the clocks
    #[arg(long, value_name = "SPAN", value_parser = span, conflicts_with_all = ["cron", "at"])]
    every: Option<i64>,
    /// Whose clocks count, by IANA name
    #[arg(long, default_value = "UTC")]
    zone: String,
    /// Local times that do not exist when clocks go forward
    #[arg(long, value_enum, default_value_t)]
    skipped: Skipped,
    /// Local times that come twice when clocks go back
    #[arg(long, value_enum, default_value_t)]
    repeated: Repeated,
    /// No run before; --every begins here
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// No run after
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    name: String,
    #[arg(long)]
    group: String,
    #[command(flatten)]
    timing: TimingArgs,
    /// Runs that were due while the hub was down
    #[arg(long, value_enum, default_value_t)]
    missed: Missed,
    /// Each run begins up to so much later, by chance
    #[arg(long, value_name = "SPAN", value_parser = span)]
    jitter: Option<i64>,
    /// Make it without letting it run yet
    #[arg(long)]
    paused: bool,
    #[command(flatten)]
    act: ActArgs,
    #[command(flatten)]
    more: SendArgs,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

/// What it does.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct ActArgs {
    /// Send a command, as hub command send does: target, type, fields
    #[arg(long, num_args = 2.., value_names = ["TARGET", "TYPE", "FIELDS"], allow_negative_numbers = true)]
    send: Option<Vec<String>>,
    /// Enable an alarm rule
    #[arg(long, value_name = "ID")]
    enable_rule: Option<i64>,
    /// Disable an alarm rule
    #[arg(long, value_name = "ID")]
    disable_rule: Option<i64>,
    /// Have sensors report each so often (0s: not any more): target, sensor, span
    #[arg(long, value_name = "'TARGET SENSOR SPAN'")]
    event_period: Option<String>,
}

/// What belongs to --send.
#[derive(Debug, Args)]
#[group(multiple = true)]
pub(super) struct SendArgs {
    /// With --send: not sent later after the run than 60s, 5m, 2h; or a time, or never
    #[arg(long, value_name = "WHEN", requires = "send")]
    expires: Option<String>,
    /// With --send: only if this holds for the last known value, such as 'vent = 0'
    #[arg(long = "if", value_name = "CONDITION", requires = "send")]
    condition: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct PreviewArgs {
    /// Of a schedule that there is; without it give --cron, --at or --every
    id: Option<i64>,
    #[command(flatten)]
    timing: TimingArgs,
    /// How many at most
    #[arg(long, default_value_t = 10)]
    count: usize,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

impl TimingArgs {
    /// Checked here too: a mistake of typing needs no hub.
    fn timing(self) -> Result<NewTiming, Failure> {
        let timing = NewTiming {
            cron: self.cron,
            at: self.at,
            every_ms: self.every,
            zone: self.zone,
            skipped: self.skipped,
            repeated: self.repeated,
            from: self.from,
            until: self.until,
        };
        let now_ms = Clock::system().unix_ms();
        timing.parse(now_ms).map_err(Failure::usage)?;
        Ok(timing)
    }
}

impl ActArgs {
    fn act(self, more: SendArgs) -> Result<Act, Failure> {
        if let Some(words) = self.send {
            return command(words, more);
        }
        if let Some(rule) = self.enable_rule.or(self.disable_rule) {
            let enabled = self.enable_rule.is_some();
            return Ok(Act::Rule { rule, enabled });
        }
        let words = self.event_period.unwrap_or_default();
        let fields: Vec<_> = words.split_whitespace().collect();
        let [target, sensor @ .., period] = fields.as_slice() else {
            return Err(wrong_period(&words));
        };
        if sensor.is_empty() {
            return Err(wrong_period(&words));
        }
        Ok(Act::EventPeriod {
            target: (*target).to_owned(),
            sensor: sensor.join(" "),
            period_ms: span(period).map_err(Failure::usage)?,
        })
    }
}

fn wrong_period(words: &str) -> Failure {
    Failure::usage(format!(
        "--event-period {words:?}: give a target, a sensor and a span, such as '1234567 temperature 10s'"
    ))
}

fn command(words: Vec<String>, more: SendArgs) -> Result<Act, Failure> {
    let mut words = words.into_iter();
    let target = words.next().unwrap_or_default();
    let kind = kind_of(&words.next().unwrap_or_default())
        .map_err(|allowed| Failure::usage(format!("--send: the type is {allowed}")))?;
    let mut order = SendOrder::default();
    if let Some(text) = &more.expires {
        expire(&mut order, text)?;
    }
    let mut condition = String::new();
    if let Some(text) = more.condition {
        let parsed: Condition = text.parse().map_err(Failure::usage)?;
        condition = parsed.to_string();
    }
    Ok(Act::Command {
        target,
        kind,
        fields: words.collect(),
        expires_ms: order.expires_ms,
        expires_in_ms: order.expires_in_ms,
        never: order.never,
        condition,
    })
}

pub(super) fn run(settings: &Settings, verb: ScheduleVerb) -> Result<(), Failure> {
    let ask = |asked| answer(request(settings, Request::Schedule(asked))?);
    match verb {
        ScheduleVerb::Add(args) => {
            let as_json = args.json;
            let new = NewSchedule {
                name: args.name,
                group: args.group,
                timing: args.timing.timing()?,
                missed: args.missed,
                jitter_ms: args.jitter.unwrap_or(0),
                paused: args.paused,
                act: args.act.act(args.more)?,
            };
            print(ask(ScheduleRequest::Add(Box::new(new)))?, as_json)
        }
        ScheduleVerb::List { group, json } => print(
            ask(ScheduleRequest::List {
                group,
                part: Part::default(),
            })?,
            json,
        ),
        ScheduleVerb::Show(of) => print(ask(ScheduleRequest::Show { id: of.id })?, of.json),
        ScheduleVerb::Pause(of) => print(ask(ScheduleRequest::Pause { id: of.id })?, of.json),
        ScheduleVerb::Resume(of) => print(ask(ScheduleRequest::Resume { id: of.id })?, of.json),
        ScheduleVerb::Preview(args) => {
            let (count, as_json) = (args.count, args.json);
            let asked = match args.id {
                Some(id) => ScheduleRequest::Preview { id, count },
                None => ScheduleRequest::PreviewOf {
                    timing: args.timing.timing()?,
                    count,
                },
            };
            print(ask(asked)?, as_json)
        }
        ScheduleVerb::History { id, limit, json } => {
            print(ask(ScheduleRequest::History { id, limit })?, json)
        }
        ScheduleVerb::Remove { id } => {
            let removed = request(settings, Request::Schedule(ScheduleRequest::Remove { id }))?;
            match removed {
                Response::Done => {
                    say("removed");
                    Ok(())
                }
                other => Err(unexpected(&other)),
            }
        }
    }
}

fn answer(response: Response) -> Result<ScheduleResponse, Failure> {
    match response {
        Response::Schedule(answer) => Ok(*answer),
        other => Err(unexpected(&other)),
    }
}

fn print(answer: ScheduleResponse, as_json: bool) -> Result<(), Failure> {
    match answer {
        ScheduleResponse::Schedules(all) if as_json => json(&all),
        ScheduleResponse::Schedule(one) if as_json => json(&one),
        ScheduleResponse::Preview(runs) if as_json => json(&runs),
        ScheduleResponse::History(runs) if as_json => json(&runs),
        ScheduleResponse::Schedules(all) => {
            tables::schedules(&all);
            Ok(())
        }
        ScheduleResponse::Schedule(one) => {
            tables::schedule(&one);
            Ok(())
        }
        ScheduleResponse::Preview(runs) => {
            tables::preview(&runs);
            Ok(())
        }
        ScheduleResponse::History(runs) => {
            tables::history(&runs);
            Ok(())
        }
    }
}
