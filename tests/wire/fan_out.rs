//! `*` and `@label`.

use crate::harness::{Client, Hub};

fn labelled(hub: &Hub, group: &str, label: &str) -> Client {
    hub.login(&hub.add_with(group, &["--label", label]))
}

/// P1.7, P7.2
#[test]
fn a_star_reaches_every_other_device_once_and_not_the_sender() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let mut c = hub.login(&hub.add("greenhouse"));
    a.say("*", "60|all|1");
    a.say("*", "60|all|2");
    for other in [&mut b, &mut c] {
        other.expect(&a.frame("*", "60|all|1"));
        other.expect(&a.frame("*", "60|all|2"));
        other.expect_nothing();
    }
    a.expect_nothing();
}

/// P1.7
#[test]
fn a_label_reaches_those_that_carry_it() {
    let hub = Hub::start();
    let mut a = labelled(&hub, "greenhouse", "pumps");
    let mut b = labelled(&hub, "greenhouse", "pumps");
    let mut c = labelled(&hub, "greenhouse", "fans");
    a.say("@pumps", "60|1");
    b.expect(&a.frame("@pumps", "60|1"));
    b.expect_nothing();
    c.expect_nothing();
    a.expect_nothing();
}

/// P1.7
#[test]
fn an_empty_set_is_no_device() {
    let hub = Hub::start();
    let mut a = labelled(&hub, "greenhouse", "pumps");
    a.say("*", "60|1");
    a.expect_refusal("NO_DEVICE", "*", "1");
    a.say("@pumps", "60|2");
    a.expect_refusal("NO_DEVICE", "@pumps", "2");
    a.say("@no such label", "60|3");
    a.expect_refusal("NO_DEVICE", "@no such label", "3");
}

/// P1.7, P4.4
#[test]
fn a_fan_out_stays_in_its_group() {
    let hub = Hub::start();
    let mut a = labelled(&hub, "greenhouse", "pumps");
    let mut b = labelled(&hub, "harbour", "pumps");
    a.say("*", "60|1");
    a.expect_refusal("NO_DEVICE", "*", "1");
    a.say("@pumps", "60|2");
    a.expect_refusal("NO_DEVICE", "@pumps", "2");
    b.expect_nothing();
}

/// P1.2, P7.1: the order to each receiver holds across kinds of destination.
#[test]
fn fan_out_and_single_frames_keep_their_order() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    for i in 0..100 {
        a.say("*", format_args!("60|{i}"));
        a.say(b.address, format_args!("60|{i}"));
    }
    for i in 0..100 {
        b.expect(&a.frame("*", format_args!("60|{i}")));
        b.expect(&a.frame(b.address, format_args!("60|{i}")));
    }
}

/// P7.5
#[test]
fn copies_have_a_sum_of_their_own() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let mut c = hub.login(&hub.add("greenhouse"));
    let before = hub.metrics();
    a.say("*", "60|1");
    b.recv();
    c.recv();
    let after = hub.metrics();
    assert_eq!(after.copies().0 - before.copies().0, 2);
    assert_eq!(after.copies().0, after.copies().1);
    assert_eq!(after.frames().0 - before.frames().0, 1);
    assert_eq!(after.frames().0, after.frames().1);
}
