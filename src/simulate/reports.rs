//! A device's own reports: when each sensor is due, and what waits for its STORED.

use std::sync::Arc;

use super::body::Body;
use super::kinds::{Actuator, DeviceKind, Sensor, Source};
use super::signal::mix;
use super::tally::Tally;
use super::unstored::{Reading, Unstored};

/// Without a STORED for so long, what is unstored goes out again: an answer can get lost in a full outbox.
pub const RESEND_MS: i64 = 30_000;
/// After a long absence this many readings of a sensor are made up for; the ones before are left out.
pub const CATCH_UP: i64 = 500;

#[derive(Debug)]
pub struct Reports {
    sensors: Vec<Schedule>,
    pub(super) unstored: Unstored,
    /// When the hub last acknowledged something, or was last reminded.
    heard_ms: i64,
    tally: Arc<Tally>,
}

/// A sensor and when it reports. A period of 0 is never.
#[derive(Debug)]
struct Schedule {
    sensor: &'static Sensor,
    period_ms: i64,
    next_ms: i64,
}

impl Reports {
    /// `seed` spreads the first reports over the period.
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
            sensors: kind.sensors.iter().enumerate().map(schedule).collect(),
            unstored: Unstored::default(),
            heard_ms: now,
            tally,
        }
    }

    /// What waits for its STORED goes out again, unchanged.
    pub fn repeat(&mut self, me: u32, now: i64, out: &mut Vec<u8>) {
        self.heard_ms = now;
        self.unstored.compose_all(me, out);
    }

    pub fn next_due(&self) -> Option<i64> {
        let reminder = self.heard_ms.saturating_add(RESEND_MS);
        let readings = self.next_reading().into_iter();
        readings
            .chain((!self.unstored.is_empty()).then_some(reminder))
            .min()
    }

    pub fn next_reading(&self) -> Option<i64> {
        let sensors = self.sensors.iter().filter(|s| s.period_ms > 0);
        sensors.map(|s| s.next_ms).min()
    }

    pub fn tick(&mut self, me: u32, now: i64, body: &Body, msgno: &mut u64, out: &mut Vec<u8>) {
        if self.unstored.is_empty() {
            self.heard_ms = now;
        } else if now >= self.heard_ms.saturating_add(RESEND_MS) {
            self.repeat(me, now, out);
        }
        self.measure(me, now, body, msgno, out);
    }

    /// Readings that are due, also while there is no connection: what an actuator does meanwhile is seen in them.
    pub fn measure(&mut self, me: u32, now: i64, body: &Body, msgno: &mut u64, out: &mut Vec<u8>) {
        for schedule in self.sensors.iter_mut().filter(|s| s.period_ms > 0) {
            let oldest = now.saturating_sub(schedule.period_ms.saturating_mul(CATCH_UP));
            schedule.next_ms = schedule.next_ms.max(oldest);
            while schedule.next_ms <= now {
                *msgno += 1;
                let reading = Reading {
                    of: Source::Sensor(schedule.sensor),
                    value: body.measure(schedule.sensor, schedule.next_ms),
                    unix_ms: schedule.next_ms,
                    msgno: *msgno,
                };
                let lost = self.unstored.take(reading, me, out);
                self.tally.sent.add(1);
                self.tally.lost.add(u64::from(lost));
                schedule.next_ms = schedule.next_ms.saturating_add(schedule.period_ms);
            }
        }
    }

    /// An actuator that the device moved by itself: the hub knows where it stands by this only.
    pub fn moved(
        &mut self,
        me: u32,
        now: i64,
        (actuator, value): (&'static Actuator, f64),
        msgno: &mut u64,
        out: &mut Vec<u8>,
    ) {
        *msgno += 1;
        let reading = Reading {
            of: Source::Actuator(actuator),
            value,
            unix_ms: now,
            msgno: *msgno,
        };
        let lost = self.unstored.take(reading, me, out);
        self.tally.sent.add(1);
        self.tally.lost.add(u64::from(lost));
    }

    pub fn stored(&mut self, msgno: Option<u64>, now: i64) {
        if msgno.is_some_and(|msgno| self.unstored.settle(msgno)) {
            self.heard_ms = now;
            self.tally.stored.add(1);
        }
    }

    /// A reading that the hub will never take is not offered again.
    pub fn give_up(&mut self, msgno: Option<u64>) {
        if msgno.is_some_and(|msgno| self.unstored.settle(msgno)) {
            self.tally.refused.add(1);
        }
    }

    /// EVENT_SET; an error is the reason for a REJECTED.
    ///
    /// # Errors
    /// UNKNOWN_SENSOR, BAD_VALUE.
    pub fn set_period(
        &mut self,
        sensor: &str,
        period_ms: Option<u64>,
        now: i64,
    ) -> Result<(), &'static str> {
        let mut sensors = self.sensors.iter_mut();
        let known = sensors.find(|s| s.sensor.name == sensor);
        let schedule = known.ok_or("UNKNOWN_SENSOR")?;
        let period_ms = period_ms.and_then(|ms| i64::try_from(ms).ok());
        let period_ms = period_ms.ok_or("BAD_VALUE")?;
        // The hub says it again after each login: a device that often loses its connection would never report.
        if schedule.period_ms != period_ms {
            schedule.period_ms = period_ms;
            schedule.next_ms = now.saturating_add(period_ms);
        }
        Ok(())
    }
}
