//! `hub alarm rule`

use clap::Subcommand;

use super::alarm::{ask, time_of};
use super::alarm_rule_args::{BackTestArgs, RuleArgs, usage};
use super::output::{json, table};
use super::span::{id, shown};
use crate::admin::{AlarmRequest, AlarmResponse, BackTestAnswer, BackTestQuery, Part, RuleInfo};
use crate::alarm::{Check, Direction};
use crate::failure::Failure;
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, Subcommand)]
pub(super) enum RuleVerb {
    /// Watch a sensor, or whether devices are there
    #[command(after_help = "Examples:
  hub alarm rule add hot --group greenhouse --device 1234567 --when 'temperature > 30' --clear 28 --for 10s --act 'fan=1'
  hub alarm rule add 'frost soon' --group greenhouse --all --rate 'temperature falls 5 in 10m' --severity warning
  hub alarm rule add silent --group greenhouse --label sensors --no-data 'temperature 5m'
  hub alarm rule add gone --group greenhouse --all --offline 2m --severity critical")]
    Add {
        #[command(flatten)]
        rule: RuleArgs,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Show all rules
    #[command(after_help = "Example: hub alarm rule list --group greenhouse")]
    List {
        /// Only those of this group
        #[arg(long)]
        group: Option<String>,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Show a rule, and where it stands on each device
    #[command(after_help = "Example: hub alarm rule show 1")]
    Show {
        #[arg(value_parser = id)]
        id: i64,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Have a rule watch again
    #[command(after_help = "Example: hub alarm rule enable 1")]
    Enable {
        #[arg(value_parser = id)]
        id: i64,
        /// Who does it
        #[arg(long, default_value_t = super::alarm::user())]
        by: String,
    },
    /// Have a rule not watch for now; its open alarms end
    #[command(after_help = "Example: hub alarm rule disable 1")]
    Disable {
        #[arg(value_parser = id)]
        id: i64,
        /// Who does it
        #[arg(long, default_value_t = super::alarm::user())]
        by: String,
    },
    /// Remove a rule; its open alarms end, the history of all stays
    #[command(after_help = "Example: hub alarm rule remove 1")]
    Remove {
        #[arg(value_parser = id)]
        id: i64,
        /// Who does it
        #[arg(long, default_value_t = super::alarm::user())]
        by: String,
    },
    /// Say when a rule would have raised and cleared on the stored readings
    #[command(after_help = "Examples:
  hub alarm rule backtest 1 --from 2026-10-01T00:00:00Z
  hub alarm rule backtest --new hot --group greenhouse --device 1234567 --when 'temperature > 31'")]
    Backtest(BackTestArgs),
}

pub(super) fn run(settings: &Settings, verb: RuleVerb) -> Result<(), Failure> {
    match verb {
        RuleVerb::Add { rule, json } => {
            let new = rule.what.rule(rule.name, !rule.disabled)?;
            let added = ask(settings, AlarmRequest::RuleAdd(new))?;
            let id = match &added {
                AlarmResponse::Rule(rule) if !json => rule.id,
                _ => return one(added, json),
            };
            one(added, false)?;
            say(format_args!(
                "\nwhere it stands on each device: hub alarm rule show {id}"
            ));
            Ok(())
        }
        RuleVerb::List {
            group,
            json: as_json,
        } => {
            let AlarmResponse::Rules(rules) = ask(
                settings,
                AlarmRequest::RuleList {
                    group,
                    part: Part::default(),
                },
            )?
            else {
                return Err(super::alarm::other());
            };
            if as_json {
                return json(&rules);
            }
            print(&rules);
            Ok(())
        }
        RuleVerb::Show { id, json } => one(ask(settings, AlarmRequest::RuleShow { id })?, json),
        RuleVerb::Enable { id, by } => set_enabled(settings, id, true, by),
        RuleVerb::Disable { id, by } => set_enabled(settings, id, false, by),
        RuleVerb::Remove { id, by } => {
            super::alarm::done(settings, AlarmRequest::RuleRemove { id, by })?;
            say(format_args!("rule {id} is removed"));
            Ok(())
        }
        RuleVerb::Backtest(args) => back_test(settings, args),
    }
}

fn set_enabled(settings: &Settings, id: i64, enabled: bool, by: String) -> Result<(), Failure> {
    ask(settings, AlarmRequest::RuleSetEnabled { id, enabled, by })?;
    let how = if enabled { "enabled" } else { "disabled" };
    say(format_args!("rule {id} is {how}"));
    Ok(())
}

fn one(answer: AlarmResponse, as_json: bool) -> Result<(), Failure> {
    let AlarmResponse::Rule(rule) = answer else {
        return Err(super::alarm::other());
    };
    if as_json {
        return json(&rule);
    }
    print(std::slice::from_ref(&*rule));
    if let Some(sources) = rule.sources {
        say("");
        if sources.is_empty() {
            say(if rule.enabled {
                "No device is in its scope now; it watches those that will be."
            } else {
                "It is disabled and watches no device."
            });
            return Ok(());
        }
        table(
            ["device", "stands", "held by", "on the device", "alarm"],
            sources.into_iter().map(|source| {
                [
                    source.address.to_string(),
                    source.phase,
                    source.held_by,
                    source.local,
                    source.alarm.map(|id| id.to_string()).unwrap_or_default(),
                ]
            }),
        );
    }
    Ok(())
}

fn print(rules: &[RuleInfo]) {
    table(
        [
            "id",
            "group",
            "name",
            "watches",
            "raised when",
            "severity",
            "enabled",
        ],
        rules.iter().map(|rule| {
            [
                rule.id.to_string(),
                rule.group.clone(),
                rule.name.clone(),
                rule.scope.clone(),
                words(rule),
                rule.severity.name().into(),
                if rule.enabled { "yes" } else { "no" }.into(),
            ]
        }),
    );
}

/// A rule as it was typed, about.
fn words(rule: &RuleInfo) -> String {
    let mut words = match &rule.check {
        Check::Threshold {
            sensor,
            op,
            raise,
            clear,
        } => {
            let clear = if raise == clear {
                String::new()
            } else {
                format!(", cleared at {clear}")
            };
            format!("{sensor} {} {raise}{clear}", op.sign())
        }
        Check::Rate {
            sensor,
            direction,
            raise,
            clear,
            window_ms,
        } => {
            let how = match direction {
                Direction::Rises => "rises",
                Direction::Falls => "falls",
                Direction::Moves => "moves",
            };
            let clear = if raise == clear {
                String::new()
            } else {
                format!(", cleared at {clear}")
            };
            format!("{sensor} {how} {raise} in {}{clear}", shown(*window_ms))
        }
        Check::NoData { sensor, after_ms } => format!("no {sensor} for {}", shown(*after_ms)),
        Check::Offline { after_ms } => format!("offline for {}", shown(*after_ms)),
    };
    if rule.on_delay_ms > 0 {
        words.push_str(&format!(", raised after {}", shown(rule.on_delay_ms)));
    }
    if rule.off_delay_ms > 0 {
        words.push_str(&format!(", cleared after {}", shown(rule.off_delay_ms)));
    }
    if let Some(act) = &rule.act {
        words.push_str(&format!("; sets {} to {} itself", act.actuator, act.value));
    }
    words
}

fn back_test(settings: &Settings, args: BackTestArgs) -> Result<(), Failure> {
    let (address, as_json) = (args.what.device, args.json);
    let new = match (args.id, args.new) {
        (Some(_), _) => None,
        (None, Some(name)) => Some(args.what.rule(name, true)?),
        (None, None) => {
            return Err(usage(
                "name a rule by its id, or give a new one with --new NAME",
            ));
        }
    };
    let query = BackTestQuery {
        rule: args.id,
        new,
        from_ms: args.from,
        to_ms: args.to,
        address,
    };
    let AlarmResponse::BackTests(answers) = ask(settings, AlarmRequest::BackTest(query))? else {
        return Err(super::alarm::other());
    };
    if as_json {
        return json(&answers);
    }
    for answer in &answers {
        print_back_test(answer);
    }
    Ok(())
}

fn print_back_test(answer: &BackTestAnswer) {
    say(format_args!(
        "device {}: {} readings from {} to {}: raised {}",
        answer.address,
        answer.readings,
        answer.first_ms.map_or_else(|| "-".into(), time_of),
        answer.last_ms.map_or_else(|| "-".into(), time_of),
        match answer.spans.len() {
            0 => "never".to_owned(),
            1 => "once".to_owned(),
            times => format!("{times} times"),
        }
    ));
    if answer.spans.is_empty() {
        return;
    }
    table(
        ["raised", "value", "cleared", "after"],
        answer.spans.iter().map(|span| {
            [
                time_of(span.raised_ms),
                span.value.clone(),
                span.cleared_ms.map_or_else(|| "still open".into(), time_of),
                span.cleared_ms
                    .map(|cleared| shown(cleared - span.raised_ms))
                    .unwrap_or_default(),
            ]
        }),
    );
}
