//! `hub device describe` and `hub device capabilities`

use super::command::time;
use super::output::{json, table, unexpected};
use crate::admin::{CapabilitiesInfo, KnownValue, Request, Response};
use crate::control::request;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::stdout::say;

pub(super) fn capabilities(
    settings: &Settings,
    address: u32,
    as_json: bool,
) -> Result<(), Failure> {
    let info = match request(settings, Request::DeviceCapabilities { address })? {
        Response::Capabilities(info) => info,
        other => return Err(unexpected(&other)),
    };
    if as_json {
        return json(&info);
    }
    print(&info);
    Ok(())
}

fn print(info: &CapabilitiesInfo) {
    if info.sensors.is_empty() && info.actuators.is_empty() {
        say("nothing is known of what this device has; hub device describe says it");
        return;
    }
    let range = |min: Option<f64>, max: Option<f64>| match (min, max) {
        (None, None) => String::new(),
        (min, max) => format!("{} to {}", bound(min), bound(max)),
    };
    let sensors = info.sensors.iter().map(|sensor| {
        [
            "sensor".into(),
            sensor.name.clone(),
            sensor.kind.clone(),
            sensor.unit.clone(),
            range(sensor.min, sensor.max),
            sensor.by.clone(),
            known(sensor.last.as_ref()),
            String::new(),
        ]
    });
    let actuators = info.actuators.iter().map(|actuator| {
        let desired = actuator.desired.as_ref();
        [
            "actuator".into(),
            actuator.name.clone(),
            actuator.kind.clone(),
            String::new(),
            range(actuator.min, actuator.max),
            actuator.by.clone(),
            known(actuator.reported.as_ref()),
            desired.map_or_else(String::new, |desired| {
                let state = desired.state.replace('_', " ");
                format!("{} (command {}: {state})", desired.value, desired.command)
            }),
        ]
    });
    table(
        [
            "",
            "name",
            "kind",
            "unit",
            "range",
            "said by",
            "last known",
            "desired",
        ],
        sensors.chain(actuators),
    );
    for event in &info.events {
        say(format_args!(
            "reports {} every {} ms (command {})",
            event.sensor, event.period_ms, event.command
        ));
    }
}

fn bound(bound: Option<f64>) -> String {
    bound.map_or_else(|| "any".into(), |bound| bound.to_string())
}

fn known(value: Option<&KnownValue>) -> String {
    value.map_or_else(String::new, |known| {
        format!("{} at {}", known.value, time(known.at_ms))
    })
}
