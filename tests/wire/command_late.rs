//! Commands that get no answer, or get it too late (docs/commands.md C2.6, C2.9).

use crate::harness::{Command, Device, Home, Hub, eventually};

/// A hub that waits a second for answers and as long for acts, and a device of its own.
fn impatient() -> (Hub, Device) {
    let home = Home::new()
        .set("COMMANDS__ANSWER_SECONDS", "1")
        .set("COMMANDS__ACT_SECONDS", "1");
    let device = home.add("greenhouse");
    (home.start(), device)
}

#[track_caller]
fn is_later(command: &Command, key: &str, by_ms: i64) {
    let ended = command.number("ended_ms");
    assert!(ended >= command.number(key) + by_ms, "{command:?}");
}

/// C2.6
#[test]
fn a_command_without_an_answer_times_out() {
    let (hub, device) = impatient();
    let mut a = hub.login(&device);
    for words in [
        &["read", "t"][..],
        &["clock-read"],
        &["write", "vent", "1", "--expires", "never"],
        &["blink", "--expires", "never"],
    ] {
        let command = hub.order(&device, words);
        a.expect_order(&command);
        let ended = hub.until(command.id(), "timed_out");
        is_later(&ended, "sent_ms", 1000);
        assert_eq!((ended.text("detail"), &ended["late"]), ("", &false.into()));
    }
    a.expect_only_a_blink(&hub, &device);
}

/// C2.6: while the device may still act, nothing is said.
#[test]
fn nothing_is_said_before_the_expiry() {
    let (hub, device) = impatient();
    let mut a = hub.login(&device);
    let write = hub.order(&device, &["write", "vent", "1", "--expires", "3s"]);
    let read = hub.order(&device, &["read", "t"]);
    a.expect_order(&write);
    a.expect_order(&read);
    hub.until(read.id(), "timed_out");
    assert_eq!(hub.command(write.id()).text("state"), "sent");
    let ended = hub.until(write.id(), "timed_out");
    is_later(&ended, "expires_ms", 0);
}

/// C2.6
#[test]
fn an_accepted_command_times_out_too() {
    let (hub, device) = impatient();
    let mut a = hub.login(&device);
    let write = hub.order(&device, &["write", "vent", "1", "--expires", "1s"]);
    a.expect_order(&write);
    a.answer(&write, 6);
    hub.until(write.id(), "accepted");
    let ended = hub.until(write.id(), "timed_out");
    is_later(&ended, "sent_ms", 1000);
}

/// C2.6: an act may take longer than an answer.
#[test]
fn an_act_has_a_time_of_its_own() {
    let home = Home::new().set("COMMANDS__ANSWER_SECONDS", "1");
    let (device, hub) = (home.add("greenhouse"), home.start());
    let mut a = hub.login(&device);
    let words = ["write", "vent", "1", "--expires", "1s"];
    let (long, silent) = (hub.order(&device, &words), hub.order(&device, &words));
    a.expect_order(&long);
    a.answer(&long, 6);
    a.expect_order(&silent);
    hub.until(silent.id(), "timed_out");
    assert_eq!(hub.command(long.id()).text("state"), "accepted");
    a.answer(&long, "4|vent|1");
    let ended = hub.until(long.id(), "succeeded");
    assert_eq!(ended["late"], false);
}

/// C2.9
#[test]
fn a_late_answer_is_taken_and_marked() {
    let (hub, device) = impatient();
    let mut a = hub.login(&device);
    for (answer, outcome) in [
        ("4|vent|1", ("succeeded", "1")),
        ("5|STUCK", ("rejected", "STUCK")),
    ] {
        let write = hub.order(&device, &["write", "vent", "1", "--expires", "1s"]);
        a.expect_order(&write);
        hub.until(write.id(), "timed_out");
        a.answer(&write, answer);
        let ended = hub.until(write.id(), outcome.0);
        assert_eq!((ended.outcome(), &ended["late"]), (outcome, &true.into()));
        a.answer(&write, "4|vent|2");
        a.expect_refusal("ALREADY_ANSWERED", 0, &write.id().to_string());
        assert_eq!(hub.command(write.id()), ended);
    }
}

/// C2.9, C2.8: also in a session that knows nothing of it.
#[test]
fn a_late_answer_may_come_in_a_later_session() {
    let (hub, device) = impatient();
    let mut a = hub.login(&device);
    let write = hub.order(&device, &["write", "vent", "1", "--expires", "1s"]);
    a.expect_order(&write);
    drop(a);
    hub.until(write.id(), "timed_out");
    let mut a = hub.login(&device);
    a.answer(&write, "4|vent|1");
    let ended = hub.until(write.id(), "succeeded");
    assert_eq!(
        (ended["late"].as_bool(), ended.text("detail")),
        (Some(true), "1")
    );
    a.expect_only_a_blink(&hub, &device);
}

/// C2.6: without an expiry the time runs only in the session in which the command was sent.
#[test]
fn the_time_for_an_answer_waits_for_the_next_session() {
    let (hub, device) = impatient();
    let mut a = hub.login(&device);
    let read = hub.order(&device, &["read", "t"]);
    a.expect_order(&read);
    drop(a);
    eventually("the hub sees it go", || {
        (hub.presence(&device)["state"] == "offline").then_some(())
    });
    assert_eq!(hub.command(read.id()).text("state"), "sent");
    // Another device's time-out that began later says that the time would be over.
    let other = hub.add("greenhouse");
    let mut b = hub.login(&other);
    let witness = hub.order(&other, &["read", "t"]);
    b.expect_order(&witness);
    hub.until(witness.id(), "timed_out");
    assert_eq!(hub.command(read.id()).text("state"), "sent");

    let mut a = hub.login(&device);
    a.expect_order(&read);
    let ended = hub.until(read.id(), "timed_out");
    is_later(&ended, "sent_ms", 1000);
    assert_eq!(ended["sendings"], 2);
}

/// C2.6, C2.11: the next command does not wait for the answer to the last.
#[test]
fn a_silent_device_gets_what_comes_next() {
    let (hub, device) = impatient();
    let mut a = hub.login(&device);
    for i in 0..5 {
        let write = hub.order(&device, &["write", "vent", &i.to_string()]);
        a.expect_order(&write);
    }
    a.expect_only_a_blink(&hub, &device);
}

/// A time-out is an end: what waited for it goes on (C1.6).
#[test]
fn a_time_out_lets_a_condition_be_judged() {
    let (hub, device) = impatient();
    let mut a = hub.login(&device);
    a.say(
        0,
        format_args!("26|t|1|C|{}|1", crate::harness::Stored::now_ms()),
    );
    a.expect_hub("7|1");
    let first = hub.order(&device, &["read", "t"]);
    a.expect_order(&first);
    let next = hub.order(&device, &["read", "t", "--if", "t = 1"]);
    a.expect_order(&next);
    assert_eq!(hub.command(first.id()).text("state"), "timed_out");
}
