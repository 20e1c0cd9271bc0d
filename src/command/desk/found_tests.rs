//! Stories that the simulation found (tests/simulation), as short as they get.

use super::*;
use crate::command::desk::tray::REMEMBERED_FOR;

fn period(scene: &mut Scene, ms: &str, expires: Expiry) {
    scene.issue(scene.order(kind::EVENT_SET, &["t", ms], expires, ""));
    scene.commit_all();
}

/// C2.9
#[test]
fn a_wall_clock_that_is_set_forth_forgets_no_late_answer() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::Never);
    scene.commit_all();
    scene.pass(Duration::from_secs(31));
    scene.tick();
    scene.commit_all();
    assert_eq!(scene.state(1), State::TimedOut);
    scene.now.unix_ms += 86_400_000;
    scene.tick();
    assert_eq!(scene.answer("4|vent|1|1|"), Ok(()));
    scene.commit_all();
    assert_eq!(scene.state(1), State::Succeeded);
    scene.pass(REMEMBERED_FOR + Duration::from_secs(1));
    scene.tick();
    let not_asked = Err(crate::ledger::DropReason::NotAsked);
    assert_eq!(scene.answer("4|vent|1|1|"), not_asked);
}

/// C4.6: the period of 1 is given again at the login, and has gone when its answer comes.
#[test]
fn the_answer_to_a_period_is_taken_though_another_holds_by_now() {
    let mut scene = Scene::new();
    scene.join();
    period(&mut scene, "1000", Expiry::Never);
    scene.answer("6|1|").unwrap();
    scene.commit_all();
    scene.line.session.set(None);
    period(&mut scene, "5000", Expiry::Never);
    scene.join();
    scene.commit_all();
    assert_eq!(
        scene.written(),
        [
            "0|42|27|t|1000|1|",
            "0|42|27|t|1000|1|",
            "0|42|27|t|5000|2|"
        ]
    );
    assert_eq!(scene.answer("6|1|"), Ok(()));
    assert_eq!(scene.answer("6|2|"), Ok(()));
    scene.commit_all();
    assert_eq!(scene.state(2), State::Succeeded);
}

/// C4.6
#[test]
fn a_repeat_does_not_bring_an_older_period_back() {
    for later in ["5000", "0"] {
        let mut scene = Scene::new();
        scene.join();
        period(&mut scene, "1000", Expiry::Never);
        period(&mut scene, later, Expiry::Never);
        scene.answer("6|2|").unwrap();
        scene.commit_all();
        scene.join();
        let last = scene.written().pop().unwrap();
        assert_eq!(last, format!("0|42|27|t|{later}|2|"));
        // Nobody knows whether it was taken meanwhile.
        scene.pass(Duration::from_secs(31));
        scene.tick();
        scene.commit_all();
        assert_eq!(scene.state(1), State::TimedOut);
    }
}

/// C4.6: the command is past its expiry and waits for its answer still; the period holds.
#[test]
fn a_period_is_given_at_each_login_though_its_command_has_expired() {
    let mut scene = Scene::new();
    scene.join();
    period(&mut scene, "1000", Expiry::In(2000));
    scene.pass(Duration::from_secs(3));
    scene.join();
    assert_eq!(scene.written(), ["0|42|27|t|1000|1|"; 2]);
    assert_eq!(scene.answer("6|1|"), Ok(()));
    scene.commit_all();
    assert_eq!(scene.state(1), State::Succeeded);
}

/// C2.1: it may not be stored as sent and taken back over and over.
#[test]
fn what_cannot_be_written_waits_for_the_next_tick() {
    let mut scene = Scene::new();
    scene.join();
    scene.line.full.set(true);
    scene.write(Expiry::Never);
    for _ in 0..10 {
        scene.commit(true);
    }
    assert!(scene.deeds.is_empty());
    assert_eq!(scene.state(1), State::Queued);
    scene.line.full.set(false);
    scene.tick();
    scene.commit_all();
    assert_eq!(scene.written(), ["0|42|3|vent|1||1|"]);
}

/// C3.3
#[test]
fn a_repeated_order_to_a_set_is_answered_for_all_its_devices() {
    let mut scene = Scene::new();
    let other = Address::new(43).unwrap();
    let issuer = Issuer::Device(Address::new(7).unwrap());
    let mut order = scene.order(kind::READ, &["t"], Expiry::Default, "");
    order.targets.push(other);
    (order.issuer, order.order_key, order.to_set) = (issuer, "key".into(), true);
    scene.join();
    scene.issue(order.clone());
    scene.commit_all();
    scene.answer(&format!("2|t|1|C|{START_MS}|1|")).unwrap();
    scene.commit_all();
    let states: Vec<_> = scene.desk.same_order(&order);
    let states: Vec<_> = states.iter().map(|c| (c.id, c.state)).collect();
    assert_eq!(states, [(1, State::Succeeded), (2, State::Queued)]);
}

/// C1.5: the hub was killed before it could say that the first has timed out, and somebody set its clock back.
#[test]
fn a_wall_clock_that_is_set_back_across_a_kill_revives_nothing() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::In(10_000));
    scene.commit_all();
    scene.pass(Duration::from_secs(15));
    scene.join();
    scene.write(Expiry::Default);
    scene.commit_all();
    scene.crash();
    scene.now.unix_ms -= 3_600_000;
    scene.crash();
    scene.join();
    scene.commit_all();
    let ids = [10, 75, 75].map(|s| format!("0|42|3|vent|1|{}|", START_MS + s * 1000));
    let [first, second, again] = ids;
    assert_eq!(scene.written(), [first + "1|", second + "2|", again + "2|"]);
    // Its own expiry is not put off either.
    scene.pass(Duration::from_secs(61));
    scene.join();
    scene.commit_all();
    assert_eq!(scene.written().len(), 3);
}

/// C2.2: the first is past its expiry by the monotonic clock only, was lost, and is passed by; the next hub has but a wall clock.
#[test]
fn what_was_passed_by_does_not_come_back_with_the_next_hub() {
    let mut scene = Scene::new();
    scene.join();
    scene.lost = true;
    scene.write(Expiry::In(10_000));
    scene.commit_all();
    scene.now.unix_ms -= 3_600_000;
    scene.pass(Duration::from_secs(11));
    scene.join();
    scene.write(Expiry::Default);
    scene.commit_all();
    assert_eq!(scene.acted, [2]);
    scene.crash();
    scene.join();
    scene.commit_all();
    assert_eq!(scene.acted, [2]);
    assert_eq!(scene.written().len(), 3, "once the first, twice the second");
    scene.pass(Duration::from_secs(100));
    scene.tick();
    scene.commit_all();
    assert_eq!(scene.state(1), State::TimedOut);
}

/// C2.2: nothing goes out behind it before its end is stored.
#[test]
fn an_end_that_is_not_stored_yet_holds_up_what_comes_after() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::In(10_000));
    scene.write(Expiry::Default);
    scene.commit(true);
    scene.commit(true);
    scene.pass(Duration::from_secs(11));
    // Both are stored as sent; the first is too late by now.
    scene.commit(true);
    scene.commit(true);
    assert!(scene.written().is_empty());
    scene.commit_all();
    assert_eq!(scene.state(1), State::Expired);
    scene.tick();
    scene.commit_all();
    assert_eq!(scene.acted, [2]);
}
