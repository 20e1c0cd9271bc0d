//! Verbs refuse what they cannot do, with an exit code and words that say what to do next.

use crate::harness::{Hub, NOWHERE};

#[test]
fn a_device_needs_a_group_that_exists() {
    let hub = Hub::start();
    let words = "device add --group nowhere --type 511 --id a";
    let words: Vec<&str> = words.split(' ').collect();
    let complaint = hub.verb(&words).refused();
    assert!(complaint.contains("nowhere"), "{complaint}");
    assert!(complaint.contains("group add"), "{complaint}");
}

#[test]
fn a_type_and_id_are_registered_once() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let again = [
        "device",
        "add",
        "--group",
        "greenhouse",
        "--type",
        "511",
        "--id",
        &device.id,
    ];
    let complaint = hub.verb(&again).refused();
    assert!(complaint.contains(&device.id), "{complaint}");
}

/// P2.1: what could not log in is not registered.
#[test]
fn a_type_or_id_that_could_not_log_in_is_refused() {
    let hub = Hub::start();
    hub.verb(&["group", "add", "greenhouse"]).ok();
    for (kind, id) in [
        ("0", "a"),
        ("2147483648", "a"),
        ("x", "a"),
        ("1", "a b"),
        ("1", ""),
    ] {
        let words = [
            "device",
            "add",
            "--group",
            "greenhouse",
            "--type",
            kind,
            "--id",
            id,
        ];
        hub.verb(&words).refused();
    }
    assert_eq!(hub.verb(&["device", "list", "--json"]).ok().trim(), "[]");
}

#[test]
fn a_verb_on_a_device_that_is_not_there_says_so() {
    let hub = Hub::start();
    let nobody = NOWHERE.to_string();
    for verb in ["show", "disable", "enable", "rotate-serial", "remove"] {
        let complaint = hub.verb(&["device", verb, &nobody]).refused();
        assert!(complaint.contains(&nobody), "{verb}: {complaint}");
    }
    let device = hub.add("greenhouse");
    let complaint = hub.verb(&["device", "move", &device.at(), "nowhere"]);
    assert!(complaint.refused().contains("nowhere"));
}

#[test]
fn a_word_that_is_no_verb_is_refused_with_code_2() {
    let hub = Hub::start();
    for words in [
        &["fly"][..],
        &["device", "fly"],
        &["device", "disable", "x"],
    ] {
        let finished = hub.verb(words);
        assert_eq!(finished.code, Some(2), "{words:?}");
        finished.refused();
    }
}
