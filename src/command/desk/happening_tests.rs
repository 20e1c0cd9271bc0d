//! All orders of what can happen to a desk.

use proptest::prelude::*;

use super::*;
use crate::command::state::Answers;

#[derive(Clone, Debug)]
enum Happening {
    Write(Option<i64>),
    Read,
    Conditional,
    Clock,
    Commit,
    CommitFails,
    Join,
    Leave,
    /// The connection breaks, and nobody has noticed yet.
    Break,
    Block(bool),
    Accept(i64),
    Done(i64),
    Reject(i64),
    Cancel(i64),
    Pass(u64),
    WallJumps(i64),
    Tick,
    Crash,
}

fn happenings() -> impl Strategy<Value = Happening> {
    let id = 1..12i64;
    prop_oneof![
        3 => proptest::option::of(1i64..90_000).prop_map(Happening::Write),
        1 => Just(Happening::Read),
        1 => Just(Happening::Conditional),
        1 => Just(Happening::Clock),
        12 => Just(Happening::Commit),
        1 => Just(Happening::CommitFails),
        3 => Just(Happening::Join),
        1 => Just(Happening::Leave),
        1 => Just(Happening::Break),
        2 => any::<bool>().prop_map(Happening::Block),
        2 => id.clone().prop_map(Happening::Accept),
        3 => id.clone().prop_map(Happening::Done),
        1 => id.clone().prop_map(Happening::Reject),
        1 => id.prop_map(Happening::Cancel),
        3 => (1u64..40_000).prop_map(Happening::Pass),
        1 => (-100_000i64..100_000).prop_map(Happening::WallJumps),
        4 => Just(Happening::Tick),
        1 => Just(Happening::Crash),
    ]
}

fn happen(scene: &mut Scene, happening: Happening) {
    match happening {
        Happening::Write(None) => scene.write(Expiry::Default),
        Happening::Write(Some(ms)) => scene.write(Expiry::At(scene.now.unix_ms + ms)),
        Happening::Read => scene.issue(scene.order(kind::READ, &["t"], Expiry::Default, "")),
        Happening::Conditional => {
            scene.issue(scene.order(kind::WRITE, &["vent", "0"], Expiry::Default, "vent = 1"));
        }
        Happening::Clock => {
            scene.issue(scene.order(kind::EVENT_SET, &["t", "0"], Expiry::Default, ""))
        }
        Happening::Commit => scene.commit(true),
        Happening::CommitFails => scene.commit(false),
        Happening::Join => scene.join(),
        Happening::Leave => scene.line.session.set(None),
        Happening::Break => scene.lost = true,
        Happening::Block(blocked) => scene.line.blocked.set(blocked),
        Happening::Accept(id) => says(scene, id, &format!("6|{id}|")),
        Happening::Done(id) => says(scene, id, &format!("4|vent|1|{id}|")),
        Happening::Reject(id) => says(scene, id, &format!("5|NO|{id}|")),
        Happening::Cancel(id) => {
            let acted = scene.acted.contains(&id);
            let taken_back = scene.cancel(id);
            assert!(
                !(acted && taken_back),
                "{id} was taken back after it was sent"
            );
        }
        Happening::Pass(ms) => scene.pass(Duration::from_millis(ms)),
        Happening::WallJumps(ms) => scene.now.unix_ms += ms,
        Happening::Tick => scene.tick(),
        Happening::Crash => scene.crash(),
    }
}

/// An answer, which is refused when the device cannot have got the command.
fn says(scene: &mut Scene, id: i64, answer: &str) {
    let sent = scene.acted.contains(&id);
    // The hub of a crash knows `sent` and not whether: there it would have to believe a liar.
    let perhaps = scene
        .stored
        .get(&id)
        .is_some_and(|c| matches!(c.state, State::Sent | State::TimedOut));
    if sent {
        let _ = scene.answer(answer);
    } else if !perhaps {
        assert!(scene.answer(answer).is_err(), "{id} was never sent");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Every order of orders, commits, failures, logins, takeovers, answers, time and kills: nothing is written uncommitted,
    /// late, twice in a session or out of order ([`Scene::look`]), nothing is acted on twice, no state lies, and at the end
    /// everything ends.
    #[test]
    fn no_order_of_happenings_breaks_a_promise(all in proptest::collection::vec(happenings(), 1..120)) {
        let mut scene = Scene::new();
        for happening in all {
            happen(&mut scene, happening);
        }
        // The device comes back and stays, reads, and never answers again.
        scene.commit_all();
        scene.line.blocked.set(false);
        scene.join();
        scene.commit_all();
        for _ in 0..3 {
            scene.pass(Duration::from_secs(700));
            scene.now.unix_ms += 200_000;
            scene.tick();
            scene.commit_all();
        }
        let acted: BTreeSet<_> = scene.acted.iter().copied().collect();
        prop_assert_eq!(acted.len(), scene.acted.len(), "acted twice: {:?}", scene.acted);
        for (id, command) in &scene.stored {
            prop_assert!(command.ended_ms.is_some(), "{:?} never ends", command);
            let never_sent = matches!(command.state, State::Expired | State::Cancelled);
            prop_assert!(!(never_sent && acted.contains(id)), "{:?} was acted on", command);
            if command.state == State::Succeeded && command.answers() == Answers::Result {
                prop_assert!(acted.contains(id), "{:?} was not acted on", command);
            }
        }
        prop_assert_eq!(scene.desk.open, 0);
    }
}
