//! When a device raises and clears an alarm by itself: a pure function of a rule, of where the alarm is, of a value and
//! of a time.
//!
//! The hub has a function of its own (it knows more rules): two sides that share one could both be wrong.

/// What a value is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    Above,
    Below,
    Equal,
}

/// In the unit of its sensor; a boolean is 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    pub test: Test,
    pub threshold: f64,
    /// 0 or more: how far behind the threshold a value must come to clear the alarm. 0 for [`Test::Equal`].
    pub hysteresis: f64,
    /// So long it must hold without a break.
    pub on_delay_ms: i64,
}

/// Where an alarm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Normal,
    /// The rule holds, but not for long enough yet.
    Raising {
        since_ms: i64,
    },
    Raised,
}

/// What has to be told, and done, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Raised,
    Cleared,
}

impl Edge {
    /// As it travels.
    pub const fn name(self) -> &'static str {
        match self {
            Edge::Raised => "RAISED",
            Edge::Cleared => "CLEARED",
        }
    }
}

impl Rule {
    /// Times are unix ms. While a value is in the band between clearing and raising nothing changes, except that a
    /// delay is broken.
    pub fn step(&self, phase: Phase, value: f64, now: i64) -> (Phase, Option<Edge>) {
        let since_ms = match phase {
            Phase::Raised if self.clears(value) => return (Phase::Normal, Some(Edge::Cleared)),
            Phase::Raised => return (Phase::Raised, None),
            _ if !self.raises(value) => return (Phase::Normal, None),
            Phase::Normal => now,
            // A clock that was set back begins the delay anew, or it might last for hours.
            Phase::Raising { since_ms } => since_ms.min(now),
        };
        if now.saturating_sub(since_ms) >= self.on_delay_ms {
            (Phase::Raised, Some(Edge::Raised))
        } else {
            (Phase::Raising { since_ms }, None)
        }
    }

    /// When a delay that runs is over.
    pub fn due(&self, phase: Phase) -> Option<i64> {
        match phase {
            Phase::Raising { since_ms } => Some(since_ms.saturating_add(self.on_delay_ms)),
            Phase::Normal | Phase::Raised => None,
        }
    }

    fn raises(&self, value: f64) -> bool {
        match self.test {
            Test::Above => value > self.threshold,
            Test::Below => value < self.threshold,
            Test::Equal => value == self.threshold,
        }
    }

    fn clears(&self, value: f64) -> bool {
        match self.test {
            Test::Above => value <= self.threshold - self.hysteresis,
            Test::Below => value >= self.threshold + self.hysteresis,
            Test::Equal => value != self.threshold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const HOT: Rule = Rule {
        test: Test::Above,
        threshold: 30.0,
        hysteresis: 2.0,
        on_delay_ms: 0,
    };

    /// The edges of a course of values, one a second.
    fn edges(rule: Rule, values: &[f64]) -> Vec<(i64, Edge)> {
        let (mut phase, mut edges) = (Phase::Normal, Vec::new());
        for (now, value) in (0..).step_by(1_000).zip(values) {
            let (next, edge) = rule.step(phase, *value, now);
            edges.extend(edge.map(|edge| (now, edge)));
            phase = next;
        }
        edges
    }

    #[rstest]
    #[case(HOT, &[30.0, 30.1, 29.0, 31.0, 28.1, 28.0, 28.0], 1, 5)]
    #[case(Rule { test: Test::Below, ..HOT }, &[30.0, 29.9, 31.0, 29.0, 31.9, 32.0, 33.0], 1, 5)]
    #[case(Rule { test: Test::Equal, hysteresis: 0.0, ..HOT }, &[29.9, 30.0, 30.0, 30.1, 29.0], 1, 3)]
    #[case(Rule { hysteresis: 0.0, ..HOT }, &[30.0, 30.1, 31.0, 30.0, 29.0], 1, 3)]
    fn it_is_raised_beyond_the_threshold_and_cleared_behind_the_hysteresis(
        #[case] rule: Rule,
        #[case] values: &[f64],
        #[case] raised_s: i64,
        #[case] cleared_s: i64,
    ) {
        let expected = [
            (raised_s * 1_000, Edge::Raised),
            (cleared_s * 1_000, Edge::Cleared),
        ];
        assert_eq!(edges(rule, values), expected);
    }

    #[test]
    fn a_delay_that_is_broken_begins_anew() {
        let rule = Rule {
            on_delay_ms: 2_000,
            ..HOT
        };
        // In the band is not above.
        let values = [31.0, 31.0, 29.0, 31.0, 31.0, 31.0, 31.0];
        assert_eq!(edges(rule, &values), [(5_000, Edge::Raised)]);
        assert_eq!(rule.due(Phase::Raising { since_ms: 3_000 }), Some(5_000));
    }

    #[test]
    fn a_clock_that_is_set_back_only_begins_the_delay_anew() {
        let rule = Rule {
            on_delay_ms: 2_000,
            ..HOT
        };
        let raising = Phase::Raising {
            since_ms: 9_000_000,
        };
        let (phase, edge) = rule.step(raising, 31.0, 1_000);
        assert_eq!((phase, edge), (Phase::Raising { since_ms: 1_000 }, None));
        assert_eq!(rule.step(phase, 31.0, 3_000).1, Some(Edge::Raised));
    }

    #[test]
    fn what_is_no_number_changes_nothing_that_is_raised() {
        assert_eq!(HOT.step(Phase::Raised, f64::NAN, 0), (Phase::Raised, None));
        assert_eq!(HOT.step(Phase::Normal, f64::NAN, 0), (Phase::Normal, None));
    }

    fn rules() -> impl Strategy<Value = Rule> {
        let tests = prop::sample::select(vec![Test::Above, Test::Below, Test::Equal]);
        (tests, 0..10i8, 0..4u8, 0..5i64).prop_map(|(test, threshold, hysteresis, delay)| Rule {
            test,
            threshold: f64::from(threshold),
            hysteresis: match test {
                Test::Equal => 0.0,
                _ => f64::from(hysteresis),
            },
            on_delay_ms: delay * 1_000,
        })
    }

    proptest! {
        #[test]
        fn edges_take_turns_and_each_has_its_reason(rule in rules(), values in prop::collection::vec(0..10i8, 0..200)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let edges = edges(rule, &values);
            for (index, (_, edge)) in edges.iter().enumerate() {
                prop_assert_eq!(*edge == Edge::Raised, index % 2 == 0);
            }
            let value_at = |ms: i64| values[usize::try_from(ms / 1_000).unwrap()];
            for (at, edge) in edges {
                match edge {
                    Edge::Cleared => prop_assert!(rule.clears(value_at(at))),
                    Edge::Raised => for ms in (at - rule.on_delay_ms..=at).step_by(1_000) {
                        prop_assert!(rule.raises(value_at(ms)));
                    }
                }
            }
        }

        #[test]
        fn it_never_chatters_inside_the_band(rule in rules(), noise in prop::collection::vec(0..=100u8, 1..200)) {
            // From the clearing level up to the threshold, in neither of which the other edge lies.
            let band = |part: u8| match rule.test {
                Test::Above => rule.threshold - rule.hysteresis * f64::from(part) / 100.0,
                Test::Below => rule.threshold + rule.hysteresis * f64::from(part) / 100.0,
                Test::Equal => rule.threshold,
            };
            let values: Vec<f64> = noise.into_iter().map(band).collect();
            prop_assert!(edges(rule, &values).len() <= 1);
        }

        #[test]
        fn it_is_raised_as_soon_as_it_has_held_for_long_enough(rule in rules(), held in 0..20usize) {
            let value = match rule.test {
                Test::Above => rule.threshold + 1.0,
                Test::Below => rule.threshold - 1.0,
                Test::Equal => rule.threshold,
            };
            let edges = edges(rule, &vec![value; held]);
            let expected = (held as i64 * 1_000 > rule.on_delay_ms).then_some((rule.on_delay_ms, Edge::Raised));
            prop_assert_eq!(edges, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
