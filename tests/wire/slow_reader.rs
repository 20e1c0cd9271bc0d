//! A device that does not read hurts itself only.

use crate::harness::{Client, Home, eventually};

/// P7.3, P7.4, P6.1
#[test]
fn a_slow_reader_ends_and_nobody_else_is_slowed_down() {
    let hub = Home::new()
        .set("DEVICES__OUTBOX_BYTES", "65536")
        .set("DEVICES__SLOW_READER_SECONDS", "2")
        .start();
    let (mut a, mut c) = hub.pair();
    let mut slow = Client::connect_narrow(hub.device_port());
    slow.login(&hub.add("greenhouse"));

    let big = "x".repeat(4000);
    let busy = format!("0|{}|50|ERROR|BUSY|{}|", a.address, slow.address);
    let gone = format!("0|{}|50|ERROR|NO_DEVICE|{}|", a.address, slow.address);
    let mut was_busy = false;
    eventually("the slow reader ends", || {
        for i in 0..64 {
            a.say(slow.address, format_args!("60|{big}|{i}"));
        }
        a.say(c.address, "60|between");
        c.expect(&a.frame(c.address, "60|between"));
        let told = a.barrier();
        was_busy |= told.iter().any(|frame| frame.starts_with(&busy));
        told.iter().any(|f| f.starts_with(&gone)).then_some(())
    });
    assert!(was_busy, "the sender was never told");
    let metrics = hub.metrics();
    assert!(metrics.dropped("BUSY") > 0);
    eventually("what the outbox held is counted as dropped", || {
        let (received, ended) = hub.metrics().frames();
        (received == ended).then_some(())
    });
    a.say(c.address, "60|after");
    c.expect(&a.frame(c.address, "60|after"));
}

/// P7.3: the newest frames are dropped; what was taken is delivered in order.
#[test]
fn what_the_outbox_took_arrives_in_order() {
    let hub = Home::new().set("DEVICES__OUTBOX_BYTES", "65536").start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let mut slow = Client::connect_narrow(hub.device_port());
    slow.login(&hub.add("greenhouse"));
    let (big, mut sent) = ("x".repeat(4000), 0_u32);
    let busy = format!("0|{}|50|ERROR|BUSY|", a.address);
    let refused: Vec<u32> = eventually("the outbox is full", || {
        for _ in 0..64 {
            a.say(slow.address, format_args!("60|{big}|{sent}"));
            sent += 1;
        }
        let told = a.barrier();
        let numbers = told.iter().map(|frame| {
            assert!(frame.starts_with(&busy), "{frame}");
            let number = frame.trim_end_matches('|').rsplit('|').next().unwrap();
            number.parse().unwrap()
        });
        Some(numbers.collect()).filter(|numbers: &Vec<u32>| !numbers.is_empty())
    });
    for number in (0..sent).filter(|number| !refused.contains(number)) {
        slow.expect(&a.frame(slow.address, format_args!("60|{big}|{number}")));
    }
    slow.expect_nothing();
}

/// P7.3: one that is not answered for its errors either.
#[test]
fn an_error_frame_that_finds_no_room_is_not_answered() {
    let hub = Home::new().set("DEVICES__OUTBOX_BYTES", "65536").start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let mut slow = Client::connect_narrow(hub.device_port());
    slow.login(&hub.add("greenhouse"));
    let big = "x".repeat(4000);
    eventually("frames are dropped", || {
        for _ in 0..64 {
            a.say(slow.address, format_args!("50|ERROR|{big}"));
        }
        a.expect_nothing();
        (hub.metrics().dropped("BUSY") > 0).then_some(())
    });
}
