//! Orders to `@label` and `*`: one command for each registered device (docs/commands.md C1.1).

use std::collections::BTreeSet;

use crate::harness::{Command, Home};

fn addresses(commands: &[Command]) -> BTreeSet<i64> {
    commands.iter().map(|c| c.number("address")).collect()
}

/// Three devices of a group, two of them with a label; one of another group with the same label.
fn scene() -> (Home, [crate::harness::Device; 4]) {
    let home = Home::new();
    let devices = [
        home.add_with("greenhouse", &["--label", "vents"]),
        home.add_with("greenhouse", &["--label", "vents"]),
        home.add("greenhouse"),
        home.add_with("harbour", &["--label", "vents"]),
    ];
    (home, devices)
}

#[test]
fn an_order_to_a_set_is_one_command_for_each_of_it() {
    let (home, [a, b, c, _]) = scene();
    let hub = home.start();
    let of = |devices: &[&crate::harness::Device]| -> BTreeSet<i64> {
        devices.iter().map(|d| i64::from(d.address)).collect()
    };
    let (mut here, there) = (hub.login(&a), &b);
    let vents = hub.order_set("@vents", "greenhouse", &["write", "vent", "1"]);
    assert_eq!(vents.len(), 2);
    assert_eq!(addresses(&vents), of(&[&a, &b]));
    let all = hub.order_set("*", "greenhouse", &["read", "t"]);
    assert_eq!(all.len(), 3);
    assert_eq!(addresses(&all), of(&[&a, &b, &c]));
    let ids: BTreeSet<u64> = vents.iter().chain(&all).map(Command::id).collect();
    assert_eq!(ids.len(), 5, "C1.2");
    assert!(vents.iter().chain(&all).all(|c| c["group"] == "greenhouse"));

    let mine = |commands: &[Command], address: u32| {
        let found = commands.iter().find(|c| c["address"] == address);
        found.cloned().expect("one of them")
    };
    for commands in [&vents, &all] {
        here.expect_order(&mine(commands, a.address));
    }
    here.expect_only_a_blink(&hub, &a);
    let mut late = hub.login(there);
    for commands in [&vents, &all] {
        late.expect_order(&mine(commands, b.address));
    }
    late.expect_only_a_blink(&hub, there);
}

/// One that does not do it is enough for an exit code that says so.
#[test]
fn who_waits_for_a_set_waits_for_all_of_it() {
    let (home, [a, b, ..]) = scene();
    let hub = home.start();
    let mut sessions = [hub.login(&a), hub.login(&b)];
    for (second, code) in [("4|vent|1", 0), ("5|STUCK", 1)] {
        let waiting = hub.begin(&[
            "command",
            "send",
            "@vents",
            "write",
            "vent",
            "1",
            "--group",
            "greenhouse",
            "--wait",
            "30",
            "--json",
        ]);
        for (session, answer) in sessions.iter_mut().zip(["4|vent|1", second]) {
            let frame = session.recv();
            let id = frame.trim_end_matches('|').rsplit('|').next().unwrap();
            session.say(0, format_args!("{answer}|{id}"));
        }
        let finished = waiting.end_within(crate::harness::PATIENCE);
        assert_eq!(finished.code, Some(code), "{}", finished.err);
        assert_eq!(crate::harness::commands(&finished.out).len(), 2);
    }
}

/// C1.8: whole or not at all.
#[test]
fn an_order_that_one_device_cannot_take_is_taken_by_none() {
    let (home, [a, b, ..]) = scene();
    let home = home.set("COMMANDS__QUEUE", "1");
    home.order(&b, &["read", "t"]);
    let words = [
        "command",
        "send",
        "@vents",
        "blink",
        "--group",
        "greenhouse",
    ];
    let complaint = home.verb(&words).refused();
    assert!(complaint.contains(&b.at()), "it names the one: {complaint}");
    assert_eq!(home.commands(&["--device", &a.at()]), []);
    assert_eq!(home.commands(&[]).len(), 1);
}

/// C1.7, C1.8
#[test]
fn an_order_that_one_device_does_not_know_is_taken_by_none() {
    let (home, [a, b, ..]) = scene();
    let describe = |device: &crate::harness::Device, part: &str| {
        home.verb(&["device", "describe", &device.at(), part]).ok();
    };
    describe(&a, "A:vent:number:0:1");
    describe(&b, "A:lamp:boolean::");
    let words = [
        "command",
        "send",
        "@vents",
        "write",
        "vent",
        "1",
        "--group",
        "greenhouse",
    ];
    let complaint = home.verb(&words).refused();
    assert!(complaint.contains("vent"), "{complaint}");
    assert_eq!(home.commands(&[]), []);
}

/// C1.1: a device that joins later was not meant.
#[test]
fn a_set_is_what_it_is_when_the_order_is_given() {
    let (home, _) = scene();
    let hub = home.start();
    let all = hub.order_set("*", "greenhouse", &["read", "t"]);
    assert_eq!(all.len(), 3);
    let newcomer = hub.add_with("greenhouse", &["--label", "vents"]);
    hub.login(&newcomer).expect_only_a_blink(&hub, &newcomer);
}

/// C2.12
#[test]
fn a_device_that_moves_leaves_its_open_commands_behind() {
    let (home, [a, b, ..]) = scene();
    let hub = home.start();
    let open = hub.order(&a, &["write", "vent", "1"]);
    let gone = hub.order(&b, &["write", "vent", "1"]);
    hub.verb(&["device", "move", &a.at(), "harbour"]).ok();
    let cancelled = hub.until(open.id(), "cancelled");
    assert_eq!(cancelled.text("detail"), "MOVED");
    hub.login(&a).expect_only_a_blink(&hub, &a);
    hub.verb(&["device", "remove", &b.at()]).ok();
    let show = ["command", "show", &gone.id().to_string()];
    crate::harness::eventually("removed with its device", || {
        (hub.verb(&show).code == Some(1)).then_some(())
    });
}
