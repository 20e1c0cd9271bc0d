//! Single cases.

use super::*;

#[test]
fn a_command_is_committed_sent_and_answered() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::Default);
    assert!(scene.written().is_empty(), "nothing before the commit");
    scene.commit(true);
    assert_eq!(scene.state(1), State::Queued);
    scene.commit(true);
    assert_eq!(scene.written(), ["0|42|3|vent|1|1800000060000|1|"]);
    scene.answer("6|1|").unwrap();
    scene.answer("4|vent|1|1|").unwrap();
    scene.commit_all();
    assert_eq!(
        (scene.state(1), scene.stored[&1].detail.as_str()),
        (State::Succeeded, "1")
    );
    assert_eq!(
        scene.answer("4|vent|1|1|"),
        Err(crate::ledger::DropReason::AlreadyAnswered)
    );
}

#[test]
fn it_waits_and_goes_out_in_order_at_the_login() {
    let mut scene = Scene::new();
    scene.write(Expiry::Default);
    scene.issue(scene.order(kind::READ, &["t"], Expiry::Default, ""));
    scene.commit_all();
    scene.join();
    scene.commit_all();
    assert_eq!(
        scene.written(),
        ["0|42|3|vent|1|1800000060000|1|", "0|42|1|t|2|"]
    );
}

#[test]
fn an_expired_one_is_never_sent_even_when_the_wall_clock_goes_back() {
    let mut scene = Scene::new();
    scene.write(Expiry::Default);
    scene.commit_all();
    scene.pass(Duration::from_secs(61));
    scene.now.unix_ms -= 3_600_000;
    scene.join();
    scene.commit_all();
    scene.tick();
    scene.commit_all();
    assert!(scene.written().is_empty());
    assert_eq!(scene.state(1), State::Expired);
}

#[test]
fn a_takeover_repeats_what_has_no_answer_under_its_id() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::Default);
    scene.commit_all();
    scene.write(Expiry::Default);
    scene.join();
    scene.commit_all();
    let ids: Vec<_> = scene
        .written()
        .iter()
        .map(|f| f.split('|').nth(6).unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["1", "1", "2"]);
    assert_eq!(scene.acted, [1, 2]);
    scene.answer("4|vent|1|1|").unwrap();
    scene
        .answer("4|vent|1|1|")
        .expect("the same answer after a repeat is no second one");
    scene.answer("5|NO|1|").unwrap_err();
}

#[test]
fn a_hub_killed_between_storing_and_sending_sends_it_after_its_start() {
    let mut scene = Scene::new();
    scene.join();
    scene.line.blocked.set(true);
    scene.write(Expiry::Default);
    scene.commit(true);
    scene.crash();
    scene.line.blocked.set(false);
    scene.join();
    scene.commit_all();
    assert_eq!(scene.acted, [1]);
    assert_eq!(scene.state(1), State::Sent);
}

#[test]
fn the_answer_after_the_time_out_is_late_and_true() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::Default);
    scene.commit_all();
    scene.pass(Duration::from_secs(59));
    scene.tick();
    assert_eq!(scene.state(1), State::Sent, "it may still act");
    scene.pass(Duration::from_secs(2));
    scene.tick();
    scene.commit_all();
    assert_eq!(scene.state(1), State::TimedOut);
    scene.answer("4|vent|1|1|").unwrap();
    scene.commit_all();
    assert!(scene.state(1) == State::Succeeded && scene.stored[&1].late);
}

#[test]
fn a_condition_waits_for_what_goes_before() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::Default);
    scene.issue(scene.order(kind::WRITE, &["vent", "0"], Expiry::Default, "vent = 1"));
    scene.commit_all();
    assert_eq!(scene.state(2), State::Queued);
    scene.answer("4|vent|1|1|").unwrap();
    scene.commit_all();
    assert_eq!(scene.state(2), State::Rejected);
}

#[test]
fn what_nobody_asked_for_is_refused() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::Default);
    let not_asked = Err(crate::ledger::DropReason::NotAsked);
    scene.commit(true);
    assert_eq!(scene.answer("4|vent|1|1|"), not_asked, "not sent yet");
    scene.commit(true);
    assert_eq!(scene.answer("4|vent|1|2|"), not_asked);
    assert_eq!(scene.answer("4|lamp|1|1|"), not_asked);
    assert_eq!(scene.answer("2|vent|1||5|1|"), not_asked);
    assert_eq!(
        scene.answer("4|vent|1|"),
        Err(crate::ledger::DropReason::BadValue)
    );
    assert_eq!(scene.answer("4|vent|1|01|"), not_asked);
    assert_eq!(scene.state(1), State::Sent);
}

#[test]
fn a_period_holds_once_it_was_given_and_not_before() {
    let mut scene = Scene::new();
    scene.join();
    scene.issue(scene.order(kind::EVENT_SET, &["t", "500"], Expiry::Default, ""));
    scene.commit(true);
    // The device leaves between the commit and the writing.
    scene.line.session.set(None);
    scene.commit_all();
    assert_eq!(scene.state(1), State::Queued);
    assert!(scene.cancel(1));
    scene.commit_all();
    assert!(scene.kept.is_empty() && scene.desk.parts.standing.of(vent()).is_empty());

    scene.issue(scene.order(kind::EVENT_SET, &["t", "500"], Expiry::Default, ""));
    scene.commit_all();
    scene.join();
    scene.commit_all();
    assert_eq!(scene.kept, [2]);
    scene.answer("5|NO|2|").unwrap();
    scene.commit_all();
    assert!(scene.desk.parts.standing.of(vent()).is_empty());
}

#[test]
fn periods_are_given_once_a_session() {
    let mut scene = Scene::new();
    scene.join();
    scene.issue(scene.order(kind::EVENT_SET, &["t", "500"], Expiry::Default, ""));
    scene.commit_all();
    scene.answer("6|1|").unwrap();
    scene.commit_all();
    scene.pass(Duration::from_secs(7200));
    scene.tick();
    scene.join();
    for _ in 0..3 {
        scene.desk.polled(vent(), scene.now, &scene.line);
        scene.tick();
    }
    let given = scene.written();
    assert_eq!(
        given, ["0|42|27|t|500|1|"; 2],
        "once when it was set, once at the next login"
    );
    let reject = scene.answer("5|NO|1|");
    assert!(reject.is_ok() && scene.deeds.len() == 1);
    let _ = scene.answer("5|NO|1|");
    assert_eq!(scene.deeds.len(), 1, "it is taken back once");
    scene.commit_all();
}

#[test]
fn an_accepted_command_has_its_time_anew_in_a_new_session() {
    let mut scene = Scene::new();
    scene.join();
    scene.issue(scene.order(kind::READ, &["t"], Expiry::Default, ""));
    scene.commit_all();
    scene.answer("6|1|").unwrap();
    scene.line.session.set(None);
    scene.pass(Duration::from_secs(700));
    scene.join();
    scene.tick();
    scene.commit_all();
    assert_eq!(scene.state(1), State::Accepted);
}

#[test]
fn a_late_answer_is_taken_whatever_has_ended_since() {
    let mut scene = Scene::new();
    scene.join();
    scene.write(Expiry::Default);
    scene.commit_all();
    scene.pass(Duration::from_secs(61));
    scene.tick();
    scene.commit_all();
    for id in 2..40 {
        scene.write(Expiry::Default);
        scene.commit_all();
        scene.answer(&format!("4|vent|1|{id}|")).unwrap();
        scene.commit_all();
        scene.tick();
    }
    scene.answer("4|vent|1|1|").unwrap();
    scene.commit_all();
    assert!(scene.state(1) == State::Succeeded && scene.stored[&1].late);
}
