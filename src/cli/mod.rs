//! The verbs of the `hub` binary, one file each.

mod alarm;
mod alarm_rule;
mod alarm_rule_args;
mod args;
mod capability;
mod command;
mod config;
mod demo;
mod demo_feed;
mod device;
mod group;
mod import;
mod notify;
mod output;
mod reading;
mod reading_csv;
mod schedule;
mod schedule_tables;
mod serve;
mod simulate;
mod span;
mod user;

use std::process::ExitCode;

use clap::Parser;

pub use serve::{Running, run_serve};

use crate::failure::Failure;
use crate::settings;
use crate::stdout;
use args::{Args, Verb};

/// Runs the verb of the command line and says how it went.
pub fn main() -> ExitCode {
    let args = Args::parse();
    match run(args) {
        Ok(()) if stdout::failed() => {
            eprintln!("hub: what was to be printed could not be written; is the disk full?");
            ExitCode::FAILURE
        }
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hub: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run(args: Args) -> Result<(), Failure> {
    let settings = settings::load(args.settings.as_deref())?;
    match args.verb.unwrap_or(Verb::Serve) {
        Verb::Serve => run_serve(settings),
        Verb::Demo => demo::run(settings),
        Verb::Group(verb) => group::run(&settings, verb),
        Verb::Device(verb) => device::run(&settings, verb),
        Verb::Command(verb) => command::run(&settings, verb),
        Verb::Reading(verb) => reading::run(&settings, verb),
        Verb::Alarm(verb) => alarm::run(&settings, verb),
        Verb::Notify(verb) => notify::run(&settings, verb),
        Verb::Schedule(verb) => schedule::run(&settings, verb),
        Verb::User(verb) => user::run(&settings, verb),
        Verb::Config(verb) => config::run(&settings, &verb),
        Verb::Simulate(args) => simulate::run(&settings, &args),
        Verb::Bench(bench) => crate::bench::run(bench),
    }
}
