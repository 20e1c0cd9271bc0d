//! What a start finds in the database.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashMap;

use super::life::key_of;
use super::source::{Key, Source};
use super::{Alarms, Engine, Now};
use crate::alarm::{Check, Input, Rule, Scope, State, step};
use crate::readings::Value;
use crate::registry::GroupId;
use crate::storage::{
    self, AlarmRules, Driver, Locals, Param, PhaseRow, StorageError, Subscriptions,
};
use crate::wire::Address;

/// Who has reported which sensor.
type Reporters = FxHashMap<(GroupId, Box<str>), Vec<Address>>;

impl Alarms {
    pub(super) fn load(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
    ) -> Result<(), StorageError> {
        *engine = Engine {
            fresh: true,
            ..Engine::default()
        };
        let now = self.now();
        AlarmRules::each(store, |rule| engine.add_rule(Arc::new(rule)))?;
        AlarmRules::each_phase(store, |row| engine.take_up(&row, now))?;
        storage::Alarms::each_open(store, |alarm| {
            if alarm.rule.is_none() {
                engine.take_up_own(&alarm, now);
            }
            engine.open.insert(key_of(&alarm), alarm);
        })?;
        self.load_held(engine, store, now)?;
        let last = storage::Alarms::last_number(store)?;
        engine.subscribers.began(last);
        let registry = self.0.parts.registry.clone();
        Subscriptions::each(store, |address, name| {
            let device = Address::new(address).and_then(|a| registry.read().device(a).cloned());
            if let Some(device) = device {
                engine.subscribers.add(device.address, device.group, &name);
            }
        })?;
        Locals::each(store, &mut |local| {
            if let Some(address) = Address::new(local.address) {
                let of_device = engine.locals.entry(address).or_default();
                of_device.insert(local.rule, local);
            }
        })?;
        self.load_presence(engine, store, now)?;
        self.load_expected(engine, store, now)?;
        self.publish_subscribers(engine);
        self.0
            .stats
            .rules
            .store(engine.rules.len() as u64, Ordering::Relaxed);
        engine.loaded = true;
        // What was noted and not ordered.
        self.0.locals.notify_one();
        Ok(())
    }

    /// Who is away is missed from now on; a device that was never seen is not.
    fn load_presence(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        now: Now,
    ) -> Result<(), StorageError> {
        let registry = self.0.parts.registry.read();
        storage::Presences::each(store, |row| {
            let device = Address::new(row.address).and_then(|a| registry.device(a));
            let Some(device) = device else { return };
            // Nobody is there as the hub starts; some are when a failed commit has everything read anew.
            if row.online {
                return;
            }
            let rules: Vec<_> = engine
                .index
                .on(device.address, device.group, "")
                .filter(|rule| rule.covers(device))
                .cloned()
                .collect();
            for rule in rules {
                let key = Key::rule(rule.id, device.address);
                let known = engine.sources.remove(&key);
                let mut source =
                    known.unwrap_or_else(|| Source::new(State::default(), now.unix_ms, now));
                let input = Input::Presence {
                    at_ms: source.time_ms(now.at),
                    online: false,
                };
                // An offline rule's time is a second at least: nothing can follow yet.
                source.state = step(&rule, source.state, input).0;
                engine.sources.insert(key.clone(), source);
                engine.schedule(&key, &rule, now.at);
            }
        })
    }

    /// Sensors that have to be heard: those of a rule on one device, and those that others are known to have.
    fn load_expected(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        now: Now,
    ) -> Result<(), StorageError> {
        let rules: Vec<_> = engine
            .rules
            .values()
            .filter(|rule| rule.enabled && matches!(rule.check, Check::NoData { .. }))
            .cloned()
            .collect();
        let widely = |rule: &Arc<Rule>| !matches!(rule.scope, Scope::Device(_));
        let reporters = if rules.iter().any(widely) {
            reporters(store)?
        } else {
            Reporters::default()
        };
        for rule in rules {
            self.expect(engine, &rule, &reporters, now);
        }
        Ok(())
    }

    /// A rule on missing data begins.
    pub(super) fn begin(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        rule: &Arc<Rule>,
    ) -> Result<(), StorageError> {
        let now = self.now();
        match (&rule.check, &rule.scope) {
            (Check::NoData { .. }, Scope::Device(_)) => {
                self.expect(engine, rule, &Reporters::default(), now);
            }
            (Check::NoData { .. }, _) => {
                let reporters = reporters(store)?;
                self.expect(engine, rule, &reporters, now);
            }
            _ => {}
        }
        Ok(())
    }

    fn expect(&self, engine: &mut Engine, rule: &Arc<Rule>, reporters: &Reporters, now: Now) {
        let registry = self.0.parts.registry.read();
        let one = match rule.scope {
            Scope::Device(address) => Some(address),
            _ => None,
        };
        let sensor = rule.check.sensor().unwrap_or_default();
        let of_group = match one {
            Some(_) => None,
            None => reporters.get(&(rule.group, sensor.into())),
        };
        for address in one
            .into_iter()
            .chain(of_group.into_iter().flatten().copied())
        {
            if registry.device(address).is_some_and(|d| rule.covers(d)) {
                engine.expect_data(rule, address, now);
            }
        }
    }
}

fn reporters(store: &mut dyn Driver) -> Result<Reporters, StorageError> {
    let mut reporters = Reporters::default();
    store.query(
        "SELECT group_id, sensor, address FROM series
         UNION SELECT device.group_id, capability.name, address FROM capability JOIN device USING (address) WHERE acts = ?1",
        &[Param::Int(0)],
        &mut |row| {
            let group = GroupId(row.int(0)?);
            let sensor = row.text(1)?.into_boxed_str();
            let address = u32::try_from(row.int(2)?).ok().and_then(Address::new);
            reporters.entry((group, sensor)).or_default().extend(address);
            Ok(())
        },
    )?;
    Ok(reporters)
}

impl Engine {
    pub(super) fn add_rule(&mut self, rule: Arc<Rule>) {
        if rule.enabled {
            self.index.add(&rule);
        }
        self.rules.insert(rule.id, rule);
    }

    fn take_up(&mut self, row: &PhaseRow, now: Now) {
        let (Some(rule), Some(address)) = (
            self.rules.get(&row.rule).cloned(),
            Address::new(row.address),
        ) else {
            return;
        };
        let state = State::left(row.phase, Some(row.last_ms));
        let mut source = Source::new(state, row.last_ms, now);
        source.value = Value::parse(&row.value).map(Value::into_owned);
        let key = Key::rule(row.rule, address);
        self.sources.insert(key.clone(), source);
        self.schedule(&key, &rule, now.at);
    }
}
