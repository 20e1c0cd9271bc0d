//! `hub demo`: a newcomer's first minute. Two groups, 14 simulated devices, and a live view of what passes.
//!
//! ```text
//! fleet (a thread of its own) -- sockets --> hub -- Sight, CommandSight --> view -> render -> screen
//!  ^ who is away                              ^ orders
//!  +------------ operator (the plan) ---------+
//! ```
//!
//! Stops at the hub: its caller starts one on a throw-away data directory, registers the devices of [`sites`],
//! calls [`run`], and takes the hub down when that returns.

pub mod alarms;
pub mod operator;
pub mod orders;
pub mod plan;
pub mod render;
pub mod screen;
pub mod view;
pub mod words;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::failure::{Context, Failure};
use crate::simulate::NewDevice;
use crate::simulate::credential::{Credential, LoginKind};
use crate::simulate::dial::Network;
use crate::simulate::faults::Faults;
use crate::simulate::fleet::Fleet;
use crate::simulate::kinds::{DeviceKind, GREENHOUSE, HARBOUR};
use crate::simulate::stop::Stop;
use plan::{AWAY, Errand};
use screen::Feed;
use view::View;

/// Often enough that something moves on the screen.
const EVENT_PERIOD: Duration = Duration::from_secs(3);

/// Sights that may wait for the view. The hub drops what does not fit: the demo must not slow it down.
pub const FEED_CAPACITY: usize = 1_024;

/// A customer group of the demo.
#[derive(Debug)]
pub struct Site {
    pub group: &'static str,
    pub devices: Vec<NewDevice>,
}

/// A device that is registered and ready to run.
#[derive(Debug)]
pub struct Resident {
    pub group: &'static str,
    pub name: String,
    pub credential: Credential,
}

/// Where the demo's hub is.
#[derive(Debug)]
pub struct Place {
    /// `host:port` for devices.
    pub devices: String,
    /// A link that logs a browser in, once; empty: there is no web server.
    pub dashboard: String,
    /// The throw-away data directory: verbs reach the hub through it.
    pub data_dir: String,
    /// How this program is called.
    pub program: String,
}

impl Place {
    fn shown(&self) -> Vec<String> {
        let devices = format!("devices: {}", self.devices);
        if self.dashboard.is_empty() {
            return vec![devices];
        }
        // On a line of its own, and nothing before it: it fits into 80 columns, and is easily taken.
        vec![
            format!("{devices}  |  in your browser, by this link (once):"),
            self.dashboard.clone(),
        ]
    }

    /// Registers a device and runs it: two commands to paste. Its serial is gone with the demo.
    fn own_device(&self) -> Vec<String> {
        let Self {
            devices,
            data_dir,
            program,
            ..
        } = self;
        vec![
            format!(
                "HUB_DATA_DIR={data_dir} {program} device add --group harbour --type 511 --id 1 --name mine --json > {data_dir}/my.json"
            ),
            format!(
                "python3 devices/python/hub_device.py --server {devices} --credentials {data_dir}/my.json"
            ),
        ]
    }
}

/// What has to be registered.
pub fn sites() -> [Site; 2] {
    [
        Site {
            group: "greenhouse",
            devices: GREENHOUSE.iter().map(new_device).collect(),
        },
        Site {
            group: "harbour",
            devices: HARBOUR.iter().map(new_device).collect(),
        },
    ]
}

fn new_device(kind: &DeviceKind) -> NewDevice {
    NewDevice {
        kind: kind.number,
        id: "demo-1".into(),
        name: kind.name.into(),
        labels: kind.labels.iter().map(|l| (*l).to_owned()).collect(),
        controls: kind.controls,
        login: LoginKind::Challenge,
    }
}

/// Runs the devices and an operator, and shows what the hub sees of them, until asked to stop, or until nobody reads.
/// `order` gives the hub an order for the device of that address.
///
/// # Errors
/// The devices' thread cannot be started.
pub async fn run(
    place: Place,
    residents: Vec<Resident>,
    mut feed: Feed,
    mut asked: Stop,
    order: impl AsyncFn(u32, Errand),
) -> Result<(), Failure> {
    let mut view = View {
        place: place.shown(),
        yours: place.own_device(),
        ..View::default()
    };
    let mut addresses = HashMap::new();
    for resident in &residents {
        if let Some(address) = resident.credential.address {
            view.expect(resident.group, address.get(), &resident.name);
            addresses.insert((resident.group, resident.name.clone()), address.get());
        }
    }
    let place_of_away = residents
        .iter()
        .position(|r| (r.group, r.name.as_str()) == AWAY);
    let (away, is_away) = watch::channel(false);
    let away_devices = place_of_away
        .and_then(|place| u32::try_from(place).ok())
        .map(|place| (place, is_away))
        .into_iter()
        .collect();
    let order = async |errand: Errand| {
        if let Some(address) = addresses.get(&(errand.group, errand.device.to_owned())) {
            order(*address, errand).await;
        }
    };
    let (stop, stopped) = watch::channel(false);
    let (ended, has_ended) = tokio::sync::oneshot::channel();
    let network = Network::plain(&place.devices)?;
    let credentials = residents.into_iter().map(|r| r.credential).collect();
    // A thread of its own: the devices must not share the hub's cores' event loops, or the view would measure them too.
    let devices = thread::Builder::new()
        .name("demo-devices".into())
        .spawn(move || {
            run_devices(network, credentials, away_devices, stopped);
            let _ = ended.send(());
        })
        .context("cannot start the demo's devices")?;
    let operating = async {
        operator::operate(away, order).await;
        // The device that goes away has ended for good; the others are still worth a look.
        std::future::pending().await
    };
    tokio::select! {
        () = screen::show(&mut view, &mut feed) => {}
        () = asked.asked() => {}
        () = operating => {}
    }
    let _ = stop.send(true);
    // Their goodbyes; a hub that hangs is not waited for.
    if tokio::time::timeout(Duration::from_secs(5), has_ended)
        .await
        .is_ok()
    {
        let _ = devices.join();
    }
    Ok(())
}

fn run_devices(
    network: Network,
    credentials: Vec<Credential>,
    away: BTreeMap<u32, watch::Receiver<bool>>,
    stop: watch::Receiver<bool>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let fleet = Fleet {
        network,
        seed: 1,
        event_period: EVENT_PERIOD,
        faults: Faults::default(),
        away,
        clock: Clock::system(),
        nonce: rand::random,
        tally: Arc::default(),
    };
    match runtime {
        Ok(runtime) => runtime.block_on(fleet.run(credentials, stop)),
        Err(error) => log::error!("cannot run the demo's devices: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_with_all_kinds_of_devices_and_one_controller_each() {
        let sites = sites();
        assert_eq!(sites.iter().map(|s| s.devices.len()).sum::<usize>(), 14);
        for site in sites {
            assert_eq!(site.devices.iter().filter(|d| d.controls).count(), 1);
        }
    }
}
