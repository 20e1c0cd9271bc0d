//! Presence outlives the hub (docs/commands.md C5.2).

use crate::harness::{Hub, Stored, ms};

/// C5.2
#[test]
fn an_absence_is_kept_over_restarts() {
    let hub = Hub::start();
    let (away, never) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let mut a = hub.login(&away);
    a.say(0, "20|good night");
    a.expect_closed();
    let before = hub.goes_offline(&away, "GOODBYE");
    let hub = hub.stop().start();
    assert_eq!(hub.presence(&away), before);
    let hub = hub.crash().start();
    assert_eq!(
        hub.presence(&away),
        before,
        "it was away before the hub was killed"
    );
    assert_eq!(hub.presence(&never)["state"], "never_seen");
    let home = hub.stop();
    assert_eq!(home.presence(&away), before, "without a hub too");
}

/// C5.1: nobody was there to see it go.
#[test]
fn who_was_online_when_the_hub_was_killed_is_offline_since_its_last_sign_of_life() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let _a = hub.login(&device);
    let online = hub.presence(&device);
    // Answered behind what waits for its commit: its login is stored.
    hub.verb(&["device", "describe", &device.at()]).ok();
    let hub = {
        let home = hub.crash();
        let killed = Stored::now_ms();
        let hub = home.start();
        let offline = hub.goes_offline(&device, "HUB_DOWN");
        let since = ms(&offline, "since_ms");
        assert!(
            (ms(&online, "since_ms")..=killed).contains(&since),
            "{online} {offline} {killed}"
        );
        hub
    };
    let _b = hub.login(&device);
    assert_eq!(hub.presence(&device)["state"], "online");
}

/// P8.2, C5.1
#[test]
fn a_stop_of_the_hub_is_an_absence_with_a_reason() {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let mut a = hub.login(&device);
    let told = Stored::now_ms();
    hub.tell_to_stop();
    a.expect_quit("SHUTDOWN");
    let home = hub.stop();
    let presence = home.goes_offline(&device, "SHUTDOWN");
    assert!((told..=Stored::now_ms()).contains(&ms(&presence, "since_ms")));
    let hub = home.start();
    assert_eq!(hub.presence(&device), presence);
}
