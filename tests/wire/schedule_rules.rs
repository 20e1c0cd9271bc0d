//! A schedule switches an alarm rule (docs/schedules.md S1.4).

use crate::harness::{GROUP, Hub, eventually, minute_ago};

#[test]
fn a_run_disables_a_rule_and_another_enables_it() {
    let hub = Hub::start();
    let device = hub.add(GROUP);
    let rule = hub.watch(&device, "t > 30", &[])["id"].to_string();
    let mut a = hub.login(&device);
    let at = minute_ago();
    a.read_out("t|31|C", at);
    assert_eq!(hub.alarms(&["--open"]).len(), 1);
    for (name, how, enabled) in [
        ("night", "--disable-rule", false),
        ("day", "--enable-rule", true),
    ] {
        let words = ["schedule", "add", name, "--group", GROUP, "--every", "1s"];
        let id = hub.json(&[&words[..], &[how, &rule]].concat())["id"].to_string();
        eventually(&format!("the rule is switched by {name}"), || {
            let shown = hub.json(&["alarm", "rule", "show", &rule]);
            (shown["enabled"] == enabled).then_some(())
        });
        hub.verb(&["schedule", "pause", &id]).ok();
    }
    let ended = &hub.alarms(&[])[0];
    assert_eq!(ended["clear_reason"], "RULE_DISABLED", "{ended:#}");
}
