//! Nothing crosses groups.

use crate::harness::{Hub, NOWHERE};

/// P4.4
#[test]
fn a_device_of_another_group_answers_like_one_that_does_not_exist() {
    let hub = Hub::start();
    let (here, there) = (hub.add("greenhouse"), hub.add("harbour"));
    let (mut here, mut there) = (hub.login(&here), hub.login(&there));
    for rest in ["60|x|9", "1|temperature|9", "50|x|9", "1000|9"] {
        here.say(there.address, rest);
        let foreign = here.recv();
        here.say(NOWHERE, rest);
        let nobody = here.recv();
        assert_eq!(
            foreign,
            nobody.replace(&NOWHERE.to_string(), &there.address.to_string())
        );
    }
    there.expect_nothing();
}

/// P4.4, P4.3: another group's address as origin does not help.
#[test]
fn an_origin_of_another_group_is_refused() {
    let hub = Hub::start();
    let (here, there) = (hub.add("greenhouse"), hub.add("harbour"));
    let (mut here, mut there) = (hub.login(&here), hub.login(&there));
    here.send(&format!("{0}|{0}|60|x|9|", there.address));
    here.expect_refusal("BAD_ORIGIN", there.address, "9");
    there.expect_nothing();
}

/// P3.6, P4.4
#[test]
fn devices_lists_the_own_group_only() {
    let hub = Hub::start();
    let (here, there) = (hub.add("greenhouse"), hub.add("harbour"));
    let (mut here, there) = (hub.login(&here), hub.login(&there));
    here.say(0, "500|9");
    let answer = here.recv();
    assert!(answer.contains(&here.address.to_string()));
    assert!(!answer.contains(&there.address.to_string()), "{answer}");
}

/// P4.4: two groups with many devices talk at once, and each hears its own only.
#[test]
fn traffic_of_two_groups_never_mixes() {
    let hub = Hub::start();
    let groups = ["greenhouse", "harbour"];
    let mut sides = groups.map(|group| {
        let both = [hub.add(group), hub.add(group)];
        both.map(|device| hub.login(&device))
    });
    for i in 0..200 {
        for (side, [a, b]) in groups.iter().zip(&mut sides) {
            a.say("*", format_args!("60|{side}|{i}"));
            a.say(b.address, format_args!("60|{side}|{i}"));
        }
    }
    for (side, [a, b]) in groups.iter().zip(&mut sides) {
        for i in 0..200 {
            b.expect(&a.frame("*", format_args!("60|{side}|{i}")));
            b.expect(&a.frame(b.address, format_args!("60|{side}|{i}")));
        }
        a.expect_nothing();
        b.expect_nothing();
    }
}
