//! A desk with all that it needs around it; what happens to it then is in the modules below.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::command::order::Order;
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
    /// Commands whose standing orders are stored.
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
            Deed::Keep { order, .. } => self.kept.push(order.command),
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

#[path = "case_tests.rs"]
mod cases;

#[path = "found_tests.rs"]
mod found;

#[path = "happening_tests.rs"]
mod happenings;
