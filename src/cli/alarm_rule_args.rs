//! What is to be watched, as it is typed.

use clap::Args;

use super::span::{finite, id, span, time};
use crate::admin::NewRule;
use crate::alarm::{Act, Check, Direction, Op, Severity};
use crate::failure::Failure;
use crate::readings::Value;

#[derive(Debug, Args)]
pub(super) struct RuleArgs {
    /// Its name, which is also the alarm's
    pub(super) name: String,
    #[command(flatten)]
    pub(super) what: WhatArgs,
    /// It does not watch yet
    #[arg(long)]
    pub(super) disabled: bool,
}

#[derive(Debug, Args)]
pub(super) struct WhatArgs {
    /// The group whose devices it watches
    #[arg(long)]
    group: Option<String>,
    /// Watch this device
    #[arg(long, value_name = "ADDRESS", group = "scope")]
    pub(super) device: Option<u32>,
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
    pub(super) id: Option<i64>,
    /// Or a new one, by the options of add
    #[arg(long, value_name = "NAME", conflicts_with = "id")]
    pub(super) new: Option<String>,
    #[command(flatten)]
    pub(super) what: WhatArgs,
    /// From this time on, RFC 3339 or Unix milliseconds
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) from: Option<i64>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) to: Option<i64>,
    /// Print JSON for programs
    #[arg(long)]
    pub(super) json: bool,
}

impl WhatArgs {
    pub(super) fn rule(self, name: String, enabled: bool) -> Result<NewRule, Failure> {
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

pub(super) fn usage(text: &str) -> Failure {
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
