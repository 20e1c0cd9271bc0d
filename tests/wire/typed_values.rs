//! Values have types: numbers, booleans, texts, and composites that are taken apart.

use serde_json::{Value, json};

use crate::harness::{Client, Hub};

#[track_caller]
fn report(client: &mut Client, rest: &str, msgno: u32) {
    client.say(0, format_args!("26|{rest}|1700000000000|{msgno}"));
    client.expect_hub(format_args!("7|{msgno}"));
}

/// What a query of one sensor answers: name and values of each series.
#[track_caller]
fn values(hub: &Hub, address: u32, sensor: &str) -> Vec<(String, Value)> {
    let out = hub
        .verb(&["reading", "query", &address.to_string(), sensor, "--json"])
        .ok();
    let series: Vec<Value> = serde_json::from_str(&out).unwrap();
    let one = |series: &Value| {
        let points = series["points"].as_array().unwrap();
        let values = points.iter().map(|point| point["value"].clone()).collect();
        (
            series["sensor"].as_str().unwrap().to_owned(),
            Value::Array(values),
        )
    };
    series.iter().map(one).collect()
}

/// P5.9
#[test]
fn a_value_has_the_type_that_it_looks_like() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let given = ["21.5", "true", "false", "open", "-3", "True"];
    for (msgno, value) in (1..).zip(given) {
        report(&mut a, &format!("s|{value}|C"), msgno);
    }
    let wanted = json!([21.5, true, false, "open", -3, "True"]);
    assert_eq!(values(&hub, a.address, "s"), [("s".to_owned(), wanted)]);
}

/// P5.10
#[test]
fn a_composite_is_a_series_for_each_part() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("clinic"));
    for msgno in [1, 2, 2] {
        report(
            &mut a,
            &format!("pressure|systolic=12{msgno};diastolic=80.5|mmHg"),
            msgno,
        );
    }
    let parts = [
        ("pressure/systolic".to_owned(), json!([121, 122])),
        ("pressure/diastolic".to_owned(), json!([80.5, 80.5])),
    ];
    assert_eq!(values(&hub, a.address, "pressure"), parts);
    assert_eq!(values(&hub, a.address, "pressure/systolic"), parts[..1]);
    assert_eq!(values(&hub, a.address, "press"), []);
}

/// P5.10: what is not quite a composite is text.
#[test]
fn a_broken_composite_is_text() {
    let hub = Hub::start();
    let mut a = hub.login(&hub.add("clinic"));
    report(&mut a, "p|a=1;a=2|x", 1);
    report(&mut a, "p|a=1;b=high|x", 2);
    let wanted = json!(["a=1;a=2", "a=1;b=high"]);
    assert_eq!(values(&hub, a.address, "p"), [("p".to_owned(), wanted)]);
}
