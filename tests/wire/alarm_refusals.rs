//! Rules that contradict themselves and verbs that are mistaken: a sentence, and nothing is changed (docs/alarms.md A1.9).

use serde_json::Value;

use crate::harness::{Finished, GROUP, Home, Hub};

#[track_caller]
pub(crate) fn says(finished: Finished, code: i32, words: &str) {
    assert_eq!(
        finished.code,
        Some(code),
        "{}{}",
        finished.out,
        finished.err
    );
    let said = finished.refused();
    assert!(said.contains(words), "{words:?} is not in: {said}");
}

/// Nobody could ever say what such a rule means.
#[test]
fn a_rule_that_contradicts_itself_is_refused() {
    let hub = Hub::start();
    hub.add(GROUP);
    for (words, sentence) in [
        (
            &["--when", "t > 30", "--clear", "31"][..],
            "must not be above 30",
        ),
        (&["--when", "t < 5", "--clear", "4"], "must not be below 5"),
        (&["--when", "t < true"], "number"),
        (&["--when", "door = true", "--clear", "1"], "--clear"),
        (&["--rate", "t rises 0 in 60s"], "above 0"),
        (&["--rate", "t rises -5 in 60s"], "above 0"),
        (&["--rate", "t rises 5 in 60s", "--clear", "6"], "--clear"),
        (&["--rate", "t rises 5 in 60s", "--clear", "-1"], "--clear"),
        (&["--rate", "t rises 5 in 0s"], "from 1 ms to 7 days"),
        (&["--rate", "t rises 5 in 8d"], "from 1 ms to 7 days"),
        (&["--no-data", "t 0s"], "from 1 second"),
        (&["--no-data", "t 999ms"], "from 1 second"),
        (&["--offline", "0s"], "from 1 second"),
        (&["--offline", "400d"], "a year"),
        (&["--when", "t > 30", "--for", "400d"], "--for"),
        (&["--when", "t > 30", "--clear-for", "400d"], "--clear-for"),
        (
            &["--when", "t > 30", "--act", "fan=1", "--local", "off"],
            "--local off",
        ),
        (
            &["--when", "t > 30", "--act", "fan=1", "--unit", "C"],
            "--act",
        ),
        (
            &["--when", "t > 30", "--act", "fan=1", "--clear-for", "1s"],
            "--act",
        ),
        (&["--when", "bp/systolic > 30", "--act", "fan=1"], "--act"),
        (&["--offline", "10s", "--act", "fan=1"], "--act"),
        (&["--when", "t > 30", "--act", "=1"], "--act"),
    ] {
        let refused = hub.try_rule("hot", &[&["--all"], words].concat());
        says(refused, 1, sentence);
    }
    for name in ["", "*", &"n".repeat(65)] {
        says(
            hub.try_rule(name, &["--all", "--when", "t > 30"]),
            1,
            "name",
        );
    }
    let long = format!("{} > 30", "s".repeat(65));
    says(
        hub.try_rule("hot", &["--all", "--when", &long]),
        1,
        "sensor",
    );
    assert_eq!(
        hub.json(&["alarm", "rule", "list"]),
        Value::Array(Vec::new())
    );
}

/// What cannot be read is a mistake in the command line.
#[test]
fn a_mistake_in_an_option_is_exit_code_2() {
    let home = Home::new();
    let device = home.add(GROUP);
    let at = device.at();
    for (words, sentence) in [
        (&["--all"][..], "--when, --rate, --no-data or --offline"),
        (&["--when", "t > 30"], "--device"),
        (&["--all", "--device", &at, "--when", "t > 30"], "--device"),
        (
            &["--all", "--when", "t > 30", "--offline", "10s"],
            "--offline",
        ),
        (&["--all", "--when", "t"], "--when"),
        (&["--all", "--when", "t >"], "--when"),
        (&["--all", "--when", "> 30"], "--when"),
        (&["--all", "--when", "t >= 30"], "--when"),
        (&["--all", "--when", "t == 30"], "--when"),
        (&["--all", "--when", "t > 30", "--clear", "low"], "--clear"),
        (&["--all", "--offline", "10s", "--clear", "1"], "--clear"),
        (&["--all", "--rate", "t rises 5"], "--rate"),
        (&["--all", "--rate", "t grows 5 in 60s"], "--rate"),
        (&["--all", "--rate", "t rises x in 60s"], "--rate"),
        (&["--all", "--rate", "t rises NaN in 60s"], "--rate"),
        (&["--all", "--rate", "t rises inf in 60s"], "--rate"),
        (&["--all", "--when", "t > 30", "--clear", "NaN"], "--clear"),
        (&["--all", "--when", "t > NaN"], "--when"),
        (&["--all", "--when", "t > hot"], "number"),
        (&["--all", "--rate", "t rises 5 in 60"], "and its unit"),
        (&["--all", "--no-data", "t"], "--no-data"),
        (&["--all", "--no-data", "t soon"], "and its unit"),
        (&["--all", "--offline=-1s"], "-1s"),
        (&["--all", "--when", "t > 30", "--for", "10"], "10"),
        (
            &["--all", "--when", "t > 30", "--severity", "bad"],
            "critical",
        ),
        (&["--all", "--when", "t > 30", "--act", "fan"], "--act"),
        (&["--all", "--when", "t > 30", "--local", "yes"], "auto"),
        (&["--device", "me", "--when", "t > 30"], "--device"),
    ] {
        says(home.try_rule("hot", words), 2, sentence);
    }
    let nowhere = home.verb(&["alarm", "rule", "add", "hot", "--all", "--when", "t > 30"]);
    says(nowhere, 2, "--group");
    for words in [
        &["alarm", "ack"][..],
        &["alarm", "ack", "x"],
        &["alarm", "rule", "show"],
        &["alarm", "list", "--limit", "many"],
        &["alarm", "rule", "backtest"],
        &["alarm"],
        &["alarm", "rule"],
    ] {
        let finished = home.verb(words);
        assert_eq!(finished.code, Some(2), "{words:?}");
        finished.refused();
    }
}
