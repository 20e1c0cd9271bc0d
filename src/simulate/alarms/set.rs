//! ALARM_SET as a device understands it: all checks, and no effect.

use super::rule::{Rule, Test};
use crate::simulate::body::Body;
use crate::simulate::kinds::{Actuator, Source, ValueKind};
use crate::wire::{Frame, decode_field};

/// An alarm's name may be so long, in bytes.
const NAME: usize = 256;
/// Longer delays are a mistake.
const DELAY_MS: i64 = 7 * 24 * 3_600_000;

/// What the device does by itself when the alarm is raised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Act {
    pub actuator: &'static Actuator,
    pub value: f64,
}

/// An alarm that the hub set.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmSet {
    pub name: String,
    pub source: Source,
    pub rule: Rule,
    /// `None`: it only reports.
    pub act: Option<Act>,
}

impl AlarmSet {
    /// `alarm, sensor, > < or =, threshold, hysteresis, on-delay ms, actuator, value to write, msgno`.
    ///
    /// # Errors
    /// UNKNOWN_SENSOR, UNKNOWN_ACTUATOR, BAD_VALUE, OUT_OF_RANGE: the reason for a REJECTED.
    pub fn read(frame: &Frame<'_>, body: &Body) -> Result<Self, &'static str> {
        let fields: Option<Vec<_>> = frame.fields().map(decode_field).collect();
        let fields = fields.ok_or("BAD_VALUE")?;
        let [
            name,
            source,
            test,
            threshold,
            hysteresis,
            delay,
            actuator,
            value,
            _,
        ] = fields.as_slice()
        else {
            return Err("BAD_VALUE");
        };
        if name.is_empty() || name.len() > NAME || name == "*" {
            return Err("BAD_VALUE");
        }
        let source = body.source(source).ok_or("UNKNOWN_SENSOR")?;
        Ok(Self {
            name: name.to_string(),
            source,
            rule: rule(source.kind(), test, threshold, hysteresis, delay)?,
            act: act(body, actuator, value)?,
        })
    }
}

fn rule(
    kind: ValueKind,
    test: &str,
    threshold: &str,
    hysteresis: &str,
    delay: &str,
) -> Result<Rule, &'static str> {
    let test = match (test, kind) {
        ("=", _) => Test::Equal,
        (">", ValueKind::Number) => Test::Above,
        ("<", ValueKind::Number) => Test::Below,
        _ => return Err("BAD_VALUE"),
    };
    // An empty one is none: what is not needed need not be written.
    let hysteresis = match hysteresis {
        "" => 0.0,
        text => number(text)?,
    };
    let on_delay_ms = match delay {
        "" => 0,
        text => text.parse().map_err(|_| "BAD_VALUE")?,
    };
    let fits = hysteresis >= 0.0
        && (test != Test::Equal || hysteresis == 0.0)
        && (0..=DELAY_MS).contains(&on_delay_ms);
    if !fits {
        return Err("BAD_VALUE");
    }
    Ok(Rule {
        test,
        threshold: match (kind, threshold) {
            (ValueKind::Boolean, "true") => 1.0,
            (ValueKind::Boolean, "false") => 0.0,
            (ValueKind::Boolean, _) => return Err("BAD_VALUE"),
            (ValueKind::Number, text) => number(text)?,
        },
        hysteresis,
        on_delay_ms,
    })
}

fn number(text: &str) -> Result<f64, &'static str> {
    let number = text.parse().map_err(|_| "BAD_VALUE")?;
    if f64::is_finite(number) {
        Ok(number)
    } else {
        Err("BAD_VALUE")
    }
}

fn act(body: &Body, actuator: &str, value: &str) -> Result<Option<Act>, &'static str> {
    if actuator.is_empty() && value.is_empty() {
        return Ok(None);
    }
    let actuator = body.actuator(actuator).ok_or("UNKNOWN_ACTUATOR")?;
    let value = actuator.value(value)?;
    Ok(Some(Act { actuator, value }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::kinds::generic;
    use crate::wire::{Limits, parse};
    use rstest::rstest;

    fn read(fields: &str) -> Result<AlarmSet, &'static str> {
        let text = format!("0|42|31|{fields}|9|");
        let frame = parse(text.as_bytes(), &Limits::default()).unwrap();
        AlarmSet::read(&frame, &Body::new(generic(), 1))
    }

    #[rstest]
    #[case("hot|temperature|>|30|2|5000|relay|true")]
    #[case("hot|temperature|<|-4.5|0|0||")]
    #[case("a%7Cb|temperature|=|21|||relay|false")]
    #[case("on|relay|=|true|0|0||")]
    fn what_a_device_can_do_it_takes(#[case] fields: &str) {
        assert!(read(fields).is_ok());
    }

    #[rstest]
    #[case("hot|wind|>|30|2|0||", "UNKNOWN_SENSOR")]
    #[case("hot|temperature|>|30|2|0|door|1", "UNKNOWN_ACTUATOR")]
    #[case("hot|temperature|>|30|2|0||1", "UNKNOWN_ACTUATOR")]
    #[case("hot|temperature|>|30|2|0|relay|", "BAD_VALUE")]
    #[case("hot|temperature|>|30|2|0|relay|1", "BAD_VALUE")]
    #[case("hot|temperature|>=|30|2|0||", "BAD_VALUE")]
    #[case("hot|temperature|>|warm|2|0||", "BAD_VALUE")]
    #[case("hot|temperature|>|NaN|2|0||", "BAD_VALUE")]
    #[case("hot|temperature|>|30|-1|0||", "BAD_VALUE")]
    #[case("hot|temperature|=|30|1|0||", "BAD_VALUE")]
    #[case("hot|temperature|>|30|2|-1||", "BAD_VALUE")]
    #[case("hot|temperature|>|30|2|soon||", "BAD_VALUE")]
    #[case("hot|relay|>|0|0|0||", "BAD_VALUE")]
    #[case("on|relay|=|1|0|0||", "BAD_VALUE")]
    #[case("|temperature|>|30|2|0||", "BAD_VALUE")]
    #[case("*|temperature|>|30|2|0||", "BAD_VALUE")]
    #[case("hot|temperature|>|30", "BAD_VALUE")]
    #[case("hot%0|temperature|>|30|2|0||", "BAD_VALUE")]
    fn the_rest_has_its_reason(#[case] fields: &str, #[case] reason: &str) {
        assert_eq!(read(fields).unwrap_err(), reason);
    }

    #[test]
    fn a_value_out_of_its_actuators_range_is_told_before_it_is_too_late() {
        use crate::simulate::kinds::GREENHOUSE;
        let vent = GREENHOUSE.iter().find(|k| k.name == "vent").unwrap();
        let frame = parse(
            b"0|42|31|a|draught|>|1|0|0|opening|101|9|",
            &Limits::default(),
        )
        .unwrap();
        let reason = AlarmSet::read(&frame, &Body::new(vent, 1)).unwrap_err();
        assert_eq!(reason, "OUT_OF_RANGE");
    }
}
