//! Frames on a stream of bytes, from one device to another.

use crate::harness::Hub;

/// P1.3, P7.1
#[test]
fn a_frame_reaches_its_destination_as_it_was_sent() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    a.say(b.address, "60|hello|1");
    b.expect(&a.frame(b.address, "60|hello|1"));
    b.say(a.address, "6|1");
    a.expect(&b.frame(a.address, "6|1"));
}

/// P1.4
#[test]
fn a_frame_may_come_byte_by_byte() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let frame = a.frame(b.address, "60|in pieces|");
    for byte in frame.as_bytes() {
        a.send_raw(&[*byte]).unwrap();
    }
    a.send_raw(&[4]).unwrap();
    b.expect(&frame);
}

/// P1.4, P7.1
#[test]
fn a_thousand_frames_in_one_write_arrive_in_order() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let frames: Vec<String> = (0..1000)
        .map(|i| a.frame(b.address, format_args!("60|{i}")))
        .collect();
    a.send_raw((frames.join("\x04") + "\x04").as_bytes())
        .unwrap();
    for frame in &frames {
        b.expect(frame);
    }
    a.expect_nothing();
}

/// P1.4: cut wherever a read may end, in the middle of a character too.
#[test]
fn a_frame_cut_at_any_byte_is_the_same_frame() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let frame = a.frame(b.address, "60|ü ☂ 𝄞");
    let bytes = [frame.as_bytes(), b"\x04"].concat();
    for cut in 1..bytes.len() {
        a.send_raw(&bytes[..cut]).unwrap();
        a.send_raw(&bytes[cut..]).unwrap();
        b.expect(&frame);
    }
}

/// P7.1: to two receivers by turns, each keeps its order.
#[test]
fn order_is_kept_for_each_pair() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let mut c = hub.login(&hub.add("greenhouse"));
    for i in 0..200 {
        a.say(b.address, format_args!("60|{i}"));
        a.say(c.address, format_args!("60|{i}"));
    }
    for i in 0..200 {
        b.expect(&a.frame(b.address, format_args!("60|{i}")));
        c.expect(&a.frame(c.address, format_args!("60|{i}")));
    }
}

/// P1.2
#[test]
fn a_missing_last_separator_is_added() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    for rest in ["60|x", "60", "60|"] {
        let sent = format!("{}|{}|{rest}", a.address, b.address);
        a.send(&sent);
        b.expect(&format!("{}|", sent.trim_end_matches('|')));
    }
}

/// P1.9
#[test]
fn free_text_is_forwarded_byte_for_byte() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    for text in [
        "a%7Cb%25%04",
        "a%7cb",
        "100%zz|%",
        "  blanks  |",
        "Grüße ☂ 𝄞",
        "'; DROP TABLE reading; --",
        "\u{85}\u{2028}\u{feff}",
    ] {
        let rest = format!("60|{text}");
        a.say(b.address, &rest);
        b.expect(&a.frame(b.address, &rest));
    }
}

/// P1.11
#[test]
fn empty_fields_pass() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    for rest in ["60|", "60||", "60|||x||"] {
        a.say(b.address, rest);
        b.expect(&a.frame(b.address, rest));
    }
}

/// P1.5
#[test]
fn blanks_and_line_ends_between_frames_are_skipped() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let frame = a.frame(b.address, "60|x");
    for gap in ["\r\n", "\n", " \t ", "\r\n\r\n  "] {
        a.send(&format!("{gap}{frame}"));
        b.expect(&frame);
    }
}

/// P3: between devices a type is theirs.
#[test]
fn types_without_a_meaning_pass_between_devices() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    for kind in [0, 2, 4, 50, 60, 77, 90, 500, 999, 1000, 4_294_967_295_u32] {
        let rest = format!("{kind}|x|1");
        a.say(b.address, &rest);
        b.expect(&a.frame(b.address, &rest));
    }
}

/// P6.1, P1.7
#[test]
fn a_destination_that_is_not_there_is_answered_with_the_msgno() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let absent = hub.add("greenhouse");
    let mut a = hub.login(&device);
    a.say(absent.address, "1|temperature|17");
    a.expect_refusal("NO_DEVICE", absent.address, "17");
    a.say(absent.address, "60");
    a.expect_refusal("NO_DEVICE", absent.address, "");
}

/// P6.3
#[test]
fn an_error_is_never_answered() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let absent = hub.add("greenhouse");
    let mut a = hub.login(&device);
    a.say(absent.address, "50|ERROR|NO_DEVICE|1|2");
    a.say("*", "50|ERROR|BUSY|1|2");
    a.say(0, "50|ERROR|BUSY|1|2");
    a.expect_nothing();
}
