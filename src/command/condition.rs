//! A condition on a last known value, such as `vent = 0`.

use std::fmt;
use std::str::FromStr;

use crate::readings::{Comparison, Value};

const SYMBOLS: [(&str, Comparison); 6] = [
    // Longer ones first: `<=` is no `<` of `=`.
    ("!=", Comparison::Ne),
    ("<=", Comparison::Le),
    (">=", Comparison::Ge),
    ("=", Comparison::Eq),
    ("<", Comparison::Lt),
    (">", Comparison::Gt),
];

/// `name op value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub name: String,
    pub comparison: Comparison,
    pub value: String,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is no condition: write a name, one of = != < <= > >=, and a value, such as 'vent = 0'"
            )
        };
        let at = text.find(['=', '!', '<', '>']).ok_or_else(wrong)?;
        let (name, rest) = text.split_at(at);
        let (symbol, comparison) = SYMBOLS
            .into_iter()
            .find(|(symbol, _)| rest.starts_with(symbol))
            .ok_or_else(wrong)?;
        let value = rest.strip_prefix(symbol).unwrap_or_default();
        let condition = Self {
            name: name.trim().to_owned(),
            comparison,
            value: value.trim().to_owned(),
        };
        let ordered = !matches!(comparison, Comparison::Eq | Comparison::Ne);
        let whole = !condition.name.is_empty() && !condition.value.is_empty();
        if !whole || ordered && !is_number(&condition.value) {
            return Err(wrong());
        }
        Ok(condition)
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbol = SYMBOLS
            .iter()
            .find(|(_, comparison)| *comparison == self.comparison)
            .map_or("", |(symbol, _)| symbol);
        write!(f, "{} {symbol} {}", self.name, self.value)
    }
}

impl Condition {
    /// Whether it holds for a known value. A number and a text differ, and neither is less.
    pub fn holds(&self, known: &Value<'_>) -> bool {
        known.holds(self.comparison, &self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("vent = 0", "0", true)]
    #[case("vent=0", "0.0", true)]
    #[case("vent != 0", "1", true)]
    #[case("t <= 21.5", "21.5", true)]
    #[case("t < 21.5", "21.5", false)]
    #[case("t >= -3", "warm", false)]
    #[case("door = closed", "closed", true)]
    #[case("door != closed", "open", true)]
    #[case("two words > 3", "4", true)]
    fn it_holds_or_not(#[case] text: &str, #[case] known: &str, #[case] holds: bool) {
        let condition: Condition = text.parse().unwrap();
        assert_eq!(condition.holds(&Value::parse(known).unwrap()), holds);
        assert_eq!(condition.to_string().parse(), Ok(condition));
    }

    #[rstest]
    #[case("vent")]
    #[case("= 3")]
    #[case("vent =")]
    #[case("t < warm")]
    #[case("t ! 3")]
    #[case("t < NaN")]
    fn what_is_no_condition_is_refused(#[case] text: &str) {
        assert!(text.parse::<Condition>().unwrap_err().contains("such as"));
    }
}
