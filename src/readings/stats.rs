//! What a roll-up says of its readings: count, least, greatest, mean, last.

use super::Value;

/// A least or greatest value and the device time (Unix ms) of its first occurrence.
#[derive(Clone, Debug, PartialEq)]
pub struct Extreme {
    pub at_ms: i64,
    pub value: Value<'static>,
}

/// A roll-up. Texts are counted and may be the last value; numbers and booleans make the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    pub count: u64,
    /// Of these, how many were numbers or booleans.
    pub numbers: u64,
    pub min: Option<Extreme>,
    pub max: Option<Extreme>,
    /// Of the numbers; held within what a double can be.
    pub sum: f64,
    pub last: Extreme,
}

impl Stats {
    pub fn of(at_ms: i64, value: &Value<'_>) -> Self {
        let last = Extreme {
            at_ms,
            value: value.clone().into_owned(),
        };
        let number = value.number();
        let extreme = number.is_some().then(|| last.clone());
        Self {
            count: 1,
            numbers: u64::from(number.is_some()),
            min: extreme.clone(),
            max: extreme,
            sum: number.unwrap_or_default(),
            last,
        }
    }

    /// Takes one more reading.
    pub fn add(&mut self, at_ms: i64, value: &Value<'_>) {
        self.count += 1;
        if let Some(number) = value.number() {
            self.numbers += 1;
            self.sum = held(self.sum + number);
            let less = |a: &Value<'_>, b: &Value<'_>| a.order(b).is_some_and(|order| order.is_lt());
            if self.min.as_ref().is_none_or(|min| less(value, &min.value)) {
                self.min = Some(extreme(at_ms, value));
            }
            if self.max.as_ref().is_none_or(|max| less(&max.value, value)) {
                self.max = Some(extreme(at_ms, value));
            }
        }
        if at_ms >= self.last.at_ms {
            self.last = extreme(at_ms, value);
        }
    }

    /// Takes all that another roll-up has seen.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.numbers += other.numbers;
        self.sum = held(self.sum + other.sum);
        for (mine, theirs, lower) in [
            (&mut self.min, &other.min, true),
            (&mut self.max, &other.max, false),
        ] {
            let Some(theirs) = theirs else { continue };
            let replaces = mine
                .as_ref()
                .is_none_or(|mine| match theirs.value.order(&mine.value) {
                    Some(order) if order.is_eq() => theirs.at_ms < mine.at_ms,
                    Some(order) => order.is_lt() == lower,
                    None => false,
                });
            if replaces {
                *mine = Some(theirs.clone());
            }
        }
        if other.last.at_ms >= self.last.at_ms {
            self.last = other.last.clone();
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    pub fn mean(&self) -> Option<f64> {
        (self.numbers > 0).then(|| self.sum / self.numbers as f64)
    }
}

fn extreme(at_ms: i64, value: &Value<'_>) -> Extreme {
    Extreme {
        at_ms,
        value: value.clone().into_owned(),
    }
}

/// A sum that grew over all bounds stays the greatest double: infinity less infinity would be no number.
fn held(sum: f64) -> f64 {
    sum.clamp(f64::MIN, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[(i64, i64)]) -> Option<Stats> {
        let mut all: Option<Stats> = None;
        for (at, value) in values {
            match &mut all {
                Some(stats) => stats.add(*at, &Value::Int(*value)),
                None => all = Some(Stats::of(*at, &Value::Int(*value))),
            }
        }
        all
    }

    proptest! {
        #[test]
        fn two_halves_merge_to_the_whole(steps in proptest::collection::vec((1i64..9, -50i64..50), 2..60), cut in 1usize..59) {
            let mut at = 0;
            let values: Vec<_> = steps.iter().map(|(step, value)| { at += step; (at, *value) }).collect();
            let cut = cut.min(values.len() - 1);
            let mut merged = of(&values[..cut]).unwrap();
            merged.merge(&of(&values[cut..]).unwrap());
            prop_assert_eq!(Some(merged), of(&values));
        }
    }

    #[test]
    fn texts_count_and_are_last_without_being_extreme() {
        let mut stats = Stats::of(1, &Value::Int(5));
        stats.add(2, &Value::Text("off".into()));
        assert_eq!(
            (stats.count, stats.numbers, stats.mean()),
            (2, 1, Some(5.0))
        );
        assert_eq!(stats.last.value, Value::Text("off".into()));
        assert_eq!(stats.max.unwrap().at_ms, 1);
    }
}
