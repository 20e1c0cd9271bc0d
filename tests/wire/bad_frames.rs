//! What is no frame is refused, and the session goes on.

use crate::harness::{Client, Hub, NOWHERE};

/// Sends raw bytes as one frame, expects the refusal without anything of it, and that a good frame still passes.
#[track_caller]
fn is_bad_and_harmless(hub: &Hub, bytes: &[u8]) {
    let (mut a, mut b) = hub.pair();
    let start = format!("{}|{}|60|", a.address, b.address);
    a.send_raw(&[start.as_bytes(), bytes, b"|\x04"].concat())
        .unwrap();
    a.expect_refusal("BAD_FRAME", "", "");
    a.say(b.address, "60|still here");
    b.expect(&a.frame(b.address, "60|still here"));
}

/// P1.8, P6.2
#[test]
fn a_nul_inside_is_refused() {
    is_bad_and_harmless(&Hub::start(), b"a\0b");
}

/// P1.8, P6.2
#[test]
fn a_line_end_inside_is_refused() {
    let hub = Hub::start();
    for text in [&b"a\r\nb"[..], b"a\n", b"\r"] {
        is_bad_and_harmless(&hub, text);
    }
}

/// P1.8, P6.2
#[test]
fn every_other_control_byte_is_refused() {
    let hub = Hub::start();
    for byte in [1, 3, 5, 9, 0x1B, 0x1F, 0x7F] {
        is_bad_and_harmless(&hub, &[byte]);
    }
}

/// P1.8, P6.2: a stray byte, a cut sequence, an overlong `|`, a surrogate.
#[test]
fn bytes_that_are_not_utf8_are_refused() {
    let hub = Hub::start();
    for text in [&b"\xff"[..], b"\xc3", b"\xc1\xbc", b"\xed\xa0\x80"] {
        is_bad_and_harmless(&hub, text);
    }
}

/// Expects the refusal of a frame whose text may be repeated.
#[track_caller]
fn expect_bad(client: &mut Client, frame: &str) {
    client.send(frame);
    let start = format!("0|{}|50|ERROR|BAD_FRAME|", client.address);
    let answer = client.recv();
    assert!(answer.starts_with(&start), "{frame:?}: {answer}");
}

/// P1.8
#[test]
fn fewer_than_three_fields_are_refused() {
    let hub = Hub::start();
    for rest in ["", "|", "17", "17|"] {
        let mut a = hub.login(&hub.add("greenhouse"));
        let frame = format!("{}|{rest}", a.address);
        expect_bad(&mut a, &frame);
        expect_bad(&mut a, "");
        a.expect_nothing();
    }
}

/// P1.6, P1.8, P6.2
#[test]
fn a_destination_in_another_spelling_is_refused() {
    let hub = Hub::start();
    for dest in [
        "017",
        "+17",
        "-17",
        "17 ",
        "00",
        "2147483648",
        "99999999999999999999",
        "@",
        "**",
        "１７",
    ] {
        let mut a = hub.login(&hub.add("greenhouse"));
        a.say(dest, "60|x|9");
        a.expect_refusal("BAD_FRAME", dest, "9");
        a.expect_nothing();
    }
}

/// P1.8
#[test]
fn a_type_that_is_no_canonical_number_is_refused() {
    let hub = Hub::start();
    for kind in ["", "060", "+60", "BLINK", "4294967296", "6 0"] {
        let mut a = hub.login(&hub.add("greenhouse"));
        a.say(NOWHERE, format_args!("{kind}|x|9"));
        a.expect_refusal("BAD_FRAME", NOWHERE, "9");
        a.expect_nothing();
    }
}

/// P1.6, P1.8
#[test]
fn an_origin_in_another_spelling_is_a_bad_frame() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let frame = format!("0{}|{}|60|x|9|", a.address, b.address);
    expect_bad(&mut a, &frame);
    a.expect_nothing();
    b.expect_nothing();
}

/// P4.3
#[test]
fn a_wrong_origin_is_refused_down_the_own_socket_and_never_delivered() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let c = hub.add("greenhouse");
    let mut c = hub.login(&c);
    a.send(&format!("{}|{}|60|forged|9|", c.address, b.address));
    a.expect_refusal("BAD_ORIGIN", b.address, "9");
    a.send(&format!("0|{}|20|forged|", b.address));
    a.expect_refusal("BAD_ORIGIN", b.address, "forged");
    a.say(b.address, "60|true");
    b.expect(&a.frame(b.address, "60|true"));
    c.expect_nothing();
    assert_eq!(hub.metrics().dropped("BAD_ORIGIN"), 2);
}

/// P6.4
#[test]
fn the_third_protocol_error_within_a_minute_ends_the_session() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let dest = b.address;
    a.say("017", "60|1");
    a.expect_refusal("BAD_FRAME", "017", "1");
    a.send(&format!("{NOWHERE}|{dest}|60|2|"));
    a.expect_refusal("BAD_ORIGIN", dest, "2");
    a.say("017", "60|3");
    a.expect_refusal("BAD_FRAME", "017", "3");
    a.expect_quit("PROTOCOL_ERRORS");
    b.expect_nothing();
}

/// P6.4
#[test]
fn refusals_that_are_no_protocol_errors_may_come_any_number_of_times() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for msgno in 0..50 {
        a.say(NOWHERE, format_args!("60|{msgno}"));
        a.expect_refusal("NO_DEVICE", NOWHERE, &msgno.to_string());
        a.say(0, format_args!("1000|{msgno}"));
        a.expect_refusal("UNKNOWN_TYPE", 0, &msgno.to_string());
    }
}
