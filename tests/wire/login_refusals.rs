//! A refusal tells a stranger nothing.

use std::collections::HashSet;

use crate::harness::{Client, Device, Hub, eventually};

fn unknown(id: &str) -> Device {
    Device {
        address: 0,
        kind: 511,
        id: id.to_owned(),
        serial: "7f3a9c0e5b1d4826a0c7e2f9d4b81356".to_owned(),
        legacy: false,
    }
}

/// P2.9
#[test]
fn a_wrong_digest_is_refused() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let guess = device.guessing("00000000000000000000000000000000");
    hub.connect().is_refused(&guess);
    drop(hub.login(&device));
    assert_eq!(hub.metrics().logins("refused"), 1);
    assert_eq!(hub.metrics().logins("ok"), 1);
}

/// P2.3, P2.9: step 2 and the refusal have the same shape, for both logins.
#[test]
fn an_unknown_device_is_refused_like_a_wrong_digest() {
    let hub = Hub::start();
    for legacy in [false, true] {
        let stranger = Device {
            legacy,
            ..unknown("no-such-device")
        };
        hub.connect().is_refused(&stranger);
    }
}

/// P2.3: a number that changed would give the stranger away.
#[test]
fn an_unknown_device_has_a_stable_number_across_restarts() {
    let hub = Hub::start();
    let number = |client: &mut Client, id: &str| client.hello(511, id).n;
    let first = number(&mut hub.connect(), "no-such-device");
    assert_eq!(number(&mut hub.connect(), "no-such-device"), first);
    let others: HashSet<u32> = (0..20)
        .map(|i| number(&mut hub.connect(), &format!("no-such-device-{i}")))
        .collect();
    assert_eq!(
        others.len(),
        20,
        "numbers differ like those of real devices"
    );
    assert!(others.iter().any(|n| *n > 1_000_000), "{others:?}");
    let hub = hub.stop().start();
    assert_eq!(number(&mut hub.connect(), "no-such-device"), first);
}

/// P2.9: the operator is told what the stranger is not.
#[test]
fn the_log_names_the_unknown_device_and_where_it_came_from() {
    let hub = Hub::start();
    hub.connect().is_refused(&unknown("no-such-device"));
    let log = std::fs::read_to_string(hub.path("hub.log")).unwrap();
    let line = log.lines().find(|line| line.contains("unknown device"));
    let line = line.expect(&log);
    assert!(line.contains("511/no-such-device"), "{line}");
    assert!(line.contains("127.0.0.1"), "{line}");
}

/// P2.16: neither serial nor digest.
#[test]
fn the_log_holds_no_serial() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    drop(hub.login(&device));
    hub.connect()
        .is_refused(&device.guessing("00000000000000000000000000000000"));
    let log = std::fs::read_to_string(hub.path("hub.log")).unwrap();
    assert!(!log.contains(&device.serial));
    let home = hub.stop();
    let database = std::fs::read(home.data("hub.db")).unwrap();
    let serial = device.serial.as_bytes();
    assert!(!database.windows(serial.len()).any(|w| w == serial));
}

/// P2.1
#[test]
fn a_malformed_first_frame_is_refused() {
    let hub = Hub::start();
    let long = format!("511|{}|", "x".repeat(65));
    let malformed = [
        "",
        "|",
        "511",
        "511|",
        "511||",
        "0|a|",
        "0511|a|",
        "+511|a|",
        "-1|a|",
        "2147483648|a|",
        "99999999999999999999|a|",
        "x|a|",
        "|a|",
        "511|a b|",
        "511|a:b|",
        "511|a/b|",
        "511|ü|",
        "511|a|b|",
        "511|a\n|",
        "511|a\0|",
        &long,
    ];
    for first in malformed {
        let mut client = hub.connect();
        client.send(first);
        assert_eq!(client.rest(), ["REFUSED|ERROR|"], "{first:?}");
    }
    // Counted when the connection is done with, which is after its last word.
    let wanted = malformed.len() as u64;
    eventually("all of them are counted", || {
        (hub.metrics().logins("malformed") == wanted).then_some(())
    });
}

/// P2.1, P1.1
#[test]
fn a_login_that_is_not_utf8_is_refused() {
    let hub = Hub::start();
    let mut client = hub.connect();
    client.send_raw(b"511|\xff\xfe|\x04").unwrap();
    assert_eq!(client.rest(), ["REFUSED|ERROR|"]);
}

/// P2.9
#[test]
fn a_malformed_third_step_is_refused() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    for third in [
        "", "|", "x", "x|", "||", "|||", "x|1|3|", "x|1|2|3|", "|1|2|",
    ] {
        let mut client = hub.connect();
        client.hello(device.kind, &device.id);
        client.send(third);
        assert_eq!(client.rest(), ["REFUSED|ERROR|"], "{third:?}");
    }
}

/// P1.12 before there is a session: a login frame has the same limit, and nothing is kept of it.
#[test]
fn a_giant_login_frame_ends_the_connection() {
    let hub = Hub::start();
    let mut client = hub.connect();
    client.send_raw(&[b'5'; 8193]).unwrap();
    let said = client.rest();
    assert!(said.iter().all(|f| f == "REFUSED|ERROR|"), "{said:?}");
}
