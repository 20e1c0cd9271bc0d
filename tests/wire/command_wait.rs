//! `hub command send --wait`: stays until the end, and says by its exit code how it was.

use crate::harness::{Device, Hub, PATIENCE, commands};

fn scene() -> (Hub, Device) {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    (hub, device)
}

#[test]
fn who_waits_is_told_of_the_end() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    for (answer, code, outcome) in [
        ("4|vent|0.9", 0, ("succeeded", "0.9")),
        ("5|STUCK", 1, ("rejected", "STUCK")),
    ] {
        let waiting = hub.order_waiting(&device, &["write", "vent", "1"]);
        let frame = a.recv();
        let id = frame.trim_end_matches('|').rsplit('|').next().unwrap();
        a.say(0, format_args!("{answer}|{id}"));
        let finished = waiting.end_within(PATIENCE);
        assert_eq!(finished.code, Some(code), "{answer}: {}", finished.err);
        let told = commands(&finished.out);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].outcome(), outcome);
        assert_eq!(told[0], hub.command(told[0].id()));
    }
}

/// The seconds are over: it says how things stand, and that this is no success.
#[test]
fn who_waits_in_vain_is_told_so() {
    let (hub, device) = scene();
    for words in [
        &["write", "vent", "1", "--wait", "1"][..],
        &["clock-set", "--wait", "1"],
    ] {
        let finished = hub.try_order(&device, words);
        assert_eq!(finished.code, Some(1), "{words:?}");
        assert_eq!(commands(&finished.out)[0].outcome(), ("queued", ""));
    }
}

/// C2.5: CLOCK_SET has no answer, so being sent is all that it can come to.
#[test]
fn a_clock_that_was_set_is_a_success() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    let waiting = hub.order_waiting(&device, &["clock-set"]);
    let frame = a.recv();
    assert!(
        frame.starts_with(&format!("0|{}|80|", a.address)),
        "{frame}"
    );
    let finished = waiting.end_within(PATIENCE);
    assert_eq!(finished.code, Some(0), "{}", finished.err);
    assert_eq!(commands(&finished.out)[0].text("state"), "sent");
}
