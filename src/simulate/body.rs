//! What a simulated device is made of: its sensors, and its actuators with where they stand.
//!
//! Who may move them, and when, is decided by [`super::device`] and [`super::orders`].

use super::kinds::{Actuator, DeviceKind, Sensor};
use super::signal::mix;
use crate::wire::{Frame, decode_field};

#[derive(Debug)]
pub struct Body {
    pub kind: &'static DeviceKind,
    seed: u64,
    stands: Vec<(&'static Actuator, f64)>,
}

/// A WRITE that this body can carry out.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    pub actuator: &'static Actuator,
    pub value: f64,
    /// Unix ms; `None`: never.
    expires: Option<i64>,
}

impl Write {
    /// Late is worse than never: a garage door that opens at night.
    pub fn is_late(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires < now)
    }
}

impl Body {
    pub fn new(kind: &'static DeviceKind, seed: u64) -> Self {
        Self {
            kind,
            seed,
            stands: kind.actuators.iter().map(|a| (a, a.start)).collect(),
        }
    }

    pub fn measure(&self, sensor: &Sensor, unix_ms: i64) -> f64 {
        // Each sensor has a seed of its own, or all would tremble together.
        let name = sensor
            .name
            .bytes()
            .fold(self.seed, |seed, byte| mix(seed ^ u64::from(byte)));
        let moved = sensor.follows.and_then(|(actuator, each)| {
            let (_, stands) = self.stands.iter().find(|(a, _)| a.name == actuator)?;
            Some(each * stands)
        });
        sensor.signal.at(name, unix_ms) + moved.unwrap_or(0.0)
    }

    /// Value and unit of a sensor, or where an actuator stands; `None` where there is neither.
    pub fn read(&self, name: &str, now: i64) -> Option<(String, &'static str)> {
        if let Some(sensor) = self.kind.sensors.iter().find(|s| s.name == name) {
            return Some((sensor.shown(self.measure(sensor, now)), sensor.unit));
        }
        let (actuator, stands) = self.stands.iter().find(|(a, _)| a.name == name)?;
        Some((actuator.shown(*stands), ""))
    }

    /// All checks of a WRITE, and no effect; an error is the reason for a REJECTED.
    ///
    /// # Errors
    /// EXPIRED, UNKNOWN_ACTUATOR, BAD_VALUE, OUT_OF_RANGE.
    pub fn understand(&self, frame: &Frame<'_>, now: i64) -> Result<Write, &'static str> {
        let mut fields = frame.fields();
        let mut next = || fields.next().and_then(decode_field).unwrap_or_default();
        let (name, value, expires) = (next(), next(), next());
        // When it would expire must be known before anything is moved.
        let expires = match &*expires {
            "" => None,
            text => Some(text.parse().map_err(|_| "BAD_VALUE")?),
        };
        if expires.is_some_and(|expires: i64| expires < now) {
            return Err("EXPIRED");
        }
        let mut actuators = self.kind.actuators.iter();
        let known = actuators.find(|a| a.name == name);
        let actuator = known.ok_or("UNKNOWN_ACTUATOR")?;
        Ok(Write {
            actuator,
            value: actuator.value(&value)?,
            expires,
        })
    }

    pub fn stands(&self, actuator: &Actuator) -> f64 {
        let known = self.stands.iter().find(|(a, _)| a.name == actuator.name);
        known.map_or(actuator.start, |(_, stands)| *stands)
    }

    pub fn set(&mut self, actuator: &Actuator, value: f64) {
        let mut all = self.stands.iter_mut();
        if let Some((_, stands)) = all.find(|(a, _)| a.name == actuator.name) {
            *stands = value;
        }
    }
}
