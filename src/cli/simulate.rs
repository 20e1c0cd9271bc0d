//! `hub simulate`: registers devices through the service layer where none are given, then runs them.

use super::Failure;
use super::output::unexpected;
use crate::admin::{self, ImportRow, Request, Response};
use crate::control::request;
use crate::registry::Rights;
use crate::settings::Settings;
use crate::simulate::credential::Credential;
use crate::simulate::{NewDevice, SimulateArgs};
use crate::wire::Address;

pub(super) fn run(settings: &Settings, args: &SimulateArgs) -> Result<(), Failure> {
    crate::simulate::run(args, &|group, devices| register(settings, group, devices))
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
    let mut credentials = Vec::with_capacity(devices.len());
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for (place, device) in devices.iter().enumerate() {
        match known
            .iter()
            .find(|k| k.kind == device.kind && k.id == device.id)
        {
            Some(known) => credentials.push((place, rotated(settings, known.address)?)),
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
