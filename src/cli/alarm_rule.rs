//! `hub alarm rule`

use clap::{Args, Subcommand};

use super::alarm::{ask, time_of};
use super::output::{json, table};
use super::span::{finite, id, shown, span, time};
use crate::admin::{AlarmRequest, AlarmResponse, BackTestAnswer, BackTestQuery, NewRule, RuleInfo};
use crate::alarm::{Act, Check, Direction, Op, Severity};
use crate::failure::Failure;
use crate::readings::Value;
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

#[derive(Debug, Args)]
pub(super) struct RuleArgs {
    /// Its name, which is also the alarm's
    name: String,
    #[command(flatten)]
    what: WhatArgs,
    /// It does not watch yet
    #[arg(long)]
    disabled: bool,
}

#[derive(Debug, Args)]
struct WhatArgs {
    /// The group whose devices it watches
    #[arg(long)]
    group: Option<String>,
    /// Watch this device
    #[arg(long, value_name = "ADDRESS", group = "scope")]
    device: Option<u32>,
    /// Watch each device that carries this label
    #[arg(long, group = "scope")]
    label: Option<String>,
    /// Watch each device of the group
    #[arg(long, group = "scope")]
    all: bool,
    /// A threshold: 'temperature > 30', 'level < 0.5' or 'door = true'
    #[arg(long, value_name = "CONDITION", group = "check")]
    when: Option<String>,
    /// A change: 'temperature rises 5 in 60s' (or falls, or moves)
    #[arg(long, value_name = "CHANGE", group = "check")]
    rate: Option<String>,
    /// Nothing heard of a sensor for so long: 'temperature 5m'
    #[arg(long, value_name = "SENSOR SPAN", group = "check")]
    no_data: Option<String>,
    /// The device not connected for so long
    #[arg(long, value_name = "SPAN", group = "check", value_parser = span)]
    offline: Option<i64>,
    /// Cleared at this value (or this change) and on the good side of it; without it at the level itself
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = finite)]
    clear: Option<f64>,
    /// Raised when the condition has held so long
    #[arg(long = "for", value_name = "SPAN", value_parser = span, default_value = "0s")]
    on_delay: i64,
    /// Cleared when it has been gone so long
    #[arg(long = "clear-for", value_name = "SPAN", value_parser = span, default_value = "0s")]
    off_delay: i64,
    #[arg(long, value_enum, default_value = "major")]
    severity: Severity,
    /// What the device does itself as the alarm is raised, with or without the hub: 'fan=1'
    #[arg(long, value_name = "ACTUATOR=VALUE")]
    act: Option<String>,
    /// Only readings in this unit count
    #[arg(long, default_value = "", hide_default_value = true)]
    unit: String,
    /// Whether the device is to keep the rule too, if it is simple enough
    #[arg(long, value_parser = ["auto", "off"], default_value = "auto")]
    local: String,
}

#[derive(Debug, Args)]
pub(super) struct BackTestArgs {
    /// A stored rule
    #[arg(value_parser = id)]
    id: Option<i64>,
    /// Or a new one, by the options of add
    #[arg(long, value_name = "NAME", conflicts_with = "id")]
    new: Option<String>,
    #[command(flatten)]
    what: WhatArgs,
    /// From this time on, RFC 3339 or Unix milliseconds
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<i64>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<i64>,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

impl WhatArgs {
    fn rule(self, name: String, enabled: bool) -> Result<NewRule, Failure> {
        let scope = match (self.device, &self.label, self.all) {
            (Some(address), ..) => format!("device {address}"),
            (_, Some(label), _) => format!("label {label}"),
            (.., true) => "group".into(),
            _ => {
                return Err(usage(
                    "say what it watches: --device ADDRESS, --label NAME or --all",
                ));
            }
        };
        let check = self.check()?;
        let act = self.act.as_deref().map(act).transpose()?;
        Ok(NewRule {
            name,
            group: self
                .group
                .ok_or_else(|| usage("say of which group it is: --group NAME"))?,
            scope,
            check,
            unit: self.unit,
            severity: self.severity,
            enabled,
            on_delay_ms: self.on_delay,
            off_delay_ms: self.off_delay,
            act,
            local: self.local == "auto",
        })
    }

    fn check(&self) -> Result<Check, Failure> {
        if let Some(when) = &self.when {
            return threshold(when, self.clear);
        }
        if let Some(text) = &self.rate {
            return rate(text, self.clear);
        }
        if self.clear.is_some() {
            return Err(usage("--clear belongs to --when or --rate"));
        }
        if let Some(text) = &self.no_data {
            let wrong = || usage("--no-data needs a sensor and a span: 'temperature 5m'");
            let (sensor, after) = text.trim().rsplit_once(' ').ok_or_else(wrong)?;
            return Ok(Check::NoData {
                sensor: sensor.trim().to_owned(),
                after_ms: span(after).map_err(|error| usage(&format!("--no-data: {error}")))?,
            });
        }
        let after_ms = self.offline.ok_or_else(|| {
            usage("say what is to be told: --when, --rate, --no-data or --offline")
        })?;
        Ok(Check::Offline { after_ms })
    }
}

fn usage(text: &str) -> Failure {
    Failure::usage(text.to_owned())
}

fn act(text: &str) -> Result<Act, Failure> {
    let (actuator, value) = text
        .split_once('=')
        .ok_or_else(|| usage("--act needs an actuator and a value: 'fan=1'"))?;
    Ok(Act {
        actuator: actuator.trim().to_owned(),
        value: value.trim().to_owned(),
    })
}

fn threshold(text: &str, clear: Option<f64>) -> Result<Check, Failure> {
    let wrong =
        || usage("--when needs a sensor, >, < or = and a value: 'temperature > 30', 'door = true'");
    let at = text.find(['>', '<', '=']).ok_or_else(wrong)?;
    let (sensor, rest) = text.split_at_checked(at).ok_or_else(wrong)?;
    let op = match rest.get(..1) {
        Some(">") => Op::Above,
        Some("<") => Op::Below,
        _ => Op::Is,
    };
    let value = rest.get(1..).unwrap_or_default().trim();
    if sensor.trim().is_empty() || value.is_empty() || value.starts_with('=') {
        return Err(wrong());
    }
    let raise = Value::parse(value).ok_or_else(wrong)?.into_owned();
    if op != Op::Is && raise.number().is_none() {
        return Err(Failure::usage(format!(
            "--when: {} needs a number, not {value:?}",
            op.sign()
        )));
    }
    Ok(Check::Threshold {
        sensor: sensor.trim().to_owned(),
        op,
        clear: clear.map_or_else(|| raise.clone(), Value::from_real),
        raise,
    })
}

fn rate(text: &str, clear: Option<f64>) -> Result<Check, Failure> {
    let wrong =
        || usage("--rate needs a sensor, a change and a span: 'temperature rises 5 in 60s'");
    let words: Vec<_> = text.split_whitespace().collect();
    let [sensor @ .., direction, change, "in", window] = words.as_slice() else {
        return Err(wrong());
    };
    let direction = match *direction {
        "rises" => Direction::Rises,
        "falls" => Direction::Falls,
        "moves" => Direction::Moves,
        _ => return Err(wrong()),
    };
    let raise = finite(change).map_err(|_| wrong())?;
    Ok(Check::Rate {
        sensor: sensor.join(" "),
        direction,
        raise,
        clear: clear.unwrap_or(raise),
        window_ms: span(window).map_err(|error| usage(&format!("--rate: {error}")))?,
    })
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
            let AlarmResponse::Rules(rules) = ask(settings, AlarmRequest::RuleList { group })?
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
