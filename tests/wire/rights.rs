//! Who may send what.

use crate::harness::{Client, Hub};

fn with_right(hub: &Hub, right: &str) -> Client {
    hub.login(&hub.add_with("greenhouse", &["--rights", right]))
}

/// P4.1
#[test]
fn a_device_that_only_reports_reaches_the_hub_and_nobody_else() {
    let hub = Hub::start();
    let mut reporter = with_right(&hub, "report");
    let mut peer = with_right(&hub, "talk");
    for dest in [peer.address.to_string(), "*".to_owned()] {
        reporter.say(&dest, "60|x|9");
        reporter.expect_refusal("NO_RIGHT", &dest, "9");
    }
    reporter.say(0, "26|temperature|21.5|C|1700000000000|1");
    reporter.expect_hub("7|1");
    reporter.say(0, "50|echo");
    reporter.expect_hub("50|echo");
    peer.expect_nothing();
    assert_eq!(hub.metrics().dropped("NO_RIGHT"), 2);
}

/// P4.1: the right is about sending.
#[test]
fn a_device_that_only_reports_still_hears_its_group() {
    let hub = Hub::start();
    let mut reporter = with_right(&hub, "report");
    let mut peer = with_right(&hub, "talk");
    peer.say(reporter.address, "60|x|9");
    reporter.expect(&peer.frame(reporter.address, "60|x|9"));
    peer.expect_nothing();
}

/// P4.1
#[test]
fn a_device_that_talks_may_read_but_not_write() {
    let hub = Hub::start();
    let mut a = with_right(&hub, "talk");
    let mut b = with_right(&hub, "talk");
    a.say(b.address, "1|temperature|1");
    b.expect(&a.frame(b.address, "1|temperature|1"));
    a.say(b.address, "3|valve|1||2");
    a.expect_refusal("NO_RIGHT", b.address, "2");
    a.say("*", "3|valve|1||3");
    a.expect_refusal("NO_RIGHT", "*", "3");
    a.say(0, format_args!("40|{}|3||valve|1|4", b.address));
    a.expect_refusal("NO_RIGHT", 0, "4");
    b.expect_nothing();
}

/// P4.1
#[test]
fn a_device_with_control_may_write() {
    let hub = Hub::start();
    let mut a = with_right(&hub, "control");
    let mut b = with_right(&hub, "talk");
    a.say(b.address, "3|valve|1||2");
    b.expect(&a.frame(b.address, "3|valve|1||2"));
    b.say(a.address, "4|valve|1|2");
    a.expect(&b.frame(a.address, "4|valve|1|2"));
    a.expect_nothing();
}

/// P4.2
#[test]
fn types_of_the_hub_are_refused_between_devices() {
    let hub = Hub::start();
    let (a, mut b) = (hub.add("greenhouse"), with_right(&hub, "talk"));
    for kind in [7, 20, 22, 27, 31, 32, 41, 80] {
        let mut a = hub.login(&a);
        a.say(b.address, format_args!("{kind}|9"));
        a.expect_refusal("BAD_FRAME", b.address, "9");
        a.say("*", format_args!("{kind}|9"));
        a.expect_refusal("BAD_FRAME", "*", "9");
        b.expect_nothing();
    }
}

/// P4.2
#[test]
fn types_of_the_hub_are_refused_to_the_hub_too() {
    let hub = Hub::start();
    let a = hub.add("greenhouse");
    for kind in [7, 27, 31, 32, 41, 80] {
        let mut a = hub.login(&a);
        a.say(0, format_args!("{kind}|9"));
        a.expect_refusal("BAD_FRAME", 0, "9");
    }
}
