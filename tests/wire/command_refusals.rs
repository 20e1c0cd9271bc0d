//! `hub command send` refuses what it cannot do, says why, and leaves nothing behind.

use serde_json::json;

use crate::harness::{Device, Home, NOWHERE};

fn scene() -> (Home, Device) {
    let home = Home::new();
    let device = home.add("greenhouse");
    (home, device)
}

/// Every one of these is refused with a sentence that has this word, and makes no command.
#[track_caller]
fn refuses(home: &Home, device: &Device, orders: &[(&[&str], &str)]) {
    for (words, needle) in orders {
        let finished = home.try_order(device, words);
        assert_eq!(finished.out.trim(), "", "{words:?}");
        let complaint = finished.refused();
        assert!(complaint.contains(needle), "{words:?}: {complaint}");
    }
    assert_eq!(home.commands(&[]), []);
}

/// C1.3
#[test]
fn types_that_are_not_for_orders_are_refused() {
    let (home, device) = scene();
    for kind in [
        2, 4, 5, 6, 7, 20, 21, 22, 26, 30, 31, 32, 33, 34, 40, 41, 50, 90, 500,
    ] {
        let kind = kind.to_string();
        refuses(&home, &device, &[(&[&kind, "a", "1"], &kind)]);
    }
    refuses(
        &home,
        &device,
        &[(&["fly"], "fly"), (&["4294967296"], "4294967296")],
    );
}

/// C1.4
#[test]
fn fields_that_do_not_fit_the_type_are_refused() {
    let (home, device) = scene();
    refuses(
        &home,
        &device,
        &[
            (&["read"], "sensor"),
            (&["read", "a", "b"], "sensor"),
            (&["write", "a"], "value"),
            (&["write", "a", "1", "2"], "value"),
            (&["event-set", "t"], "period"),
            (&["event-set", "t", "soon"], "soon"),
            (&["event-set", "t", "-1"], "-1"),
            (&["event-set", "t", "1.5"], "1.5"),
            (&["blink", "x"], "field"),
            (&["clock-set", "x"], "field"),
            (&["clock-read", "x"], "field"),
        ],
    );
}

/// C1.5
#[test]
fn an_expiry_that_is_none_or_past_is_refused() {
    let (home, device) = scene();
    for expires in ["", "soon", "60", "-5s", "5 parsecs", "2099-13-01T00:00:00Z"] {
        let words = ["write", "a", "1", "--expires", expires];
        home.try_order(&device, &words).refused();
    }
    let past = ["write", "a", "1", "--expires", "2001-01-01T00:00:00Z"];
    refuses(&home, &device, &[(&past, "past")]);
}

/// C1.6
#[test]
fn a_condition_that_is_none_is_refused() {
    let (home, device) = scene();
    for condition in ["", "vent", "vent =", "= 0", "vent ~ 0"] {
        let words = ["write", "a", "1", "--if", condition];
        home.try_order(&device, &words).refused();
    }
    assert_eq!(home.commands(&[]), []);
}

#[test]
fn a_target_that_is_not_there_is_refused_by_name() {
    let (home, _) = scene();
    let nobody = NOWHERE.to_string();
    for words in [
        &["command", "send", &nobody, "blink"][..],
        &["command", "send", "@roof", "blink", "--group", "greenhouse"],
        &["command", "send", "*", "blink", "--group", "nowhere"],
    ] {
        let complaint = home.verb(words).refused();
        let found = [&nobody, "@roof", "nowhere"];
        let found = found.iter().any(|name| complaint.contains(*name));
        assert!(found, "{words:?}: {complaint}");
    }
    assert_eq!(home.commands(&[]), []);
}

/// C1.1: a name alone does not say whose devices are meant.
#[test]
fn a_set_needs_its_group() {
    let (home, _) = scene();
    for set in ["*", "@vents"] {
        let complaint = home.verb(&["command", "send", set, "blink"]).refused();
        assert!(complaint.contains("--group"), "{complaint}");
    }
    assert_eq!(home.commands(&[]), []);
}

/// C1.1: the group is the device's own.
#[test]
fn an_address_of_another_group_is_refused() {
    let (home, device) = scene();
    home.add("harbour");
    let words = ["blink", "--group", "harbour"];
    home.try_order(&device, &words).refused();
    let same = home.order(&device, &["blink", "--group", "greenhouse"]);
    assert_eq!(same["group"], "greenhouse");
}

#[test]
fn a_command_that_is_not_there_is_refused_by_number() {
    let (home, device) = scene();
    let id = home.order(&device, &["blink"]).id() + 1;
    for verb in ["show", "cancel"] {
        for number in [id.to_string(), u64::MAX.to_string()] {
            let complaint = home.verb(&["command", verb, &number]).refused();
            assert!(complaint.contains(&number), "{verb}: {complaint}");
        }
        let finished = home.verb(&["command", verb, "x"]);
        assert_eq!(finished.code, Some(2), "{}", finished.err);
    }
    let state = home.verb(&["command", "list", "--state", "flying"]);
    assert!(state.refused().contains("flying"));
}

/// C1.8
#[test]
fn a_device_holds_so_many_open_commands_and_no_more() {
    let (home, device) = scene();
    let home = home.set("COMMANDS__QUEUE", "2");
    let first = home.order(&device, &["read", "t"]);
    home.order(&device, &["read", "t"]);
    let complaint = home.try_order(&device, &["read", "t"]).refused();
    assert!(
        complaint.contains("BUSY") || complaint.contains("open"),
        "{complaint}"
    );
    assert_eq!(home.commands(&[]).len(), 2);
    home.cancel(first.id());
    home.order(&device, &["read", "t"]);
}

/// C1.8
#[test]
fn a_group_holds_so_many_open_commands_and_no_more() {
    let (home, device) = scene();
    let (other, foreign) = (home.add("greenhouse"), home.add("harbour"));
    let home = home.set("COMMANDS__GROUP_QUEUE", "2");
    home.order(&device, &["read", "t"]);
    home.order(&other, &["read", "t"]);
    home.try_order(&device, &["read", "t"]).refused();
    home.order(&foreign, &["read", "t"]);
}

/// C1.4, P1.11: what does not fit a frame is no command.
#[test]
fn an_order_that_fits_no_frame_is_refused() {
    let (home, device) = scene();
    let long = "x".repeat(100_000);
    home.try_order(&device, &["write", "a", &long]).refused();
    let many = vec!["1000"; 70];
    home.try_order(&device, &many).refused();
    assert_eq!(home.commands(&[]), []);
    let odd = home.order(&device, &["1000", "a|b%\u{4}\n", ""]);
    assert_eq!(odd["fields"], json!(["a|b%\u{4}\n", ""]));
}
