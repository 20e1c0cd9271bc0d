//! From a reading to whoever is told: N-numbers are statements of docs/notifications.md.

use crate::harness::receiver::body;
use crate::harness::{Client, Home, Hub, Receiver};

fn hub(receiver: &Receiver, least: &str) -> Hub {
    let hub = Home::new().set("NOTIFY__GATHER_SECONDS", "1").start();
    hub.verb(&["group", "add", "greenhouse"]).ok();
    let words = [
        "notify",
        "add",
        "ops",
        "--group",
        "greenhouse",
        "--webhook",
        &receiver.url(),
        "--severity",
        least,
    ];
    hub.verb(&words).ok();
    for (name, level, severity) in [("warm", "25", "minor"), ("hot", "30", "critical")] {
        let when = format!("temperature > {level}");
        let words = [
            "alarm",
            "rule",
            "add",
            name,
            "--group",
            "greenhouse",
            "--all",
            "--when",
            &when,
            "--severity",
            severity,
            "--local",
            "off",
        ];
        hub.verb(&words).ok();
    }
    hub
}

fn report(client: &mut Client, value: u32, msgno: u32) {
    let at = 1_700_000_000_000_u64 + u64::from(msgno);
    client.say(0, format_args!("26|temperature|{value}|C|{at}|{msgno}"));
    client.expect_hub(format_args!("7|{msgno}"));
}

/// N2.1, N3.2: raised and cleared, each once, of the severities that the channel wants.
#[test]
fn people_are_told_what_is_raised_and_cleared() {
    let receiver = Receiver::web(&[200]);
    let hub = hub(&receiver, "critical");
    let device = hub.add_with("plain", &["--name", "north wall"]);
    let at = device.at();
    hub.verb(&["device", "move", &at, "greenhouse"]).ok();
    let mut client = hub.login(&device);
    report(&mut client, 31, 1);
    let said = body(&receiver.next());
    assert_eq!(
        said["summary"],
        format!("critical hot raised on device {at} (north wall): temperature = 31")
    );
    let told = &said["alarms"][0];
    assert_eq!(
        (&told["what"], &told["by"]),
        (&"raised".into(), &"hub".into())
    );
    // The same alarm as the verbs show.
    let shown = hub.verb(&["alarm", "list", "--open", "--json"]).ok();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let mut all = shown.as_array().unwrap().iter();
    let hot = all.find(|alarm| alarm["name"] == "hot").unwrap();
    assert_eq!(told["alarm"], *hot);
    report(&mut client, 20, 2);
    let said = body(&receiver.next());
    assert_eq!(said["alarms"].as_array().unwrap().len(), 1);
    assert_eq!(said["alarms"][0]["what"], "cleared");
    assert_eq!(said["alarms"][0]["alarm"]["state"], "cleared");
}

/// N2.1: of a shelved alarm nobody is told.
#[test]
fn of_what_is_shelved_nobody_is_told() {
    let receiver = Receiver::web(&[200]);
    let hub = hub(&receiver, "warning");
    let device = hub.add("plain");
    hub.verb(&["device", "move", &device.at(), "greenhouse"])
        .ok();
    let mut client = hub.login(&device);
    report(&mut client, 26, 1);
    let said = body(&receiver.next());
    let id = said["alarms"][0]["alarm"]["id"].to_string();
    hub.verb(&["alarm", "shelve", &id, "--for", "2h"]).ok();
    report(&mut client, 20, 2);
    report(&mut client, 31, 3);
    let said = body(&receiver.next());
    let told = said["alarms"].as_array().unwrap();
    let names: Vec<_> = told.iter().map(|one| &one["alarm"]["name"]).collect();
    assert_eq!(names, ["hot"], "{said}");
}
