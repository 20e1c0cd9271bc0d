//! What a simulated device is made of: its sensors, and its actuators with where they stand.
//!
//! Who may move them, and when, is decided by [`super::device`] and [`super::orders`].

use super::kinds::{Actuator, DeviceKind, Follow, Sensor, Source};
use super::signal::mix;
use crate::wire::{Frame, decode_field};

/// After so long a quantity that follows slowly has come 63 % of its way.
const SLOWLY_MS: f64 = 8_000.0;

#[derive(Debug)]
pub struct Body {
    pub kind: &'static DeviceKind,
    seed: u64,
    stands: Vec<Stand>,
}

/// Where an actuator stands.
#[derive(Debug)]
struct Stand {
    actuator: &'static Actuator,
    value: f64,
    /// What a slow quantity had come to when it was moved, and when that was, in unix ms.
    was: f64,
    moved_ms: i64,
}

impl Stand {
    /// What it makes of a quantity that follows it.
    fn felt(&self, slowly: bool, unix_ms: i64) -> f64 {
        if !slowly {
            return self.value;
        }
        let since = unix_ms.saturating_sub(self.moved_ms).max(0) as f64;
        self.value + (self.was - self.value) * (-since / SLOWLY_MS).exp()
    }
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
            stands: kind.actuators.iter().map(started).collect(),
        }
    }

    pub fn measure(&self, sensor: &Sensor, unix_ms: i64) -> f64 {
        // Each sensor has a seed of its own, or all would tremble together.
        let name = sensor
            .name
            .bytes()
            .fold(self.seed, |seed, byte| mix(seed ^ u64::from(byte)));
        let moved = sensor
            .follows
            .map_or(0.0, |follow| self.moved(follow, unix_ms));
        sensor.signal.at(name, unix_ms) + moved
    }

    fn moved(&self, follow: Follow, unix_ms: i64) -> f64 {
        let stand = self.stand(follow.actuator);
        stand.map_or(0.0, |stand| {
            follow.each * stand.felt(follow.slowly, unix_ms)
        })
    }

    /// A value, and the same as it travels: the number is what that text says.
    pub fn shown(&self, source: Source, unix_ms: i64) -> (f64, String) {
        let value = match source {
            Source::Sensor(sensor) => self.measure(sensor, unix_ms),
            Source::Actuator(actuator) => self.stands(actuator),
        };
        let shown = source.shown(value);
        // A boolean's text is no number; its value is.
        (shown.parse().unwrap_or(value), shown)
    }

    pub fn source(&self, name: &str) -> Option<Source> {
        let sensor = self.kind.sensors.iter().find(|s| s.name == name);
        sensor
            .map(Source::Sensor)
            .or_else(|| self.actuator(name).map(Source::Actuator))
    }

    pub fn actuator(&self, name: &str) -> Option<&'static Actuator> {
        self.kind.actuators.iter().find(|a| a.name == name)
    }

    fn stand(&self, actuator: &str) -> Option<&Stand> {
        self.stands.iter().find(|s| s.actuator.name == actuator)
    }

    /// Value and unit of a sensor, or where an actuator stands; `None` where there is neither.
    pub fn read(&self, name: &str, now: i64) -> Option<(String, &'static str)> {
        let source = self.source(name)?;
        Some((self.shown(source, now).1, source.unit()))
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
        let actuator = self.actuator(&name).ok_or("UNKNOWN_ACTUATOR")?;
        Ok(Write {
            actuator,
            value: actuator.value(&value)?,
            expires,
        })
    }

    pub fn stands(&self, actuator: &Actuator) -> f64 {
        let known = self.stand(actuator.name);
        known.map_or(actuator.start, |stand| stand.value)
    }

    pub fn set(&mut self, actuator: &Actuator, value: f64, now: i64) {
        let mut all = self.stands.iter_mut();
        if let Some(stand) = all.find(|s| s.actuator.name == actuator.name) {
            stand.was = stand.felt(true, now);
            stand.value = value;
            stand.moved_ms = now;
        }
    }
}

fn started(actuator: &'static Actuator) -> Stand {
    Stand {
        actuator,
        value: actuator.start,
        was: actuator.start,
        moved_ms: i64::MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::kinds::GREENHOUSE;

    #[test]
    fn a_room_warms_up_by_and_by_and_cools_down_from_where_it_has_come_to() {
        let heater = GREENHOUSE.iter().find(|k| k.name == "heater").unwrap();
        let mut body = Body::new(heater, 1);
        let switch = body.actuator("heating").unwrap();
        let Source::Sensor(sensor) = body.source("air").unwrap() else {
            panic!("no sensor");
        };
        let each = sensor.follows.unwrap().each;
        let above = |body: &Body, at: i64| {
            body.measure(sensor, at) - Body::new(heater, 1).measure(sensor, at)
        };
        body.set(switch, 1.0, 10_000);
        assert!(above(&body, 10_000).abs() < 1e-9);
        assert!((above(&body, 18_000) - 0.632 * each).abs() < 0.01 * each);
        body.set(switch, 0.0, 18_000);
        assert!((above(&body, 18_000) - 0.632 * each).abs() < 0.01 * each);
        assert!((above(&body, 26_000) - 0.632 * 0.368 * each).abs() < 0.01 * each);
        assert!(above(&body, i64::MAX).abs() < 1e-9);
    }
}
