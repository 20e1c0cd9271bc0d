//! The hub's WRITEs and BLINKs: each is carried out at most once, whatever is repeated (docs/commands.md, C2.4), and
//! answered as [`super::faults`] say.
//!
//! Peers' WRITEs are [`super::requests`]': they have no ids that rise.

use std::collections::VecDeque;
use std::sync::Arc;

use super::answers::{Answer, Remembered};
use super::body::{Body, Write};
use super::faults::{Fault, Faults, Lie};
use super::tally::Tally;
use crate::wire::{Frame, kind};

/// Enough for any test, and bounded in a fleet that runs for days.
const ACTS: usize = 10_000;
/// To an id that no hub gives out in its lifetime.
const STRANGER: u64 = 1 << 40;

/// Something that was carried out because the hub ordered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    pub id: u64,
    /// Empty for a BLINK, like the value.
    pub actuator: &'static str,
    /// As it travels.
    pub value: String,
    pub at_ms: i64,
}

#[derive(Debug)]
pub struct Orders {
    /// The device's address.
    me: u32,
    seed: u64,
    faults: Faults,
    /// The highest id that came, of any type: one above it is new.
    newest: u64,
    /// The highest id of a WRITE or BLINK that came. One number is enough, as ids of a device come in order.
    mark: u64,
    /// An empty one is silence.
    answers: Remembered,
    /// In the order of their times: the delay is the same for all.
    pending: VecDeque<Pending>,
    acts: VecDeque<Act>,
    tally: Arc<Tally>,
}

/// A WRITE that was accepted and is not carried out yet.
#[derive(Debug)]
struct Pending {
    due_ms: i64,
    id: u64,
    write: Write,
    fault: Option<Fault>,
}

impl Orders {
    pub fn new(seed: u64, faults: Faults, tally: Arc<Tally>) -> Self {
        Self {
            me: 0,
            seed,
            faults,
            newest: 0,
            mark: 0,
            answers: Remembered::default(),
            pending: VecDeque::new(),
            acts: VecDeque::new(),
            tally,
        }
    }

    pub fn fault(&self, id: u64) -> Option<Fault> {
        self.faults.of(self.seed, id)
    }

    pub fn logged_in(&mut self, me: u32) {
        self.me = me;
    }

    /// What was carried out, oldest first; the last 10,000.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.iter()
    }

    pub fn next_due(&self) -> Option<i64> {
        self.pending.front().map(|pending| pending.due_ms)
    }

    /// A command of any type has come: counts it the first time, and says how it goes.
    pub fn meet(&mut self, id: u64) -> Option<Fault> {
        let fault = self.fault(id);
        if id > self.newest {
            self.newest = id;
            self.tally.orders.got.add(1);
            let silent = matches!(fault, Some(Fault::Silent { .. }));
            self.tally.orders.silent.add(u64::from(silent));
            self.tally
                .orders
                .refused
                .add(u64::from(fault == Some(Fault::Reject)));
        }
        fault
    }

    /// A WRITE or BLINK. A repeat gets the answer that the first one got.
    pub fn obey(
        &mut self,
        frame: &Frame<'_>,
        id: u64,
        now: i64,
        body: &mut Body,
        out: &mut Vec<u8>,
    ) {
        let fault = self.meet(id);
        if let Some(answer) = self.answers.find(id) {
            self.tally.orders.repeated.add(1);
            out.extend_from_slice(answer);
            return;
        }
        if id <= self.mark {
            self.tally.orders.repeated.add(1);
            return Answer::Rejected("REPEATED").compose(self.me, id, out);
        }
        self.mark = id;
        if fault == Some(Fault::Reject) {
            return self.answer(&Answer::Rejected("FAULT"), id, None, out);
        }
        match frame.kind {
            kind::WRITE => self.write(frame, id, fault, now, body, out),
            _ => self.blink(id, fault, now, out),
        }
    }

    /// Carries out what is due, and answers.
    pub fn tick(&mut self, now: i64, body: &mut Body, out: &mut Vec<u8>) {
        while self.next_due().is_some_and(|due| due <= now)
            && let Some(pending) = self.pending.pop_front()
        {
            self.carry_out(pending, now, body, out);
        }
    }

    fn write(
        &mut self,
        frame: &Frame<'_>,
        id: u64,
        fault: Option<Fault>,
        now: i64,
        body: &mut Body,
        out: &mut Vec<u8>,
    ) {
        let write = match body.understand(frame, now) {
            Ok(write) => write,
            Err(reason) => return self.reject(reason, id, fault, out),
        };
        let pending = Pending {
            due_ms: now.saturating_add(self.faults.delay_ms),
            id,
            write,
            fault,
        };
        if self.faults.delay_ms == 0 {
            return self.carry_out(pending, now, body, out);
        }
        self.pending.push_back(pending);
        let silent = matches!(fault, Some(Fault::Silent { .. }));
        self.tally.orders.delayed.add(u64::from(!silent));
        self.answer(&Answer::Accepted, id, fault, out);
    }

    fn carry_out(&mut self, pending: Pending, now: i64, body: &mut Body, out: &mut Vec<u8>) {
        let Pending {
            id, write, fault, ..
        } = pending;
        if write.is_late(now) {
            return self.reject("EXPIRED", id, fault, out);
        }
        let actuator = write.actuator;
        let seen = match fault {
            Some(Fault::Silent { does: false }) => return self.answers.keep(id, Vec::new()),
            Some(Fault::Lie(Lie::NotMoved)) => {
                self.tally.orders.not_moved.add(1);
                elsewhere(&write, body.stands(actuator))
            }
            _ => {
                body.set(actuator, write.value, now);
                let value = actuator.shown(write.value);
                self.note(id, actuator.name, value, now);
                write.value
            }
        };
        let done = Answer::Done(actuator.name, actuator.shown(seen));
        self.answer(&done, id, fault, out);
    }

    fn blink(&mut self, id: u64, fault: Option<Fault>, now: i64, out: &mut Vec<u8>) {
        match fault {
            Some(Fault::Silent { does: false }) => {}
            _ => self.note(id, "", String::new(), now),
        }
        self.answer(&Answer::Accepted, id, fault, out);
    }

    fn note(&mut self, id: u64, actuator: &'static str, value: String, at_ms: i64) {
        self.tally.orders.acted.add(1);
        if self.acts.len() >= ACTS {
            self.acts.pop_front();
        }
        self.acts.push_back(Act {
            id,
            actuator,
            value,
            at_ms,
        });
    }

    fn reject(&mut self, reason: &'static str, id: u64, fault: Option<Fault>, out: &mut Vec<u8>) {
        let late = reason == "EXPIRED";
        self.tally.orders.late.add(u64::from(late));
        // Nothing was moved, so there is nothing to lie about; but silence is silence.
        let silence = fault.filter(|fault| matches!(fault, Fault::Silent { .. }));
        self.answer(&Answer::Rejected(reason), id, silence, out);
    }

    /// Answers and remembers. What is on the way only is told once, whatever the fault.
    fn answer(&mut self, answer: &Answer, id: u64, fault: Option<Fault>, out: &mut Vec<u8>) {
        let mut bytes = Vec::new();
        if !matches!(fault, Some(Fault::Silent { .. })) {
            answer.compose(self.me, id, &mut bytes);
        }
        out.extend_from_slice(&bytes);
        let is_last = self.pending.iter().all(|pending| pending.id != id);
        match fault {
            Some(Fault::Lie(Lie::Twice)) if is_last => {
                self.tally.orders.twice.add(1);
                out.extend_from_slice(&bytes);
            }
            Some(Fault::Lie(Lie::Stranger)) if is_last => {
                self.tally.orders.strangers.add(1);
                answer.compose(self.me, id.saturating_add(STRANGER), out);
            }
            _ => {}
        }
        self.answers.keep(id, bytes);
    }
}

/// Where it stands; if that is what was wanted, the end that is not.
fn elsewhere(write: &Write, stands: f64) -> f64 {
    let actuator = write.actuator;
    if stands != write.value {
        stands
    } else if write.value == actuator.low {
        actuator.high
    } else {
        actuator.low
    }
}

#[cfg(test)]
#[path = "orders_tests.rs"]
mod tests;
