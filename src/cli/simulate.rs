//! `hub simulate`: registers devices through the service layer where none are given, then runs them.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::output::unexpected;
use super::serve::start_log;
use crate::admin::{self, ImportRow, Request, Response};
use crate::control::request;
use crate::failure::Failure;
use crate::registry::Rights;
use crate::settings::{Settings, optional_listen_address};
use crate::simulate::credential::Credential;
use crate::simulate::{NewDevice, SimulateArgs, Whereabouts};
use crate::wire::Address;

/// What a hub without a certificate of its own makes in its data directory.
const CERTIFICATE: &str = "tls-cert.pem";

pub(super) fn run(settings: &Settings, args: &SimulateArgs) -> Result<(), Failure> {
    // Warnings, as of a connection that was cut, belong beside the progress; the rest of the log does not.
    start_log(&Settings {
        log: "warn".into(),
        ..settings.clone()
    });
    let hub = Whereabouts {
        address: match &args.server {
            Some(server) => server.clone(),
            None => own_address(settings, args.tls)?,
        },
        certificate: Path::new(&settings.data_dir).join(CERTIFICATE),
    };
    crate::simulate::run(args, &hub, &|group, devices| {
        register(settings, group, devices)
    })
}

/// Where a hub with these settings is reached from its own machine.
fn own_address(settings: &Settings, tls: bool) -> Result<String, Failure> {
    let listen = if tls {
        &settings.devices.tls_listen
    } else {
        &settings.devices.listen
    };
    let mut address = optional_listen_address(listen)
        .map_err(Failure::usage)?
        .ok_or_else(|| {
            Failure::usage(
                "no TLS listener in the settings: set devices.tls_listen, or give --server",
            )
        })?;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(address.to_string())
}

/// Registers devices and gives their credentials in the same order. One that is registered already, by an
/// earlier run, gets a new serial.
pub(super) fn register(
    settings: &Settings,
    group: &str,
    devices: Vec<NewDevice>,
) -> Result<Vec<Credential>, Failure> {
    let known = match request(settings, Request::DeviceList { group: None })? {
        Response::Devices(devices) => devices,
        other => return Err(unexpected(&other)),
    };
    let known: HashMap<_, _> = known
        .iter()
        .map(|device| ((device.kind, device.id.as_str()), device.address))
        .collect();
    let mut credentials = Vec::with_capacity(devices.len());
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for (place, device) in devices.iter().enumerate() {
        match known.get(&(device.kind, device.id.as_str())) {
            Some(address) => credentials.push((place, rotated(settings, *address)?)),
            None => {
                rows.push(row(group, device, place));
                places.push(place);
            }
        }
    }
    if !rows.is_empty() {
        let imported = match request(settings, Request::DeviceImport { rows, strict: true })? {
            Response::Imported(imported) => imported,
            other => return Err(unexpected(&other)),
        };
        if let Some(error) = imported.errors.first() {
            return Err(Failure::new(format!(
                "a device could not be registered: {}",
                error.error
            )));
        }
        credentials.extend(
            places
                .into_iter()
                .zip(imported.devices.into_iter().map(credential)),
        );
    }
    credentials.sort_by_key(|(place, _)| *place);
    Ok(credentials
        .into_iter()
        .map(|(_, credential)| credential)
        .collect())
}

fn rotated(settings: &Settings, address: u32) -> Result<Credential, Failure> {
    match request(settings, Request::DeviceRotateSerial { address })? {
        Response::Credential(new) => Ok(credential(new)),
        other => Err(unexpected(&other)),
    }
}

fn credential(from: admin::Credential) -> Credential {
    Credential {
        address: Address::new(from.address),
        kind: from.kind,
        id: from.id,
        serial: from.serial,
        login: from.login,
    }
}

fn row(group: &str, device: &NewDevice, place: usize) -> ImportRow {
    let rights = if device.controls {
        Rights::Control
    } else {
        Rights::Talk
    };
    ImportRow {
        line: place as u64 + 1,
        group: group.to_owned(),
        kind: device.kind.to_string(),
        id: device.id.clone(),
        serial: String::new(),
        login: device.login.name().to_owned(),
        name: device.name.clone(),
        labels: device.labels.join(";"),
        rights: rights.name().to_owned(),
    }
}
