//! What broken or hostile devices send around commands: a clear refusal, counted, and nobody else slowed down.

use std::time::{Duration, Instant};

use crate::flood::{flood, longest_wait};
use crate::harness::{Client, Device, Home, Hub, Stored, eventually};

fn controller(hub: &Hub) -> Client {
    hub.login(&hub.add_with("greenhouse", &["--rights", "control"]))
}

/// C3.4, C1.4: a WRITE is longer than the COMMAND by its expiry and its id.
#[test]
fn a_command_whose_frame_would_be_too_long_is_refused() {
    let hub = Hub::start();
    let (mut issuer, device) = (controller(&hub), hub.add("greenhouse"));
    let mut target = hub.login(&device);
    let empty = issuer.frame(0, format_args!("40|{}|3||a||6", device.address));
    let rest = |text: &str| format!("40|{}|3||a|{text}|6", device.address);
    issuer.say(0, rest(&"x".repeat(8192 - empty.len())));
    issuer.expect_refusal("BAD_VALUE", 0, "6");
    // Escapes are counted as they travel.
    issuer.say(0, rest(&"%7C".repeat((8192 - empty.len()) / 3)));
    issuer.expect_refusal("BAD_VALUE", 0, "6");
    let most = "x".repeat(8000);
    issuer.say(0, rest(&most));
    issuer.expect_hub("41|QUEUED||6");
    let frame = target.recv();
    assert!(frame.contains(&most) && frame.len() <= 8192);
    assert_eq!(hub.commands(&[]).len(), 1);
}

/// P1.8, P1.12: the frame is judged before the command.
#[test]
fn a_command_that_is_no_frame_is_treated_as_one() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut issuer = controller(&hub);
    let full = "x|".repeat(64 - 7);
    issuer.say(0, format_args!("40|{}|1000||{full}6", device.address));
    issuer.expect_hub("41|QUEUED||6");
    issuer.say(0, format_args!("40|{}|1000||{full}y|6", device.address));
    issuer.expect_refusal("BAD_FRAME", 0, "6");
    let long = issuer.frame(
        0,
        format_args!("40|{}|3||a|{}|6", device.address, "x".repeat(100_000)),
    );
    let _ = issuer.send_raw(long.as_bytes());
    eventually("the session ends", || {
        let shown = hub.json(&["device", "show", &issuer.address.to_string()]);
        (shown["presence"]["reason"] == "FRAME_TOO_LONG").then_some(())
    });
    assert_eq!(hub.commands(&[]).len(), 1);
}

/// P5.7: what is described as a number is no NaN, neither reported nor read.
#[test]
fn a_number_is_finite() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    a.say(0, "90|S:t:number:C::|A:vent:number::");
    for value in ["NaN", "inf", "-inf", "1e999", "0x10", "", "warm"] {
        a.say(0, format_args!("26|t|{value}|C|{}|1", Stored::now_ms()));
        a.expect_refusal("BAD_VALUE", 0, "1");
    }
    for value in ["NaN", "inf", "1e999"] {
        hub.try_order(&device, &["write", "vent", value]).refused();
    }
    assert_eq!(hub.stored_readings(), 0);
}

/// C2.10: an answer that cannot be read is none; the device may still give one.
#[test]
fn a_broken_answer_leaves_its_command_open() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let command = hub.order(&device, &["write", "vent", "1"]);
    a.expect_order(&command);
    let id = command.id().to_string();
    for answer in ["4|vent|%zz", "4|vent", "4"] {
        a.answer(&command, answer);
        a.expect_refusal("BAD_VALUE", 0, &id);
    }
    assert_eq!(hub.command(command.id()).text("state"), "sent");
    a.answer(&command, "4|vent|1");
    hub.until(command.id(), "succeeded");
}

/// One group floods; another talks, reports and is ordered as if nothing were.
#[track_caller]
fn delays_nobody(home: Home, right: &str, request: &str, times: usize) -> Hub {
    let flooder = home.add_with("harbour", &["--rights", right]);
    let devices = [(); 3].map(|()| home.add("greenhouse"));
    let hub = home
        .set("ROUTING__THREADS", "1")
        .set("SHUTDOWN_SECONDS", "1")
        .start();
    let [mut a, mut b, mut c] = [0, 1, 2].map(|i| hub.login(&devices[i]));
    let flooding = flood(hub.login(&flooder), request, times);
    let messages = longest_wait(&mut a, &mut b, Duration::from_millis(500));
    let limit = Duration::from_secs(2);
    assert!(messages < limit, "a message took {messages:?}");
    for i in 0..3 {
        let stored = longest(|| report(&mut a, i));
        assert!(stored < limit, "STORED took {stored:?}");
        let answered = longest(|| obey(&hub, &devices[2], &mut c));
        assert!(answered < limit, "a command took {answered:?}");
    }
    // It may be stuck in writing what nobody reads any more.
    hub.verb(&["device", "disable", &flooder.at()]).ok();
    drop(flooding.join());
    hub
}

fn longest(step: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    step();
    begun.elapsed()
}

#[track_caller]
fn report(a: &mut Client, msgno: u32) {
    a.say(0, format_args!("26|t|1|C|{}|{msgno}", Stored::now_ms()));
    a.expect_hub(format_args!("7|{msgno}"));
}

#[track_caller]
fn obey(hub: &Hub, device: &Device, client: &mut Client) {
    let command = hub.order(device, &["blink"]);
    client.expect_order(&command);
    client.answer(&command, 6);
    hub.until(command.id(), "succeeded");
}

/// C2.10
#[test]
fn a_flood_of_unasked_answers_slows_nobody_down() {
    let hub = delays_nobody(Home::new(), "talk", "4|vent|1|12345678", 20_000);
    assert!(hub.metrics().dropped("NOT_ASKED") > 0);
}

/// C1.8
#[test]
fn a_flood_of_commands_fills_its_own_queue_and_slows_nobody_down() {
    let home = Home::new();
    let victim = home.add("harbour");
    let request = format!("40|{}|1000||x|1", victim.address);
    let hub = delays_nobody(home, "control", &request, 20_000);
    assert_eq!(
        hub.commands(&["--group", "harbour"]).len(),
        1,
        "C3.3: one order, however often"
    );
}

/// C3.4
#[test]
fn a_flood_of_refused_commands_slows_nobody_down() {
    let hub = delays_nobody(Home::new(), "control", "40|2147483646|1||t|1", 20_000);
    assert_eq!(hub.commands(&["--group", "harbour"]), []);
    assert!(hub.metrics().dropped("NO_DEVICE") > 0);
}

/// C4.2
#[test]
fn a_flood_of_descriptions_slows_nobody_down() {
    let parts: String = (0..50)
        .map(|i| format!("|S:sensor-{i}:number:C:0:1"))
        .collect();
    delays_nobody(Home::new(), "talk", &format!("90{parts}"), 2000);
}

/// C1.8: a whole queue at once, to a device that comes back and says no to everything.
#[test]
fn a_full_queue_goes_out_and_comes_to_its_end() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut issuer = controller(&hub);
    for msgno in 0..100 {
        issuer.say(0, format_args!("40|{}|1||t|{msgno}", device.address));
        issuer.expect_hub(format_args!("41|QUEUED||{msgno}"));
    }
    issuer.say(0, format_args!("40|{}|1||t|100", device.address));
    issuer.expect_refusal("BUSY", 0, "100");
    let mut a = hub.login(&device);
    for _ in 0..100 {
        let frame = a.recv();
        let id = frame.trim_end_matches('|').rsplit('|').next().unwrap();
        a.say(0, format_args!("5|NO|{id}"));
    }
    let mut told: Vec<String> = (0..200).map(|_| issuer.recv()).collect();
    told.retain(|frame| frame.contains("|41|REJECTED|NO|"));
    assert_eq!(told.len(), 100);
    assert_eq!(hub.metrics().dropped("BUSY"), 1);
    obey(&hub, &device, &mut a);
}
