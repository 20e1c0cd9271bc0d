//! What a device kind is put together from: sensors and actuators, with the values that they have and take.

use crate::simulate::signal::Signal;

/// One measured quantity.
#[derive(Debug, PartialEq)]
pub struct Sensor {
    pub name: &'static str,
    pub unit: &'static str,
    pub decimals: usize,
    pub signal: Signal,
    pub follows: Option<Follow>,
}

/// An actuator of the same device that moves a measured quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Follow {
    pub actuator: &'static str,
    /// By so much for each of the actuator's units.
    pub each: f64,
    /// As a room warms up, and not as a lamp lights up.
    pub slowly: bool,
}

impl Sensor {
    pub(super) const fn new(
        name: &'static str,
        unit: &'static str,
        decimals: usize,
        signal: Signal,
    ) -> Self {
        Self {
            name,
            unit,
            decimals,
            signal,
            follows: None,
        }
    }

    pub(super) const fn follows(mut self, actuator: &'static str, each: f64) -> Self {
        self.follows = Some(Follow {
            actuator,
            each,
            slowly: false,
        });
        self
    }

    pub(super) const fn follows_slowly(mut self, actuator: &'static str, each: f64) -> Self {
        self.follows = Some(Follow {
            actuator,
            each,
            slowly: true,
        });
        self
    }

    /// The value as it travels.
    pub fn shown(&self, value: f64) -> String {
        format!("{value:.*}", self.decimals)
    }

    /// Whole numbers between which it always is, wherever the device's actuators stand.
    pub fn range(&self, actuators: &[Actuator]) -> (f64, f64) {
        let (mut low, mut high) = self.signal.range();
        let followed = self.follows.and_then(|follow| {
            let actuator = actuators.iter().find(|a| a.name == follow.actuator)?;
            Some((follow.each * actuator.low, follow.each * actuator.high))
        });
        if let Some((one, other)) = followed {
            low += one.min(other);
            high += one.max(other);
        }
        (low.floor(), high.ceil())
    }
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Number,
    /// `true` or `false` on the wire.
    Boolean,
}

impl ValueKind {
    pub const fn name(self) -> &'static str {
        match self {
            ValueKind::Number => "number",
            ValueKind::Boolean => "boolean",
        }
    }

    /// A value as it travels.
    pub fn shown(self, value: f64) -> String {
        match self {
            ValueKind::Number => value.to_string(),
            ValueKind::Boolean => (value > 0.5).to_string(),
        }
    }
}

/// Something that a WRITE moves, from `low` to `high`; a boolean is 0 or 1 inside.
#[derive(Debug, PartialEq)]
pub struct Actuator {
    pub name: &'static str,
    pub kind: ValueKind,
    pub low: f64,
    pub high: f64,
    /// Where it stands after a start.
    pub start: f64,
}

impl Actuator {
    pub(super) const fn new(name: &'static str, low: f64, high: f64, start: f64) -> Self {
        Self {
            name,
            kind: ValueKind::Number,
            low,
            high,
            start,
        }
    }

    pub(super) const fn switch(name: &'static str, on: bool) -> Self {
        Self {
            name,
            kind: ValueKind::Boolean,
            low: 0.0,
            high: 1.0,
            start: if on { 1.0 } else { 0.0 },
        }
    }

    pub fn shown(&self, value: f64) -> String {
        self.kind.shown(value)
    }

    /// What a WRITE asks for.
    ///
    /// # Errors
    /// BAD_VALUE, OUT_OF_RANGE.
    pub fn value(&self, text: &str) -> Result<f64, &'static str> {
        let value = match (self.kind, text) {
            (ValueKind::Boolean, "true") => 1.0,
            (ValueKind::Boolean, "false") => 0.0,
            (ValueKind::Boolean, _) => return Err("BAD_VALUE"),
            (ValueKind::Number, _) => text.parse::<f64>().map_err(|_| "BAD_VALUE")?,
        };
        match value {
            value if !value.is_finite() => Err("BAD_VALUE"),
            value if !(self.low..=self.high).contains(&value) => Err("OUT_OF_RANGE"),
            value => Ok(value),
        }
    }
}

/// What has a value: a sensor, or an actuator by where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    Sensor(&'static Sensor),
    Actuator(&'static Actuator),
}

impl Source {
    pub const fn name(self) -> &'static str {
        match self {
            Source::Sensor(sensor) => sensor.name,
            Source::Actuator(actuator) => actuator.name,
        }
    }

    pub const fn unit(self) -> &'static str {
        match self {
            Source::Sensor(sensor) => sensor.unit,
            Source::Actuator(_) => "",
        }
    }

    pub const fn kind(self) -> ValueKind {
        match self {
            Source::Sensor(_) => ValueKind::Number,
            Source::Actuator(actuator) => actuator.kind,
        }
    }

    /// The value as it travels.
    pub fn shown(self, value: f64) -> String {
        match self {
            Source::Sensor(sensor) => sensor.shown(value),
            Source::Actuator(actuator) => actuator.shown(value),
        }
    }
}
