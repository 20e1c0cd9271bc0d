//! Readings, presence and time, judged by the rules that they concern.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use super::life::Cause;
use super::source::{Key, Source};
use super::{Alarms, Engine, Now};
use crate::alarm::{Check, Input, Phase, Rule, State, deadline, is_beyond, step};
use crate::readings::Value;
use crate::recorder::Work;
use crate::registry::{Device, GroupId};
use crate::storage::{AlarmRules, Driver, PhaseRow, Readings, SeriesKey, Stamp, StorageError};
use crate::wire::Address;

/// Deadlines that one transaction looks at: the rest is next.
const MOST_DUE: usize = 10_000;

impl Alarms {
    /// A reading is stored.
    pub(super) fn judge(
        &self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
        value: &Value<'_>,
        stamp: Stamp,
    ) -> Result<(), StorageError> {
        let mut engine = self.ready(store)?;
        let (Some(address), group) = (Address::new(key.address), GroupId(key.group)) else {
            return Ok(());
        };
        if engine.index.is_silent(address, group) {
            return Ok(());
        }
        let rules: Vec<_> = engine
            .index
            .on(address, group, key.sensor)
            .cloned()
            .collect();
        if rules.is_empty() {
            return Ok(());
        }
        let Some(device) = self.0.parts.registry.read().device(address).cloned() else {
            return Ok(());
        };
        let now = self.now();
        for rule in rules {
            let in_unit = rule.unit.is_empty() || rule.unit == key.unit;
            if in_unit && rule.covers(&device) {
                let key = Key::rule(rule.id, address);
                self.recall(&mut engine, store, &key)?;
                let known = engine.sources.get(&key);
                let at_ms = known.map_or(stamp.at_ms.min(stamp.hub_ms), |source| {
                    source.counts_at(stamp.at_ms, stamp.hub_ms, now)
                });
                self.happen(
                    &mut engine,
                    store,
                    &rule,
                    &device,
                    Input::Reading { at_ms, value },
                    now,
                )?;
            }
        }
        Ok(())
    }

    /// A device came or went.
    ///
    /// # Errors
    /// The store failed.
    pub fn presence(
        &self,
        store: &mut dyn Driver,
        address: Address,
        online: bool,
    ) -> Result<(), StorageError> {
        let mut engine = self.ready(store)?;
        let Some(device) = self.0.parts.registry.read().device(address).cloned() else {
            return Ok(());
        };
        let now = self.now();
        let rules: Vec<_> = engine
            .index
            .on(address, device.group, "")
            .cloned()
            .collect();
        for rule in rules.iter().filter(|rule| rule.covers(&device)) {
            let key = Key::rule(rule.id, address);
            let known = engine.sources.get(&key);
            let at_ms = known.map_or(now.unix_ms, |source| source.time_ms(now.at));
            let input = Input::Presence { at_ms, online };
            self.happen(&mut engine, store, rule, &device, input, now)?;
        }
        if online {
            self.reconcile(&mut engine, store, &device)?;
        }
        Ok(())
    }

    /// Lets `input` happen to a rule on a device.
    pub(super) fn happen(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        rule: &Arc<Rule>,
        device: &Device,
        input: Input<'_>,
        now: Now,
    ) -> Result<(), StorageError> {
        let key = Key::rule(rule.id, device.address);
        engine.remember(&key);
        let source = engine.sources.entry(key.clone()).or_default();
        if let Input::Reading { at_ms, .. } | Input::Report { at_ms, .. } = input {
            source.follow(at_ms, now);
        }
        let was = source.state.phase;
        let newest = source.state.last_ms;
        let counts = |at_ms: i64| newest.is_none_or(|last| at_ms >= last);
        let before = std::mem::take(&mut source.state);
        let (state, changes) = step(rule, before, input);
        source.state = state;
        match input {
            Input::Reading { at_ms, value } if counts(at_ms) => {
                source.value = Some(value.clone().into_owned());
                source.by_report = false;
                source.heard(at_ms, now);
            }
            Input::Report { at_ms, .. } if counts(at_ms) => {
                source.by_report = true;
                source.heard(at_ms, now);
            }
            Input::Presence { at_ms, .. } => source.heard(at_ms, now),
            _ => {}
        }
        let is = source.state.phase;
        if was != is && !(waits_for_data(rule, was) && waits_for_data(rule, is)) {
            put_phase(store, rule, device.address, source)?;
        }
        let cause = Cause {
            rule: Some(rule),
            sensor: rule.check.sensor().unwrap_or_default(),
            by_device: matches!(input, Input::Report { .. }),
        };
        for change in changes {
            self.change(engine, store, &key, device.group, &cause, change, now)?;
        }
        engine.schedule(&key, rule, now.at);
        match input {
            Input::Reading { at_ms, value } if counts(at_ms) => {
                self.agree(engine, store, &key, rule, value, now)
            }
            _ => Ok(()),
        }
    }

    /// What the device reported the hub sees too.
    fn agree(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        rule: &Rule,
        value: &Value<'_>,
        now: Now,
    ) -> Result<(), StorageError> {
        let raised = |source: &Source| source.state.phase == Phase::Raised;
        let unseen = engine.open.get(key).filter(|alarm| !alarm.by_hub).cloned();
        let Some(mut alarm) = unseen.filter(|_| engine.sources.get(key).is_some_and(raised)) else {
            return Ok(());
        };
        if !is_beyond(rule, value) {
            return Ok(());
        }
        alarm.by_hub = true;
        engine.keep(store, key, alarm, now)
    }

    /// Time has passed.
    pub(super) fn tick(&self, store: &mut dyn Driver) -> Result<(), StorageError> {
        let mut engine = self.ready(store)?;
        let now = self.now();
        for _ in 0..MOST_DUE {
            let Some(Reverse((at, key))) = engine
                .deadlines
                .peek()
                .filter(|Reverse((at, _))| *at <= now.at)
                .cloned()
            else {
                break;
            };
            engine.deadlines.pop();
            self.due(&mut engine, store, &key, at, now)?;
        }
        Ok(())
    }

    fn due(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        at: Duration,
        now: Now,
    ) -> Result<(), StorageError> {
        let Some(source) = engine.sources.get(key) else {
            return Ok(());
        };
        if source.queued != Some(at) {
            return Ok(());
        }
        let (time_ms, calm) = (source.time_ms(now.at), source.calm_at);
        engine.remember(key);
        if let Some(source) = engine.sources.get_mut(key) {
            source.queued = None;
        }
        if calm.is_some_and(|calm| calm <= now.at) {
            self.calm(engine, store, key, now)?;
        }
        let Some(rule) = engine.rules.get(&key.rule).cloned() else {
            engine.requeue(key, None);
            return Ok(());
        };
        let device = self.0.parts.registry.read().device(key.address).cloned();
        if let Some(device) = device.filter(|device| rule.covers(device)) {
            let input = Input::Time { at_ms: time_ms };
            self.happen(engine, store, &rule, &device, input, now)?;
        }
        Ok(())
    }
}

/// A sensor that is heard as it should be is on its way to being missed: nothing that is worth writing down.
fn waits_for_data(rule: &Rule, phase: Phase) -> bool {
    matches!(rule.check, Check::NoData { .. })
        && matches!(phase, Phase::Raising { .. } | Phase::Normal)
}

fn put_phase(
    store: &mut dyn Driver,
    rule: &Rule,
    address: Address,
    source: &Source,
) -> Result<(), StorageError> {
    let phase = match source.state.phase {
        phase if waits_for_data(rule, phase) => Phase::Normal,
        phase => phase,
    };
    let value = source.value.as_ref();
    AlarmRules::put_phase(
        store,
        &PhaseRow {
            rule: rule.id,
            address: address.get(),
            phase,
            last_ms: source.state.last_ms.unwrap_or_default(),
            value: value.map(ToString::to_string).unwrap_or_default(),
        },
    )
}

impl Engine {
    /// Notes how a source was before this transaction.
    pub(super) fn remember(&mut self, key: &Key) {
        if !self.undo.sources.contains_key(key) {
            let known = self.sources.get(key).cloned();
            self.undo.sources.insert(key.clone(), known);
        }
    }

    /// Has the clock ask again when the rule, or an alarm that is held, wants it.
    pub(super) fn schedule(&mut self, key: &Key, rule: &Rule, now: Duration) {
        let Some(source) = self.sources.get(key) else {
            return;
        };
        let due = deadline(rule, &source.state).map(|at_ms| source.comes_at(at_ms).max(now));
        self.requeue(key, due);
    }

    pub(super) fn requeue(&mut self, key: &Key, due: Option<Duration>) {
        let Some(source) = self.sources.get_mut(key) else {
            return;
        };
        let Some(due) = due.into_iter().chain(source.calm_at).min() else {
            return;
        };
        // One that stands in the queue for earlier is looked at then, and queued anew.
        if source.queued.is_none_or(|queued| due < queued) {
            source.queued = Some(due);
            self.deadlines.push(Reverse((due, key.clone())));
        }
    }

    /// Begins to wait for what a device has to send: a sensor that it is known to have counts from now on.
    pub(super) fn expect_data(&mut self, rule: &Rule, address: Address, now: Now) {
        let key = Key::rule(rule.id, address);
        if self.sources.contains_key(&key) {
            return;
        }
        self.remember(&key);
        let since_ms = now.unix_ms;
        let state = State::left(Phase::Raising { since_ms }, None);
        self.sources
            .insert(key.clone(), Source::new(state, now.unix_ms, now));
        self.schedule(&key, rule, now.at);
    }
}

/// The clock says that something is due.
pub(in crate::alarm) struct Tick(pub(in crate::alarm) Alarms);

impl Work for Tick {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        self.0.tick(store)
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        if let Err(error) = done {
            log::warn!("alarms not judged error={error}");
        }
    }

    fn is_urgent(&self) -> bool {
        true
    }
}
