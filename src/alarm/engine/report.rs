//! ALARM from a device: stored first, then told.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::life::Cause;
use super::outlet::{Spread, Told};
use super::source::{Key, Source};
use super::{Alarms, Engine, Now};
use crate::alarm::{Alarm, Changes, Input, report as reported};
use crate::readings::{DAY_MS, Value};
use crate::recorder::Work;
use crate::registry::{Device, GroupId};
use crate::session::{Outbox, Source as From, refuse_parts};
use crate::storage::{self, AlarmReports, Driver, EARLIEST_MS, Readings, Report, StorageError};
use crate::wire::{Address, FrameWriter, kind};

/// Names that a device may have raised alarms of its own under.
const MOST_OWN: usize = 100;

/// Why a report is not taken, as the wire says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// A report on its way into the database.
pub struct Reporting {
    alarms: Alarms,
    address: Address,
    group: GroupId,
    report: Report,
    outbox: Arc<Outbox>,
    refused: Option<Refused>,
    is_new: bool,
}

impl Reporting {
    pub fn new(
        alarms: Alarms,
        (address, group): (Address, GroupId),
        report: Report,
        outbox: Arc<Outbox>,
    ) -> Self {
        Self {
            alarms,
            address,
            group,
            report,
            outbox,
            refused: None,
            is_new: false,
        }
    }
}

impl Work for Reporting {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        let alarms = self.alarms.clone();
        match alarms.reported(store, self.address, self.group, &self.report)? {
            Ok(is_new) => self.is_new = is_new,
            Err(refused) => self.refused = Some(refused),
        }
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        let stats = self.alarms.stats();
        let mut frame = Vec::new();
        let reason = match (done, self.refused) {
            (Err(_), _) => Some("NOT_STORED"),
            (Ok(()), refused) => refused.map(|refused| refused.0),
        };
        match reason {
            None => {
                let count = if self.is_new {
                    &stats.reports
                } else {
                    &stats.repeats
                };
                count.fetch_add(1, Ordering::Relaxed);
                FrameWriter::new(&mut frame, 0, self.address.get(), kind::STORED)
                    .number(self.report.msgno)
                    .end();
            }
            Some(reason) => {
                stats.refused.fetch_add(1, Ordering::Relaxed);
                let msgno = self.report.msgno.to_string();
                let to = self.address;
                refuse_parts(&mut frame, to, reason, b"0", msgno.as_bytes(), usize::MAX);
            }
        }
        // A device that misses it sends its report again, which is a repeat then.
        let _ = self.outbox.push(&frame, From::Hub);
    }
}

impl Alarms {
    /// True: it was not stored before.
    pub(super) fn reported(
        &self,
        store: &mut dyn Driver,
        address: Address,
        group: GroupId,
        report: &Report,
    ) -> Result<Result<bool, Refused>, StorageError> {
        let now = self.now();
        if !(EARLIEST_MS..=now.unix_ms.saturating_add(DAY_MS)).contains(&report.at_ms) {
            return Ok(Err(Refused("BAD_TIME")));
        }
        let mut engine = self.ready(store)?;
        let Some(device) = self.0.parts.registry.read().device(address).cloned() else {
            return Ok(Err(Refused("NOT_STORED")));
        };
        let rule = engine.index.named(group, &report.name).cloned();
        let rule = rule.filter(|rule| rule.covers(&device));
        if rule.is_none() && !engine.has_place(address, &report.name) {
            return Ok(Err(Refused("BUSY")));
        }
        let key = match &rule {
            Some(rule) => Key::rule(rule.id, address),
            None => Key::own(address, &report.name),
        };
        // Before the report is stored, which it would be then.
        self.recall(&mut engine, store, &key)?;
        if !AlarmReports::put(store, report)? {
            return Ok(Ok(false));
        }
        engine.tidy(store, address)?;
        // What ends an alarm of the device's own is taken in any case.
        let ends = !report.raised && engine.open.contains_key(&key);
        if rule.is_none() && !ends && engine.is_stopped(store, address, &report.name)? {
            // Of a rule that the device had not heard of being stopped.
            return Ok(Ok(true));
        }
        if rule.is_some() && !report.raised {
            self.end_earlier(&mut engine, store, &device, report, now)?;
        }
        engine.remember(&key);
        let known = engine.sources.get(&key);
        let at_ms = known.map_or(report.at_ms.min(report.hub_ms), |source| {
            let at_ms = source.counts_at(report.at_ms, report.hub_ms, now);
            match source.state.last_ms {
                // What a device says itself counts in the order in which it says it: its clock may have been set.
                Some(last) if source.by_report => at_ms.max(last),
                _ => at_ms,
            }
        });
        if known.is_some_and(|known| known.state.last_ms.is_some_and(|last| at_ms < last)) {
            // Something newer is known.
            return Ok(Ok(true));
        }
        let held = engine.open.get(&key).is_some_and(|alarm| alarm.chattering);
        let source = engine.sources.entry(key.clone()).or_default();
        // As it was said: nobody calculates with it.
        source.value = Some(Value::Text(report.value.clone().into()));
        let input = Input::Report {
            at_ms,
            raised: report.raised,
        };
        match &rule {
            Some(rule) => self.happen(&mut engine, store, rule, &device, input, now)?,
            None => self.own(&mut engine, store, &key, &device, report, at_ms, now)?,
        }
        self.mark(&mut engine, store, &key, report)?;
        let mut to = engine.subscribers.to(group, &report.name);
        to.retain(|subscriber| *subscriber != address);
        if !held && !to.is_empty() {
            engine.told.push(Told::Report {
                group,
                spread: Spread {
                    raiser: address,
                    name: report.name.clone(),
                    sensor: report.sensor.clone(),
                    value: report.value.clone(),
                    raised: report.raised,
                    at_ms: report.at_ms,
                    msgno: report.msgno,
                },
                to,
            });
        }
        Ok(Ok(true))
    }

    /// The alarm of that name from before there was a rule of it: nobody else would ever end it.
    fn end_earlier(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        device: &Device,
        report: &Report,
        now: Now,
    ) -> Result<(), StorageError> {
        let key = Key::own(device.address, &report.name);
        let Some(source) = engine.sources.get(&key) else {
            return Ok(());
        };
        let at_ms = source.counts_at(report.at_ms, report.hub_ms, now);
        let Some(alarm) = engine.open.get(&key) else {
            return Ok(());
        };
        let at_ms = at_ms.max(alarm.last_ms);
        engine.remember(&key);
        if let Some(source) = engine.sources.get_mut(&key) {
            source.value = Some(Value::Text(report.value.clone().into()));
        }
        self.own(engine, store, &key, device, report, at_ms, now)
    }

    /// An alarm of which no rule speaks.
    #[expect(clippy::too_many_arguments, reason = "all of one happening")]
    fn own(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        device: &Device,
        report: &Report,
        at_ms: i64,
        now: Now,
    ) -> Result<(), StorageError> {
        let Some(source) = engine.sources.get_mut(key) else {
            return Ok(());
        };
        let mut changes = Changes::new();
        reported(&mut source.state.phase, at_ms, report.raised, &mut changes);
        source.state.last_ms = Some(at_ms);
        source.by_report = true;
        source.heard(at_ms, now);
        let cause = Cause {
            rule: None,
            sensor: &report.sensor,
            by_device: true,
        };
        for change in changes {
            self.change(engine, store, key, device.group, &cause, change, now)?;
        }
        Ok(())
    }

    /// The alarm is the device's too, and the report is of it.
    fn mark(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        report: &Report,
    ) -> Result<(), StorageError> {
        let Some(alarm) = engine.open.get(key).cloned() else {
            return Ok(());
        };
        AlarmReports::belongs(store, report, alarm.id)?;
        if alarm.by_device || !report.raised {
            return Ok(());
        }
        let alarm = Alarm {
            by_device: true,
            ..alarm
        };
        engine.keep(store, key, alarm, self.now())
    }
}

/// Reports and raises of a device after which its oldest are deleted, if it has too many.
const TIDY: u32 = 500;

impl Engine {
    /// A device that raises alarms all the time must not fill the disk.
    pub(super) fn tidy(
        &mut self,
        store: &mut dyn Driver,
        address: Address,
    ) -> Result<(), StorageError> {
        let activity = self.activity.entry(address).or_default();
        *activity = activity.wrapping_add(1);
        if activity.is_multiple_of(TIDY) {
            storage::Alarms::purge_device(store, address.get())?;
        }
        Ok(())
    }

    /// Room for an alarm of a device's own; one that is over makes it.
    fn has_place(&mut self, address: Address, name: &str) -> bool {
        let names = self.own.entry(address).or_default();
        if names.iter().any(|known| **known == *name) {
            return true;
        }
        if names.len() >= MOST_OWN {
            let over = names
                .iter()
                .position(|known| !self.open.contains_key(&Key::own(address, known)));
            let Some(over) = over else { return false };
            let key = Key::own(address, &names.remove(over));
            self.sources.remove(&key);
        }
        names.push(name.into());
        true
    }

    /// Takes up an open alarm of a device's own.
    pub(super) fn take_up_own(&mut self, alarm: &Alarm, now: Now) {
        let key = Key::own(alarm.address, &alarm.name);
        let mut source = Source::default();
        source.state.phase = crate::alarm::Phase::Raised;
        source.state.last_ms = Some(alarm.last_ms);
        source.by_report = true;
        source.heard(alarm.last_ms, now);
        self.sources.insert(key, source);
        let names = self.own.entry(alarm.address).or_default();
        names.push(alarm.name.as_str().into());
    }
}
