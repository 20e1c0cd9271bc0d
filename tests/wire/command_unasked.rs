//! Answers that nobody asked for, and second ones (docs/commands.md C2.10).

use crate::harness::{Stored, obedient};

/// C2.10
#[test]
fn an_answer_that_nobody_asked_for_is_refused_and_not_stored() {
    let (hub, device, mut a) = obedient();
    let now = Stored::now_ms();
    let values = [
        format!("2|t|1|C|{now}"),
        "4|vent|1".to_owned(),
        "5|NO".to_owned(),
        "6".to_owned(),
    ];
    for answer in &values {
        for msgno in [
            "1",
            "0",
            "9223372036854775807",
            "99999999999999999999",
            "x",
            "-1",
            "",
        ] {
            a.say(0, format_args!("{answer}|{msgno}"));
            a.expect_refusal("NOT_ASKED", 0, msgno);
        }
    }
    // Never sent: it waits for the one before it.
    let first = a.ordered(&hub, &device, &["write", "vent", "1"]);
    let queued = hub.order(&device, &["write", "lamp", "1", "--if", "vent = 1"]);
    a.answer(&queued, "4|lamp|1");
    a.expect_refusal("NOT_ASKED", 0, &queued.id().to_string());
    assert_eq!(hub.command(queued.id()).text("state"), "queued");
    assert_eq!(hub.command(first.id()).text("state"), "sent");
    assert_eq!(hub.stored_readings(), 0);
}

/// C2.10
#[test]
fn an_answer_to_another_devices_command_is_refused() {
    let (hub, device, mut a) = obedient();
    let mut neighbour = hub.login(&hub.add("greenhouse"));
    let mut stranger = hub.login(&hub.add("harbour"));
    let command = a.ordered(&hub, &device, &["write", "vent", "1"]);
    let id = command.id().to_string();
    for other in [&mut neighbour, &mut stranger] {
        for answer in ["4|vent|1", "5|NO", "6"] {
            other.answer(&command, answer);
            other.expect_refusal("NOT_ASKED", 0, &id);
        }
    }
    assert_eq!(hub.command(command.id()).text("state"), "sent");
    a.answer(&command, "4|vent|1");
    hub.until(command.id(), "succeeded");
}

/// C2.10: of a type that does not answer the command.
#[test]
fn an_answer_of_the_wrong_type_is_refused() {
    let (hub, device, mut a) = obedient();
    let now = Stored::now_ms();
    for (words, wrong) in [
        (&["read", "t"][..], "4|t|1".to_owned()),
        (&["write", "vent", "1"], format!("2|vent|1||{now}")),
        (&["blink"], "4|blink|1".to_owned()),
        (&["event-set", "t", "60000"], format!("2|t|1|C|{now}")),
    ] {
        let command = a.ordered(&hub, &device, words);
        a.answer(&command, &wrong);
        a.expect_refusal("NOT_ASKED", 0, &command.id().to_string());
        assert_eq!(hub.command(command.id()).text("state"), "sent", "{words:?}");
    }
    let clock = hub.order(&device, &["clock-set"]);
    assert!(a.recv().contains("|80|"));
    hub.until(clock.id(), "sent");
    a.answer(&clock, 6);
    a.expect_refusal("NOT_ASKED", 0, &clock.id().to_string());
    assert_eq!(hub.stored_readings(), 0);
}

/// C2.10
#[test]
fn a_second_answer_is_refused_and_changes_nothing() {
    let (hub, device, mut a) = obedient();
    let command = a.ordered(&hub, &device, &["write", "vent", "1"]);
    let id = command.id().to_string();
    a.answer(&command, "4|vent|1");
    let ended = hub.until(command.id(), "succeeded");
    for answer in ["4|vent|0", "4|vent|1", "5|STUCK", "6"] {
        a.answer(&command, answer);
        a.expect_refusal("ALREADY_ANSWERED", 0, &id);
    }
    assert_eq!(hub.command(command.id()), ended);
    assert_eq!(hub.stored_readings(), 1);
}

/// C2.10: counted, for whoever watches the hub.
#[test]
fn refused_answers_are_counted() {
    let (hub, device, mut a) = obedient();
    for i in 0..3 {
        a.say(0, format_args!("4|vent|1|{i}"));
        a.expect_refusal("NOT_ASKED", 0, i.to_string().as_str());
    }
    let command = a.ordered(&hub, &device, &["write", "vent", "1"]);
    a.answer(&command, "4|vent|1");
    a.answer(&command, "4|vent|0");
    a.expect_refusal("ALREADY_ANSWERED", 0, &command.id().to_string());
    let metrics = hub.metrics();
    assert_eq!(metrics.dropped("NOT_ASKED"), 3);
    assert_eq!(metrics.dropped("ALREADY_ANSWERED"), 1);
    let (received, ended) = metrics.frames();
    assert_eq!(received, ended);
}
