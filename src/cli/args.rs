//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::alarm::AlarmVerb;
use super::command::CommandVerb;
use super::config::ConfigArgs;
use super::device::DeviceVerb;
use super::group::GroupVerb;
use super::notify::NotifyVerb;
use super::reading::ReadingVerb;
use super::schedule::ScheduleVerb;
use super::user::UserVerb;
use crate::bench::BenchArgs;
use crate::simulate::SimulateArgs;

/// A hub for sensors and actuators of several customers. Without a verb it serves.
#[derive(Debug, Parser)]
#[command(
    name = "hub",
    version,
    after_help = "Example: HUB_DATA_DIR=/var/lib/hub hub serve"
)]
pub(super) struct Args {
    /// Settings file; without it Settings.toml in this folder, if there is one
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) settings: Option<PathBuf>,

    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Run the hub until SIGINT or SIGTERM
    #[command(after_help = "Example: HUB_DEVICES__LISTEN=0.0.0.0:10821 hub serve")]
    Serve,
    /// See a hub live: two groups and 14 simulated devices on a throw-away data directory
    #[command(after_help = "Example: hub demo")]
    Demo,
    /// Customer groups
    #[command(subcommand, after_help = "Example: hub group add greenhouse")]
    Group(GroupVerb),
    /// Devices
    #[command(
        subcommand,
        after_help = "Example: hub device add --group greenhouse --type 511 --id 100001"
    )]
    Device(DeviceVerb),
    /// Have devices read, write and more
    #[command(
        subcommand,
        after_help = "Example: hub command send 1234567 write vent 40 --wait 10"
    )]
    Command(CommandVerb),
    /// Readings: query, export, import, retention
    #[command(
        subcommand,
        after_help = "Example: hub reading query 1234567 temperature --points 500"
    )]
    Reading(ReadingVerb),
    /// Alarms: what is wrong, and what is watched
    #[command(subcommand, after_help = "Example: hub alarm list --open")]
    Alarm(AlarmVerb),
    /// Who is told of alarms: webhooks and e-mail
    #[command(
        subcommand,
        after_help = "Example: hub notify add ops --group greenhouse --webhook https://example.org/alarms"
    )]
    Notify(NotifyVerb),
    /// Schedules: commands, alarm rules and EVENT periods on time
    #[command(
        subcommand,
        after_help = "Example: hub schedule add morning --group home --cron '0 30 6 * * *' --zone Europe/Madrid --send 1234567 write heater 21"
    )]
    Schedule(ScheduleVerb),
    /// Who may use the hub in a browser
    #[command(
        subcommand,
        after_help = "Example: hub user add ana --role operator --group greenhouse"
    )]
    User(UserVerb),
    /// Print the effective settings, secrets masked
    #[command(after_help = "Example: hub config --documented > Settings.toml")]
    Config(ConfigArgs),
    /// Run simulated devices against a hub, or replay a recording
    Simulate(SimulateArgs),
    /// Measure a hub, or a peer, under load over loopback
    Bench(BenchArgs),
}
