//! `hub simulate`: devices that do not exist, over connections that do.
//!
//! ```text
//! credential -> doorman -- client (login) -- hub
//!                  |
//!               device (kinds, signal): frames in, frames out
//!                  describe, reports, habits: what it says by itself
//!                  orders (faults), requests: what it does for the hub and for peers
//!                  alarms: what it watches and does by itself, also without a connection
//!
//! recording -> replay (window) -- client (login) -- hub
//! ```
//!
//! Knows the hub by its wire only. Registering devices for a run is done by a function that the caller brings.

pub mod alarms;
pub mod answers;
mod args;
pub mod backoff;
pub mod body;
pub mod client;
pub mod credential;
pub mod describe;
pub mod device;
pub mod dial;
pub mod doorman;
pub mod faults;
pub mod fleet;
pub mod habits;
pub mod inbox;
pub mod kinds;
pub mod orders;
pub mod pace;
pub mod progress;
pub mod recording;
pub mod replay;
pub mod reports;
pub mod requests;
pub mod signal;
pub mod stop;
pub mod tally;
pub mod timestamp;
pub mod unstored;
pub mod window;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::failure::{Context, Failure};
use crate::stdout::say;
pub use args::SimulateArgs;
use credential::{Credential, LoginKind};
use dial::Network;
use faults::Faults;
use fleet::Fleet;
use recording::Recording;
use stop::Stop;

/// A device that has to be registered for a run.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// The type.
    pub kind: u32,
    pub id: String,
    pub name: String,
    pub labels: Vec<String>,
    /// Whether it gets the right `control`; else `talk`.
    pub controls: bool,
    pub login: LoginKind,
}

/// Registers devices in a group and returns their credentials in the same order. One whose type and id exist already
/// gets a new serial, so that a run can be repeated.
pub type Register<'a> = &'a dyn Fn(&str, Vec<NewDevice>) -> Result<Vec<Credential>, Failure>;

/// Where the hub is reached.
#[derive(Debug)]
pub struct Whereabouts {
    /// `host:port`
    pub address: String,
    /// The self-signed certificate that it made for itself.
    pub certificate: PathBuf,
}

/// Runs the verb until its time is over or it is asked to stop.
///
/// # Errors
/// Files that cannot be read, devices that cannot be registered, a replay that the hub refuses.
pub fn run(args: &SimulateArgs, hub: &Whereabouts, register: Register<'_>) -> Result<(), Failure> {
    let network = if args.tls {
        Network::tls(&hub.address, args.ca.as_deref().unwrap_or(&hub.certificate))?
    } else {
        Network::plain(&hub.address)?
    };
    // Before anything is registered: a typing error in a path must leave no devices behind.
    let recording = args
        .replay
        .as_deref()
        .map(Recording::read_file)
        .transpose()?;
    let faults = args.faults.checked()?;
    let credentials = credentials(args, register)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let _entered = runtime.enter();
    let stop = Stop::listen()?;
    match recording {
        Some(recording) => {
            runtime.block_on(replay_aloud(recording, args, &credentials, &network, stop))
        }
        None => {
            allow_connections(credentials.len())?;
            let fleet = fleet(args, faults, network);
            runtime.block_on(fleet.run_aloud(credentials, duration(args), stop))
        }
    }
}

fn credentials(args: &SimulateArgs, register: Register<'_>) -> Result<Vec<Credential>, Failure> {
    match (&args.devices, &args.group) {
        (Some(file), _) => credential::read_file(file),
        (None, Some(group)) if args.replay.is_some() => register(group, new_devices(group, 1)),
        (None, Some(group)) => register(group, new_devices(group, args.count.unwrap_or(1))),
        (None, None) => Err(Failure::usage(
            "give --devices FILE, or --count N --group NAME",
        )),
    }
}

/// All kinds in turn. Their ids name the group, or a run in another group would find these there.
fn new_devices(group: &str, count: u32) -> Vec<NewDevice> {
    (1..=count)
        .zip(kinds::all().collect::<Vec<_>>().into_iter().cycle())
        .map(|(number, kind)| NewDevice {
            kind: kind.number,
            id: format!("{group}-{number}"),
            name: format!("{} {number}", kind.name),
            labels: kind
                .labels
                .iter()
                .map(|label| (*label).to_owned())
                .collect(),
            controls: kind.controls,
            login: LoginKind::Challenge,
        })
        .collect()
}

fn fleet(args: &SimulateArgs, faults: Faults, network: Network) -> Fleet {
    Fleet {
        network,
        seed: args.seed,
        event_period: Duration::from_secs_f64(args.event_seconds),
        faults,
        away: BTreeMap::new(),
        clock: Clock::system(),
        nonce: rand::random,
        tally: Arc::default(),
    }
}

async fn replay_aloud(
    recording: Recording,
    args: &SimulateArgs,
    credentials: &[Credential],
    network: &Network,
    mut stop: Stop,
) -> Result<(), Failure> {
    let who = credentials
        .first()
        .ok_or_else(|| Failure::new("no device to replay as"))?;
    let outcome = tokio::select! {
        outcome = replay::replay(recording, args.speed, who, network, rand::random) => outcome?,
        () = stop.asked() => {
            return Err(Failure::new("interrupted: the same command goes on without storing anything twice"));
        }
    };
    say(format_args!(
        "{} sent, {} stored, {} refused in {:.2} s",
        outcome.sent,
        outcome.stored,
        outcome.refused,
        outcome.took.as_secs_f64()
    ));
    if outcome.refused == 0 {
        return Ok(());
    }
    let reasons: Vec<String> = outcome
        .reasons
        .iter()
        .map(|(reason, times)| format!("{reason} {times} times"))
        .collect();
    Err(Failure::new(format!(
        "the hub refused readings: {}",
        reasons.join(", ")
    )))
}

/// A connection is a file: makes room for them, or says how to.
fn allow_connections(count: usize) -> Result<(), Failure> {
    let needed = count as u64 + 64;
    // What matters is what we got, not whether the wish was granted.
    let allowed = rlimit::increase_nofile_limit(needed).unwrap_or(needed);
    if allowed < needed {
        return Err(Failure::new(format!(
            "{count} connections need {needed} open files, {allowed} are allowed: run `ulimit -n {needed}` first"
        )));
    }
    Ok(())
}

fn duration(args: &SimulateArgs) -> Option<Duration> {
    (args.duration_seconds > 0.0).then(|| Duration::from_secs_f64(args.duration_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn made_devices_take_all_kinds_in_turn() {
        let devices = new_devices("g", 15);
        assert_eq!(devices.len(), 15);
        assert_eq!(devices[0].kind, devices[14].kind);
        assert!(devices.iter().any(|device| device.controls));
    }
}
