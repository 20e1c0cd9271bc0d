//! What a device can do: its sensors and actuators, as it described itself or an operator did.

mod described;

pub use described::{Described, Source};

use crate::wire::decode_field;

/// Bytes of a name, a kind or a unit at most.
const NAME_BYTES: usize = 64;

/// A sensor or an actuator.
#[derive(Clone, Debug, PartialEq)]
pub struct Capability {
    pub acts: bool,
    pub name: String,
    /// `number`, `boolean`, `text`, `composite`, `button`, or what the device said: then it is not checked.
    pub kind: String,
    /// Of a sensor.
    pub unit: String,
    /// The range, if there is one.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// The shape of a field of DESCRIBE, for people.
pub const SHAPES: &str = "S:name:kind:unit:min:max or A:name:kind:min:max";

impl Capability {
    /// Reads one field of DESCRIBE as it travels: `S:name:kind:unit:min:max` or `A:name:kind:min:max`, of which all but the
    /// name may be empty.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(field: &[u8]) -> Result<Self, String> {
        let shown = String::from_utf8_lossy(field).into_owned();
        let parts = field
            .split(|byte| *byte == b':')
            .map(|part| decode_field(part).map(std::borrow::Cow::into_owned))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| format!("{shown:?} has a broken escape"))?;
        let parts: Vec<_> = parts.iter().map(String::as_str).collect();
        let (acts, name, kind, unit, low, high) = match parts.as_slice() {
            ["S", name, kind, unit, low, high] => (false, *name, *kind, *unit, low, high),
            ["A", name, kind, low, high] => (true, *name, *kind, "", low, high),
            _ => return Err(format!("{shown:?} is not {SHAPES}")),
        };
        let (low, high) = (bound(low, &shown)?, bound(high, &shown)?);
        let long = [name, kind, unit].into_iter().any(|t| t.len() > NAME_BYTES);
        if name.is_empty() || long || name.chars().any(char::is_control) {
            return Err(format!(
                "{shown:?} needs a name, and its parts may have {NAME_BYTES} bytes"
            ));
        }
        if low.zip(high).is_some_and(|(low, high)| low > high) {
            return Err(format!("{shown:?} has a minimum over its maximum"));
        }
        Ok(Self {
            acts,
            name: name.to_owned(),
            kind: kind.to_owned(),
            unit: unit.to_owned(),
            low,
            high,
        })
    }

    /// Whether the actuator takes a value as the wire writes it.
    ///
    /// # Errors
    /// The reason as the wire says it.
    pub fn takes(&self, value: &str) -> Result<(), &'static str> {
        let number = value.parse::<f64>().ok();
        let fits = match self.kind.as_str() {
            "number" => number.is_some(),
            "boolean" => matches!(value, "true" | "false"),
            _ => true,
        };
        match number {
            _ if !fits => Err("BAD_VALUE"),
            Some(number) if !self.has_in_range(number) => Err("OUT_OF_RANGE"),
            _ => Ok(()),
        }
    }

    pub fn has_in_range(&self, number: f64) -> bool {
        self.low.is_none_or(|low| number >= low) && self.high.is_none_or(|high| number <= high)
    }
}

fn bound(text: &str, shown: &str) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        _ => Err(format!(
            "{shown:?} has a bound that is no finite number: {text:?}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Capability, String> {
        Capability::parse(text.as_bytes())
    }

    #[test]
    fn a_field_of_describe_is_read() {
        let sensor = parsed("S:outside%3A north:number:%C2%B0C:-40:85").unwrap();
        assert_eq!(
            (sensor.name.as_str(), sensor.unit.as_str(), sensor.acts),
            ("outside: north", "°C", false)
        );
        assert_eq!((sensor.low, sensor.high), (Some(-40.0), Some(85.0)));
        let actuator = parsed("A:lamp:boolean::").unwrap();
        assert!(actuator.acts && actuator.low.is_none());
        for wrong in [
            "",
            "X:a:b",
            "S:",
            "A:a:number",
            "A:a:number:x:1",
            "A:a:number:2:1",
            "A:a:number:1:2:3",
            "S:a%4:n:::",
            "A:a:n:NaN:",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_an_actuator_takes() {
        let vent = parsed("A:vent:number:0:100").unwrap();
        assert_eq!(vent.takes("40"), Ok(()));
        assert_eq!(vent.takes("100.5"), Err("OUT_OF_RANGE"));
        assert_eq!(vent.takes("open"), Err("BAD_VALUE"));
        assert_eq!(
            parsed("A:lamp:boolean::").unwrap().takes("maybe"),
            Err("BAD_VALUE")
        );
        assert_eq!(parsed("A:lamp:colour::").unwrap().takes("red"), Ok(()));
    }
}
