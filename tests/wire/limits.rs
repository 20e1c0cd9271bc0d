//! No frame is larger than the limit, in bytes or in fields.

use std::time::Instant;

use crate::harness::{Home, Hub, PATIENCE};

/// P1.11
#[test]
fn a_frame_of_exactly_the_limit_passes() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let start = format!("60|{}", "x".repeat(8192));
    let over = a.frame(b.address, &start).len() - 8192;
    let rest = &start[..start.len() - over];
    a.say(b.address, rest);
    b.expect(&a.frame(b.address, rest));
}

/// P1.12: the hub does not wait for the end of it.
#[test]
fn a_giant_frame_ends_the_session_as_soon_as_it_is_over_the_limit() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let start = format!("{}|{}|60|", a.address, b.address);
    let giant = format!("{start}{}", "x".repeat(8193 - start.len()));
    a.send_raw(giant.as_bytes()).unwrap();
    a.expect_quit("FRAME_TOO_LONG");
    b.expect_nothing();
}

/// P1.11: the limit is a setting, and frames before the giant one are delivered.
#[test]
fn the_frame_limit_is_a_setting() {
    let hub = Home::new().set("DEVICES__MAX_FRAME_BYTES", "1024").start();
    let (mut a, mut b) = hub.pair();
    let good = a.frame(b.address, "60|before");
    a.send_raw(format!("{good}\x04{}", "x".repeat(1025)).as_bytes())
        .unwrap();
    a.expect_quit("FRAME_TOO_LONG");
    b.expect(&good);
}

/// P1.12: an endless stream meets a closed door, and the hub's memory stays what it was.
#[test]
fn a_stream_without_end_is_cut_off_and_never_buffered() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let before = hub.resident_kib();
    let start = format!("{}|{}|60|", a.address, b.address);
    let _ = a.send_raw(start.as_bytes());
    let block = vec![b'x'; 64 * 1024];
    let begun = Instant::now();
    while a.send_raw(&block).is_ok() {
        assert!(begun.elapsed() < PATIENCE, "the hub reads on for ever");
    }
    let grown = hub.resident_kib().saturating_sub(before);
    assert!(grown < 16 * 1024, "{grown} KiB more memory");
    b.expect_nothing();
}

/// P1.11
#[test]
fn exactly_64_fields_pass_and_65_do_not() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let most = format!("60{}", "|x".repeat(61));
    a.say(b.address, &most);
    b.expect(&a.frame(b.address, &most));
    a.say(b.address, format_args!("60{}|9", "|x".repeat(61)));
    a.expect_refusal("BAD_FRAME", b.address, "9");
    b.expect_nothing();
}

/// P1.8, P1.11: within the limit of bytes, far over that of fields.
#[test]
fn ten_thousand_fields_are_refused_and_the_session_goes_on() {
    let hub = Home::new().set("DEVICES__MAX_FRAME_BYTES", "65536").start();
    let (mut a, mut b) = hub.pair();
    for field in ["", "x"] {
        a.say(
            b.address,
            format_args!("60|{}9", format!("{field}|").repeat(10_000)),
        );
        a.expect_refusal("BAD_FRAME", b.address, "9");
    }
    a.say(b.address, "60|still here");
    b.expect(&a.frame(b.address, "60|still here"));
}
