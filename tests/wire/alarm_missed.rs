//! Alarms that end while a subscriber cannot hear it: nothing is raised for ever (docs/alarms.md A4.2).

use crate::alarm_subscribed::{Scene, leave, scene, told};
use crate::harness::{Home, minute_ago};

/// As soon as the hub has seen it go: nothing falls into a gap.
#[test]
fn what_is_cleared_right_after_it_went_is_told() {
    let home = Home::new().set("ALARMS__CHATTER_TIMES", "0");
    let (raiser, listener) = (home.add("greenhouse"), home.add("greenhouse"));
    let hub = home.start();
    let mut a = hub.login(&raiser);
    let mut b = hub.login(&listener);
    b.subscribe("*");
    let mut at = minute_ago();
    for round in 0..20 {
        a.alarm("hot|t|31|RAISED", at, 2 * round);
        b.expect_alarm(&raiser, format_args!("hot|t|31|RAISED|{at}"));
        b.say(0, "20|bye");
        b.expect_closed();
        a.alarm("hot|t|29|CLEARED", at + 1, 2 * round + 1);
        b = hub.login(&listener);
        let cleared = format!("hot|t|29|CLEARED|{}", at + 1);
        let told = told(&mut b, &raiser);
        assert!(told.contains(&cleared), "round {round}: {told:?}");
        assert!(
            !told.iter().any(|alarm| alarm.contains("RAISED")),
            "{told:?}"
        );
        at += 2;
    }
}

/// It may not have heard what was said to the session that it took over.
#[test]
fn a_subscriber_that_takes_itself_over_is_told_what_its_older_session_was() {
    let Scene {
        hub,
        raiser,
        listener,
        mut a,
    } = scene();
    let mut deaf = hub.login(&listener);
    deaf.subscribe("*");
    let at = minute_ago();
    a.alarm("hot|t|31|RAISED", at, 1);
    a.alarm("hot|t|29|CLEARED", at + 1, 2);
    a.alarm("cold|t|1|RAISED", at + 2, 3);
    let mut b = hub.login(&listener);
    let told = told(&mut b, &raiser);
    assert!(told.contains(&format!("cold|t|1|RAISED|{}", at + 2)));
    assert!(
        told.contains(&format!("hot|t|29|CLEARED|{}", at + 1)),
        "{told:?}"
    );
}

/// Also when the hub was away in between.
#[test]
fn a_restart_is_no_gap() {
    let Scene {
        hub,
        raiser,
        listener,
        mut a,
    } = scene();
    let at = minute_ago();
    let mut b = hub.login(&listener);
    b.subscribe("*");
    a.alarm("hot|t|31|RAISED", at, 1);
    a.alarm("cold|t|1|RAISED", at, 2);
    leave(&hub, b, &listener);
    a.alarm("hot|t|29|CLEARED", at + 1, 3);
    let hub = hub.crash().start();
    let mut a = hub.login(&raiser);
    a.alarm("cold|t|20|CLEARED", at + 1, 4);
    a.alarm("wet|h|99|RAISED", at + 1, 5);
    let mut b = hub.login(&listener);
    let late = ["cold|t|20|CLEARED", "hot|t|29|CLEARED", "wet|h|99|RAISED"];
    let late = late.map(|alarm| format!("{alarm}|{}", at + 1));
    assert_eq!(told(&mut b, &raiser), late);
}
