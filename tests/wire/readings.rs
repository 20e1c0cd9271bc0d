//! EVENT and VALUE to the hub become readings; STORED follows the commit.

use crate::harness::{Client, Hub};

const EVENT: &str = "26|temperature|21.5|C|1700000000000";

#[track_caller]
fn reporter(hub: &Hub) -> Client {
    hub.login(&hub.add("greenhouse"))
}

/// P5.1, P5.3
#[test]
fn an_event_is_stored_and_then_acknowledged() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    a.say(0, format_args!("{EVENT}|7"));
    a.expect_hub("7|7");
    assert_eq!(hub.stored_readings(), 1);
    assert_eq!(hub.metrics().sum("hub_readings_stored_total"), 1);
}

/// P5.4
#[test]
fn a_repeat_is_acknowledged_again_and_stored_once() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    for _ in 0..3 {
        a.say(0, format_args!("{EVENT}|7"));
        a.expect_hub("7|7");
    }
    assert_eq!(hub.stored_readings(), 1);
}

/// P5.4: a repeat in the same batch is one too.
#[test]
fn repeats_in_one_write_are_stored_once() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    let frame = a.frame(0, format_args!("{EVENT}|7"));
    a.send_raw(format!("{frame}\x04").repeat(100).as_bytes())
        .unwrap();
    for _ in 0..100 {
        a.expect_hub("7|7");
    }
    assert_eq!(hub.stored_readings(), 1);
}

/// P5.4
#[test]
fn equal_readings_of_different_numbers_are_two() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    for msgno in ["7", "8"] {
        a.say(0, format_args!("{EVENT}|{msgno}"));
        a.expect_hub(format_args!("7|{msgno}"));
    }
    assert_eq!(hub.stored_readings(), 2);
}

/// P5.4: the number belongs to the device.
#[test]
fn the_same_number_of_two_devices_is_two_readings() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    for client in [&mut a, &mut b] {
        client.say(0, format_args!("{EVENT}|7"));
        client.expect_hub("7|7");
    }
    assert_eq!(hub.stored_readings(), 2);
}

/// P5.3: many under way, each acknowledged once.
#[test]
fn a_thousand_events_in_one_write_are_all_acknowledged() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    let all: String = (0..1000)
        .map(|msgno| a.frame(0, format_args!("{EVENT}|{msgno}")) + "\x04")
        .collect();
    a.send_raw(all.as_bytes()).unwrap();
    let mut told: Vec<String> = (0..1000).map(|_| a.recv()).collect();
    let mut wanted: Vec<String> = (0..1000)
        .map(|msgno| format!("0|{}|7|{msgno}|", a.address))
        .collect();
    told.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(told, wanted);
    assert_eq!(hub.stored_readings(), 1000);
}

/// P5.2
#[test]
fn the_seeds_event_is_stored_as_a_plain_event() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    for (msgno, values) in [(1, "door|open|"), (2, "one|"), (3, "a|b|c|d|e|"), (4, "")] {
        a.say(0, format_args!("26|{values}{msgno}"));
        a.expect_hub(format_args!("7|{msgno}"));
    }
    assert_eq!(hub.stored_readings(), 4);
}

/// P5.1, P5.2: five fields whose fourth is no time are a plain event too.
#[test]
fn five_fields_without_a_time_are_a_plain_event() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    a.say(0, "26|door|open|by hand|now|1");
    a.expect_hub("7|1");
    assert_eq!(hub.stored_readings(), 1);
}

/// P5.7
#[test]
fn a_value_that_is_not_finite_is_refused_and_is_no_protocol_error() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    for value in ["NaN", "inf", "-Infinity", "1e999"] {
        a.say(0, format_args!("26|temperature|{value}|C|1700000000000|7"));
        a.expect_refusal("BAD_VALUE", 0, "7");
    }
    a.say(0, format_args!("{EVENT}|7"));
    a.expect_hub("7|7");
    assert_eq!(hub.stored_readings(), 1);
}

/// P5.6, P5.7
#[test]
fn a_number_that_is_no_number_is_refused() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    for msgno in ["", "x7", "07", "-7", "7.0", "9223372036854775808"] {
        a.say(0, format_args!("{EVENT}|{msgno}"));
        a.expect_refusal("BAD_VALUE", 0, msgno);
    }
    a.say(0, format_args!("{EVENT}|9223372036854775807"));
    a.expect_hub("7|9223372036854775807");
}

/// P5.7
#[test]
fn a_broken_escape_or_a_long_text_is_refused() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    let long = "x".repeat(5000);
    for sensor in ["a%zz", "a%4", "%FF", &long] {
        a.say(0, format_args!("26|{sensor}|1|C|1700000000000|7"));
        a.expect_refusal("BAD_VALUE", 0, "7");
    }
    a.say(0, "26|inside%20the%7Chouse|1|C|1700000000000|7");
    a.expect_hub("7|7");
    assert_eq!(hub.stored_readings(), 1);
}

/// P5.7: one bad row leaves the rest of its batch alone.
#[test]
fn a_bad_reading_among_good_ones_is_refused_alone() {
    let hub = Hub::start();
    let mut a = reporter(&hub);
    let rests = [
        "1|C|1700000000000|1",
        "NaN|C|1700000000000|2",
        "3|C|1700000000000|3",
    ];
    let all: String = rests
        .iter()
        .map(|rest| a.frame(0, format_args!("26|t|{rest}")) + "\x04")
        .collect();
    a.send_raw(all.as_bytes()).unwrap();
    let mut told = [a.recv(), a.recv(), a.recv()];
    told.sort_unstable();
    let at = format!("0|{}", a.address);
    let bad = format!("{at}|50|ERROR|BAD_VALUE|0|2|");
    assert_eq!(told, [bad, format!("{at}|7|1|"), format!("{at}|7|3|")]);
    assert_eq!(hub.stored_readings(), 2);
}
