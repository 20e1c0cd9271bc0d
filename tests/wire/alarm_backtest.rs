//! A rule tried on what is stored, by the function that judges what comes (docs/alarms.md section 6).

use std::time::Instant;

use serde_json::{Value, json};

use crate::harness::{Device, GROUP, Home, Hub, id_of, minute_ago, obedient};

/// What the verb prints: one entry for each device.
#[track_caller]
fn backtest(home: &Home, words: &[&str]) -> Vec<Value> {
    let json = home.json(&[&["alarm", "rule", "backtest"], words].concat());
    json.as_array().expect("an array of devices").clone()
}

/// Raised and cleared, Unix ms.
fn spans(of_device: &Value) -> Vec<(i64, Option<i64>)> {
    let spans = of_device["spans"].as_array().expect("spans").iter();
    let times = |span: &Value| {
        (
            span["raised_ms"].as_i64().unwrap(),
            span["cleared_ms"].as_i64(),
        )
    };
    spans.map(times).collect()
}

/// A stored rule, and one that is only tried: the same answer, which is what happened.
#[test]
fn a_backtest_says_what_the_rule_did() {
    let (hub, device, mut a) = obedient();
    let words = ["--clear", "28", "--for", "2s"];
    let rule = hub.watch(&device, "t > 30", &words);
    let at = minute_ago() as i64;
    let values = [20, 31, 32, 33, 29, 28, 31, 27, 31, 31, 31];
    for (second, value) in (0..).zip(values) {
        a.read_out(&format!("t|{value}|C"), i128::from(at) + second * 1000);
    }
    // One is half raised: the readings end there.
    let wanted = [(at + 3000, Some(at + 5000)), (at + 10_000, None)];
    let stored = backtest(&hub, &[&id_of(&rule)]);
    assert_eq!(stored.len(), 1);
    assert_eq!(spans(&stored[0]), wanted);
    assert_eq!(
        (&stored[0]["address"], &stored[0]["readings"]),
        (&json!(device.address), &json!(11))
    );
    assert_eq!(
        (&stored[0]["first_ms"], &stored[0]["last_ms"]),
        (&json!(at), &json!(at + 10_000))
    );
    let mut alarms = hub.alarms(&[]);
    alarms.reverse();
    let happened = alarms.iter().map(|alarm| {
        (
            alarm["raised_ms"].as_i64().unwrap(),
            alarm["cleared_ms"].as_i64(),
        )
    });
    assert_eq!(happened.collect::<Vec<_>>(), wanted);
    let at_text = device.at();
    let tried = [
        "--new", "try", "--group", GROUP, "--device", &at_text, "--when", "t > 30",
    ];
    assert_eq!(backtest(&hub, &[&tried[..], &words].concat()), stored);
    assert_eq!(
        hub.json(&["alarm", "rule", "list"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(hub.alarms(&[]).len(), 2, "nothing is raised by trying");
}

#[test]
fn a_backtest_is_of_a_period_and_of_devices() {
    let hub = Hub::start();
    let (one, other, silent) = (hub.add(GROUP), hub.add(GROUP), hub.add(GROUP));
    let rule = hub.rule("hot", &["--all", "--when", "t > 30", "--local", "off"]);
    let at = minute_ago() as i64;
    for device in [&one, &other] {
        let mut a = hub.login(device);
        for (second, value) in (0..).zip([31, 20, 31, 20, 31]) {
            a.read_out(&format!("t|{value}|C"), i128::from(at) + second * 1000);
        }
    }
    let id = id_of(&rule);
    let all = backtest(&hub, &[&id]);
    assert_eq!(all.len(), 2, "{silent:?} has nothing to say: {all:#?}");
    let period = [(at + 1000).to_string(), (at + 3000).to_string()];
    let words = [
        &id[..],
        "--device",
        &one.at(),
        "--from",
        &period[0],
        "--to",
        &period[1],
    ];
    let part = backtest(&hub, &words);
    assert_eq!(part.len(), 1);
    assert_eq!(part[0]["address"], one.address);
    assert_eq!(spans(&part[0]), [(at + 2000, None)]);
}

/// The same words as for a rule that is kept, and some of its own.
#[test]
fn a_backtest_that_makes_no_sense_is_refused() {
    let (hub, device, _a) = obedient();
    let away = hub.rule("away", &["--all", "--offline", "10s"]);
    let hot = hub.watch(&device, "t > 30", &[]);
    let elsewhere = hub.add("harbour");
    let (away, hot) = (id_of(&away), id_of(&hot));
    for (words, code) in [
        (&[&away[..]][..], 1),
        (&[&hot, "--device", &elsewhere.at()], 1),
        (
            &[
                &hot,
                "--from",
                "2026-01-02T00:00:00Z",
                "--to",
                "2026-01-01T00:00:00Z",
            ],
            1,
        ),
        (&[&hot, "--from", "yesterday"], 2),
        (&[&hot, "--new", "x"], 2),
        (
            &[
                "--new", "x", "--group", GROUP, "--all", "--when", "t > 30", "--clear", "31",
            ],
            1,
        ),
        (&["--new", "x", "--group", GROUP, "--all"], 2),
    ] {
        let refused = hub.verb(&[&["alarm", "rule", "backtest"], words].concat());
        assert_eq!(refused.code, Some(code), "{words:?}");
        refused.refused();
    }
    assert!(spans(&backtest(&hub, &[&hot])[0]).is_empty());
}

/// A year of minutes; how long it takes as a hub that is built for use is measured elsewhere.
fn year(home: &Home, device: &Device) -> i64 {
    let begin = minute_ago() as i64 / 60_000 * 60_000 - 360 * 86_400_000;
    let csv = home.verb(&["reading", "export"]).ok();
    let header = csv.lines().next().unwrap().to_owned();
    let columns: Vec<&str> = header.split(',').collect();
    let mut rows = header.clone() + "\n";
    for minute in 0..360 * 1440 {
        let at = begin + minute * 60_000;
        let value = if minute % 1440 < 10 { 31 } else { 20 };
        let cells = columns.iter().map(|column| match *column {
            "group" => GROUP.to_owned(),
            "device" | "address" => device.at(),
            "sensor" => "t".to_owned(),
            "unit" => "C".to_owned(),
            "value" => value.to_string(),
            "msgno" => minute.to_string(),
            other if other.contains("hub") || other.contains("time") || other.contains("at") => {
                at.to_string()
            }
            _ => String::new(),
        });
        rows.push_str(&cells.collect::<Vec<_>>().join(","));
        rows.push('\n');
    }
    let file = home.write("year.csv", &rows);
    home.verb(&["reading", "import", &file]).ok();
    begin
}

#[test]
fn a_year_of_minutes_is_gone_through_at_once() {
    let hub = Hub::start();
    let device = hub.add(GROUP);
    let begin = year(&hub, &device);
    let rule = hub.watch(&device, "t > 30", &["--for", "5m"]);
    let asked = Instant::now();
    let answer = backtest(&hub, &[&id_of(&rule)]);
    eprintln!(
        "{:?} for {} readings",
        asked.elapsed(),
        answer[0]["readings"]
    );
    assert_eq!(answer[0]["readings"], 360 * 1440);
    let spans = spans(&answer[0]);
    assert_eq!(spans.len(), 360);
    assert_eq!(spans[0], (begin + 5 * 60_000, Some(begin + 10 * 60_000)));
}
