//! ALARM, ALARM_SUBSCRIBE and ALARM_UNSUBSCRIBE: to the recorder, each with a commit of its own.

use std::sync::Arc;
use std::time::Duration;

use super::actor::Session;
use super::inbound::Intake;
use super::refusals::Refusals;
use crate::alarm::{Alarms, Reporting, Subscribing, Wish};
use crate::ledger::DropReason;
use crate::recorder::canonical_msgno;
use crate::registry::Rights;
use crate::storage::{NAME_BYTES, Report};
use crate::wire::{Frame, decode_field, kind};

/// How many ALARMs a session may send, and how many it has left: also the bound on what it has under way.
pub struct AlarmLine {
    alarms: Alarms,
    burst: f64,
    per_second: f64,
    left: f64,
    at: Duration,
    refusals: Refusals,
}

impl AlarmLine {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    pub fn new(alarms: Alarms, burst: u64, per_second: u64) -> Self {
        Self {
            alarms,
            burst: burst as f64,
            per_second: per_second as f64,
            left: burst as f64,
            at: Duration::ZERO,
            refusals: Refusals::default(),
        }
    }

    pub(super) fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    /// False: too many.
    fn take(&mut self, now: Duration) -> bool {
        let back = now.saturating_sub(self.at).as_secs_f64() * self.per_second;
        (self.left, self.at) = ((self.left + back).min(self.burst), now);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

impl Session {
    /// `A|0|30|alarm|sensor|value|RAISED or CLEARED|unix ms|msgno|`
    pub(super) fn alarm(
        &mut self,
        frame: &Frame<'_>,
        intake: &mut Intake,
    ) -> Result<(), DropReason> {
        let report = self.report(frame)?;
        self.take(frame.kind)?;
        let (alarms, outbox) = (self.alarms.alarms.clone(), Arc::clone(&self.outbox));
        let from = (self.device.address, self.device.group);
        intake
            .works
            .push(Box::new(Reporting::new(alarms, from, report, outbox)));
        Ok(())
    }

    /// `A|0|33|alarm or *|msgno|`
    pub(super) fn subscribe(
        &mut self,
        frame: &Frame<'_>,
        intake: &mut Intake,
    ) -> Result<(), DropReason> {
        if self.device.rights < Rights::Talk {
            return Err(DropReason::NoRight);
        }
        let mut fields = frame.fields();
        let (Some(name), Some(msgno), None) = (fields.next(), fields.next(), fields.next()) else {
            return Err(DropReason::BadValue);
        };
        let name = decode_field(name).filter(|name| (1..=NAME_BYTES).contains(&name.len()));
        let name = name.ok_or(DropReason::BadValue)?.into_owned();
        self.take(frame.kind)?;
        let wish = if frame.kind == kind::ALARM_SUBSCRIBE {
            Wish::Subscribe(name)
        } else {
            Wish::Unsubscribe(name)
        };
        let (alarms, outbox) = (self.alarms.alarms.clone(), Arc::clone(&self.outbox));
        let from = (self.device.address, self.device.group);
        let work = Subscribing::new(alarms, from, wish, msgno.to_vec(), outbox);
        intake.works.push(Box::new(work));
        Ok(())
    }

    fn take(&mut self, kind: u32) -> Result<(), DropReason> {
        let now = self.clock.now();
        if self.alarms.take(now) {
            return Ok(());
        }
        self.alarms.alarms.stats().flooded();
        let (device, reason) = (self.device.address, DropReason::Busy);
        let refusals = &mut self.alarms.refusals;
        refusals.note(now, device, reason.name(), kind);
        Err(reason)
    }

    fn report(&self, frame: &Frame<'_>) -> Result<Report, DropReason> {
        let fields: smallvec::SmallVec<[&[u8]; 8]> = frame.fields().collect();
        let [name, sensor, value, state, at, msgno] = fields.as_slice() else {
            return Err(DropReason::BadValue);
        };
        let text = |field: &[u8], most: usize| {
            let text = decode_field(field).filter(|text| text.len() <= most);
            text.map(std::borrow::Cow::into_owned)
                .ok_or(DropReason::BadValue)
        };
        let name = text(name, NAME_BYTES)?;
        if name.is_empty() || name == "*" {
            return Err(DropReason::BadValue);
        }
        let raised = match *state {
            b"RAISED" => true,
            b"CLEARED" => false,
            _ => return Err(DropReason::BadValue),
        };
        Ok(Report {
            address: self.device.address.get(),
            name,
            sensor: text(sensor, NAME_BYTES)?,
            value: text(value, self.max_text)?,
            raised,
            at_ms: canonical_msgno(at)?,
            msgno: canonical_msgno(msgno)?,
            hub_ms: self.clock.unix_ms(),
        })
    }
}
