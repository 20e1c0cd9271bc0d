//! What a device answers, and what it may not (docs/commands.md C2.5, C2.8, C2.10).

use rusqlite::types::Value;

use crate::harness::{Stored, obedient};

/// C2.5: the answers that end a command, and what it says afterwards.
#[test]
fn each_answer_ends_its_command() {
    let (hub, device, mut a) = obedient();
    let now = Stored::now_ms();
    for (words, answer, outcome) in [
        (
            &["read", "t"][..],
            format!("2|t|21.5|C|{now}"),
            ("succeeded", "21.5"),
        ),
        (
            &["clock-read"],
            format!("2|clock|{now}|ms|{now}"),
            ("succeeded", &*now.to_string()),
        ),
        (
            &["write", "vent", "1"],
            "4|vent|0.7".to_owned(),
            ("succeeded", "0.7"),
        ),
        (
            &["write", "sign", "x"],
            "4|sign|half%7Copen".to_owned(),
            ("succeeded", "half|open"),
        ),
        (&["blink"], "6".to_owned(), ("succeeded", "")),
        (
            &["event-set", "t", "60000"],
            "6".to_owned(),
            ("succeeded", ""),
        ),
        (&["1000", "x"], "4|x|1".to_owned(), ("succeeded", "1")),
        (
            &["read", "u"],
            "5|UNKNOWN_SENSOR".to_owned(),
            ("rejected", "UNKNOWN_SENSOR"),
        ),
        (
            &["write", "vent", "9"],
            "5|OUT_OF_RANGE".to_owned(),
            ("rejected", "OUT_OF_RANGE"),
        ),
        (
            &["blink"],
            "5|dark%7Chere".to_owned(),
            ("rejected", "dark|here"),
        ),
        (&["1000", "x"], "5|NO".to_owned(), ("rejected", "NO")),
    ] {
        let command = a.ordered(&hub, &device, words);
        a.answer(&command, answer);
        let ended = hub.until(command.id(), outcome.0);
        assert_eq!(ended.outcome(), outcome, "{words:?}");
        assert!(
            ended.number("sent_ms") <= ended.number("ended_ms"),
            "{ended:?}"
        );
        assert_eq!(ended["late"], false);
    }
    a.expect_nothing();
}

/// C2.5: ACCEPTED is on the way for what reports something.
#[test]
fn an_accepted_command_is_not_ended() {
    let (hub, device, mut a) = obedient();
    for (words, answer, state) in [
        (&["write", "vent", "1"][..], "4|vent|1", "succeeded"),
        (&["write", "vent", "2"], "5|STUCK", "rejected"),
        (&["1000"], "4|x|1", "succeeded"),
    ] {
        let command = a.ordered(&hub, &device, words);
        a.answer(&command, 6);
        let accepted = hub.until(command.id(), "accepted");
        assert!(accepted["ended_ms"].is_null(), "{accepted:?}");
        a.answer(&command, answer);
        hub.until(command.id(), state);
    }
    a.expect_nothing();
}

/// C4.5, P5.5: what was asked for is stored, DONE at the hub's time; neither is answered with STORED.
#[test]
fn answers_are_stored_as_readings() {
    let (hub, device, mut a) = obedient();
    let read = a.ordered(&hub, &device, &["read", "t"]);
    let at = Stored::now_ms() - 5000;
    a.answer(&read, format_args!("2|t|21.5|C|{at}"));
    let write = a.ordered(&hub, &device, &["write", "vent", "1"]);
    let before = Stored::now_ms();
    a.answer(&write, "4|vent|0.5");
    hub.until(write.id(), "succeeded");
    let after = Stored::now_ms();
    a.expect_nothing();
    let rows = hub.stored();
    let [value, done] = ["t", "vent"].map(|name| {
        let mut found = rows.iter().filter(|row| row.sensor == name);
        let row = found.next().expect(name);
        assert!(found.next().is_none(), "{rows:?}");
        row.clone()
    });
    assert_eq!(
        (i128::from(value.at_ms), value.value),
        (at, Value::Real(21.5))
    );
    assert_eq!(done.value, Value::Real(0.5));
    assert!(
        (before..=after).contains(&i128::from(done.at_ms)),
        "{done:?}"
    );
}

/// C2.10, C2.4: both the command and its repeat were answered.
#[test]
fn the_same_answer_again_after_a_repeat_is_no_second_one() {
    let (hub, device, mut a) = obedient();
    let command = a.ordered(&hub, &device, &["write", "vent", "1"]);
    let mut a = hub.login(&device);
    a.expect_order(&command);
    a.answer(&command, "4|vent|1");
    a.answer(&command, "4|vent|1");
    let ended = hub.until(command.id(), "succeeded");
    a.expect_only_a_blink(&hub, &device);
    a.answer(&command, "4|vent|0");
    a.expect_refusal("ALREADY_ANSWERED", 0, &command.id().to_string());
    assert_eq!(hub.command(command.id()), ended);
    assert_eq!(hub.stored_readings(), 1);
}

/// C2.8
#[test]
fn an_answer_counts_in_whatever_session_it_comes() {
    let (hub, device, mut a) = obedient();
    let command = a.ordered(&hub, &device, &["write", "vent", "1"]);
    let mut newer = hub.login(&device);
    let late = a.frame(0, format_args!("4|vent|0|{}", command.id())) + "\u{4}";
    let _ = a.send_raw(late.as_bytes());
    a.expect_quit("TAKEN_OVER");
    newer.expect_order(&command);
    newer.answer(&command, "4|vent|1");
    assert_eq!(hub.until(command.id(), "succeeded").text("detail"), "1");
    newer.expect_nothing();
}
