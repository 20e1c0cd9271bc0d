//! An alarm that comes and goes is held and counted, not told each time (docs/alarms.md A2.4).

use serde_json::{Value, json};

use crate::harness::{Client, Device, GROUP, Home, Hub, history, minute_ago};

/// Held from the third raise on.
fn scene(calm_seconds: &str) -> (Hub, Device, Client, Device, Client) {
    let home = Home::new()
        .set("ALARMS__CHATTER_TIMES", "3")
        .set("ALARMS__CALM_SECONDS", calm_seconds);
    let (device, listener) = (home.add(GROUP), home.add(GROUP));
    let hub = home.start();
    let (a, mut b) = (hub.login(&device), hub.login(&listener));
    b.subscribe("*");
    (hub, device, a, listener, b)
}

/// Rises and falls so often, a second apart.
fn chatter(a: &mut Client, at: &mut i128, times: usize) {
    for _ in 0..times {
        a.read_out("t|31|C", *at);
        a.read_out("t|29|C", *at + 500);
        *at += 1000;
    }
}

fn states(frames: &[String]) -> Vec<&str> {
    let state = |frame: &'_ str| {
        if frame.contains("|RAISED|") {
            "RAISED"
        } else {
            "CLEARED"
        }
    };
    frames.iter().map(|frame| state(frame)).collect()
}

#[track_caller]
fn held(hub: &Hub, times: u64) -> Value {
    let newest = hub.alarms(&[]).remove(0);
    assert_eq!(
        (&newest["state"], &newest["chattering"]),
        (&json!("raised"), &json!(true))
    );
    assert_eq!(newest["times"], times);
    newest
}

#[test]
fn the_third_raise_is_held_and_later_ones_are_counted() {
    let (hub, device, mut a, _, mut b) = scene("300");
    hub.watch(&device, "t > 30", &[]);
    let mut at = minute_ago();
    chatter(&mut a, &mut at, 2);
    assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
    chatter(&mut a, &mut at, 1);
    let alarm = held(&hub, 1);
    chatter(&mut a, &mut at, 17);
    assert_eq!(held(&hub, 18)["id"], alarm["id"]);
    assert_eq!(hub.alarms(&[]).len(), 3);
    assert_eq!(history(&hub.alarm(&alarm)), ["chattering by hub"]);
    let told = b.barrier();
    assert_eq!(
        states(&told),
        ["RAISED", "CLEARED", "RAISED", "CLEARED", "RAISED"]
    );
    // It is an alarm as others are.
    hub.on_alarm("ack", &alarm, &["--by", "Ada"]).ok();
    chatter(&mut a, &mut at, 1);
    let acked = hub.only_open();
    assert_eq!(
        (&acked["state"], &acked["times"]),
        (&json!("acknowledged"), &json!(19))
    );
    let mut again = hub.login(&hub.add(GROUP));
    again.subscribe("hot");
    assert_eq!(states(&again.barrier()), ["RAISED"]);
}

impl Home {
    #[track_caller]
    fn only_open(&self) -> Value {
        let mut open = self.alarms(&["--open"]);
        assert_eq!(open.len(), 1, "{open:#?}");
        open.remove(0)
    }
}

/// What devices report is no other.
#[test]
fn a_device_that_reports_chatter_is_held_too() {
    let (hub, _, mut a, listener, mut b) = scene("1");
    let at = minute_ago();
    for i in 0..10 {
        a.alarm("door||x|RAISED", at + 2 * i, 2 * i);
        a.alarm("door||x|CLEARED", at + 2 * i + 1, 2 * i + 1);
    }
    held(&hub, 8);
    assert_eq!(
        states(&b.barrier()),
        ["RAISED", "CLEARED", "RAISED", "CLEARED", "RAISED"]
    );
    // Over a login it is what it is: raised.
    let mut b = hub.login(&listener);
    b.say(0, "34|nothing|done");
    let told = std::iter::from_fn(|| Some(b.recv()).filter(|frame| !frame.ends_with("|6|done|")));
    assert_eq!(states(&told.collect::<Vec<_>>()).last(), Some(&"RAISED"));
    hub.alarm_is("cleared");
    assert_eq!(states(&[b.recv()]), ["CLEARED"]);
    b.expect_nothing();
    a.alarm("door||x|RAISED", at + 100, 100);
    assert_eq!(hub.alarms(&["--open"]).len(), 1);
}

/// It ends when it has been normal for so long, not as long as it is raised or comes and goes.
#[test]
fn it_ends_when_it_has_been_calm() {
    let (hub, device, mut a, _, _b) = scene("1");
    hub.watch(&device, "t > 30", &[]);
    let mut at = minute_ago();
    chatter(&mut a, &mut at, 3);
    let calm = hub.alarm(&hub.alarm_is("cleared"));
    assert_eq!(
        (&calm["clear_reason"], &calm["times"]),
        (&json!(""), &json!(1))
    );
    assert_eq!(history(&calm), ["chattering by hub", "cleared by hub"]);
    let waited =
        calm["events"][1]["at_ms"].as_i64().unwrap() - calm["events"][0]["at_ms"].as_i64().unwrap();
    assert!((1000..3000).contains(&waited), "{waited} ms");
    a.read_out("t|31|C", at);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(hub.alarms(&["--open"]).len(), 1, "raised is not calm");
}

/// Also across a crash, which it outlives.
#[test]
fn what_is_held_is_held_over_a_crash() {
    let (hub, device, mut a, _, _b) = scene("2");
    hub.watch(&device, "t > 30", &[]);
    let mut at = minute_ago();
    chatter(&mut a, &mut at, 4);
    let alarm = held(&hub, 2);
    let hub = hub.crash().start();
    assert_eq!(held(&hub, 2)["id"], alarm["id"]);
    let mut a = hub.login(&device);
    chatter(&mut a, &mut at, 1);
    assert_eq!(held(&hub, 3)["id"], alarm["id"]);
    assert_eq!(hub.alarm_is("cleared")["id"], alarm["id"]);
    // Raised as the hub is killed: it stays so.
    chatter(&mut a, &mut at, 3);
    a.read_out("t|31|C", at);
    let hub = hub.crash().start();
    let open = hub.only_open();
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(hub.only_open(), open);
    let mut a = hub.login(&device);
    a.read_out("t|29|C", at + 1);
    assert_eq!(hub.alarm_is("cleared")["id"], open["id"]);
}

/// Of a device's own alarm only its reports know whether it is raised.
#[test]
fn a_devices_own_that_is_held_ends_as_it_says() {
    let (hub, device, mut a, _, _b) = scene("1");
    let at = minute_ago();
    for i in 0..4 {
        a.alarm("door||x|RAISED", at + 2 * i, 2 * i);
        if i < 3 {
            a.alarm("door||x|CLEARED", at + 2 * i + 1, 2 * i + 1);
        }
    }
    let hub = hub.crash().start();
    let open = hub.only_open();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(hub.only_open(), open);
    hub.login(&device).alarm("door||x|CLEARED", at + 8, 8);
    let hub = hub.crash().start();
    assert_eq!(hub.alarm_is("cleared")["id"], open["id"]);
}

/// Rules that are slow to come and go are none of this.
#[test]
fn it_is_counted_within_its_time() {
    let home = Home::new()
        .set("ALARMS__CHATTER_TIMES", "2")
        .set("ALARMS__CHATTER_SECONDS", "1");
    let device = home.add(GROUP);
    let hub = home.start();
    let mut a = hub.login(&device);
    hub.watch(&device, "t > 30", &[]);
    let mut at = minute_ago();
    chatter(&mut a, &mut at, 1);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    chatter(&mut a, &mut at, 1);
    assert_eq!(hub.alarms(&["--open"]), Vec::<Value>::new());
    chatter(&mut a, &mut at, 1);
    held(&hub, 1);
}
