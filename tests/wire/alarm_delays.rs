//! Rules with time in them: delays and rates (docs/alarms.md A1.4 to A1.6).

use serde_json::Value;

use crate::harness::{Stored, minute_ago, obedient};

pub(crate) fn number(alarm: &Value, key: &str) -> i128 {
    i128::from(alarm[key].as_i64().expect(key))
}

/// The delay is of the device's time: readings that came late are judged as if they had come at once.
#[test]
fn a_delay_is_waited_for_by_the_devices_time() {
    let (hub, device, mut a) = obedient();
    let rule = hub.watch(&device, "t > 30", &["--for", "5s", "--clear-for", "3s"]);
    let at = minute_ago();
    let phase = |wanted: &str| {
        assert_eq!(hub.source(&rule, &device).unwrap()["phase"], wanted);
    };
    for (value, second, wanted, open) in [
        (31, 0, "raising", false),
        (32, 4, "raising", false),
        // It has to hold all the time.
        (30, 4, "normal", false),
        (31, 6, "raising", false),
        (31, 10, "raising", false),
        (31, 12, "raised", true),
        (29, 13, "clearing", true),
        (31, 15, "raised", true),
        (29, 16, "clearing", true),
        (29, 20, "normal", false),
    ] {
        a.read_out(&format!("t|{value}|C"), at + second * 1000);
        phase(wanted);
        assert_eq!(
            hub.alarms(&["--open"]).len(),
            usize::from(open),
            "{second} s"
        );
    }
    let alarm = hub.only_alarm();
    assert_eq!(number(&alarm, "raised_ms"), at + 11_000);
    assert_eq!(number(&alarm, "cleared_ms"), at + 19_000);
}

/// Without another reading, to a quarter of a second.
#[test]
fn a_delay_ends_by_itself() {
    let (hub, device, mut a) = obedient();
    hub.watch(&device, "t > 30", &["--for", "1s", "--clear-for", "1500ms"]);
    for (value, state, delay) in [(31, "raised", 1000), (29, "cleared", 1500)] {
        let at = Stored::now_ms();
        a.read_out(&format!("t|{value}|C"), at);
        let alarm = hub.alarm(&hub.alarm_is(state));
        let events = alarm["events"].as_array().unwrap();
        let after = number(events.last().unwrap(), "at_ms") - at;
        assert!(
            (delay..delay + 1500).contains(&after),
            "{state} after {after} ms"
        );
        assert_eq!(number(&alarm, &format!("{state}_ms")), at + delay);
    }
}

/// Within the window, in any of the three directions; what was before it does not count.
#[test]
fn a_rate_is_of_the_change_within_its_time() {
    for (direction, values) in [
        (
            "rises",
            [
                (20, false),
                (24, false),
                (26, true),
                (26, true),
                (18, false),
                (20, false),
            ],
        ),
        (
            "falls",
            [
                (20, false),
                (26, false),
                (20, true),
                (20, true),
                (26, false),
                (22, false),
            ],
        ),
        (
            "moves",
            [
                (20, false),
                (24, false),
                (14, true),
                (14, true),
                (20, true),
                (18, true),
            ],
        ),
    ] {
        let (hub, device, mut a) = obedient();
        let rate = format!("t {direction} 5 in 60s");
        let at = device.at();
        hub.rule("fast", &["--device", &at, "--rate", &rate]);
        let mut at = minute_ago() - 600_000;
        for (value, open) in values {
            a.read_out(&format!("t|{value}|C"), at);
            let alarms = hub.alarms(&["--open"]);
            assert_eq!(alarms.len(), usize::from(open), "{direction} at {value}");
            at += 10_000;
        }
        // Slowly is another matter.
        at += 120_000;
        a.read_out("t|100|C", at);
        assert_eq!(hub.alarms(&["--open"]).len(), 0, "{direction}");
        a.read_out("t|50|C", at + 61_000);
        assert_eq!(hub.alarms(&["--open"]).len(), 0, "{direction}");
    }
}
