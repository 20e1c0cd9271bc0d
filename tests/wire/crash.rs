//! `kill -9` loses nothing that was acknowledged, and the next start needs no repair.

use crate::harness::Hub;

const EVENT: &str = "26|temperature|21.5|C|1700000000000";

/// P5.3
#[test]
fn every_acknowledged_reading_survives_a_crash() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for msgno in 0..200 {
        a.say(0, format_args!("{EVENT}|{msgno}"));
    }
    for _ in 0..200 {
        assert!(a.recv().contains("|7|"));
    }
    let home = hub.crash();
    assert_eq!(home.stored_readings(), 200);
}

/// P5.3: killed at any moment, what was acknowledged until then is there.
#[test]
fn a_crash_in_the_middle_keeps_what_was_acknowledged() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let all: String = (0..20_000)
        .map(|msgno| a.frame(0, format_args!("{EVENT}|{msgno}")) + "\x04")
        .collect();
    let acknowledged = std::thread::scope(|scope| {
        let mut acknowledged = 0;
        for chunk in all.as_bytes().chunks(32 * 1024).take(8) {
            a.send_raw(chunk).unwrap();
        }
        while acknowledged < 500 {
            assert!(a.recv().contains("|7|"));
            acknowledged += 1;
        }
        let crashed = scope.spawn(|| hub.crash());
        acknowledged += count_whole(&mut a);
        (acknowledged, crashed.join().unwrap())
    });
    let (acknowledged, home) = acknowledged;
    let stored = home.stored_readings();
    assert!(stored >= acknowledged, "{stored} of {acknowledged}");
}

/// Frames until the crash, which may cut one.
fn count_whole(client: &mut crate::harness::Client) -> u64 {
    client.rest_until_torn().len() as u64
}

/// P5.4: the device did not hear STORED, so it sends again.
#[test]
fn a_repeat_after_a_crash_is_still_a_repeat() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    a.say(0, format_args!("{EVENT}|7"));
    a.expect_hub("7|7");
    let hub = hub.crash().start();
    let mut a = hub.login(&device);
    a.say(0, format_args!("{EVENT}|7"));
    a.expect_hub("7|7");
    assert_eq!(hub.stored_readings(), 1);
}

#[test]
fn a_second_start_after_a_crash_needs_no_repair() {
    let hub = Hub::start();
    let (one, other) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let (_a, _b) = (hub.login(&one), hub.login(&other));
    let hub = hub.crash().start();
    let (mut a, mut b) = (hub.login(&one), hub.login(&other));
    a.say(b.address, "60|back");
    b.expect(&a.frame(b.address, "60|back"));
    assert_eq!(hub.page("/readyz").0, 200);
    hub.add("greenhouse");
}
