//! Schedules and their runs for people.

use super::command::{kind_name, time};
use super::output::table;
use super::span::shown;
use crate::admin::{RunInfo, ScheduleInfo};
use crate::schedule::{Act, Shown};
use crate::stdout::say;

pub(super) fn schedules(all: &[ScheduleInfo]) {
    table(
        [
            "id", "group", "name", "when", "zone", "does", "next", "last",
        ],
        all.iter().map(|schedule| {
            [
                schedule.id.to_string(),
                schedule.group.clone(),
                schedule.name.clone(),
                when(schedule),
                schedule.zone.clone(),
                act(&schedule.act),
                next(schedule),
                schedule
                    .last_run
                    .as_ref()
                    .map_or_else(String::new, |run| run.outcome.name().to_owned()),
            ]
        }),
    );
}

pub(super) fn schedule(schedule: &ScheduleInfo) {
    let bound = |at: Option<i64>| at.map_or_else(|| "none".to_owned(), time);
    let last = schedule.last_run.as_ref();
    for (name, value) in [
        ("id", schedule.id.to_string()),
        ("name", format!("{} of {}", schedule.name, schedule.group)),
        ("when", when(schedule)),
        ("zone", schedule.zone.clone()),
        (
            "clocks",
            format!(
                "skipped times: {}, repeated times: {}",
                schedule.skipped.name(),
                schedule.repeated.name()
            ),
        ),
        ("missed", schedule.missed.name().to_owned()),
        ("jitter", shown(schedule.jitter_ms)),
        ("from", bound(schedule.from_ms)),
        ("until", bound(schedule.until_ms)),
        ("does", act(&schedule.act)),
        ("made", time(schedule.created_ms)),
        ("next", next(schedule)),
        (
            "last",
            last.map_or_else(
                || "no run yet".to_owned(),
                |run| format!("{} at {}", came_out(run), run.local),
            ),
        ),
    ] {
        say(format_args!("{name:<8}{value}"));
    }
}

pub(super) fn preview(runs: &[Shown]) {
    table(
        ["run", "at", ""],
        runs.iter().map(|run| {
            let runs = if run.runs { "yes" } else { "no" };
            [runs.to_owned(), run.local.clone(), run.note.clone()]
        }),
    );
}

pub(super) fn history(runs: &[RunInfo]) {
    table(
        ["due", "begun", "outcome"],
        runs.iter()
            .map(|run| [run.local.clone(), time(run.begun_ms), came_out(run)]),
    );
}

fn came_out(run: &RunInfo) -> String {
    let mut words = run.outcome.name().to_owned();
    if run.commands > 0 {
        let commands = if run.commands == 1 {
            "command"
        } else {
            "commands"
        };
        words.push_str(&format!(" {} {commands}", run.commands));
        let states: Vec<_> = run
            .states
            .iter()
            .map(|(state, count)| format!("{count} {}", state.replace('_', " ")))
            .collect();
        if !states.is_empty() {
            words.push_str(&format!(" ({})", states.join(", ")));
        }
    }
    if !run.detail.is_empty() {
        words.push_str(&format!(": {}", run.detail));
    }
    words
}

fn when(schedule: &ScheduleInfo) -> String {
    match (&schedule.cron, schedule.at_ms, schedule.every_ms) {
        (Some(cron), ..) => cron.clone(),
        (None, Some(at), _) => format!("once at {}", time(at)),
        (None, None, Some(period)) => format!("every {}", shown(period)),
        _ => String::new(),
    }
}

fn next(schedule: &ScheduleInfo) -> String {
    if schedule.paused {
        "paused".to_owned()
    } else if schedule.next_local.is_empty() {
        "no run left".to_owned()
    } else {
        schedule.next_local.clone()
    }
}

fn act(act: &Act) -> String {
    match act {
        Act::Command {
            target,
            kind,
            fields,
            condition,
            ..
        } => {
            let mut words = vec![target.clone(), kind_name(*kind)];
            words.extend(fields.iter().cloned());
            if !condition.is_empty() {
                words.push(format!("if {condition}"));
            }
            words.join(" ")
        }
        Act::Rule { rule, enabled } => {
            let what = if *enabled { "enable" } else { "disable" };
            format!("{what} alarm rule {rule}")
        }
        Act::EventPeriod {
            target,
            sensor,
            period_ms,
        } => format!("{target} reports {sensor} every {}", shown(*period_ms)),
    }
}
