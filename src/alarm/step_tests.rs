use proptest::prelude::*;

use super::*;
use crate::alarm::{Scope, Severity};
use crate::registry::GroupId;

fn rule(check: Check, on_delay_ms: i64, off_delay_ms: i64) -> Rule {
    Rule {
        id: 1,
        group: GroupId(1),
        name: "hot".into(),
        scope: Scope::Group,
        check,
        unit: String::new(),
        severity: Severity::Major,
        enabled: true,
        on_delay_ms,
        off_delay_ms,
        act: None,
        local: false,
        created_ms: 0,
    }
}

fn above(raise: f64, clear: f64, on: i64, off: i64) -> Rule {
    let check = Check::Threshold {
        sensor: "t".into(),
        op: Op::Above,
        raise: Value::Real(raise),
        clear: Value::Real(clear),
    };
    rule(check, on, off)
}

fn rises(raise: f64, clear: f64, window_ms: i64) -> Rule {
    let check = Check::Rate {
        sensor: "t".into(),
        direction: Direction::Rises,
        raise,
        clear,
        window_ms,
    };
    rule(check, 0, 0)
}

fn no_data(after_ms: i64) -> Rule {
    let check = Check::NoData {
        sensor: "t".into(),
        after_ms,
    };
    rule(check, 0, 0)
}

/// Readings, then time until `until`; the changes as text.
fn run(rule: &Rule, readings: &[(i64, f64)], until: i64) -> String {
    let mut state = State::default();
    let mut all = Vec::new();
    for (at_ms, value) in readings {
        let value = Value::Real(*value);
        let input = Input::Reading {
            at_ms: *at_ms,
            value: &value,
        };
        let (next, changes) = step(rule, state, input);
        state = next;
        all.extend(changes);
    }
    all.extend(step(rule, state, Input::Time { at_ms: until }).1);
    shown(&all)
}

fn shown(changes: &[Change]) -> String {
    let one = |change: &Change| match change {
        Change::Raised { at_ms } => format!("+{at_ms}"),
        Change::Cleared { at_ms } => format!("-{at_ms}"),
    };
    changes.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn hysteresis_holds_between_the_levels() {
    let rule = above(30.0, 28.0, 0, 0);
    let readings = [
        (1, 30.0),
        (2, 30.1),
        (3, 29.0),
        (4, 30.5),
        (5, 28.0),
        (6, 29.9),
    ];
    assert_eq!(run(&rule, &readings, 100), "+2 -5");
}

#[test]
fn an_on_delay_wants_the_condition_all_the_time() {
    let rule = above(30.0, 28.0, 10, 0);
    assert_eq!(run(&rule, &[(0, 31.0), (5, 29.0), (6, 31.0)], 15), "");
    assert_eq!(run(&rule, &[(0, 31.0), (5, 29.0), (6, 31.0)], 16), "+16");
    // The value holds until the next one: the delay ends before it.
    assert_eq!(run(&rule, &[(0, 31.0), (20, 20.0)], 20), "+10 -20");
}

#[test]
fn an_off_delay_is_ended_by_the_condition() {
    let rule = above(30.0, 28.0, 0, 10);
    assert_eq!(run(&rule, &[(0, 31.0), (5, 20.0), (9, 29.0)], 100), "+0");
    assert_eq!(run(&rule, &[(0, 31.0), (5, 20.0)], 14), "+0");
    assert_eq!(run(&rule, &[(0, 31.0), (5, 20.0)], 15), "+0 -15");
}

#[test]
fn below_and_equal() {
    let check = Check::Threshold {
        sensor: "t".into(),
        op: Op::Below,
        raise: Value::Real(5.0),
        clear: Value::Real(6.0),
    };
    let below = rule(check, 0, 0);
    assert_eq!(
        run(&below, &[(1, 5.0), (2, 4.9), (3, 5.9), (4, 6.0)], 9),
        "+2 -4"
    );
    let check = Check::Threshold {
        sensor: "door".into(),
        op: Op::Is,
        raise: Value::Bool(true),
        clear: Value::Bool(true),
    };
    let open = rule(check, 0, 0);
    let (state, changes) = step(
        &open,
        State::default(),
        Input::Reading {
            at_ms: 1,
            value: &Value::Bool(true),
        },
    );
    assert_eq!(shown(&changes), "+1");
    let (_, changes) = step(
        &open,
        state,
        Input::Reading {
            at_ms: 2,
            value: &Value::Bool(false),
        },
    );
    assert_eq!(shown(&changes), "-2");
}

#[test]
fn a_rate_is_judged_over_its_window_and_rests_when_the_change_is_over() {
    let rule = rises(5.0, 2.0, 60_000);
    // 6 in 50 s; then nothing new: the old values leave the window.
    assert_eq!(
        run(&rule, &[(0, 10.0), (50_000, 16.0)], 200_000),
        "+50000 -60000"
    );
    // 6 in 70 s.
    assert_eq!(run(&rule, &[(0, 10.0), (70_000, 16.0)], 200_000), "");
    // The peak within the window is not skipped: it falls, and rises again.
    assert_eq!(
        run(&rule, &[(0, 10.0), (10_000, 4.0), (20_000, 9.5)], 20_000),
        "+20000"
    );
}

#[test]
fn no_data_counts_from_each_reading() {
    let rule = no_data(10_000);
    assert_eq!(run(&rule, &[(0, 1.0), (9_000, 1.0)], 18_999), "");
    assert_eq!(
        run(&rule, &[(0, 1.0), (15_000, 1.0)], 24_000),
        "+10000 -15000"
    );
    assert_eq!(
        run(&rule, &[(0, 1.0), (15_000, 1.0)], 25_000),
        "+10000 -15000 +25000"
    );
}

#[test]
fn offline_counts_from_the_goodbye() {
    let rule = rule(Check::Offline { after_ms: 1000 }, 0, 0);
    let mut state = State::default();
    let mut all = Vec::new();
    for (at_ms, online) in [
        (0, true),
        (100, false),
        (500, true),
        (600, false),
        (1700, true),
    ] {
        let (next, changes) = step(&rule, state, Input::Presence { at_ms, online });
        state = next;
        all.extend(changes);
    }
    assert_eq!(shown(&all), "+1600 -1700");
}

#[test]
fn the_later_word_of_device_and_readings_holds() {
    let rule = above(30.0, 28.0, 1000, 0);
    let report = |state, at_ms, raised| step(&rule, state, Input::Report { at_ms, raised });
    let read = |state, at_ms, value: f64| {
        let value = Value::Real(value);
        let input = Input::Reading {
            at_ms,
            value: &value,
        };
        step(&rule, state, input)
    };
    let (state, _) = read(State::default(), 0, 31.0);
    let (state, changes) = report(state, 500, true);
    assert_eq!(shown(&changes), "+500");
    // A reading of before says nothing, one of after does.
    let (state, changes) = read(state, 400, 20.0);
    assert_eq!(shown(&changes), "");
    let (state, changes) = read(state, 600, 20.0);
    assert_eq!(shown(&changes), "-600");
    let (_, changes) = report(state, 550, true);
    assert_eq!(shown(&changes), "");
}

#[test]
fn a_value_of_another_kind_says_nothing() {
    let text = Value::Text("error".into());
    let input = Input::Reading {
        at_ms: 1,
        value: &text,
    };
    assert!(
        step(&above(0.0, 0.0, 0, 0), State::default(), input)
            .1
            .is_empty()
    );
}

fn any_rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        (0f64..10.0, 0f64..5.0, 0i64..50, 0i64..50).prop_map(|(raise, less, on, off)| above(
            raise,
            raise - less,
            on,
            off
        )),
        (0.1f64..5.0, 0f64..1.0, 1i64..200).prop_map(|(r, share, w)| rises(r, r * share, w)),
        (1i64..50).prop_map(no_data),
    ]
}

proptest! {
    /// It makes no difference whether time passes in pieces: a tick that comes late or often changes nothing.
    #[test]
    fn ticks_change_nothing(rule in any_rule(), readings in prop::collection::vec((0i64..30, -2f64..12.0), 0..40), ticks in prop::collection::vec(0i64..30, 0..40)) {
        let (mut plain, mut ticked) = (State::default(), State::default());
        let (mut of_plain, mut of_ticked) = (Vec::new(), Vec::new());
        let mut now = 0;
        for (at, (gap, value)) in readings.iter().enumerate() {
            if let Some(tick) = ticks.get(at).filter(|tick| *tick <= gap) {
                let (next, changes) = step(&rule, ticked, Input::Time { at_ms: now + tick });
                ticked = next;
                of_ticked.extend(changes);
            }
            now += gap;
            let value = Value::Real(*value);
            let input = Input::Reading { at_ms: now, value: &value };
            let (next, changes) = step(&rule, plain, input);
            plain = next;
            of_plain.extend(changes);
            let (next, changes) = step(&rule, ticked, input);
            ticked = next;
            of_ticked.extend(changes);
        }
        prop_assert_eq!(of_plain, of_ticked);
        prop_assert_eq!(plain, ticked);
    }

    /// Raised and cleared take turns, and their times never go back.
    #[test]
    fn changes_take_turns(rule in any_rule(), readings in prop::collection::vec((0i64..30, -2f64..12.0, 0u8..4), 0..60)) {
        let mut state = State::default();
        let (mut now, mut raised, mut last) = (0, false, i64::MIN);
        for (gap, value, what) in readings {
            now += gap;
            let value = Value::Real(value);
            let input = match what {
                0 => Input::Report { at_ms: now, raised: value.number() > Some(5.0) },
                _ => Input::Reading { at_ms: now, value: &value },
            };
            let (next, changes) = step(&rule, state, input);
            state = next;
            for change in changes {
                let (is, at) = match change {
                    Change::Raised { at_ms } => (true, at_ms),
                    Change::Cleared { at_ms } => (false, at_ms),
                };
                prop_assert_ne!(is, raised);
                prop_assert!(at >= last && at <= now);
                (raised, last) = (is, at);
            }
            prop_assert_eq!(state.phase.is_raised(), raised);
        }
    }

    /// A threshold without delays, against the definition.
    #[test]
    fn a_threshold_is_as_defined(raise in 0f64..10.0, less in 0f64..5.0, values in prop::collection::vec(-2f64..12.0, 0..60)) {
        let rule = above(raise, raise - less, 0, 0);
        let (mut expected, mut is) = (Vec::new(), false);
        for (at, value) in (0..).zip(&values) {
            if !is && *value > raise {
                is = true;
                expected.push(Change::Raised { at_ms: at });
            } else if is && *value <= raise - less {
                is = false;
                expected.push(Change::Cleared { at_ms: at });
            }
        }
        let readings: Vec<_> = (0..).zip(values).collect();
        prop_assert_eq!(run(&rule, &readings, 1000), shown(&expected));
    }
}
