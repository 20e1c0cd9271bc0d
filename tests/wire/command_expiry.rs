//! What nobody wants any more is not sent (docs/commands.md C1.5, C2.6).

use crate::harness::{Home, PATIENCE, Stored, commands};

/// C1.5: a late act is dangerous.
#[test]
fn a_write_to_a_device_that_stays_away_expires_and_never_arrives() {
    let home = Home::new().set("COMMANDS__EXPIRE_SECONDS", "1");
    let (device, hub) = (home.add("greenhouse"), home.start());
    let write = hub.order(&device, &["write", "garage", "open"]);
    let read = hub.order(&device, &["read", "t"]);
    let expired = hub.until(write.id(), "expired");
    assert_eq!(expired["sendings"], 0);
    let (ended, due) = (expired.number("ended_ms"), write.number("expires_ms"));
    assert_eq!(due, write.number("issued_ms") + 1000);
    assert!(due <= ended, "{expired:?}");
    let mut a = hub.login(&device);
    a.expect_order(&read);
    a.expect_only_a_blink(&hub, &device);
    assert_eq!(hub.command(write.id()), expired);
}

/// C2.3, C2.6: what was sent and is over is not repeated, and nobody pretends to know what became of it.
#[test]
fn a_sent_command_is_not_repeated_after_its_expiry() {
    let home = Home::new().set("COMMANDS__ANSWER_SECONDS", "1");
    let (device, hub) = (home.add("greenhouse"), home.start());
    let mut a = hub.login(&device);
    let write = hub.order(&device, &["write", "garage", "open", "--expires", "2s"]);
    a.expect_order(&write);
    drop(a);
    let timed_out = hub.until(write.id(), "timed_out");
    assert!(write.number("expires_ms") <= timed_out.number("ended_ms"));
    hub.login(&device).expect_only_a_blink(&hub, &device);
}

/// C1.5: what has no expiry waits for the device, however long the setting's is not.
#[test]
fn only_what_acts_expires_by_itself() {
    let home = Home::new().set("COMMANDS__EXPIRE_SECONDS", "1");
    let (device, hub) = (home.add("greenhouse"), home.start());
    let waits = [
        hub.order(&device, &["read", "t"]),
        hub.order(&device, &["clock-read"]),
        hub.order(&device, &["write", "vent", "1", "--expires", "never"]),
        hub.order(&device, &["write", "vent", "1", "--expires", "5m"]),
    ];
    let acts = [
        hub.order(&device, &["write", "vent", "1"]),
        hub.order(&device, &["blink"]),
        hub.order(&device, &["1000", "x"]),
    ];
    for command in &acts {
        hub.until(command.id(), "expired");
    }
    let mut a = hub.login(&device);
    for command in &waits {
        a.expect_order(command);
    }
    a.expect_only_a_blink(&hub, &device);
}

/// C1.5, C1.6: one that waits for earlier ones of a device that is there expires as well.
#[test]
fn a_command_that_waits_behind_another_expires() {
    let home = Home::new();
    let (device, hub) = (home.add("greenhouse"), home.start());
    let mut a = hub.login(&device);
    a.say(0, format_args!("26|t|1|C|{}|1", Stored::now_ms()));
    a.expect_hub("7|1");
    let first = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&first);
    let words = ["write", "lamp", "1", "--expires", "1s", "--if", "t = 1"];
    let waiting = hub.order(&device, &words);
    let expired = hub.until(waiting.id(), "expired");
    assert_eq!(expired["sendings"], 0);
    a.answer(&first, "4|vent|1");
    hub.until(first.id(), "succeeded");
    a.expect_only_a_blink(&hub, &device);
}

/// C1.5
#[test]
fn a_short_expiry_is_seen_by_who_waits() {
    let home = Home::new();
    let (device, hub) = (home.add("greenhouse"), home.start());
    let words = ["write", "vent", "1", "--expires", "1s"];
    let finished = hub.order_waiting(&device, &words);
    let finished = finished.end_within(PATIENCE);
    assert_eq!(finished.code, Some(1), "{}", finished.err);
    let told = commands(&finished.out);
    assert_eq!(told[0].outcome(), ("expired", ""));
    let expired = hub.commands(&["--state", "expired"]);
    assert_eq!(expired.len(), 1);
}
