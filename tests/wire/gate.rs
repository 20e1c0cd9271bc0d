//! The gate: whoever is turned away reads why, and for how long.

use crate::harness::{Client, Device, Home, Hub, eventually};

/// A turned-away connection is decided by a race of its bytes with the hub's word: one try proves nothing.
const TRIES: usize = 20;

const WORD: &[u8] = b"BUSY|ERROR|7|\x04";

/// One group's devices, registered before the hub starts so that no verb stands in the way.
fn hub_with(setting: &str, value: &str) -> (Hub, Vec<Device>) {
    let home = Home::new();
    let devices = (0..3).map(|_| home.add("greenhouse")).collect();
    let home = home.set("DEVICES__BUSY_SECONDS", "7");
    (home.set(setting, value).start(), devices)
}

/// Exactly the word, and then the end in good order: a reset could overtake it.
#[track_caller]
fn is_turned_away(mut client: Client) {
    let said = client.bytes_to_the_end();
    let said = said.as_deref().map(String::from_utf8_lossy);
    assert_eq!(said.unwrap(), String::from_utf8_lossy(WORD));
}

/// P2.11: before step 1.
#[test]
fn over_the_bound_of_connections_a_newcomer_reads_busy() {
    let (hub, devices) = hub_with("DEVICES__MAX_CONNECTIONS", "2");
    let (mut a, mut b) = (hub.login(&devices[0]), hub.login(&devices[1]));
    for _ in 0..TRIES {
        is_turned_away(hub.connect());
    }
    assert_eq!(hub.metrics().logins("busy"), TRIES as u64);
    a.say(b.address, "60|still here");
    b.expect(&a.frame(b.address, "60|still here"));
}

/// P2.11: a device speaks first, so its bytes are usually there before the hub's word.
#[test]
fn over_the_bound_of_connections_one_that_spoke_first_reads_busy_too() {
    let (hub, devices) = hub_with("DEVICES__MAX_CONNECTIONS", "2");
    let _sessions = (hub.login(&devices[0]), hub.login(&devices[1]));
    for _ in 0..TRIES {
        let mut third = hub.connect();
        // The hub may be done with it already: then the word is there to be read all the same.
        let _ = third.send_raw(format!("511|{}|\x04", devices[2].id).as_bytes());
        is_turned_away(third);
    }
}

/// P2.11: the place of a session that ended is free again.
#[test]
fn a_place_that_becomes_free_is_taken() {
    let (hub, devices) = hub_with("DEVICES__MAX_CONNECTIONS", "2");
    let (mut a, _b) = (hub.login(&devices[0]), hub.login(&devices[1]));
    is_turned_away(hub.connect());
    a.say(0, "20|goodnight");
    a.expect_closed();
    drop(a);
    eventually("one place is free", || {
        (hub.metrics().sum("hub_connections") == 1).then_some(())
    });
    hub.login(&devices[2]).expect_nothing();
}

/// P2.11: logins under way have a bound of their own.
#[test]
fn over_the_bound_of_logins_a_newcomer_reads_busy() {
    let (hub, devices) = hub_with("DEVICES__MAX_LOGINS", "1");
    let _session = hub.login(&devices[0]);
    let mut half = hub.connect();
    half.hello(511, &devices[1].id);
    for _ in 0..TRIES {
        is_turned_away(hub.connect());
        let mut spoke = hub.connect();
        let _ = spoke.send_raw(format!("511|{}|\x04", devices[2].id).as_bytes());
        is_turned_away(spoke);
    }
    drop(half);
    eventually("the login under way is over", || {
        (hub.metrics().sum("hub_connections") == 1).then_some(())
    });
    hub.login(&devices[1]).expect_nothing();
}

/// P2.11: sessions are no logins under way.
#[test]
fn sessions_do_not_count_as_logins() {
    let (hub, devices) = hub_with("DEVICES__MAX_LOGINS", "1");
    let sessions: Vec<Client> = devices.iter().map(|device| hub.login(device)).collect();
    for mut session in sessions {
        session.expect_nothing();
    }
}
