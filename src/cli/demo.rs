//! `hub demo`: a hub on a throw-away data directory, with devices that live in it.

use std::time::Duration;

use actix::System;
use tokio::sync::mpsc;

use super::serve::{Running, start_log};
use super::simulate::register;
use crate::demo::{self, FEED_CAPACITY, Place, Resident};
use crate::failure::{Context, Failure};
use crate::settings::Settings;
use crate::simulate::stop::Stop;
use crate::stdout::say;

/// The demo's hub has nothing to lose.
const GRACE: Duration = Duration::from_secs(5);

pub(super) fn run(mut settings: Settings) -> Result<(), Failure> {
    let system = System::new();
    // First of all: what ends the demo from here on also removes its data directory.
    let asked = system.block_on(async { Stop::listen()?.with_hangup() })?;
    let data_dir = tempfile::Builder::new()
        .prefix("hub-demo-")
        .tempdir()
        .context("cannot make a throw-away data directory")?;
    settings.data_dir = data_dir.path().display().to_string();
    // A hub in earnest may run beside it on the usual ports.
    settings.devices.listen = "127.0.0.1:0".into();
    settings.devices.tls_listen = "off".into();
    settings.web.listen = "127.0.0.1:0".into();
    // The log would break into the picture.
    settings.log = "error".into();
    start_log(&settings);
    let residents = move_in(&settings)?;
    let shown = system.block_on(async {
        let (watcher, sights) = mpsc::channel(FEED_CAPACITY);
        let running = Running::start(settings, Some(watcher))?;
        let place = Place {
            devices: running.devices.to_string(),
            web: running
                .web_address()
                .map(|web| web.to_string())
                .unwrap_or_default(),
            data_dir: data_dir.path().display().to_string(),
            program: std::env::args().next().unwrap_or_else(|| "hub".into()),
        };
        let shown = demo::run(place, residents, sights, asked).await;
        running.stop(GRACE).await;
        shown
    });
    shown?;
    say("The demo has ended; its data directory is removed.");
    say(
        "A hub of your own: `hub serve`, and in another terminal `hub group add NAME` and `hub device add --help`.",
    );
    Ok(())
}

/// Registers the demo's devices in their groups.
fn move_in(settings: &Settings) -> Result<Vec<Resident>, Failure> {
    let mut residents = Vec::new();
    for site in demo::sites() {
        let names: Vec<_> = site
            .devices
            .iter()
            .map(|device| device.name.clone())
            .collect();
        let credentials = register(settings, site.group, site.devices)?;
        residents.extend(
            names
                .into_iter()
                .zip(credentials)
                .map(|(name, credential)| Resident {
                    group: site.group,
                    name,
                    credential,
                }),
        );
    }
    Ok(residents)
}
