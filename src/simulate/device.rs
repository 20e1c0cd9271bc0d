//! One simulated device as a plain struct: frames and the time in, frames out. It knows no socket.
//!
//! Its doorman, which connects, waits and comes back, is [`super::doorman`].

use std::sync::Arc;

use super::answers::Answers;
use super::habits::Habits;
use super::kinds::{Actuator, DeviceKind, Sensor};
use super::signal::mix;
use super::tally::Tally;
use super::unstored::{Reading, Unstored};
use crate::wire::{Address, Frame, FrameWriter, Limits, decode_field, kind, parse};

/// Without a STORED for so long, what is unstored goes out again: an answer can get lost in a full outbox.
const RESEND_MS: i64 = 30_000;
/// After a long absence this many readings of a sensor are made up for; the ones before are left out.
const CATCH_UP: i64 = 500;

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
    sensors: Vec<Schedule>,
    actuators: Vec<(&'static Actuator, f64)>,
    habits: Habits,
    unstored: Unstored,
    answers: Answers,
    /// When the hub last acknowledged something, or was last reminded.
    heard_ms: i64,
    /// Begins at the clock, so that a device that starts anew does not repeat its old numbers.
    msgno: u64,
    tally: Arc<Tally>,
}

/// A sensor and when it reports. A period of 0 is never.
#[derive(Debug)]
struct Schedule {
    sensor: &'static Sensor,
    period_ms: i64,
    next_ms: i64,
}

impl Device {
    pub fn new(
        kind: &'static DeviceKind,
        seed: u64,
        period_ms: i64,
        now: i64,
        tally: Arc<Tally>,
    ) -> Self {
        let schedule = |(index, sensor): (usize, &'static Sensor)| {
            let spread = mix(seed ^ mix(index as u64)) % period_ms.max(1).cast_unsigned();
            Schedule {
                sensor,
                period_ms,
                next_ms: now.saturating_add_unsigned(spread),
            }
        };
        Self {
            seed,
            address: 0,
            sensors: kind.sensors.iter().enumerate().map(schedule).collect(),
            actuators: kind.actuators.iter().map(|a| (a, a.start)).collect(),
            habits: Habits::new(kind.habits, seed, now),
            unstored: Unstored::default(),
            answers: Answers::default(),
            heard_ms: now,
            msgno: now.max(0).cast_unsigned(),
            tally,
        }
    }

    /// A session begins: what waits for its STORED goes out again, unchanged.
    pub fn logged_in(&mut self, address: Address, now: i64, out: &mut Vec<u8>) {
        self.address = address.get();
        self.heard_ms = now;
        self.unstored.compose_all(self.address, out);
    }

    /// When [`Device::tick`] has something to do next; `None`: never.
    pub fn next_due(&self) -> Option<i64> {
        let reports = self.sensors.iter().filter(|s| s.period_ms > 0);
        let reminder = self.heard_ms.saturating_add(RESEND_MS);
        reports
            .map(|s| s.next_ms)
            .chain(self.habits.next_due())
            .chain((!self.unstored.is_empty()).then_some(reminder))
            .min()
    }

    /// Reports and habits that are due. Call only while logged in.
    pub fn tick(&mut self, now: i64, out: &mut Vec<u8>) {
        if self.unstored.is_empty() {
            self.heard_ms = now;
        } else if now >= self.heard_ms.saturating_add(RESEND_MS) {
            self.heard_ms = now;
            self.unstored.compose_all(self.address, out);
        }
        let mut sensors = std::mem::take(&mut self.sensors);
        for schedule in sensors.iter_mut().filter(|s| s.period_ms > 0) {
            let oldest = now.saturating_sub(schedule.period_ms.saturating_mul(CATCH_UP));
            schedule.next_ms = schedule.next_ms.max(oldest);
            while schedule.next_ms <= now {
                self.report(schedule.sensor, schedule.next_ms, out);
                schedule.next_ms = schedule.next_ms.saturating_add(schedule.period_ms);
            }
        }
        self.sensors = sensors;
        self.habits
            .tick(self.address, self.seed, now, &mut self.msgno, out);
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
            self.on_request(&frame, origin.get(), now, out);
        }
        Verdict::Stay
    }

    /// Frames that only the hub may send, then the ones that anyone may.
    fn on_hub_frame(&mut self, frame: &Frame<'_>, now: i64, out: &mut Vec<u8>) -> Verdict {
        match frame.kind {
            kind::STORED => self.stored(frame, now),
            kind::QUIT => {
                let reason = frame.fields().next().and_then(decode_field);
                return Verdict::Leave(reason.unwrap_or_default().into_owned());
            }
            kind::ALIVE => FrameWriter::new(out, self.address, 0, kind::ALIVE).end(),
            kind::EVENT_SET => self.set_period(frame, now, out),
            kind::ALARM_SET | kind::ALARM_STOP => self.reject(frame, 0, "UNSUPPORTED", out),
            kind::DEVICES => self.habits.learn(frame.fields()),
            kind::LOOPBACK if frame.is_error() => self.on_error(frame),
            // Never echoed: the hub's answer to an echo would be the next one.
            kind::LOOPBACK => {}
            kind::REJECTED => self.give_up(frame),
            _ => self.on_request(frame, 0, now, out),
        }
        Verdict::Stay
    }

    fn on_request(&mut self, frame: &Frame<'_>, origin: u32, now: i64, out: &mut Vec<u8>) {
        match frame.kind {
            kind::READ => self.read(frame, origin, now, out),
            kind::WRITE => self.write(frame, origin, now, out),
            kind::LOOPBACK if !frame.is_error() => {
                // This device sends no LOOPBACK of its own: none of these is an answer.
                let mut echo = FrameWriter::new(out, self.address, origin, kind::LOOPBACK);
                for field in frame.fields() {
                    echo = echo.as_sent(field);
                }
                echo.end();
            }
            _ => return,
        }
        self.tally.answered.add(1);
    }

    fn report(&mut self, sensor: &'static Sensor, unix_ms: i64, out: &mut Vec<u8>) {
        self.msgno += 1;
        let reading = Reading {
            sensor,
            value: self.measure(sensor, unix_ms),
            unix_ms,
            msgno: self.msgno,
        };
        reading.compose(self.address, out);
        self.tally.sent.add(1);
        if self.unstored.push(reading) {
            self.tally.lost.add(1);
        }
    }

    fn measure(&self, sensor: &Sensor, unix_ms: i64) -> f64 {
        // Each sensor has a seed of its own, or all would tremble together.
        let name = sensor
            .name
            .bytes()
            .fold(self.seed, |seed, byte| mix(seed ^ u64::from(byte)));
        let moved = sensor.follows.and_then(|(actuator, each)| {
            let (_, stands) = self.actuators.iter().find(|(a, _)| a.name == actuator)?;
            Some(each * stands)
        });
        sensor.signal.at(name, unix_ms) + moved.unwrap_or(0.0)
    }

    fn stored(&mut self, frame: &Frame<'_>, now: i64) {
        if number(frame.msgno()).is_some_and(|msgno| self.unstored.settle(msgno)) {
            self.heard_ms = now;
            self.tally.stored.add(1);
        }
    }

    /// `ERROR|reason|dest|msgno` from the hub.
    fn on_error(&mut self, frame: &Frame<'_>) {
        let mut fields = frame.fields().skip(1);
        match (fields.next(), fields.next()) {
            // Kept, and sent again by and by.
            (Some(b"BUSY"), _) => {}
            (Some(b"NO_DEVICE"), Some(dest)) => self.habits.forget(dest),
            _ => self.give_up(frame),
        }
    }

    /// A reading that the hub will never take is not offered again.
    fn give_up(&mut self, frame: &Frame<'_>) {
        if number(frame.msgno()).is_some_and(|msgno| self.unstored.settle(msgno)) {
            self.tally.refused.add(1);
        }
    }

    fn set_period(&mut self, frame: &Frame<'_>, now: i64, out: &mut Vec<u8>) {
        let mut fields = frame.fields();
        let name = fields.next().and_then(decode_field).unwrap_or_default();
        let period = fields.next().and_then(number).map(i64::try_from);
        let schedule = self.sensors.iter_mut().find(|s| s.sensor.name == name);
        match (schedule, period) {
            (None, _) => self.reject(frame, 0, "UNKNOWN_SENSOR", out),
            (Some(schedule), Some(Ok(period_ms))) => {
                schedule.period_ms = period_ms;
                schedule.next_ms = now.saturating_add(period_ms);
                FrameWriter::new(out, self.address, 0, kind::ACCEPTED)
                    .as_sent(frame.msgno())
                    .end();
            }
            (Some(_), _) => self.reject(frame, 0, "BAD_VALUE", out),
        }
    }

    /// A sensor, or where an actuator stands.
    fn read(&self, frame: &Frame<'_>, origin: u32, now: i64, out: &mut Vec<u8>) {
        let name = frame.fields().next().unwrap_or_default();
        let text = decode_field(name).unwrap_or_default();
        let sensor = self.sensors.iter().find(|s| s.sensor.name == text);
        let actuator = self.actuators.iter().find(|(a, _)| a.name == text);
        let (value, unit) = match (sensor, actuator) {
            (Some(s), _) => (s.sensor.shown(self.measure(s.sensor, now)), s.sensor.unit),
            (None, Some((_, stands))) => (stands.to_string(), ""),
            (None, None) => return self.reject(frame, origin, "UNKNOWN_SENSOR", out),
        };
        FrameWriter::new(out, self.address, origin, kind::VALUE)
            .as_sent(name)
            .text(&value)
            .text(unit)
            .number(now)
            .as_sent(frame.msgno())
            .end();
    }

    fn write(&mut self, frame: &Frame<'_>, origin: u32, now: i64, out: &mut Vec<u8>) {
        if let Some(answer) = self.answers.find(frame.bytes) {
            out.extend_from_slice(answer);
            return;
        }
        let begin = out.len();
        match self.act(frame, now) {
            Ok((actuator, seen)) => FrameWriter::new(out, self.address, origin, kind::DONE)
                .text(actuator)
                .text(&seen.to_string())
                .as_sent(frame.msgno())
                .end(),
            Err(reason) => self.reject(frame, origin, reason, out),
        }
        self.answers
            .keep(frame.bytes, out.get(begin..).unwrap_or_default());
    }

    /// All checks, then the act. Returns the actuator and where it stands now.
    fn act(&mut self, frame: &Frame<'_>, now: i64) -> Result<(&'static str, f64), &'static str> {
        let mut fields = frame.fields();
        let mut next = || fields.next().and_then(decode_field).unwrap_or_default();
        let (name, value, expires) = (next(), next(), next());
        if !expires.is_empty() {
            match expires.parse::<i64>() {
                Ok(expires) if expires >= now => {}
                Ok(_) => return Err("EXPIRED"),
                // When it would expire cannot be known: late is worse than never.
                Err(_) => return Err("BAD_EXPIRY"),
            }
        }
        let known = self.actuators.iter_mut().find(|(a, _)| a.name == name);
        let (actuator, stands) = known.ok_or("UNKNOWN_ACTUATOR")?;
        let value: f64 = value.parse().map_err(|_| "BAD_VALUE")?;
        if !(actuator.low..=actuator.high).contains(&value) {
            return Err("BAD_VALUE");
        }
        *stands = value;
        Ok((actuator.name, *stands))
    }

    fn reject(&self, frame: &Frame<'_>, origin: u32, reason: &str, out: &mut Vec<u8>) {
        FrameWriter::new(out, self.address, origin, kind::REJECTED)
            .text(reason)
            .as_sent(frame.msgno())
            .end();
    }
}

fn number(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
