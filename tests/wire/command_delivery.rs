//! When a command goes out, in which order, and how often (docs/commands.md C2.1 to C2.3).

use crate::harness::{Client, Device, Home, Hub, Stored, eventually};

fn scene() -> (Hub, Device) {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    (hub, device)
}

/// C1.4, C2.2: to a device that is there, at once; C2.1: as committed.
#[test]
fn each_type_arrives_in_its_frame() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    for words in [
        &["read", "temperature"][..],
        &["write", "vent", "1"],
        &["write", "vent", "1", "--expires", "never"],
        &["blink"],
        &["clock-read"],
        &["1000", "x", "", "y"],
        &["77"],
    ] {
        let command = hub.order(&device, words);
        a.expect_order(&command);
        let sent = hub.until(command.id(), "sent");
        assert_eq!(sent["sendings"], 1);
        let sent_ms = sent.number("sent_ms");
        assert!(command.number("issued_ms") <= sent_ms, "{sent:?}");
        assert!(i128::from(sent_ms) <= Stored::now_ms(), "{sent:?}");
    }
    let period = hub.order(&device, &["event-set", "t", "60000"]);
    a.expect_hub(format_args!("27|t|60000|{}", period.id()));
}

/// P1.10: a field arrives as what was meant.
#[test]
fn fields_travel_escaped() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    let command = hub.order(&device, &["write", "sign", "50% | ü\u{4}"]);
    let (expires, id) = (command.number("expires_ms"), command.id());
    a.expect_hub(format_args!("3|sign|50%25 %7C ü%04|{expires}|{id}"));
}

/// C2.2
#[test]
fn what_waited_goes_out_at_the_login_in_order() {
    let (hub, device) = scene();
    let words = ["read", "write", "blink", "clock-read", "1000"];
    let ordered: Vec<_> = (0..20)
        .map(|i| match words[i % 5] {
            "read" => hub.order(&device, &["read", "t"]),
            "write" => hub.order(&device, &["write", "a", &i.to_string()]),
            other => hub.order(&device, &[other]),
        })
        .collect();
    assert!(ordered.windows(2).all(|pair| pair[0].id() < pair[1].id()));
    let mut a = hub.login(&device);
    for command in &ordered {
        a.expect_order(command);
    }
    a.expect_only_a_blink(&hub, &device);
}

/// C2.2, C2.11: many issuers, one order of ids.
#[test]
fn many_issuers_at_once_still_make_one_order() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    let begun: Vec<_> = (0..8)
        .map(|_| hub.begin(&["command", "send", &device.at(), "read", "t"]))
        .collect();
    let mut last = 0;
    for _ in 0..8 {
        let frame = a.recv();
        let id = frame.trim_end_matches('|').rsplit('|').next().unwrap();
        let id: u64 = id.parse().unwrap();
        assert!(last < id, "{last}, then {frame}");
        last = id;
    }
    for verb in begun {
        verb.end_within(crate::harness::PATIENCE).ok();
    }
}

/// C2.3: once in each session, under one id, before what is new.
#[test]
fn a_command_without_an_answer_is_repeated_in_each_new_session() {
    let (hub, device) = scene();
    let mut a = hub.login(&device);
    let (one, two) = (
        hub.order(&device, &["write", "vent", "1"]),
        hub.order(&device, &["read", "t"]),
    );
    for command in [&one, &two] {
        a.expect_order(command);
    }
    a.answer(&one, 6);
    hub.until(one.id(), "accepted");
    drop(a);
    eventually("the hub sees it go", || {
        (hub.presence(&device)["state"] == "offline").then_some(())
    });
    let three = hub.order(&device, &["write", "vent", "0"]);
    let mut a = hub.login(&device);
    for command in [&one, &two, &three] {
        a.expect_order(command);
    }
    a.expect_only_a_blink(&hub, &device);
    assert_eq!(hub.command(one.id())["sendings"], 2);
    assert_eq!(hub.command(three.id())["sendings"], 1);
}

/// C2.3: a takeover is a new session.
#[test]
fn a_takeover_gets_what_the_older_session_did_not_answer() {
    let (hub, device) = scene();
    let mut older = hub.login(&device);
    let (done, open) = (
        hub.order(&device, &["write", "vent", "1"]),
        hub.order(&device, &["write", "lamp", "1"]),
    );
    older.expect_order(&done);
    older.expect_order(&open);
    older.answer(&done, "4|vent|1");
    hub.until(done.id(), "succeeded");
    let mut newer = hub.login(&device);
    newer.expect_order(&open);
    older.expect_quit("TAKEN_OVER");
    newer.expect_only_a_blink(&hub, &device);
    newer.answer(&open, "4|lamp|1");
    let open = hub.until(open.id(), "succeeded");
    assert_eq!(
        (open["sendings"].as_i64(), open.text("detail")),
        (Some(2), "1")
    );
}

/// C2.5, C2.3: CLOCK_SET has no answer, and so nothing to repeat for.
#[test]
fn a_clock_set_is_sent_once_and_stays_sent() {
    let (hub, device) = scene();
    let command = hub.order(&device, &["clock-set"]);
    let mut a = hub.login(&device);
    let frame = a.recv();
    assert!(
        frame.starts_with(&format!("0|{}|80|", a.address)),
        "{frame}"
    );
    assert_eq!(frame.matches('|').count(), 10, "no msgno: {frame}");
    hub.until(command.id(), "sent");
    let mut a = hub.login(&device);
    a.expect_only_a_blink(&hub, &device);
    let last = hub.command(command.id());
    assert_eq!((last.text("state"), &last["sendings"]), ("sent", &1.into()));
}

/// C2.2: a device that did not read in time gets it at POLL, if not before, and once.
#[test]
fn a_poll_brings_what_could_not_be_written() {
    let hub = Home::new().set("DEVICES__OUTBOX_BYTES", "65536").start();
    let mut peer = hub.login(&hub.add("greenhouse"));
    let device = hub.add("greenhouse");
    let mut slow = Client::connect_narrow(hub.device_port());
    slow.login(&device);
    let (big, bigger) = ("x".repeat(4000), "y".repeat(6000));
    let (mut sent, mut refused) = (0, 0);
    eventually("the outbox is full", || {
        for i in 0..64 {
            peer.say(slow.address, format_args!("60|{big}|{i}"));
        }
        sent += 64;
        refused += peer.barrier().len();
        (refused > 0).then_some(())
    });
    let order = hub.order(&device, &["1000", &bigger]);
    let wanted = format!("0|{}|{}|", slow.address, order.frame());
    let (mut got, mut came) = (0, false);
    while got < sent - refused || !came {
        if got == sent - refused {
            slow.say(0, 21);
        }
        let frame = slow.recv();
        if frame == wanted {
            assert!(!came, "twice");
            came = true;
        } else {
            assert!(frame.contains(&big), "{frame}");
            got += 1;
        }
    }
    slow.expect_only_a_blink(&hub, &device);
}
