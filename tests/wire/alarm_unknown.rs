//! Alarm verbs on what is not there, or does not fit (docs/alarms.md A1.9).

use crate::alarm_refusals::says;
use crate::harness::{GROUP, Home, obedient};

#[test]
fn what_is_not_there_is_named() {
    let (hub, device, _a) = obedient();
    let elsewhere = hub.add("harbour");
    for (words, sentence) in [
        (&["alarm", "show", "9"][..], "no alarm 9"),
        (&["alarm", "ack", "9"], "no alarm 9"),
        (&["alarm", "shelve", "9", "--for", "1h"], "no alarm 9"),
        (&["alarm", "unshelve", "9"], "no alarm 9"),
        (&["alarm", "clear", "9"], "no alarm 9"),
        (&["alarm", "rule", "show", "9"], "no alarm rule 9"),
        (&["alarm", "rule", "enable", "9"], "no alarm rule 9"),
        (&["alarm", "rule", "disable", "9"], "no alarm rule 9"),
        (&["alarm", "rule", "remove", "9"], "no alarm rule 9"),
        (&["alarm", "rule", "backtest", "9"], "no alarm rule 9"),
        (&["alarm", "list", "--group", "nowhere"], "nowhere"),
        (&["alarm", "list", "--device", "2147483646"], "2147483646"),
        (&["alarm", "rule", "list", "--group", "nowhere"], "nowhere"),
        (
            &[
                "alarm", "rule", "add", "hot", "--group", "nowhere", "--all", "--when", "t > 30",
            ],
            "nowhere",
        ),
    ] {
        says(hub.verb(words), 1, sentence);
    }
    let (unknown, other) = (["--device", "2147483646"], ["--device", &elsewhere.at()]);
    for scope in [&unknown[..], &other] {
        let refused = hub.try_rule("hot", &[scope, &["--when", "t > 30"]].concat());
        says(refused, 1, scope[1]);
    }
    hub.watch(&device, "t > 30", &[]);
    says(
        hub.try_rule("hot", &["--all", "--when", "t > 40"]),
        1,
        "hot",
    );
    assert_eq!(
        hub.json(&["alarm", "rule", "list"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

/// C1.7: a device that says what it has must have what the rule is about.
#[test]
fn a_rule_fits_what_its_device_has() {
    let (hub, device, _a) = obedient();
    hub.verb(&[
        "device",
        "describe",
        &device.at(),
        "S:t:number:C:-40:85",
        "A:fan:number:0:1",
    ])
    .ok();
    let at = device.at();
    for (words, sentence) in [
        (&["--when", "wet > 30"][..], "wet"),
        (&["--when", "t > 30", "--act", "vent=1"], "vent"),
        (&["--when", "t > 30", "--act", "fan=2"], "fan"),
        (&["--when", "t > 30", "--act", "fan=on"], "fan"),
        (&["--no-data", "wet 10s"], "wet"),
    ] {
        says(
            hub.try_rule("hot", &[&["--device", &at], words].concat()),
            1,
            sentence,
        );
    }
    hub.rule(
        "hot",
        &["--device", &at, "--when", "t > 30", "--act", "fan=1"],
    );
}

/// As many as a setting says.
#[test]
fn there_are_so_many_rules() {
    let home = Home::new().set("ALARMS__MAX_RULES", "2");
    home.add(GROUP);
    let hub = home.start();
    let words = ["--all", "--when", "t > 30"];
    let one = hub.rule("one", &words);
    hub.rule("two", &words);
    says(hub.try_rule("three", &words), 1, "alarms.max_rules");
    hub.on_rule("remove", &one).ok();
    hub.rule("three", &words);
}

/// The verbs work on the data of a hub that is not running.
#[test]
fn rules_are_made_with_or_without_a_hub_running() {
    let home = Home::new();
    let device = home.add(GROUP);
    let rule = home.watch(&device, "t > 30", &[]);
    let hub = home.start();
    let mut a = hub.login(&device);
    a.read_out("t|31|C", crate::harness::minute_ago());
    let alarm = hub.only_alarm();
    let home = hub.stop();
    home.on_alarm("ack", &alarm, &["--by", "Ada"]).ok();
    assert_eq!(home.only_alarm()["state"], "acknowledged");
    home.on_rule("remove", &rule).ok();
    assert_eq!(home.start().only_alarm()["clear_reason"], "RULE_REMOVED");
}
