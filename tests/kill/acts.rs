//! What one device was told to do and did: it acts once for each id, and answers repeats without acting (C2.4).
//!
//! It does not look at the expiry before it acts, as a real device should: here a late command is the hub's fault, and
//! must be seen.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::rngs::StdRng;

/// How much later than the expiry a frame may be read: the way through two sockets of a loaded machine.
const TOLERANCE_MS: i64 = 500;
pub(crate) const REASON: &str = "JAMMED";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Done,
    /// ACCEPTED, and DONE at this time, in whatever session that is.
    Later {
        done_ms: i64,
    },
    /// Acts, and says so only when it is told again.
    Silent,
    Rejected,
}

/// The first time that an id came.
#[derive(Debug)]
pub(crate) struct Told {
    frame: String,
    pub(crate) number: u64,
    way: Way,
    /// DONE is still to be said.
    owes: bool,
    session: u64,
    pub(crate) repeats: u32,
}

impl Told {
    pub(crate) fn acted(&self) -> bool {
        self.way != Way::Rejected
    }
}

/// Survives every kill.
pub(crate) struct Actor {
    rng: StdRng,
    pub(crate) told: BTreeMap<u64, Told>,
    /// The id that came last, and in which session.
    last: (u64, u64),
    /// Silence is over: everything is to end.
    pub(crate) settled: bool,
    pub(crate) broken: Vec<String>,
}

impl Actor {
    pub(crate) fn new(rng: StdRng) -> Self {
        Self {
            rng,
            told: BTreeMap::new(),
            last: (0, 0),
            settled: false,
            broken: Vec::new(),
        }
    }

    /// Takes a WRITE; returns what is to be answered at once.
    pub(crate) fn obey(&mut self, frame: &str, session: u64, now_ms: i64) -> Option<String> {
        let fields: Vec<&str> = frame.split('|').collect();
        let ["3", "act", number, expires, id] = fields[..] else {
            self.broken
                .push(format!("no WRITE that was ordered: {frame}"));
            return None;
        };
        let numbers = (number.parse(), expires.parse::<i64>(), id.parse());
        let (Ok(number), Ok(expires), Ok(id)) = numbers else {
            self.broken.push(format!("no numbers: {frame}"));
            return None;
        };
        if now_ms > expires + TOLERANCE_MS {
            let late = now_ms - expires;
            self.broken
                .push(format!("C1.5: {late} ms after its expiry: {frame}"));
        }
        self.check_order(id, session, frame);
        if self.told.contains_key(&id) {
            self.repeat(id, frame, session, now_ms)
        } else {
            self.first(id, frame, number, session, now_ms)
        }
    }

    /// C2.2, C2.3: ids rise within a session, which also says that each comes once.
    fn check_order(&mut self, id: u64, session: u64, frame: &str) {
        let (last, its_session) = self.last;
        if its_session == session && id <= last {
            self.broken
                .push(format!("C2.3: after {last} in one session: {frame}"));
        }
        self.last = (id, session);
    }

    fn first(
        &mut self,
        id: u64,
        frame: &str,
        number: u64,
        session: u64,
        now_ms: i64,
    ) -> Option<String> {
        if let Some((highest, _)) = self.told.last_key_value()
            && id < *highest
        {
            self.broken
                .push(format!("C2.4: new, but under {highest}: {frame}"));
        }
        let (way, answer) = match self.rng.random_range(0..100) {
            0..70 => (Way::Done, Some(format!("4|act|{number}|{id}"))),
            70..84 => {
                let done_ms = now_ms + self.rng.random_range(20..400);
                (Way::Later { done_ms }, Some(format!("6|{id}")))
            }
            84..92 => (Way::Rejected, Some(format!("5|{REASON}|{id}"))),
            _ if self.settled => (Way::Done, Some(format!("4|act|{number}|{id}"))),
            _ => (Way::Silent, None),
        };
        let told = Told {
            frame: frame.to_owned(),
            number,
            way,
            owes: matches!(way, Way::Later { .. }),
            session,
            repeats: 0,
        };
        self.told.insert(id, told);
        answer
    }

    /// C2.3: the same bytes, in another session; answered as before.
    fn repeat(&mut self, id: u64, frame: &str, session: u64, now_ms: i64) -> Option<String> {
        let told = self.told.get_mut(&id)?;
        if told.frame != frame {
            self.broken
                .push(format!("C1.2: first {}, then {frame}", told.frame));
        }
        if told.session == session {
            self.broken
                .push(format!("C2.3: twice in one session: {frame}"));
        }
        told.session = session;
        told.repeats += 1;
        Some(match told.way {
            Way::Rejected => format!("5|{REASON}|{id}"),
            Way::Later { done_ms } if now_ms < done_ms => format!("6|{id}"),
            _ => {
                told.owes = false;
                format!("4|act|{}|{id}", told.number)
            }
        })
    }

    /// The DONEs whose time has come.
    pub(crate) fn due(&mut self, now_ms: i64) -> Vec<String> {
        let due = self
            .told
            .iter_mut()
            .filter_map(|(id, told)| match told.way {
                Way::Later { done_ms } if told.owes && done_ms <= now_ms => {
                    told.owes = false;
                    Some(format!("4|act|{}|{id}", told.number))
                }
                _ => None,
            });
        due.collect()
    }
}
