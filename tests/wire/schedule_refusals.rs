//! What cannot be a schedule is refused with a sentence (docs/schedules.md S1.6): by exit code 2 what is typed wrong, by 1 what the
//! hub knows better.

use crate::harness::Home;

fn refused(home: &Home, words: &[&str], code: i32, why: &str) {
    let fixed = ["schedule", "add", "it", "--group", "greenhouse"];
    let finished = home.verb(&[&fixed[..], words].concat());
    assert_eq!(finished.code, Some(code), "{words:?}: {}", finished.err);
    let told = finished.refused();
    assert!(told.contains(why), "{words:?}: {told}");
    assert_eq!(home.json(&["schedule", "list"]), serde_json::json!([]));
}

#[test]
fn times_that_are_none_or_never_come() {
    let home = Home::new();
    let device = home.add("greenhouse").at();
    let send = ["--send", &device, "read", "t"];
    for (words, code, why) in [
        (&["--cron", "0 0 0 30 2 *"][..], 1, "never runs"),
        (&["--cron", "0 0 0 31 4,6,9,11 *"], 1, "never runs"),
        (&["--cron", "* * * * *"], 2, "six"),
        (&["--cron", "0 61 * * * *"], 2, "cron pattern"),
        (&["--cron", "@daily"], 2, "cron pattern"),
        (
            &["--cron", "0 0 0 1 1 *", "--until", "2026-01-01T00:00:00Z"],
            1,
            "never runs",
        ),
        (&["--at", "2020-01-01T00:00:00Z"], 1, "never runs"),
        (&["--at", "soon"], 2, "no time"),
        (
            &["--at", "2027-03-28T02:30:00", "--zone", "Europe/Madrid"],
            2,
            "does not exist",
        ),
        (
            &["--at", "2026-10-25T02:30:00", "--zone", "Europe/Madrid"],
            2,
            "twice",
        ),
        (&["--every", "500ms"], 2, "one second"),
        (&["--every", "5"], 2, "and its unit"),
        (
            &["--every", "5m", "--zone", "Europe/Madird"],
            2,
            "Europe/Madrid",
        ),
        (
            &[
                "--every",
                "5m",
                "--from",
                "2030-01-02T00:00:00Z",
                "--until",
                "2030-01-01T00:00:00Z",
            ],
            2,
            "before",
        ),
        (&["--every", "5m", "--jitter", "5m"], 1, "jitter"),
        (&["--every", "5m", "--cron", "* * * * * *"], 2, "--cron"),
        (&[], 2, "one of"),
    ] {
        refused(&home, &[words, &send].concat(), code, why);
    }
}

#[test]
fn acts_that_no_desk_would_take() {
    let home = Home::new();
    let device = home.add("greenhouse").at();
    let foreign = home.add("harbour").at();
    let vent = "A:vent:number:0:100";
    home.verb(&["device", "describe", &device, vent]).ok();
    for (words, code, why) in [
        (&["--send", "7", "read", "t"][..], 1, "no device 7"),
        (&["--send", &foreign, "read", "t"], 1, "another group"),
        (&["--send", "0", "read", "t"], 1, "no target"),
        (
            &["--send", &device, "write", "vent", "500"],
            1,
            "OUT_OF_RANGE",
        ),
        (
            &["--send", &device, "write", "lamp", "1"],
            1,
            "UNKNOWN_ACTUATOR",
        ),
        (
            &["--send", "*", "write", "lamp", "1"],
            1,
            "UNKNOWN_ACTUATOR",
        ),
        (&["--send", &device, "write", "vent"], 1, "BAD_VALUE"),
        (&["--send", &device, "40", "x"], 1, "NO_RIGHT"),
        (&["--send", &device, "shout"], 2, "blink"),
        (
            &["--send", &device, "write", "vent", "1", "--if", "vent"],
            2,
            "condition",
        ),
        (
            &["--send", &device, "write", "vent", "1", "--expires", "x"],
            2,
            "--expires",
        ),
        (
            &[
                "--send",
                &device,
                "write",
                "vent",
                "1",
                "--expires",
                "2026-01-01T00:00:00Z",
            ],
            1,
            "EXPIRED",
        ),
        (&["--event-period", &device], 2, "--event-period"),
        (&["--enable-rule", "99"], 1, "no alarm rule 99"),
        (
            &["--enable-rule", "1", "--disable-rule", "1"],
            2,
            "cannot be used",
        ),
        (&[], 2, "required"),
    ] {
        refused(&home, &[&["--every", "5m"], words].concat(), code, why);
    }
}

#[test]
fn one_name_once_and_not_too_many() {
    let home = Home::new().set("SCHEDULES__MAX_SCHEDULES", "2");
    let device = home.add("greenhouse").at();
    let add = |name: &str| {
        home.verb(&[
            "schedule",
            "add",
            name,
            "--group",
            "greenhouse",
            "--every",
            "5m",
            "--send",
            &device,
            "read",
            "t",
        ])
    };
    add("one").ok();
    let told = add("one").refused();
    assert!(told.contains("already"), "{told}");
    add("two").ok();
    let told = add("three").refused();
    assert!(told.contains("schedules.max_schedules"), "{told}");
}
