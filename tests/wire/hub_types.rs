//! Types that the hub answers itself: LOOPBACK, DEVICES, CLOCK_SET, POLL, and those it does not know.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::harness::{Client, Home, Hub};

/// P3.2
#[test]
fn the_hub_echoes_a_loopback_with_its_fields_unchanged() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for rest in ["50|a|b", "50|", "50||a||", "50|a%7cb|%zz", "50|ü"] {
        a.say(0, rest);
        a.expect_hub(rest);
    }
    a.send(&format!("{}|0|50", a.address));
    a.expect_hub("50");
}

/// P3.2: between devices the echo is the receiver's work.
#[test]
fn a_loopback_between_devices_passes() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    a.say(b.address, "50|ping");
    b.expect(&a.frame(b.address, "50|ping"));
    b.say(a.address, "50|ping");
    a.expect(&b.frame(a.address, "50|ping"));
    a.expect_nothing();
}

/// P3.3, P6.3
#[test]
fn a_loopback_that_says_error_is_not_echoed() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    a.say(0, "50|ERROR|NO_DEVICE|1|2");
    a.say(0, "50|ERROR");
    a.say(0, "50|ERRORS");
    a.expect_hub("50|ERRORS");
}

/// All entries of an answer of DEVICES, which may take several frames.
#[track_caller]
fn devices(client: &mut Client, count: usize) -> BTreeSet<String> {
    client.say(0, "500|77");
    let start = format!("0|{}|500|", client.address);
    let mut entries = BTreeSet::new();
    while entries.len() < count {
        let frame = client.recv();
        assert!(frame.len() <= 8192 && frame.matches('|').count() <= 64);
        let fields = frame.strip_prefix(&start).expect(&frame);
        let fields = fields.strip_suffix("77|").expect(&frame);
        for entry in fields.split_terminator('|') {
            assert!(entries.insert(entry.to_owned()), "twice: {entry}");
        }
    }
    assert_eq!(entries.len(), count);
    entries
}

/// P3.6
#[test]
fn devices_lists_the_connected_devices_with_the_asker() {
    let hub = Hub::start();
    let (one, other) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let absent = hub.add("greenhouse");
    let (mut a, _b) = (hub.login(&one), hub.login(&other));
    let entries = devices(&mut a, 2);
    for device in [&one, &other] {
        let start = format!("{}:511:{}:", device.address, device.id);
        assert!(entries.iter().any(|e| e.starts_with(&start)), "{entries:?}");
    }
    assert!(!entries.iter().any(|e| e.contains(&absent.id)));
    a.expect_nothing();
}

/// P3.6, P1.10
#[test]
fn a_name_cannot_break_the_list_of_devices() {
    let hub = Hub::start();
    let device = hub.add_with("greenhouse", &["--name", "Pump: 50% | östlich"]);
    let entries = devices(&mut hub.login(&device), 1);
    let entry = format!(
        "{}:511:{}:Pump%3A 50%25 %7C östlich",
        device.address, device.id
    );
    assert_eq!(entries, BTreeSet::from([entry]));
}

/// P3.6, P3.7: 70 entries do not fit a frame of 64 fields.
#[test]
fn a_long_list_of_devices_comes_in_several_frames() {
    let home = Home::new();
    let rows: String = (0..70)
        .map(|i| format!("greenhouse,7,dev-{i},SN-{i},legacy,device {i}\n"))
        .collect();
    let csv = format!("group,type,id,serial,login,name\n{rows}");
    let file = home.write("devices.csv", &csv);
    home.verb(&["device", "import", &file]).ok();
    let hub = home.start();
    let mut all: Vec<Client> = (0..70).map(|i| imported(&hub, i)).collect();
    let entries = devices(&mut all[0], 70);
    assert!(entries.iter().any(|e| e.ends_with(":7:dev-69:device 69")));
}

#[track_caller]
fn imported(hub: &Hub, i: u32) -> Client {
    let mut client = hub.connect();
    client.address = client.hello(7, &format!("dev-{i}")).n;
    let digest = crate::harness::legacy_digest(&format!("SN-{i}"), "1");
    client.send(&format!("{digest}|1|"));
    client.expect("OK|OK|");
    assert!(client.recv().contains("|80|"));
    client
}

/// P2.17, P3.8
#[test]
fn the_clock_is_set_in_utc_right_after_the_login() {
    let hub = Hub::start();
    let mut client = hub.connect();
    client.handshake(&hub.add("greenhouse"));
    let frame = client.recv();
    let start = format!("0|{}|80|", client.address);
    let rest = frame.strip_prefix(&start).expect(&frame);
    let fields: Vec<i64> = rest
        .split_terminator('|')
        .map(|f| f.parse().unwrap())
        .collect();
    let [sec, min, hour, weekday, day, month, year] = fields[..] else {
        panic!("not seven fields: {frame}");
    };
    let days = days_since_1970(2000 + year, month, day);
    let told = days * 86_400 + hour * 3600 + min * 60 + sec;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    assert!((told - now).abs() <= 60, "{frame} is {told}, now is {now}");
    assert_eq!(
        weekday,
        (days + 3) % 7 + 1,
        "1970 began on a Thursday: {frame}"
    );
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let years: i64 = (1970..year).map(|y| 365 + i64::from(is_leap(y))).sum();
    let months: i64 = lengths
        .iter()
        .take(usize::try_from(month - 1).unwrap())
        .sum();
    years + months + i64::from(month > 2 && is_leap(year)) + day - 1
}

/// P3.8
#[test]
fn the_clock_is_set_for_the_types_of_the_setting_only() {
    let hub = Home::new().set("DEVICES__CLOCK_SET_TYPES", "512").start();
    let mut client = hub.connect();
    client.handshake(&hub.add("greenhouse"));
    client.expect_nothing();
}

/// P3.4
#[test]
fn a_poll_is_accepted_in_silence() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    a.say(0, "21");
    a.expect_nothing();
}

/// P3.5
#[test]
fn a_type_that_the_hub_gives_no_meaning_is_refused_by_name() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    for kind in [1000, 1001, 65_536, 4_294_967_295_u32] {
        a.say(0, format_args!("{kind}|x|9"));
        a.expect_refusal("UNKNOWN_TYPE", 0, "9");
    }
}
