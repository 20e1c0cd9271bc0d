//! One device, one session: the newest.

use crate::harness::{Hub, eventually};

/// P2.15
#[test]
fn a_second_login_takes_over_and_the_first_is_told() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut older = hub.login(&device);
    let mut newer = hub.login(&device);
    older.expect_quit("TAKEN_OVER");
    newer.expect_nothing();
}

/// P2.15
#[test]
fn a_late_goodbye_of_the_older_session_is_harmless() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut peer = hub.login(&hub.add("greenhouse"));
    let mut older = hub.login(&device);
    let mut newer = hub.login(&device);
    let goodbye = format!("{}|0|20|bye|\x04", device.address);
    let _ = older.send_raw(goodbye.as_bytes());
    drop(older);
    for i in 0..20 {
        peer.say(device.address, format_args!("60|{i}"));
        newer.expect(&peer.frame(device.address, format_args!("60|{i}")));
    }
    peer.expect_nothing();
}

/// P2.15, P7.1: at every moment exactly one of them is the device.
#[test]
fn takeovers_in_a_row_leave_one_session() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut sessions: Vec<_> = (0..20).map(|_| hub.login(&device)).collect();
    let mut last = sessions.pop().unwrap();
    for older in &mut sessions {
        older.expect_quit("TAKEN_OVER");
    }
    last.expect_nothing();
    eventually("one connection is left", || {
        (hub.metrics().sum("hub_connections") == 1).then_some(())
    });
}

/// P2.15: a refused login takes nothing over.
#[test]
fn a_wrong_digest_leaves_the_session_alone() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut session = hub.login(&device);
    let guess = device.guessing("00000000000000000000000000000000");
    hub.connect().is_refused(&guess);
    session.expect_nothing();
}

/// P8.1
#[test]
fn a_quit_of_the_device_ends_its_session_at_once() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    b.say(0, "20|good night");
    b.expect_closed();
    a.say(b.address, "60|1");
    a.expect_refusal("NO_DEVICE", b.address, "1");
}

/// P7.1: a cable that is pulled is noticed too.
#[test]
fn a_closed_socket_is_gone_for_its_peers() {
    let hub = Hub::start();
    let (mut a, b) = hub.pair();
    let dest = b.address;
    drop(b);
    let gone = format!("0|{}|50|ERROR|NO_DEVICE|{dest}|1|", a.address);
    eventually("the peer is told", || {
        a.say(dest, "60|1");
        a.barrier().contains(&gone).then_some(())
    });
}
