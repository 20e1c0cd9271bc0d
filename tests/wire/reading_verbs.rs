//! `hub reading query` and `stats`, with a hub running and without.

use serde_json::Value;

use crate::harness::{Client, Home, Hub};

const START: i64 = 1_700_000_400_000;

/// A reading a second, counting up; one of them is a peak.
#[track_caller]
fn fill(client: &mut Client, count: i64) {
    for second in 0..count {
        let value = if second == 777 { 9999 } else { second % 10 };
        let at = START + second * 1000;
        client.say(0, format_args!("26|t|{value}|C|{at}|{second}"));
    }
    for _ in 0..count {
        assert!(client.recv().contains("|7|"));
    }
}

#[track_caller]
fn query(home: &Home, words: &[&str]) -> Value {
    let words = [&["reading", "query"], words, &["--json"]].concat();
    serde_json::from_str(&home.verb(&words).ok()).unwrap()
}

/// R4.1, R4.2: while it runs, and from what a stopped hub left.
#[test]
fn a_query_has_no_more_points_than_asked_and_every_peak() {
    let home = Home::new().set("STORAGE__SETTLE_SECONDS", "0");
    let device = home.add("greenhouse");
    let hub = home.start();
    fill(&mut hub.login(&device), 2000);
    let check = |home: &Home| {
        let series = query(home, &[&device.at(), "t", "--points", "50"]);
        let points = series[0]["points"].as_array().unwrap();
        assert!(points.len() <= 50 && points.len() > 20, "{}", points.len());
        let peak = points.iter().find(|p| p["value"] == 9999).unwrap();
        assert_eq!(peak["at_ms"], START + 777_000);
        assert_eq!(points[0]["at_ms"], START);
        assert_eq!(points[points.len() - 1]["at_ms"], START + 1_999_000);
    };
    check(&hub);
    let home = hub.stop();
    check(&home);
}

/// R4.1
#[test]
fn a_range_is_cut_exactly() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    fill(&mut hub.login(&device), 100);
    let (from, to) = ((START + 10_000).to_string(), (START + 20_000).to_string());
    let series = query(&hub, &[&device.at(), "t", "--from", &from, "--to", &to]);
    let points = series[0]["points"].as_array().unwrap();
    assert_eq!(points.len(), 10);
    assert_eq!(points[0]["at_ms"], START + 10_000);
    let none = query(&hub, &[&device.at(), "t", "--unit", "F"]);
    assert_eq!(none, Value::Array(Vec::new()));
}

/// R4.5
#[test]
fn roll_ups_count_what_is_in_them() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    fill(&mut hub.login(&device), 180);
    let series = query(&hub, &[&device.at(), "t", "--resolution", "minute"]);
    assert_eq!(series[0]["width_ms"], 60_000);
    let buckets = series[0]["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), 3);
    for bucket in buckets {
        assert_eq!(bucket["count"], 60);
        assert_eq!(
            (&bucket["min"], &bucket["max"]),
            (&Value::from(0), &Value::from(9))
        );
        assert_eq!(
            (&bucket["mean"], &bucket["last"]),
            (&Value::from(4.5), &Value::from(9))
        );
    }
}

#[test]
fn stats_name_every_sensor_and_the_size_of_the_database() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    fill(&mut hub.login(&device), 60);
    let out = hub
        .verb(&["reading", "stats", "--group", "greenhouse", "--json"])
        .ok();
    let stats: Value = serde_json::from_str(&out).unwrap();
    let one = &stats["series"][0];
    assert_eq!(
        (&one["readings"], &one["sensor"]),
        (&Value::from(60), &Value::from("t"))
    );
    assert_eq!(one["first_ms"], START);
    assert!(stats["database"]["database_bytes"].as_u64().unwrap() > 0);
    assert_eq!(stats["database"]["max_bytes"], 10_u64 << 30);
}

#[test]
fn what_cannot_be_asked_is_refused_in_words() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let at = device.at();
    for words in [
        &["reading", "query", "7", "t"][..],
        &["reading", "query", &at, "t", "--points", "3"],
        &["reading", "query", &at, "t", "--from", "yesterday"],
        &[
            "reading", "query", &at, "t", "--from", "2000", "--to", "1000",
        ],
        &["reading", "stats", "--group", "nowhere"],
        &[
            "reading",
            "retention",
            "set",
            "greenhouse",
            "--raw-days",
            "30",
            "--minute-days",
            "7",
        ],
        &["reading", "retention", "remove", "greenhouse"],
    ] {
        hub.verb(words).refused();
    }
}
