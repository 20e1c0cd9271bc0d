//! What a subscriber is told of that happened without it: after its subscription, and after each login.

use crate::harness::{Client, Device, Hub, eventually, minute_ago};

pub(crate) struct Scene {
    pub(crate) hub: Hub,
    pub(crate) raiser: Device,
    pub(crate) listener: Device,
    pub(crate) a: Client,
}

pub(crate) fn scene() -> Scene {
    let hub = Hub::start();
    let (raiser, listener) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let a = hub.login(&raiser);
    Scene {
        hub,
        raiser,
        listener,
        a,
    }
}

/// All that is left to tell, in any order, without the msgno, which is the hub's own.
#[track_caller]
pub(crate) fn told(client: &mut Client, raiser: &Device) -> Vec<String> {
    let start = format!("{}|{}|30|", raiser.address, client.address);
    // What is told at a login waits for storage, and this is answered behind it.
    client.say(0, "34|nothing|done");
    let done = format!("0|{}|6|done|", client.address);
    let all = std::iter::from_fn(|| Some(client.recv()).filter(|frame| *frame != done));
    let rest = all.map(|frame| {
        let rest = frame.strip_prefix(&start);
        let rest = rest.unwrap_or_else(|| panic!("{frame}"));
        let (rest, number) = rest.trim_end_matches('|').rsplit_once('|').unwrap();
        assert!(number.parse::<u64>().is_ok(), "{frame}");
        rest.to_owned()
    });
    let mut rest: Vec<String> = rest.collect();
    rest.sort();
    client.expect_nothing();
    rest
}

/// Says goodbye.
pub(crate) fn leave(hub: &Hub, mut client: Client, device: &Device) {
    client.say(0, "20|bye");
    client.rest();
    eventually("it is offline", || {
        (hub.presence(device)["state"] == "offline").then_some(())
    });
}

#[test]
fn a_new_subscriber_is_told_what_is_raised() {
    let Scene {
        hub,
        raiser,
        listener,
        mut a,
    } = scene();
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    a.alarm("cold|t|1|RAISED", at, 2);
    a.alarm("wet|h|99|RAISED", at, 3);
    a.alarm("wet|h|50|CLEARED", at + 1, 4);
    let mut b = hub.login(&listener);
    b.subscribe("hot");
    assert_eq!(told(&mut b, &raiser), [format!("hot|t|31|RAISED|{at}")]);
    b.subscribe("*");
    let both = ["cold|t|1", "hot|t|31"].map(|alarm| format!("{alarm}|RAISED|{at}"));
    assert_eq!(told(&mut b, &raiser), both);
    let mut elsewhere = hub.login(&hub.add("harbour"));
    elsewhere.subscribe("*");
    assert_eq!(told(&mut elsewhere, &raiser), [""; 0]);
}

/// What is raised, and what was cleared while it was away.
#[test]
fn a_subscriber_that_was_away_is_told_at_its_login() {
    let Scene {
        hub,
        raiser,
        listener,
        mut a,
    } = scene();
    let at = minute_ago();
    let mut b = hub.login(&listener);
    for name in ["hot", "cold"] {
        b.subscribe(name);
    }
    a.alarm("hot|t|31|RAISED", at, 1);
    b.expect_alarm(&raiser, format_args!("hot|t|31|RAISED|{at}"));
    leave(&hub, b, &listener);
    a.alarm("hot|t|29|CLEARED", at + 1, 2);
    a.alarm("cold|t|1|RAISED", at + 2, 3);
    a.alarm("wet|h|99|RAISED", at + 2, 4);
    let raised = format!("cold|t|1|RAISED|{}", at + 2);
    let cleared = format!("hot|t|29|CLEARED|{}", at + 1);
    let mut b = hub.login(&listener);
    assert_eq!(told(&mut b, &raiser), [raised.clone(), cleared]);
    leave(&hub, b, &listener);
    let mut b = hub.login(&listener);
    assert!(told(&mut b, &raiser).contains(&raised));
    a.alarm("cold|t|9|CLEARED", at + 3, 5);
    b.expect_alarm(&raiser, format_args!("cold|t|9|CLEARED|{}", at + 3));
}

/// The raiser never gets its own report back, at its login neither.
#[test]
fn a_raiser_is_not_told_of_itself() {
    let Scene {
        hub, raiser, mut a, ..
    } = scene();
    a.subscribe("*");
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    assert_eq!(told(&mut a, &raiser), [""; 0]);
    a.subscribe("hot");
    assert_eq!(told(&mut a, &raiser), [""; 0]);
    let mut a = hub.login(&raiser);
    assert_eq!(told(&mut a, &raiser), [""; 0]);
}

/// P4.4: what it subscribed to goes along, the alarms of the old group do not.
#[test]
fn a_subscriber_that_moves_hears_of_its_new_group() {
    let Scene {
        hub,
        raiser,
        listener,
        mut a,
    } = scene();
    let neighbour = hub.add("harbour");
    let mut c = hub.login(&neighbour);
    let mut b = hub.login(&listener);
    b.subscribe("*");
    hub.verb(&["device", "move", &listener.at(), "harbour"])
        .ok();
    b.expect_quit("MOVED");
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    let mut b = hub.login(&listener);
    assert_eq!(told(&mut b, &raiser), [""; 0]);
    a.alarm("hot|t|31|CLEARED", at + 1, 2);
    c.alarm("hot|t|32|RAISED", at, 1);
    b.expect_alarm(&neighbour, format_args!("hot|t|32|RAISED|{at}"));
    b.expect_nothing();
    drop(raiser);
}
