//! A login has one deadline, however its bytes are spread.

use std::time::{Duration, Instant};

use crate::harness::{Client, Home, Hub, PATIENCE, eventually};

fn hurried_hub() -> Hub {
    Home::new().set("DEVICES__LOGIN_SECONDS", "1").start()
}

#[track_caller]
fn is_timed_out(hub: &Hub, client: &mut Client) {
    let said = client.rest();
    assert!(said.iter().all(|f| !f.contains("OK|")), "{said:?}");
    eventually("the time-out is counted", || {
        (hub.metrics().logins("timeout") == 1).then_some(())
    });
}

/// P2.12
#[test]
fn a_silent_connection_times_out() {
    let hub = hurried_hub();
    is_timed_out(&hub, &mut hub.connect());
}

/// P2.12
#[test]
fn half_a_first_frame_times_out() {
    let hub = hurried_hub();
    let mut client = hub.connect();
    client.send_raw(b"511|1000").unwrap();
    is_timed_out(&hub, &mut client);
}

/// P2.12
#[test]
fn half_a_login_times_out() {
    let hub = hurried_hub();
    let device = hub.add("greenhouse");
    let mut client = hub.connect();
    client.hello(device.kind, &device.id);
    is_timed_out(&hub, &mut client);
}

/// P2.12: in all, not per byte.
#[test]
fn a_slow_drip_times_out() {
    let hub = hurried_hub();
    let mut client = hub.connect();
    let begun = Instant::now();
    while client.send_raw(b"5").is_ok() && !client.has_news(Duration::from_millis(200)) {
        assert!(begun.elapsed() < PATIENCE, "the drip keeps the login alive");
    }
    is_timed_out(&hub, &mut client);
}

/// P2.12: blanks before the frame are bytes too.
#[test]
fn a_drip_of_blanks_times_out() {
    let hub = hurried_hub();
    let mut client = hub.connect();
    let begun = Instant::now();
    while client.send_raw(b"\r\n").is_ok() && !client.has_news(Duration::from_millis(200)) {
        assert!(begun.elapsed() < PATIENCE, "blanks keep the login alive");
    }
    is_timed_out(&hub, &mut client);
}

/// P2.12: the deadline is over once the session is there.
#[test]
fn a_session_outlives_the_login_time() {
    let hub = hurried_hub();
    let device = hub.add("greenhouse");
    let mut client = hub.login(&device);
    is_timed_out(&hub, &mut hub.connect());
    client.expect_nothing();
}
