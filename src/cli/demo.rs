//! `hub demo`: a hub on a throw-away data directory, with devices that live in it.

use std::time::Duration;

use actix::System;
use tokio::sync::{broadcast, mpsc};

use super::serve::{Running, start_log};
use super::simulate::register;
use crate::admin::{Admin, CommandInfo, Request, Response, SendOrder};
use crate::bus::{Bus, Event};
use crate::demo::orders::CommandSight;
use crate::demo::plan::Errand;
use crate::demo::screen::Feed;
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
        let admin = running.hub().admin.clone();
        let feed = Feed {
            sights,
            commands: commands(&running.hub().bus, admin.clone()),
        };
        let order = async |address, errand| order(&admin, address, errand).await;
        let shown = demo::run(place, residents, feed, asked, order).await;
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

/// The hub's news of commands, until nobody reads them. What does not fit is dropped, as with sights.
fn commands(bus: &Bus, admin: Admin) -> mpsc::Receiver<CommandSight> {
    let (feed, read) = mpsc::channel(FEED_CAPACITY);
    let mut news = bus.subscribe();
    actix::spawn(async move {
        while !feed.is_closed() {
            match news.recv().await {
                Ok(Event::Command(command)) => {
                    let _ = feed.try_send(sight(admin.info_of(&command)));
                }
                Ok(Event::Presence { .. } | Event::Alarm(_))
                | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    });
    read
}

fn sight(command: CommandInfo) -> CommandSight {
    CommandSight {
        group: command.group,
        id: command.id,
        address: command.address,
        issuer: command.issuer,
        kind: command.kind,
        fields: command.fields,
        state: command.state.name().to_owned(),
        detail: command.detail,
    }
}

/// As the verb `hub command send` does. An order that is refused is missing on the screen, and nothing else happens.
async fn order(admin: &Admin, address: u32, errand: Errand) {
    let order = SendOrder {
        target: address.to_string(),
        kind: errand.kind,
        fields: errand.fields,
        expires_in_ms: i64::try_from(errand.expires.as_millis()).ok(),
        ..SendOrder::default()
    };
    if let Response::Refused { error } = admin.handle(Request::CommandSend(order)).await {
        log::warn!("the demo's order was refused error={error}");
    }
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
