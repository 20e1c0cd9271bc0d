//! The choice of points: at most as many as were asked for, and no peak left out.
//!
//! While there is room, every reading is a point. Past it the range is cut into buckets of equal time, and each keeps
//! its least and its greatest reading with their own times (min-max decimation); the first and the last reading of
//! the range are kept as well. Texts have no size: a bucket without numbers keeps its last text.

use super::{Extreme, Value};

/// Chooses among the readings that it is shown, in whatever order they come.
pub struct Points {
    from_ms: i64,
    span: i128,
    most: usize,
    /// All of them, as long as they are few.
    raw: Vec<Extreme>,
    buckets: Vec<Bucket>,
    /// Bounds and place of the bucket that the last reading went to: most come in order, and a division is dear.
    current: (i64, i64, usize),
    first: Option<Extreme>,
    last: Option<Extreme>,
}

#[derive(Clone, Default)]
struct Bucket {
    min: Option<Extreme>,
    max: Option<Extreme>,
    text: Option<Extreme>,
}

/// Fewer points than this cannot hold a first, a last, a least and a greatest one.
pub const LEAST: usize = 4;

impl Points {
    /// For readings from `from_ms` to `to_ms`, both included.
    pub fn new(from_ms: i64, to_ms: i64, most: usize) -> Self {
        Self {
            from_ms,
            span: (i128::from(to_ms) - i128::from(from_ms) + 1).max(1),
            most: most.max(LEAST),
            raw: Vec::new(),
            buckets: Vec::new(),
            current: (0, 0, 0),
            first: None,
            last: None,
        }
    }

    /// The same where it is known that there are more than `most`.
    pub fn decimating(from_ms: i64, to_ms: i64, most: usize) -> Self {
        let mut points = Self::new(from_ms, to_ms, most);
        points.buckets = vec![Bucket::default(); Self::buckets(most)];
        points
    }

    /// A copy without readings, to ask for stretches of time while this one takes readings.
    pub fn ruler(&self) -> impl Fn(i64) -> (i64, i64) + use<> {
        let ruler = Self::decimating(self.from_ms, self.from_ms, self.most);
        let ruler = Self {
            span: self.span,
            ..ruler
        };
        move |at_ms| ruler.stretch(at_ms)
    }

    /// The stretch of time, from and before, within which only the extremes of readings matter.
    fn stretch(&self, at_ms: i64) -> (i64, i64) {
        let end = i64::try_from(i128::from(self.from_ms) + self.span).unwrap_or(i64::MAX);
        if at_ms < self.from_ms {
            (i64::MIN, self.from_ms)
        } else if at_ms >= end {
            (end, i64::MAX)
        } else {
            let (from, to, _) = self.bucket_of(at_ms);
            (from, to)
        }
    }

    /// Buckets of a decimation to `most` points.
    pub fn buckets(most: usize) -> usize {
        (most.max(LEAST) - 2) / 2
    }

    /// Takes a reading, or an extreme of a roll-up. One outside the range is not looked at.
    pub fn add(&mut self, at_ms: i64, value: &Value<'_>) {
        let offset = i128::from(at_ms) - i128::from(self.from_ms);
        if !(0..self.span).contains(&offset) {
            return;
        }
        if self.first.as_ref().is_none_or(|first| at_ms < first.at_ms) {
            self.first = Some(extreme(at_ms, value));
        }
        if self.last.as_ref().is_none_or(|last| at_ms >= last.at_ms) {
            set(&mut self.last, at_ms, value);
        }
        if !self.buckets.is_empty() {
            self.decimate(at_ms, value);
            return;
        }
        self.raw.push(extreme(at_ms, value));
        if self.raw.len() > self.most {
            self.buckets = vec![Bucket::default(); Self::buckets(self.most)];
            for Extreme { at_ms, value } in std::mem::take(&mut self.raw) {
                self.decimate(at_ms, &value);
            }
        }
    }

    fn decimate(&mut self, at_ms: i64, value: &Value<'_>) {
        let (start, end, _) = self.current;
        if !(start..end).contains(&at_ms) {
            self.current = self.bucket_of(at_ms);
        }
        let Some(bucket) = self.buckets.get_mut(self.current.2) else {
            return;
        };
        if value.number().is_none() {
            if bucket.text.as_ref().is_none_or(|text| at_ms >= text.at_ms) {
                set(&mut bucket.text, at_ms, value);
            }
            return;
        }
        let less = |a: &Value<'_>, b: &Value<'_>| a.order(b).is_some_and(|order| order.is_lt());
        if bucket
            .min
            .as_ref()
            .is_none_or(|min| less(value, &min.value))
        {
            set(&mut bucket.min, at_ms, value);
        }
        if bucket
            .max
            .as_ref()
            .is_none_or(|max| less(&max.value, value))
        {
            set(&mut bucket.max, at_ms, value);
        }
    }

    /// Start, end and number of the bucket that a time within the range falls into.
    fn bucket_of(&self, at_ms: i64) -> (i64, i64, usize) {
        let count = self.buckets.len() as i128;
        let offset = i128::from(at_ms) - i128::from(self.from_ms);
        let number = (offset * count / self.span).clamp(0, count - 1);
        // The least offset whose share is at least that of the bucket.
        let edge =
            |number: i128| (number * self.span + count - 1) / count + i128::from(self.from_ms);
        let time = |edge: i128| i64::try_from(edge).unwrap_or(i64::MAX);
        (
            time(edge(number)),
            time(edge(number + 1)),
            usize::try_from(number).unwrap_or_default(),
        )
    }

    /// Whether something was left out.
    pub fn decimated(&self) -> bool {
        !self.buckets.is_empty()
    }

    /// The points in the order of time.
    pub fn finish(self) -> Vec<Extreme> {
        let mut points = self.raw;
        if self.buckets.is_empty() {
            points.sort_by_key(|point| point.at_ms);
            return points;
        }
        for bucket in self.buckets {
            let text = bucket.text.filter(|_| bucket.min.is_none());
            points.extend([bucket.min, bucket.max, text].into_iter().flatten());
        }
        points.extend([self.first, self.last].into_iter().flatten());
        points.sort_by_key(|point| point.at_ms);
        // One reading may be first, least and greatest at once.
        points.dedup();
        points
    }
}

fn extreme(at_ms: i64, value: &Value<'_>) -> Extreme {
    Extreme {
        at_ms,
        value: value.clone().into_owned(),
    }
}

/// Numbers, which are nearly all, are written in place.
fn set(slot: &mut Option<Extreme>, at_ms: i64, value: &Value<'_>) {
    *slot = Some(extreme(at_ms, value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_more_points_than_asked_and_every_peak(
            readings in proptest::collection::vec((0i64..100_000, -1000i64..1000), 1..400),
            most in 4usize..60,
            lift in prop_oneof![Just(0i64), Just(i64::MAX - 200_000), Just(i64::MIN)],
        ) {
            let at = |at: i64| lift + at;
            let times = || readings.iter().map(|(time, _)| at(*time));
            let (from, to) = (times().min().unwrap(), times().max().unwrap());
            let mut points = Points::new(from, to, most);
            for (time, value) in &readings {
                points.add(at(*time), &Value::Int(*value));
            }
            let decimated = points.decimated();
            let chosen = points.finish();
            prop_assert!(chosen.len() <= most, "{} of {most}", chosen.len());
            prop_assert!(chosen.is_sorted_by_key(|point| point.at_ms));
            prop_assert_eq!(chosen.first().unwrap().at_ms, from);
            prop_assert_eq!(chosen.last().unwrap().at_ms, to);
            prop_assert_eq!(decimated, readings.len() > most);
            for point in &chosen {
                prop_assert!(readings.iter().any(|(time, value)| at(*time) == point.at_ms && point.value == Value::Int(*value)));
            }
            let min = readings.iter().map(|(_, value)| *value).min().unwrap();
            let max = readings.iter().map(|(_, value)| *value).max().unwrap();
            for peak in [min, max] {
                prop_assert!(chosen.iter().any(|point| point.value == Value::Int(peak)));
            }
        }

        #[test]
        fn every_local_peak_of_a_bucket_is_there(values in proptest::collection::vec(-1000i64..1000, 50..300)) {
            let most = 22;
            let mut points = Points::new(0, values.len() as i64 - 1, most);
            for (at, value) in (0..).zip(&values) {
                points.add(at, &Value::Int(*value));
            }
            let chosen = points.finish();
            for bucket in 0..10 {
                let inside: Vec<_> = values.iter().enumerate().filter(|(at, _)| at * 10 / values.len() == bucket).collect();
                for peak in [inside.iter().map(|(_, v)| **v).min(), inside.iter().map(|(_, v)| **v).max()] {
                    let found = chosen.iter().any(|point| inside.iter().any(|(at, v)| *at as i64 == point.at_ms && Some(**v) == peak && point.value == Value::Int(**v)));
                    prop_assert!(found, "bucket {bucket} peak {peak:?}");
                }
            }
        }
    }

    #[test]
    fn texts_are_thinned_evenly() {
        let mut points = Points::new(0, 999, 12);
        for at in 0..1000 {
            points.add(at, &Value::Text(format!("t{at}").into()));
        }
        let times: Vec<_> = points.finish().iter().map(|point| point.at_ms).collect();
        assert_eq!(times, [0, 199, 399, 599, 799, 999]);
    }
}
