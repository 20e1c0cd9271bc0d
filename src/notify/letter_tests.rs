//! What messages say.

use serde_json::Value;

use super::super::rig::news;
use super::*;
use crate::notify::Named;

const AT: i64 = 1_795_232_645_000;

fn letter(listed: Vec<Told>) -> Letter {
    let mut letter = Letter::new("north", "greenhouse", "ops", "d1", AT);
    for told in &listed {
        letter.counts.push(Count {
            severity: told.alarm.severity,
            what: told.what.clone(),
            count: 1,
        });
    }
    letter.listed = listed;
    letter
}

fn told(id: i64, severity: Severity) -> Told {
    let mut told = Told::new(&news(id, severity, AT));
    told.alarm.group = "greenhouse".into();
    told.device = Some(Named {
        kind: 511,
        id: "100001".into(),
        name: "north wall".into(),
    });
    told
}

#[test]
fn a_webhook_gets_the_alarm_as_the_verbs_show_it() {
    let body: Value =
        serde_json::from_str(&letter(vec![told(7, Severity::Critical)]).json().unwrap()).unwrap();
    assert_eq!(body["hub"], "north");
    assert_eq!(body["group"], "greenhouse");
    assert_eq!(body["channel"], "ops");
    assert_eq!(body["sent_ms"], AT);
    assert_eq!(
        body["summary"],
        "critical hot raised on device 42 (north wall): temperature = 31"
    );
    assert_eq!((&body["total"], &body["omitted"]), (&1.into(), &0.into()));
    let one = &body["alarms"][0];
    assert_eq!(
        (&one["what"], &one["by"]),
        (&"raised".into(), &"hub".into())
    );
    assert_eq!(one["device"]["id"], "100001");
    let alarm = &one["alarm"];
    assert_eq!(alarm["id"], 7);
    assert_eq!(alarm["group"], "greenhouse");
    assert_eq!(alarm["address"], 42);
    assert_eq!(alarm["state"], "raised");
    assert_eq!(alarm["severity"], "critical");
    assert_eq!(alarm["cleared_ms"], Value::Null);
}

#[test]
fn many_are_summed_up() {
    let mut letter = letter(vec![
        told(1, Severity::Critical),
        told(2, Severity::Major),
        told(3, Severity::Major),
    ]);
    letter.counts.push(Count {
        severity: Severity::Minor,
        what: "cleared".into(),
        count: 9_900,
    });
    letter.omitted = 5;
    assert_eq!(
        words::summary(&letter),
        "3 raised (1 critical, 2 major), 9900 cleared (9900 minor), 5 left out"
    );
    let body: Value = serde_json::from_str(&letter.json().unwrap()).unwrap();
    assert_eq!(body["total"], 9_903);
    assert_eq!(body["unlisted"]["minor"], 9_900);
    assert_eq!(body["unlisted"]["major"], 0);
    let text = letter.text();
    assert!(text.contains("and 9900 more that are not listed: 0 critical, 0 major, 9900 minor"));
    assert!(text.contains("5 more were left out"));
    assert!(text.contains("2026-11-21T"), "{text}");
}

#[test]
fn no_name_begins_a_header_or_a_line_of_its_own() {
    let mut evil = told(1, Severity::Major);
    evil.alarm.name = "hot\r\nBcc: all@example.org".into();
    evil.alarm.last_value = "1\n\nevil".into();
    evil.device = Some(Named {
        kind: 1,
        id: "x".into(),
        name: "a\r\n.\r\nb".into(),
    });
    let mut letter = letter(vec![evil]);
    letter.hub = "h\r\nX: y".into();
    assert!(!letter.subject().contains(['\r', '\n']));
    assert!(letter.subject().chars().count() <= 160);
    let text = letter.text();
    assert!(!text.contains('\r'));
    assert!(
        !text
            .lines()
            .any(|line| line.starts_with("Bcc") || line == "." || line == "evil")
    );
}

#[test]
fn a_test_says_that_it_is_one() {
    let mut letter = letter(Vec::new());
    letter.test = true;
    assert!(letter.subject().contains("this is a test of channel ops"));
    let body: Value = serde_json::from_str(&letter.json().unwrap()).unwrap();
    assert_eq!((&body["test"], &body["total"]), (&true.into(), &0.into()));
}
