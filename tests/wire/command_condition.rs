//! `--if`: judged on what is known as the command is about to be sent (docs/commands.md C1.6).

use crate::harness::{Client, Device, Hub, Stored, obedient};

/// Reports values at the hub's time, and waits until each is stored.
#[track_caller]
fn report(client: &mut Client, values: &[(&str, &str)]) {
    let now = Stored::now_ms();
    for (msgno, (name, value)) in (1..).zip(values) {
        client.say(0, format_args!("26|{name}|{value}||{now}|{msgno}"));
        client.expect_hub(format_args!("7|{msgno}"));
    }
}

/// Orders under each condition from a device that is there, which either gets it or does not.
#[track_caller]
fn judges(hub: &Hub, device: &Device, a: &mut Client, conditions: &[(&str, bool)]) {
    for (condition, holds) in conditions {
        let command = hub.order(device, &["read", "t", "--if", condition]);
        assert_eq!(command["condition"], *condition);
        if *holds {
            a.expect_order(&command);
            a.answer(&command, "5|NO");
            assert_eq!(hub.until(command.id(), "rejected").text("detail"), "NO");
        } else {
            let rejected = hub.until(command.id(), "rejected");
            assert_eq!(rejected.text("detail"), "CONDITION", "{condition}");
            assert_eq!(rejected["sendings"], 0, "{condition}");
        }
    }
    a.expect_only_a_blink(hub, device);
}

#[test]
fn numbers_are_compared_as_numbers() {
    let (hub, device, mut a) = obedient();
    report(&mut a, &[("t", "21.5"), ("count", "9"), ("below", "-3")]);
    judges(
        &hub,
        &device,
        &mut a,
        &[
            ("t = 21.5", true),
            ("t = 21.50", true),
            ("t = 21", false),
            ("t != 21", true),
            ("t != 21.5", false),
            ("t < 21.5", false),
            ("t < 21.6", true),
            ("t <= 21.5", true),
            ("t <= 21.4", false),
            ("t > 21.5", false),
            ("t > 9", true),
            ("t >= 21.5", true),
            ("t >= 22", false),
            ("count < 10", true),
            ("below < -2", true),
            ("below > -3.5", true),
        ],
    );
}

#[test]
fn texts_and_booleans_are_compared_as_what_they_are() {
    let (hub, device, mut a) = obedient();
    report(&mut a, &[("door", "half open"), ("lamp", "true")]);
    judges(
        &hub,
        &device,
        &mut a,
        &[
            ("door = half open", true),
            ("door = open", false),
            ("door != open", true),
            ("lamp = true", true),
            ("lamp = false", false),
            ("lamp != false", true),
        ],
    );
}

/// What nobody reported is not known, and nothing holds for it.
#[test]
fn a_condition_on_an_unknown_value_does_not_hold() {
    let (hub, device, mut a) = obedient();
    let mut neighbour = hub.login(&hub.add("greenhouse"));
    report(&mut neighbour, &[("t", "1")]);
    judges(
        &hub,
        &device,
        &mut a,
        &[("t = 1", false), ("t != 1", false), ("t < 1", false)],
    );
}

/// The newest device time counts, not what came last (C4.5).
#[test]
fn the_last_known_value_is_the_one_with_the_newest_time() {
    let (hub, device, mut a) = obedient();
    let now = Stored::now_ms();
    for (msgno, (value, at)) in (1..).zip([(5, now), (7, now - 60_000)]) {
        a.say(0, format_args!("26|t|{value}|C|{at}|{msgno}"));
        a.expect_hub(format_args!("7|{msgno}"));
    }
    judges(&hub, &device, &mut a, &[("t = 5", true), ("t = 7", false)]);
}

/// Not at the order but before the sending, after all earlier commands have ended.
#[test]
fn a_condition_waits_for_the_commands_before_it() {
    let (hub, device, mut a) = obedient();
    let opens = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&opens);
    let waits = hub.order(&device, &["write", "lamp", "1", "--if", "vent = 1"]);
    let behind = hub.order(&device, &["read", "t"]);
    a.answer(&opens, 6);
    hub.until(opens.id(), "accepted");
    for command in [&waits, &behind] {
        assert_eq!(hub.command(command.id()).text("state"), "queued");
    }
    a.answer(&opens, "4|vent|1");
    a.expect_order(&waits);
    a.expect_order(&behind);
}

/// The value that the act before it was asked for is not the one that it brought.
#[test]
fn a_condition_is_judged_on_what_was_reported_and_not_on_what_was_wanted() {
    let (hub, device, mut a) = obedient();
    let opens = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&opens);
    let waits = hub.order(&device, &["write", "lamp", "1", "--if", "vent = 1"]);
    a.answer(&opens, "4|vent|0.4");
    let rejected = hub.until(waits.id(), "rejected");
    assert_eq!(rejected.text("detail"), "CONDITION");
    a.expect_only_a_blink(&hub, &device);
}

/// At the login of a device that was away: what it reports later cannot be known then.
#[test]
fn a_condition_of_a_device_that_was_away_is_judged_at_its_login() {
    let (hub, device, mut a) = obedient();
    report(&mut a, &[("t", "1")]);
    drop(a);
    crate::harness::eventually("the hub sees it go", || {
        (hub.presence(&device)["state"] == "offline").then_some(())
    });
    let holds = hub.order(&device, &["read", "t", "--if", "t = 1"]);
    let fails = hub.order(&device, &["read", "t", "--if", "t = 2"]);
    assert_eq!(hub.command(fails.id()).text("state"), "queued");
    let mut a = hub.login(&device);
    a.expect_order(&holds);
    a.answer(&holds, format_args!("2|t|2|C|{}", Stored::now_ms()));
    a.expect_order(&fails);
}

/// C2.3: what has been sent was judged then; its repeat is not judged again.
#[test]
fn a_repeat_is_not_judged_again() {
    let (hub, device, mut a) = obedient();
    report(&mut a, &[("t", "1")]);
    let command = hub.order(&device, &["write", "vent", "1", "--if", "t = 1"]);
    a.expect_order(&command);
    let now = Stored::now_ms() + 1;
    a.say(0, format_args!("26|t|2|C|{now}|9"));
    a.expect_hub("7|9");
    hub.login(&device).expect_order(&command);
}
