//! Tests of the desk: single cases, then all orders of what can happen.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;

use super::*;
use crate::command::order::Order;
use crate::command::state::Answers;
use crate::command::work::Outcome;
use crate::storage::StorageError;
use crate::wire::{EOT, parse};

/// A device's connection, and what was written into it.
#[derive(Default)]
struct Line {
    session: Cell<Option<u64>>,
    blocked: Cell<bool>,
    /// It looks clear, and takes nothing.
    full: Cell<bool>,
    written: RefCell<Vec<String>>,
}

impl Lines for Line {
    fn session(&self, device: Address) -> Option<u64> {
        self.session.get().filter(|_| device == vent())
    }

    fn is_clear(&self, device: Address) -> bool {
        self.session(device).is_some() && !self.blocked.get()
    }

    fn write(&self, device: Address, frames: &[u8]) -> bool {
        if !self.is_clear(device) || self.full.get() {
            return false;
        }
        let frames = frames.split(|b| *b == EOT).filter(|f| !f.is_empty());
        let texts = frames.map(|f| String::from_utf8(f.to_vec()).unwrap());
        self.written.borrow_mut().extend(texts);
        true
    }
}

fn vent() -> Address {
    Address::new(42).unwrap()
}

/// A desk with a store beside it that commits when it is told to, and a device that remembers the highest id it acted on.
struct Scene {
    desk: Desk,
    line: Line,
    now: Now,
    /// How far the monotonic clock has got in this run of the hub.
    started: Duration,
    stored: BTreeMap<i64, Command>,
    deeds: VecDeque<Deed>,
    sessions: u64,
    in_session: BTreeSet<i64>,
    highest_in_session: i64,
    seen: usize,
    acted: Vec<i64>,
    mark: i64,
    /// What is written in this session is lost on its way.
    lost: bool,
    /// Commands whose event periods are stored.
    kept: Vec<i64>,
    limits: DeskLimits,
}

const START_MS: i64 = 1_800_000_000_000;

fn limits() -> DeskLimits {
    DeskLimits::new(&Settings::default(), Limits::default())
}

impl Scene {
    fn new() -> Self {
        Self {
            desk: Desk::new(GroupId(1), limits(), DeskParts::default()),
            line: Line::default(),
            now: Now {
                at: Duration::from_secs(100),
                unix_ms: START_MS,
            },
            started: Duration::ZERO,
            stored: BTreeMap::new(),
            deeds: VecDeque::new(),
            sessions: 0,
            in_session: BTreeSet::new(),
            highest_in_session: 0,
            seen: 0,
            acted: Vec::new(),
            mark: 0,
            lost: false,
            kept: Vec::new(),
            limits: limits(),
        }
    }

    fn order(&self, kind: u32, fields: &[&str], expires: Expiry, condition: &str) -> Order {
        Order {
            targets: vec![vent()],
            kind,
            fields: fields.iter().map(ToString::to_string).collect(),
            issuer: Issuer::Operator,
            issuer_msgno: String::new(),
            order_key: String::new(),
            to_set: false,
            expires,
            condition: condition.into(),
        }
    }

    fn issue(&mut self, order: Order) {
        let (reply, _) = tokio::sync::oneshot::channel();
        self.desk
            .issue(order, Reply::Verb(reply), self.now, &self.line);
        self.look();
    }

    fn write(&mut self, expires: Expiry) {
        self.issue(self.order(kind::WRITE, &["vent", "1"], expires, ""));
    }

    /// The store's turn for one deed.
    fn commit(&mut self, works: bool) {
        let Some(mut deed) = self.deeds.pop_front() else {
            return;
        };
        let outcome = if works {
            Ok(self.perform(&mut deed))
        } else {
            Err(StorageError::Failed("disk full".into()))
        };
        self.desk.settled(deed, outcome, self.now, &self.line);
        self.look();
    }

    fn perform(&mut self, deed: &mut Deed) -> Outcome {
        match deed {
            Deed::Insert { commands, .. } => {
                for command in commands {
                    self.stored.insert(command.id, command.clone());
                }
            }
            Deed::Send { command, condition } => {
                if self.stored[&command.id].state != State::Queued {
                    return Outcome::Gone;
                }
                if condition.is_some() {
                    return Outcome::Condition("unknown".into());
                }
                self.stored.insert(command.id, command.clone());
            }
            Deed::Save { command, .. } => {
                self.stored.insert(command.id, command.clone());
            }
            Deed::Keep { period, .. } => self.kept.push(period.command),
            Deed::TakeBack { command, .. } => self.kept.retain(|kept| kept != command),
        }
        Outcome::Done
    }

    fn commit_all(&mut self) {
        while !self.deeds.is_empty() {
            self.commit(true);
        }
    }

    fn join(&mut self) {
        self.sessions += 1;
        self.line.session.set(Some(self.sessions));
        self.in_session.clear();
        self.highest_in_session = 0;
        self.lost = false;
        self.desk.joined(vent(), self.now, &self.line);
        self.look();
    }

    fn pass(&mut self, time: Duration) {
        self.now.at += time;
        self.now.unix_ms += i64::try_from(time.as_millis()).unwrap();
    }

    fn tick(&mut self) {
        self.desk.tick(self.now, &self.line);
        self.look();
    }

    fn answer(&mut self, text: &str) -> Result<(), crate::ledger::DropReason> {
        let text = format!("42|0|{text}");
        let frame = parse(text.as_bytes(), &Limits::default()).unwrap();
        let done = self.desk.answered(vent(), &frame, self.now, &self.line);
        self.look();
        done
    }

    fn cancel(&mut self, id: i64) -> bool {
        let done = self.desk.cancel(vent(), id, self.now).is_ok();
        self.look();
        done
    }

    /// kill -9 and a new start: only what was committed is left.
    fn crash(&mut self) {
        let ids = DeskParts {
            ids: Arc::new(AtomicI64::new(
                self.stored.keys().next_back().copied().unwrap_or(0),
            )),
            ..DeskParts::default()
        };
        self.desk = Desk::new(GroupId(1), self.limits.clone(), ids);
        self.deeds.clear();
        self.line.session.set(None);
        self.started = self.now.at;
        // As storage/past.rs has it.
        let mut past_ms = i64::MIN;
        let mut open = Vec::new();
        for command in self.stored.values().rev() {
            let times = [Some(command.issued_ms), command.sent_ms, command.ended_ms];
            past_ms = times.into_iter().flatten().fold(past_ms, i64::max);
            if command.is_open() {
                let command = command.clone();
                open.push(Kept { command, past_ms });
            }
        }
        for kept in open.into_iter().rev() {
            self.desk.take_up(kept, self.now);
        }
    }

    /// Looks at what was written since, as the device does, and takes the desk's deeds.
    fn look(&mut self) {
        self.deeds.extend(self.desk.take_deeds());
        let written: Vec<_> = self.line.written.borrow()[self.seen..].to_vec();
        self.seen += written.len();
        for text in written {
            let frame = parse(text.as_bytes(), &Limits::default()).unwrap();
            // Periods stand outside the order of ids.
            let period = frame.kind == kind::EVENT_SET;
            if frame.kind == kind::LOOPBACK || period && self.kept_before(frame.msgno()) {
                continue;
            }
            let id: i64 = std::str::from_utf8(frame.msgno()).unwrap().parse().unwrap();
            let stored = &self.stored[&id];
            assert_ne!(
                stored.state,
                State::Queued,
                "{id} was written before it was committed as sent"
            );
            assert!(
                frame.kind == kind::EVENT_SET
                    || stored.expires_ms.is_none_or(|at| self.now.unix_ms < at),
                "{id} was written after its expiry"
            );
            assert!(
                self.in_session.insert(id),
                "{id} was written twice in one session"
            );
            assert!(
                id > self.highest_in_session,
                "{id} was written out of order"
            );
            self.highest_in_session = id;
            if !self.lost {
                self.receive(id, period);
            }
        }
    }

    /// A device that remembers only the highest id takes for a repeat whatever is not above it.
    fn receive(&mut self, id: i64, period: bool) {
        if id > self.mark {
            self.mark = id;
            self.acted.push(id);
        }
        assert!(
            period || self.acted.contains(&id),
            "{id} comes for the first time behind {}",
            self.mark
        );
    }

    /// Whether it is a period that holds already.
    fn kept_before(&self, id: &[u8]) -> bool {
        let id: i64 = std::str::from_utf8(id).unwrap().parse().unwrap();
        self.kept.contains(&id)
    }

    fn state(&self, id: i64) -> State {
        self.stored[&id].state
    }

    fn written(&self) -> Vec<String> {
        self.line.written.borrow().clone()
    }
}

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
    assert!(scene.kept.is_empty() && scene.desk.parts.periods.of(vent()).is_empty());

    scene.issue(scene.order(kind::EVENT_SET, &["t", "500"], Expiry::Default, ""));
    scene.commit_all();
    scene.join();
    scene.commit_all();
    assert_eq!(scene.kept, [2]);
    scene.answer("5|NO|2|").unwrap();
    scene.commit_all();
    assert!(scene.desk.parts.periods.of(vent()).is_empty());
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

#[path = "found_tests.rs"]
mod found;
