//! One simulated device as a plain struct: frames and the time in, frames out. It knows no socket.
//!
//! Its doorman, which connects, waits and comes back, is [`super::doorman`].

use std::sync::Arc;

use super::alarms::{Alarms, LocalAct};
use super::body::Body;
use super::describe::describe;
use super::faults::{Fault, Faults};
use super::habits::Habits;
use super::kinds::{Actuator, DeviceKind};
use super::orders::{Act, Orders};
use super::reports::Reports;
use super::requests::Requests;
use super::tally::Tally;
use crate::wire::{Address, Frame, FrameWriter, Limits, decode_field, kind, parse};

/// What the connection should do after a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Stay,
    /// The hub said goodbye, with its reason.
    Leave(String),
}

#[derive(Debug)]
pub struct Device {
    seed: u64,
    /// 0 until the first login.
    address: u32,
    body: Body,
    reports: Reports,
    habits: Habits,
    requests: Requests,
    /// From the hub.
    orders: Orders,
    alarms: Alarms,
    /// Begins at the clock, so that a device that starts anew does not repeat its old numbers.
    msgno: u64,
    tally: Arc<Tally>,
}

impl Device {
    pub fn new(
        kind: &'static DeviceKind,
        seed: u64,
        period_ms: i64,
        now: i64,
        tally: Arc<Tally>,
    ) -> Self {
        let body = Body::new(kind, seed);
        Self {
            seed,
            address: 0,
            alarms: Alarms::new(&body, now, Arc::clone(&tally)),
            body,
            reports: Reports::new(kind, seed, period_ms, now, Arc::clone(&tally)),
            habits: Habits::new(kind.habits, seed, now),
            requests: Requests::default(),
            orders: Orders::new(seed, Faults::default(), Arc::clone(&tally)),
            msgno: now.max(0).cast_unsigned(),
            tally,
        }
    }

    /// What it does wrong with the hub's commands; peers are served well.
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.orders = Orders::new(self.seed, faults, Arc::clone(&self.tally));
        self
    }

    /// What it carried out for the hub, oldest first; the last 10,000.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.orders.acts()
    }

    /// What it did without being told, because of an alarm, oldest first; the last 10,000.
    pub fn local_acts(&self) -> impl Iterator<Item = &LocalAct> {
        self.alarms.acts()
    }

    /// What it does, or would do, with the command of this id; `None`: as it should.
    pub fn fault(&self, id: u64) -> Option<Fault> {
        self.orders.fault(id)
    }

    /// A session begins: it says what it has, and what waits for its STORED goes out again, unchanged.
    pub fn logged_in(&mut self, address: Address, now: i64, out: &mut Vec<u8>) {
        self.address = address.get();
        self.orders.logged_in(self.address);
        self.requests.logged_in(self.address);
        describe(self.body.kind, self.address, out);
        self.alarms
            .logged_in(self.address, now, &mut self.msgno, out);
        self.reports.repeat(self.address, now, out);
    }

    /// When [`Device::tick`] has something to do next; `None`: never.
    pub fn next_due(&self) -> Option<i64> {
        let orders = self.orders.next_due();
        let reports = self.reports.next_due().into_iter();
        let alarms = [self.alarms.next_look(), self.alarms.next_report()];
        let alarms = alarms.into_iter().flatten();
        let all = reports.chain(alarms).chain(self.habits.next_due());
        all.chain(orders).min()
    }

    /// Commands, alarms, reports and habits that are due. Call only while logged in.
    pub fn tick(&mut self, now: i64, out: &mut Vec<u8>) {
        let me = self.address;
        self.orders.tick(now, &mut self.body, out);
        let moved = self.alarms.look(now, &mut self.body, &mut self.msgno);
        // Before the readings: it is urgent.
        self.alarms.send(me, now, out);
        self.moved(&moved, now, out);
        self.reports.tick(me, now, &self.body, &mut self.msgno, out);
        self.habits.tick(me, self.seed, now, &mut self.msgno, out);
    }

    /// When [`Device::tick_alone`] has something to do next; `None`: never.
    pub fn next_due_alone(&self) -> Option<i64> {
        let readings = self.reports.next_reading();
        readings.into_iter().chain(self.alarms.next_look()).min()
    }

    /// What goes on whether there is a connection or not: it measures, and acts by itself. Its readings go to `out`; without
    /// a connection they may be thrown away, because they are kept for the next login, as alarm reports are.
    pub fn tick_alone(&mut self, now: i64, out: &mut Vec<u8>) {
        let moved = self.alarms.look(now, &mut self.body, &mut self.msgno);
        self.moved(&moved, now, out);
        let Self { body, msgno, .. } = self;
        self.reports.measure(self.address, now, body, msgno, out);
    }

    /// By itself, so that nobody else could tell the hub.
    fn moved(&mut self, actuators: &[&'static Actuator], now: i64, out: &mut Vec<u8>) {
        for actuator in actuators {
            let stands = (*actuator, self.body.stands(actuator));
            self.reports
                .moved(self.address, now, stands, &mut self.msgno, out);
        }
    }

    /// Obeys one frame as it came, without its EOT. What is no frame is passed over.
    pub fn on_frame(&mut self, bytes: &[u8], now: i64, out: &mut Vec<u8>) -> Verdict {
        let Ok(frame) = parse(bytes, &Limits::default()) else {
            return Verdict::Stay;
        };
        if frame.origin == b"0" {
            return self.on_hub_frame(&frame, now, out);
        }
        if let Some(origin) = Address::parse(frame.origin)
            && !kind::never_between_devices(frame.kind)
        {
            match frame.kind {
                kind::ALARM => self.on_alarm(&frame, origin.get(), now, out),
                _ => self.on_request(&frame, origin.get(), now, out),
            }
        }
        Verdict::Stay
    }

    fn on_alarm(&mut self, frame: &Frame<'_>, raiser: u32, now: i64, out: &mut Vec<u8>) {
        if let Some(actuator) = self.alarms.heard(frame, raiser, now, &mut self.body) {
            self.moved(&[actuator], now, out);
        }
    }

    /// Frames that only the hub may send, then the ones that anyone may.
    fn on_hub_frame(&mut self, frame: &Frame<'_>, now: i64, out: &mut Vec<u8>) -> Verdict {
        match frame.kind {
            kind::STORED => self.stored(number(frame.msgno()), now),
            kind::QUIT => {
                let reason = frame.fields().next().and_then(decode_field);
                return Verdict::Leave(reason.unwrap_or_default().into_owned());
            }
            kind::ALIVE => FrameWriter::new(out, self.address, 0, kind::ALIVE).end(),
            kind::READ | kind::WRITE | kind::EVENT_SET | kind::BLINK | kind::CLOCK_READ => {
                self.on_command(frame, now, out);
            }
            kind::ALARM_SET | kind::ALARM_STOP => self.on_command(frame, now, out),
            kind::DEVICES => self.habits.learn(frame.fields()),
            kind::LOOPBACK if frame.is_error() => self.on_error(frame, now),
            // An echo would be answered by the next one; the clock is the system's, and not ours to set.
            kind::LOOPBACK | kind::CLOCK_SET => {}
            kind::REJECTED => self.give_up(number(frame.msgno()), now),
            _ => {}
        }
        Verdict::Stay
    }

    fn on_command(&mut self, frame: &Frame<'_>, now: i64, out: &mut Vec<u8>) {
        // Without an id it could be done twice.
        let Some(id) = number(frame.msgno()) else {
            return self.requests.reject(frame, 0, "BAD_VALUE", out);
        };
        if matches!(frame.kind, kind::WRITE | kind::BLINK) {
            self.orders.obey(frame, id, now, &mut self.body, out);
            self.tally.answered.add(1);
            return;
        }
        match self.orders.meet(id) {
            Some(Fault::Reject) => self.requests.reject(frame, 0, "FAULT", out),
            Some(Fault::Silent { does: false }) => {}
            Some(Fault::Silent { does: true }) => self.serve(frame, now, &mut Vec::new()),
            Some(Fault::Lie(_)) | None => self.serve(frame, now, out),
        }
    }

    /// Commands that may simply be done again when they are repeated.
    fn serve(&mut self, frame: &Frame<'_>, now: i64, out: &mut Vec<u8>) {
        match frame.kind {
            kind::EVENT_SET => {
                let outcome = self.set_period(frame, now);
                self.settle(frame, outcome, out);
            }
            kind::ALARM_SET => {
                let outcome = self.alarms.set(frame, &self.body);
                self.settle(frame, outcome, out);
            }
            kind::ALARM_STOP => {
                let outcome = self.alarms.stop(frame);
                self.settle(frame, outcome, out);
            }
            _ => self.on_request(frame, 0, now, out),
        }
    }

    /// `ERROR|reason|dest|msgno` from the hub.
    fn on_error(&mut self, frame: &Frame<'_>, now: i64) {
        let mut fields = frame.fields().skip(1);
        match (fields.next(), fields.next()) {
            // Kept, and sent again by and by.
            (Some(b"BUSY" | b"NOT_STORED"), _) => {}
            // About an answer of ours: its msgno is a command's, and no reading's.
            (Some(b"NOT_ASKED" | b"ALREADY_ANSWERED"), _) => self.tally.orders.unwanted.add(1),
            (Some(b"NO_DEVICE"), Some(dest)) => self.habits.forget(dest),
            _ => self.give_up(number(frame.msgno()), now),
        }
    }

    /// A reading or an alarm report of ours is stored. Their numbers come from one row.
    fn stored(&mut self, msgno: Option<u64>, now: i64) {
        if !msgno.is_some_and(|msgno| self.alarms.stored(msgno, now)) {
            self.reports.stored(msgno, now);
        }
    }

    /// One that the hub will never take is not offered again.
    fn give_up(&mut self, msgno: Option<u64>, now: i64) {
        if !msgno.is_some_and(|msgno| self.alarms.give_up(msgno, now)) {
            self.reports.give_up(msgno);
        }
    }

    fn on_request(&mut self, frame: &Frame<'_>, origin: u32, now: i64, out: &mut Vec<u8>) {
        let served = self.requests.serve(frame, origin, now, &mut self.body, out);
        self.tally.answered.add(u64::from(served));
    }

    fn set_period(&mut self, frame: &Frame<'_>, now: i64) -> Result<(), &'static str> {
        let mut fields = frame.fields();
        let sensor = fields.next().and_then(decode_field).unwrap_or_default();
        let period_ms = fields.next().and_then(number);
        self.reports.set_period(&sensor, period_ms, now)
    }

    fn settle(&self, frame: &Frame<'_>, outcome: Result<(), &'static str>, out: &mut Vec<u8>) {
        match outcome {
            Ok(()) => FrameWriter::new(out, self.address, 0, kind::ACCEPTED)
                .as_sent(frame.msgno())
                .end(),
            Err(reason) => self.requests.reject(frame, 0, reason, out),
        }
    }
}

fn number(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
