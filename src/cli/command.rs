//! `hub command`

use clap::Subcommand;
use jiff::Timestamp;

use super::output::{json, table, unexpected};
use crate::admin::{CommandInfo, CommandQuery, Request, Response, SendOrder};
use crate::command::{Condition, State};
use crate::control::request;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::stdout::say;
use crate::wire::kind;

#[derive(Debug, Subcommand)]
pub(super) enum CommandVerb {
    /// Have a device do something, now or as soon as it is there
    #[command(
        after_help = "Examples:\n  hub command send 1234567 write vent 40 --wait 10\n  hub command send 1234567 read temperature --expires 1h\n  hub command send @vents write vent 0 --group greenhouse --if 'vent > 0'"
    )]
    Send(SendArgs),
    /// Show commands, the newest first
    #[command(after_help = "Example: hub command list --device 1234567 --state queued")]
    List {
        /// Only those of this group
        #[arg(long)]
        group: Option<String>,
        /// Only those of this device
        #[arg(long, value_name = "ADDRESS")]
        device: Option<u32>,
        /// Only those in this state
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Show a command
    #[command(after_help = "Example: hub command show 17")]
    Show {
        id: i64,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Take a queued command back
    #[command(after_help = "Example: hub command cancel 17")]
    Cancel {
        id: i64,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct SendArgs {
    /// A device's address, @label or '*' (all devices of the group)
    target: String,
    /// read, write, event-set, blink, clock-set, clock-read, or a number
    #[arg(value_name = "TYPE", value_parser = kind_of)]
    kind: u32,
    /// read: sensor; write: actuator and value; event-set: sensor and milliseconds
    #[arg(allow_negative_numbers = true)]
    fields: Vec<String>,
    /// The group of a label or '*'
    #[arg(long)]
    group: Option<String>,
    /// Not sent after: 60s, 5m, 2h, 1d, a time such as 2026-11-21T18:00:00Z, or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Only if this holds for the last known value, such as 'vent = 0'
    #[arg(long = "if", value_name = "CONDITION")]
    condition: Option<String>,
    /// Wait so long for the end
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

fn state(name: &str) -> Result<State, String> {
    let wanted = name.replace(['-', ' '], "_");
    State::from_name(&wanted).ok_or_else(|| {
        let names: Vec<_> = State::ALL.iter().map(|state| state.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

pub(super) fn kind_of(name: &str) -> Result<u32, String> {
    Ok(match name {
        "read" => kind::READ,
        "write" => kind::WRITE,
        "event-set" => kind::EVENT_SET,
        "blink" => kind::BLINK,
        "clock-set" => kind::CLOCK_SET,
        "clock-read" => kind::CLOCK_READ,
        number => number.parse().map_err(|_| {
            "one of read, write, event-set, blink, clock-set, clock-read, or a number".to_owned()
        })?,
    })
}

pub(super) fn kind_name(kind: u32) -> String {
    match kind {
        kind::READ => "read".into(),
        kind::WRITE => "write".into(),
        kind::EVENT_SET => "event-set".into(),
        kind::BLINK => "blink".into(),
        kind::CLOCK_SET => "clock-set".into(),
        kind::CLOCK_READ => "clock-read".into(),
        number => number.to_string(),
    }
}

/// Puts the expiry that was typed into the order.
pub(super) fn expire(order: &mut SendOrder, text: &str) -> Result<(), Failure> {
    if text == "never" {
        order.never = true;
        return Ok(());
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        order.expires_ms = Some(at.as_millisecond());
        return Ok(());
    }
    let wrong = || {
        Failure::usage(format!(
            "--expires {text:?}: give 60s, 5m, 2h, 1d, a time such as 2026-11-21T18:00:00Z, or never"
        ))
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: i64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let ms = number.checked_mul(seconds * 1000).filter(|ms| *ms > 0);
    order.expires_in_ms = Some(ms.ok_or_else(wrong)?);
    Ok(())
}

pub(super) fn run(settings: &Settings, verb: CommandVerb) -> Result<(), Failure> {
    match verb {
        CommandVerb::Send(args) => send(settings, args),
        CommandVerb::List {
            group,
            device,
            state,
            limit,
            json,
        } => {
            let query = CommandQuery {
                group,
                device,
                state,
                limit,
                ..CommandQuery::default()
            };
            let commands = commands(request(settings, Request::CommandList(query))?)?;
            print(&commands, json)
        }
        CommandVerb::Show { id, json } => {
            one(request(settings, Request::CommandShow { id })?, json)
        }
        CommandVerb::Cancel { id, json } => {
            one(request(settings, Request::CommandCancel { id })?, json)
        }
    }
}

fn send(settings: &Settings, args: SendArgs) -> Result<(), Failure> {
    let mut order = SendOrder {
        target: args.target,
        group: args.group,
        kind: args.kind,
        fields: args.fields,
        ..SendOrder::default()
    };
    if let Some(text) = &args.expires {
        expire(&mut order, text)?;
    }
    if let Some(condition) = args.condition {
        // An empty one is no condition either, but not what was meant.
        let parsed: Condition = condition.parse().map_err(Failure::usage)?;
        order.condition = parsed.to_string();
    }
    let sent = commands(request(settings, Request::CommandSend(order))?)?;
    let Some(seconds) = args.wait else {
        return print(&sent, args.json);
    };
    let ids = sent.iter().map(|command| command.id).collect();
    let ended = commands(request(settings, Request::CommandWait { ids, seconds })?)?;
    print(&ended, args.json)?;
    let good = |command: &CommandInfo| match command.state {
        State::Succeeded => true,
        // It has no answer.
        State::Sent => command.kind == kind::CLOCK_SET,
        _ => false,
    };
    match ended.iter().filter(|command| !good(command)).count() {
        0 => Ok(()),
        bad => Err(Failure::new(format!(
            "{bad} of {} commands have not succeeded",
            ended.len()
        ))),
    }
}

fn commands(response: Response) -> Result<Vec<CommandInfo>, Failure> {
    match response {
        Response::Commands(commands) => Ok(commands),
        other => Err(unexpected(&other)),
    }
}

fn print(commands: &[CommandInfo], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return json(&commands);
    }
    table(
        [
            "id", "device", "command", "issuer", "issued", "expires", "state", "detail",
        ],
        commands.iter().map(|command| {
            let mut words = vec![kind_name(command.kind)];
            words.extend(command.fields.iter().cloned());
            [
                command.id.to_string(),
                command.address.to_string(),
                words.join(" "),
                command.issuer.clone(),
                time(command.issued_ms),
                command.expires_ms.map_or_else(|| "never".into(), time),
                state_words(command),
                command.detail.clone(),
            ]
        }),
    );
    Ok(())
}

fn state_words(command: &CommandInfo) -> String {
    let mut words = command.state.name().replace('_', " ");
    if command.late {
        words.push_str(", late");
    }
    words
}

fn one(response: Response, as_json: bool) -> Result<(), Failure> {
    let command = match response {
        Response::Command(command) => command,
        other => return Err(unexpected(&other)),
    };
    if as_json {
        return json(&command);
    }
    let times = |at: Option<i64>, without: &str| at.map_or_else(|| without.to_owned(), time);
    for (name, value) in [
        ("id", command.id.to_string()),
        (
            "device",
            format!("{} of {}", command.address, command.group),
        ),
        ("command", kind_name(command.kind)),
        ("fields", command.fields.join(" ")),
        ("issuer", command.issuer.clone()),
        ("issued", time(command.issued_ms)),
        ("expires", times(command.expires_ms, "never")),
        ("condition", command.condition.clone()),
        ("state", state_words(&command)),
        ("detail", command.detail.clone()),
        ("sent", times(command.sent_ms, "not yet")),
        ("sendings", command.sendings.to_string()),
        ("ended", times(command.ended_ms, "not yet")),
    ] {
        say(format_args!("{name:<10}{value}"));
    }
    Ok(())
}

pub(super) fn time(unix_ms: i64) -> String {
    Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| unix_ms.to_string(), |at| format!("{at:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_a_span_a_time_or_never() {
        let expires = |text: &str| {
            let mut order = SendOrder::default();
            expire(&mut order, text).map(|()| (order.expires_ms, order.expires_in_ms, order.never))
        };
        assert_eq!(expires("60s").unwrap(), (None, Some(60_000), false));
        assert_eq!(expires("2h").unwrap(), (None, Some(7_200_000), false));
        let at = expires("1970-01-01T00:00:05Z").unwrap();
        assert_eq!(at, (Some(5000), None, false));
        assert_eq!(expires("never").unwrap(), (None, None, true));
        for wrong in ["", "60", "s", "-5s", "soon", "99999999999999999d"] {
            assert!(expires(wrong).is_err(), "{wrong}");
        }
    }
}
