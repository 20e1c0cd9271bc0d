//! One value of a sensor, typed by what its text looks like.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value. Numbers that are whole and below 2^53 are always `Int`, so that one number has one form.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Int(i64),
    /// Always finite.
    Real(f64),
    Bool(bool),
    Text(Cow<'a, str>),
}

/// What a frame or a row of a file gives for one reading.
#[derive(Clone, Debug, PartialEq)]
pub enum Given<'a> {
    One(Value<'a>),
    /// A composite such as `systolic=120;diastolic=80`, checked: see [`parts_of`].
    Parts(&'a str),
}

/// Above this not every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Bytes of the name of a composite's part at most.
const PART_BYTES: usize = 64;

impl<'a> Value<'a> {
    /// Reads a value as the wire says it. `None` for a number that is not finite.
    pub fn parse(text: &'a str) -> Option<Self> {
        match text {
            "true" => return Some(Self::Bool(true)),
            "false" => return Some(Self::Bool(false)),
            _ => {}
        }
        // Most numbers begin with one of these; the parser of floats would also take nan and infinity.
        if let Ok(whole) = text.parse() {
            return Some(Self::Int(whole));
        }
        match text.parse::<f64>() {
            Ok(real) if real.is_finite() => Some(Self::from_real(real)),
            Ok(_) => None,
            Err(_) => Some(Self::Text(Cow::Borrowed(text))),
        }
    }

    /// A finite number in its one form.
    pub fn from_real(real: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        if real.fract() == 0.0 && real.abs() < EXACT {
            Self::Int(real as i64)
        } else {
            Self::Real(real)
        }
    }

    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Int(value) => Value::Int(value),
            Self::Real(value) => Value::Real(value),
            Self::Bool(value) => Value::Bool(value),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// As a number; a boolean counts as 0 or 1, so that the mean is the share of time in which it held.
    #[expect(
        clippy::cast_precision_loss,
        reason = "for sums and comparisons of unlike kinds"
    )]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            Self::Text(_) => None,
        }
    }

    /// The order of numbers and booleans among each other, and of texts; `None` between the two.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (a, b) => a.number()?.partial_cmp(&b.number()?),
        }
    }

    /// Whether `self op literal` holds. A number and a text differ, and neither is less.
    pub fn holds(&self, op: Comparison, literal: &str) -> bool {
        let order = Value::parse(literal).and_then(|literal| self.order(&literal));
        match (op, order) {
            (Comparison::Ne, None) => true,
            (_, None) => false,
            (Comparison::Eq, Some(order)) => order.is_eq(),
            (Comparison::Ne, Some(order)) => order.is_ne(),
            (Comparison::Lt, Some(order)) => order.is_lt(),
            (Comparison::Le, Some(order)) => order.is_le(),
            (Comparison::Gt, Some(order)) => order.is_gt(),
            (Comparison::Ge, Some(order)) => order.is_ge(),
        }
    }
}

/// As the wire says it; a double in the shortest form that reads back as the same.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Real(value) => write!(f, "{value:?}"),
            Self::Bool(value) => value.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// How a last known value is compared with a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl std::str::FromStr for Comparison {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(match text {
            "=" => Self::Eq,
            "!=" => Self::Ne,
            "<" => Self::Lt,
            "<=" => Self::Le,
            ">" => Self::Gt,
            ">=" => Self::Ge,
            _ => return Err(()),
        })
    }
}

impl<'a> Given<'a> {
    /// Reads what the wire gives for a value. `None`: a number that is not finite.
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.contains('=') && is_composite(text) {
            return Some(Self::Parts(text));
        }
        Value::parse(text).map(Self::One)
    }
}

/// The parts of a composite: names, and numbers.
pub fn parts_of(text: &str) -> impl Iterator<Item = (&str, Value<'_>)> {
    text.split(';').filter_map(|pair| {
        let (name, number) = pair.split_once('=')?;
        Some((name, Value::parse(number)?))
    })
}

/// `name=number;name=number`, each name once.
fn is_composite(text: &str) -> bool {
    let mut names = Vec::new();
    text.split(';').all(|pair| {
        let Some((name, number)) = pair.split_once('=') else {
            return false;
        };
        let named = (1..=PART_BYTES).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
        let fresh = !names.contains(&name);
        names.push(name);
        named && fresh && matches!(Value::parse(number), Some(Value::Int(_) | Value::Real(_)))
    })
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Real(value) => serializer.serialize_f64(*value),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Value<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

/// A number, a boolean or a text.
impl utoipa::PartialSchema for Value<'_> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
        let types = [Type::Number, Type::Boolean, Type::String];
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter(types))
            .description(Some("A number, a boolean or a text"))
            .into()
    }
}

impl utoipa::ToSchema for Value<'_> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Value")
    }
}

struct AnyValue;

impl Visitor<'_> for AnyValue {
    type Value = Value<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a boolean or a text")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Int(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "over 2^63 there is only a double"
    )]
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Value::Real(value as f64), Value::Int))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Value::from_real(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(value.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_becomes_what_it_looks_like() {
        for (text, value) in [
            ("21.5", Value::Real(21.5)),
            ("21.0", Value::Int(21)),
            ("-3", Value::Int(-3)),
            ("true", Value::Bool(true)),
            ("True", Value::Text("True".into())),
            ("", Value::Text("".into())),
        ] {
            assert_eq!(Value::parse(text), Some(value), "{text}");
        }
        for text in ["NaN", "inf", "-Infinity", "1e999"] {
            assert_eq!(Value::parse(text), None, "{text}");
        }
    }

    #[test]
    fn composites_are_pairs_of_names_and_numbers() {
        assert_eq!(Given::parse("a=1;b=2.5"), Some(Given::Parts("a=1;b=2.5")));
        let parts: Vec<_> = parts_of("a=1;b=2.5").collect();
        assert_eq!(parts, [("a", Value::Int(1)), ("b", Value::Real(2.5))]);
        for text in ["a=1;a=2", "a=x", "=1", "a=1;", "a b=1", "a=true", "a=NaN"] {
            assert!(
                matches!(Given::parse(text), Some(Given::One(Value::Text(_)))),
                "{text}"
            );
        }
    }

    #[test]
    fn values_are_compared_by_kind() {
        use Comparison::{Eq, Ge, Gt, Lt, Ne};
        assert!(Value::Real(21.5).holds(Gt, "21"));
        assert!(Value::Bool(true).holds(Eq, "1"));
        assert!(Value::Text("open".into()).holds(Eq, "open"));
        assert!(Value::Text("open".into()).holds(Ne, "1"));
        assert!(!Value::Text("open".into()).holds(Lt, "1"));
        assert!(Value::Int(i64::MAX).holds(Ge, "9223372036854775807"));
        assert!(!Value::Int(1).holds(Eq, "NaN"));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(real in proptest::num::f64::NORMAL) {
            let value = Value::from_real(real);
            let text = value.to_string();
            prop_assert_eq!(Value::parse(&text), Some(value.clone()));
            let json = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value<'static>>(&json).unwrap(), value);
        }
    }
}
