//! Who says nothing is asked, and then let go.

use crate::harness::{Home, Hub, eventually};

fn impatient_hub() -> Hub {
    Home::new()
        .set("DEVICES__ALIVE_SECONDS", "1")
        .set("DEVICES__ALIVE_GRACE_SECONDS", "1")
        .start()
}

/// P3.9, P8.2
#[test]
fn a_silent_device_is_asked_and_then_closed() {
    let hub = impatient_hub();
    let mut a = hub.login(&hub.add("greenhouse"));
    a.expect_hub("22");
    a.expect_quit("SILENT");
}

/// P3.9: and the answer is not answered.
#[test]
fn a_device_that_answers_stays() {
    let hub = impatient_hub();
    let mut a = hub.login(&hub.add("greenhouse"));
    for _ in 0..3 {
        a.expect_hub("22");
        a.say(0, "22");
        a.expect_nothing();
    }
}

/// P3.9: any whole frame is a sign of life.
#[test]
fn any_whole_frame_keeps_a_session() {
    let hub = impatient_hub();
    let mut a = hub.login(&hub.add("greenhouse"));
    for _ in 0..3 {
        a.expect_hub("22");
        a.say(0, "21");
        a.expect_nothing();
    }
}

/// P3.9: bytes that are no whole frame are none.
#[test]
fn half_a_frame_is_no_sign_of_life() {
    let hub = impatient_hub();
    let mut a = hub.login(&hub.add("greenhouse"));
    a.expect_hub("22");
    let half = format!("{}|0|22", a.address);
    a.send_raw(half.as_bytes()).unwrap();
    a.expect_quit("SILENT");
}

/// P3.9, P7.1: frames that it receives keep nobody alive, and afterwards it is gone for its peers.
#[test]
fn a_silent_device_is_gone_for_its_peers() {
    let hub = impatient_hub();
    let (mut a, mut b) = hub.pair();
    let gone = format!("0|{}|50|ERROR|NO_DEVICE|{}|1|", a.address, b.address);
    eventually("the peer is told", || {
        a.say(b.address, "60|1");
        a.barrier().contains(&gone).then_some(())
    });
    assert!(b.rest().contains(&format!("0|{}|20|SILENT|", b.address)));
}
