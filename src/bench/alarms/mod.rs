//! What alarms cost: rules on every reading, and the time from a device's ALARM to its STORED and to a subscriber.

mod crowd;
mod device;
mod latency;
mod load;
mod page;
mod probe;
mod rules;

use serde::Serialize;

use crate::failure::{Context, Failure};
use crate::stdout::say;

#[derive(clap::Args, Debug, Clone)]
pub(super) struct AlarmsArgs {
    /// Alarm rules of the first part; 0 leaves it out
    #[arg(long, default_value_t = 100_000)]
    rules: u32,
    /// Devices that they are spread over
    #[arg(long, default_value_t = 10_000)]
    devices: u32,
    /// Readings a second through the recorder, with the rules and without them
    #[arg(long, default_value_t = 1000)]
    rate: u32,
    /// Of a thousand readings so many are beyond a level
    #[arg(long, default_value_t = 10)]
    beyond: u32,
    /// Seconds of it
    #[arg(long, default_value_t = 70)]
    rules_seconds: u64,
    /// EVENTs a second that are stored while ALARMs are timed; 0 leaves this part out
    #[arg(long, default_value_t = 10_000)]
    events: u32,
    /// Sessions that they come from
    #[arg(long, default_value_t = 200)]
    sessions: u32,
    /// Milliseconds from one ALARM to the next, about
    #[arg(long, default_value_t = 20)]
    every: u64,
    /// Seconds of it
    #[arg(long, default_value_t = 30)]
    latency_seconds: u64,
    /// Seconds of load before: packs of the EVENTs are full by then, and made while ALARMs are timed
    #[arg(long, default_value_t = 80)]
    warm_up: u64,
}

/// Measures and prints.
///
/// # Errors
/// The store or the hub failed, or the words are out of bounds.
pub(super) fn run(args: &AlarmsArgs, as_json: bool) -> Result<(), Failure> {
    let sound = args.rules <= 10_000_000
        && (100..=1_000_000).contains(&args.devices)
        && (50..=1_000_000).contains(&args.rate)
        && args.beyond <= 1000
        && args.events <= 1_000_000
        && (1..=10_000).contains(&args.sessions)
        && (1..=10_000).contains(&args.every);
    if !sound {
        return Err(Failure::usage(
            "--rules: to 10000000; --devices: 100 to 1000000; --rate: 50 to 1000000; --beyond: to 1000; --events: to 1000000; --sessions: 1 to 10000; --every: 1 to 10000",
        ));
    }
    if args.rules > 0 && args.rules_seconds > 0 {
        let figures = rules::measure(args).context("measuring rules")?;
        print(&figures, as_json, &figures.text())?;
    }
    if args.events > 0 && args.latency_seconds > 0 {
        let figures = latency::measure(args).context("measuring ALARMs")?;
        print(&figures, as_json, &figures.text())?;
    }
    Ok(())
}

fn print(figures: &impl Serialize, as_json: bool, text: &str) -> Result<(), Failure> {
    if as_json {
        let line = serde_json::to_string(figures).context("cannot write JSON")?;
        say(format_args!("{line}"));
    } else {
        say(format_args!("{text}"));
    }
    Ok(())
}
