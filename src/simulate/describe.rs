//! What a simulated device says of itself after each login: DESCRIBE (docs/commands.md, C4.1).

use super::kinds::{Actuator, DeviceKind, Sensor, ValueKind};
use crate::wire::{FrameWriter, escape, kind};

/// A kind that has nothing says nothing.
pub fn describe(device: &DeviceKind, address: u32, out: &mut Vec<u8>) {
    if device.sensors.is_empty() && device.actuators.is_empty() {
        return;
    }
    let mut frame = FrameWriter::new(out, address, 0, kind::DESCRIBE);
    for sensor in device.sensors {
        frame = frame.as_sent(&sensor_field(sensor, device.actuators));
    }
    for actuator in device.actuators {
        frame = frame.as_sent(&actuator_field(actuator));
    }
    frame.end();
}

fn sensor_field(sensor: &Sensor, actuators: &[Actuator]) -> Vec<u8> {
    let (low, high) = sensor.range(actuators);
    let (low, high) = (low.to_string(), high.to_string());
    let kind = ValueKind::Number.name();
    field(&["S", sensor.name, kind, sensor.unit, &low, &high])
}

fn actuator_field(actuator: &Actuator) -> Vec<u8> {
    let (low, high) = match actuator.kind {
        ValueKind::Number => (actuator.low.to_string(), actuator.high.to_string()),
        ValueKind::Boolean => Default::default(),
    };
    field(&["A", actuator.name, actuator.kind.name(), &low, &high])
}

/// Parts with `:` between them; one inside a part travels as `%3A`.
fn field(parts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push(b':');
        }
        for (index, piece) in part.split(':').enumerate() {
            if index > 0 {
                out.extend_from_slice(b"%3A");
            }
            escape(&mut out, piece);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::body::Body;
    use crate::simulate::kinds::{self, GREENHOUSE, generic};
    use crate::wire::{Limits, parse};

    fn said(kind: &DeviceKind) -> String {
        let mut out = Vec::new();
        describe(kind, 42, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_device_says_what_it_has() {
        assert_eq!(
            said(generic()),
            "42|0|90|S:temperature:number:C:16:24|A:relay:boolean::|\u{4}"
        );
        let vent = GREENHOUSE.iter().find(|k| k.name == "vent").unwrap();
        assert_eq!(
            said(vent),
            "42|0|90|S:draught:number:m/s:0:3|A:opening:number:0:100|\u{4}"
        );
        assert_eq!(said(GREENHOUSE.last().unwrap()), "");
    }

    #[test]
    fn no_name_ends_a_part_a_field_or_a_frame() {
        assert_eq!(field(&["A", "a:b|c%", ""]), b"A:a%3Ab%7Cc%25:");
    }

    #[test]
    fn every_kind_fits_into_one_frame() {
        for kind in kinds::all().filter(|k| !k.sensors.is_empty()) {
            let text = said(kind);
            let frame =
                parse(text.trim_end_matches('\x04').as_bytes(), &Limits::default()).unwrap();
            let has = kind.sensors.len() + kind.actuators.len();
            assert_eq!(frame.fields().count(), has);
        }
    }

    /// The hub refuses a reading outside the range that the device gave (C4.4).
    #[test]
    fn no_device_measures_what_it_says_it_cannot() {
        for kind in kinds::all().chain([generic()]) {
            for seed in 0..10 {
                let mut body = Body::new(kind, seed);
                for ends in [|a: &Actuator| a.low, |a: &Actuator| a.high] {
                    for actuator in kind.actuators {
                        body.set(actuator, ends(actuator), i64::MIN);
                    }
                    for sensor in kind.sensors {
                        let (low, high) = sensor.range(kind.actuators);
                        for at in 0..2_000 {
                            let shown = sensor.shown(body.measure(sensor, at * 437_000));
                            let value: f64 = shown.parse().unwrap();
                            assert!((low..=high).contains(&value), "{sensor:?}: {value}");
                        }
                    }
                }
            }
        }
    }
}
