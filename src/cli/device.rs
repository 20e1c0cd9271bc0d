//! `hub device`

use clap::Subcommand;

use super::command::time;
use super::import::ImportArgs;
use super::output::{json, table, unexpected};
use crate::admin::{Credential, DeviceInfo, NewDevice, Request, Response};
use crate::control::request;
use crate::failure::Failure;
use crate::ledger::DropReason;
use crate::presence::PresenceState;
use crate::registry::{LoginKind, Rights};
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, Subcommand)]
pub(super) enum DeviceVerb {
    /// Register a device; prints its address and serial once
    #[command(
        after_help = "Example: hub device add --group greenhouse --type 511 --id 100001 --name 'Vent north' --label vents"
    )]
    Add(AddArgs),
    /// Register the devices of a CSV file (header: group,type,id,serial,login,name and perhaps labels,rights)
    #[command(
        after_help = "Example: hub device import boards.csv --credentials boards-with-serials.csv"
    )]
    Import(ImportArgs),
    /// Show all devices
    #[command(after_help = "Example: hub device list --group greenhouse --json")]
    List {
        /// Only those of this group
        #[arg(long)]
        group: Option<String>,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Show a device and the ledger of its frames
    #[command(after_help = "Example: hub device show 1234567")]
    Show {
        address: u32,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Refuse a device's logins and end its session
    #[command(after_help = "Example: hub device disable 1234567")]
    Disable { address: u32 },
    /// Let a disabled device log in again
    #[command(after_help = "Example: hub device enable 1234567")]
    Enable { address: u32 },
    /// Give a device a new serial, print it once, and end its session
    #[command(after_help = "Example: hub device rotate-serial 1234567")]
    RotateSerial {
        address: u32,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Remove a device with all that it reported, and end its session
    #[command(after_help = "Example: hub device remove 1234567")]
    Remove { address: u32 },
    /// Say what a device has that cannot say it itself; without any, take back what was said
    #[command(
        after_help = "Example: hub device describe 1234567 S:temperature:number:C:-40:85 A:vent:number:0:100"
    )]
    Describe {
        address: u32,
        /// S:name:kind:unit:min:max for a sensor, A:name:kind:min:max for an actuator
        capabilities: Vec<String>,
    },
    /// Show what a device has, its last known values, and what is wanted of its actuators
    #[command(after_help = "Example: hub device capabilities 1234567")]
    Capabilities {
        address: u32,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Move a device to another group, without its labels; its old readings stay with the old group
    #[command(after_help = "Example: hub device move 1234567 harbour")]
    Move { address: u32, group: String },
}

#[derive(Debug, clap::Args)]
pub(super) struct AddArgs {
    /// The customer group
    #[arg(long)]
    group: String,
    /// The device's type, a number
    #[arg(long = "type", value_name = "TYPE")]
    kind: u32,
    /// The device's id
    #[arg(long)]
    id: String,
    /// A name for people
    #[arg(long, default_value = "")]
    name: String,
    /// A label by which peers reach it as @label; may be repeated
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// The serial that the board has already; without it one is generated
    #[arg(long)]
    serial: Option<String>,
    /// The least login that is accepted
    #[arg(long, value_enum, default_value = "challenge")]
    login: LoginKind,
    /// What the device may do
    #[arg(long, value_enum, default_value = "talk")]
    rights: Rights,
    /// Legacy nonces to remember; 0 for boards whose random numbers repeat
    #[arg(long, default_value_t = 200)]
    nonce_memory: u32,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
}

pub(super) fn run(settings: &Settings, verb: DeviceVerb) -> Result<(), Failure> {
    match verb {
        DeviceVerb::Add(args) => add(settings, args),
        DeviceVerb::Import(args) => super::import::run(settings, &args),
        DeviceVerb::List { group, json } => list(settings, group, json),
        DeviceVerb::Show { address, json } => show(settings, address, json),
        DeviceVerb::Disable { address } => change(
            settings,
            Request::DeviceSetDisabled {
                address,
                disabled: true,
            },
            &format!("device {address} disabled"),
        ),
        DeviceVerb::Enable { address } => change(
            settings,
            Request::DeviceSetDisabled {
                address,
                disabled: false,
            },
            &format!("device {address} enabled"),
        ),
        DeviceVerb::RotateSerial { address, json } => credential(
            request(settings, Request::DeviceRotateSerial { address })?,
            json,
        ),
        DeviceVerb::Remove { address } => change(
            settings,
            Request::DeviceRemove { address },
            &format!("device {address} removed"),
        ),
        DeviceVerb::Describe {
            address,
            capabilities,
        } => {
            let done = format!("device {address} described");
            let asked = Request::DeviceDescribe {
                address,
                capabilities,
            };
            change(settings, asked, &done)
        }
        DeviceVerb::Capabilities { address, json } => {
            super::capability::capabilities(settings, address, json)
        }
        DeviceVerb::Move { address, group } => {
            let done = format!("device {address} moved to {group}");
            change(settings, Request::DeviceMove { address, group }, &done)
        }
    }
}

fn change(settings: &Settings, asked: Request, done: &str) -> Result<(), Failure> {
    request(settings, asked)?;
    say(format_args!("{done}"));
    Ok(())
}

fn add(settings: &Settings, args: AddArgs) -> Result<(), Failure> {
    let new = NewDevice {
        group: args.group,
        kind: args.kind,
        id: args.id,
        name: args.name,
        labels: args.labels,
        serial: args.serial,
        login: args.login,
        rights: args.rights,
        nonce_memory: args.nonce_memory,
    };
    credential(request(settings, Request::DeviceAdd(new))?, args.json)
}

fn credential(response: Response, as_json: bool) -> Result<(), Failure> {
    match response {
        Response::Credential(credential) if as_json => json(&credential),
        Response::Credential(Credential {
            address, serial, ..
        }) => {
            say(format_args!("address {address}"));
            say(format_args!("serial  {serial}"));
            say("Write both into the board now: the serial is not shown again.");
            Ok(())
        }
        other => Err(unexpected(&other)),
    }
}

fn list(settings: &Settings, group: Option<String>, as_json: bool) -> Result<(), Failure> {
    match request(settings, Request::DeviceList { group })? {
        Response::Devices(devices) if as_json => json(&devices),
        Response::Devices(devices) => {
            table(
                [
                    "address", "group", "type", "id", "name", "labels", "rights", "login", "state",
                ],
                devices.into_iter().map(|device| {
                    let state = state(&device);
                    [
                        device.address.to_string(),
                        device.group,
                        device.kind.to_string(),
                        device.id,
                        device.name,
                        device.labels.join(" "),
                        device.rights.name().into(),
                        device.login.name().into(),
                        state,
                    ]
                }),
            );
            Ok(())
        }
        other => Err(unexpected(&other)),
    }
}

fn state(device: &DeviceInfo) -> String {
    let presence = &device.presence;
    let mut words = vec![presence.state.name().to_owned()];
    if presence.state == PresenceState::Offline
        && let Some(since) = presence.since_ms
    {
        let reason = &presence.reason;
        words = vec![format!("offline ({reason}) since {}", time(since))];
    }
    if device.disabled {
        words.push("disabled".into());
    }
    if device.weak {
        words.push("weak login".into());
    }
    words.join(", ")
}

fn show(settings: &Settings, address: u32, as_json: bool) -> Result<(), Failure> {
    let device = match request(settings, Request::DeviceShow { address })? {
        Response::Device(device) => device,
        other => return Err(unexpected(&other)),
    };
    if as_json {
        return json(&device);
    }
    say(format_args!("address  {}", device.address));
    say(format_args!("group    {}", device.group));
    say(format_args!("type/id  {}/{}", device.kind, device.id));
    say(format_args!("name     {}", device.name));
    say(format_args!("labels   {}", device.labels.join(" ")));
    say(format_args!("rights   {}", device.rights.name()));
    say(format_args!("login    {}", device.login.name()));
    say(format_args!("state    {}", state(&device)));
    if let Some(at) = device.presence.last_byte_ms {
        say(format_args!("heard    {}", time(at)));
    }
    match &device.ledger {
        None => say("frames   none since the hub's start"),
        Some(ledger) => {
            say(format_args!(
                "frames   {} received = {} delivered + {} answered + {} dropped + {} under way",
                ledger.received,
                ledger.delivered,
                ledger.answered,
                ledger.dropped.iter().sum::<u64>(),
                ledger.under_way()
            ));
            for (reason, count) in DropReason::ALL.iter().zip(ledger.dropped) {
                if count > 0 {
                    say(format_args!("dropped  {count} {}", reason.name()));
                }
            }
            say(format_args!(
                "copies   {} made = {} delivered + {} dropped",
                ledger.copies_made, ledger.copies_delivered, ledger.copies_dropped
            ));
        }
    }
    Ok(())
}
