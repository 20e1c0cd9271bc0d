//! `hub group`

use clap::Subcommand;

use super::output::{json, table, unexpected};
use crate::admin::{Request, Response};
use crate::control::request;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, Subcommand)]
pub(super) enum GroupVerb {
    /// Make a customer group
    #[command(after_help = "Example: hub group add greenhouse")]
    Add { name: String },
    /// Show all groups
    #[command(after_help = "Example: hub group list --json")]
    List {
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Remove a group that has no devices
    #[command(after_help = "Example: hub group remove greenhouse")]
    Remove { name: String },
}

pub(super) fn run(settings: &Settings, verb: GroupVerb) -> Result<(), Failure> {
    match verb {
        GroupVerb::Add { name } => {
            request(settings, Request::GroupAdd { name: name.clone() })?;
            say(format_args!("group {name} made"));
            Ok(())
        }
        GroupVerb::Remove { name } => {
            request(settings, Request::GroupRemove { name: name.clone() })?;
            say(format_args!("group {name} removed"));
            Ok(())
        }
        GroupVerb::List { json } => list(settings, json),
    }
}

fn list(settings: &Settings, as_json: bool) -> Result<(), Failure> {
    match request(settings, Request::GroupList)? {
        Response::Groups(groups) if as_json => json(&groups),
        Response::Groups(groups) => {
            table(
                ["group", "devices"],
                groups
                    .into_iter()
                    .map(|group| [group.name, group.devices.to_string()]),
            );
            Ok(())
        }
        other => Err(unexpected(&other)),
    }
}
