//! A hub that is told to stop tells its sessions.

use std::net::TcpStream;
use std::time::Instant;

use crate::harness::{Home, Hub, PATIENCE};

/// P8.2
#[test]
fn sessions_are_told_and_the_process_ends_well() {
    let mut hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let begun = Instant::now();
    hub.tell_to_stop();
    a.expect_quit("SHUTDOWN");
    b.expect_quit("SHUTDOWN");
    assert_eq!(hub.wait_for_end().code(), Some(0));
    assert!(begun.elapsed() < PATIENCE);
    assert!(TcpStream::connect(hub.device_port()).is_err());
}

/// P5.3: what was under way is stored or was never acknowledged.
#[test]
fn readings_that_were_sent_before_the_stop_are_stored() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for msgno in 0..500 {
        a.say(0, format_args!("26|t|1|C|1700000000000|{msgno}"));
    }
    a.barrier();
    hub.tell_to_stop();
    a.rest();
    assert_eq!(hub.stop().stored_readings(), 500);
}

/// P5.3: and their device hears so before the last word.
#[test]
fn stored_comes_before_the_last_word() {
    let hub = Home::new().set("STORAGE__BATCH_MILLIS", "1000").start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for msgno in 0..50 {
        a.say(0, format_args!("26|t|1|C|1700000000000|{msgno}"));
    }
    a.barrier();
    hub.tell_to_stop();
    let rest = a.rest();
    let stored = rest.iter().filter(|frame| frame.contains("|7|")).count();
    assert_eq!(stored, 50, "{rest:?}");
    assert!(
        rest.last()
            .is_some_and(|last| last.contains("|20|SHUTDOWN|")),
        "{rest:?}"
    );
}

/// P2.12: connections that never logged in do not hold up the end.
#[test]
fn half_open_logins_do_not_hold_up_the_end() {
    let mut hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut half = hub.connect();
    half.hello(device.kind, &device.id);
    let mut silent = hub.connect();
    hub.tell_to_stop();
    assert_eq!(hub.wait_for_end().code(), Some(0));
    for client in [&mut half, &mut silent] {
        client.rest();
    }
}

#[test]
fn a_slow_reader_does_not_hold_up_the_end() {
    let mut hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let mut slow = crate::harness::Client::connect_narrow(hub.device_port());
    slow.login(&hub.add("greenhouse"));
    for i in 0..2000 {
        a.say(slow.address, format_args!("60|{}|{i}", "x".repeat(4000)));
    }
    hub.tell_to_stop();
    hub.wait_for_end();
}
