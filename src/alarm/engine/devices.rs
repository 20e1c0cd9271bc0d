//! Devices and groups that come, change and go, as the engine sees it.

use std::sync::Arc;

use super::{Alarms, Engine};
use crate::alarm::{Check, Input, Rule, Scope};
use crate::recorder::Recorder;
use crate::registry::{Device, GroupId};
use crate::storage::{self, AlarmRules, Capabilities, Driver, StorageError};
use crate::wire::Address;

impl Alarms {
    /// The device was moved, disabled, enabled, described or removed.
    ///
    /// # Errors
    /// The store failed.
    pub async fn device_changed(
        &self,
        recorder: &Recorder,
        address: Address,
    ) -> Result<(), StorageError> {
        self.call(recorder, move |alarms, engine, store| {
            alarms.refresh(engine, store, address)
        })
        .await
    }

    /// The same inside somebody else's work.
    ///
    /// # Errors
    /// The store failed.
    pub fn described(&self, store: &mut dyn Driver, address: Address) -> Result<(), StorageError> {
        let mut engine = self.ready(store)?;
        let device = self.0.parts.registry.read().device(address).cloned();
        match device {
            Some(device) => self.expects(&mut engine, store, &device),
            None => Ok(()),
        }
    }

    /// What a device has to send, and to keep.
    fn expects(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        device: &Device,
    ) -> Result<(), StorageError> {
        let now = self.now();
        let no_data =
            |rule: &&Arc<Rule>| matches!(rule.check, Check::NoData { .. }) && rule.covers(device);
        let of_device = engine.index.of(device.address, device.group);
        let rules: Vec<_> = of_device.filter(no_data).cloned().collect();
        if !rules.is_empty() {
            let described = Capabilities::of(store, device.address.get())?;
            for rule in rules {
                let sensor = rule.check.sensor().unwrap_or_default();
                let named = matches!(rule.scope, Scope::Device(_));
                if named || described.readable(sensor).is_some() {
                    engine.expect_data(&rule, device.address, now);
                }
            }
        }
        self.reconcile(engine, store, device)
    }

    pub(super) fn refresh(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        address: Address,
    ) -> Result<(), StorageError> {
        let device = self.0.parts.registry.read().device(address).cloned();
        let now = self.now();
        let keys: Vec<_> = engine
            .sources
            .keys()
            .chain(engine.open.keys())
            .filter(|key| key.address == address)
            .cloned()
            .collect();
        let Some(device) = device else {
            engine.undo.reload = true;
            keys.iter().for_each(|key| {
                engine.sources.remove(key);
                engine.open.remove(key);
            });
            engine.own.remove(&address);
            engine.locals.remove(&address);
            engine.subscribers.moved(address, None);
            self.publish_subscribers(engine);
            return storage::Alarms::forget_device(store, address.get());
        };
        for key in keys {
            let covered = match (engine.rules.get(&key.rule), engine.open.get(&key)) {
                (Some(rule), _) => rule.enabled && rule.covers(&device),
                (None, Some(alarm)) => engine.concerns(alarm, &device),
                (None, None) => !device.disabled,
            };
            if !covered {
                self.close(engine, store, &key, "OUT_OF_SCOPE", "hub", "", now)?;
            }
        }
        engine.undo.reload = true;
        engine.subscribers.moved(address, Some(device.group));
        self.publish_subscribers(engine);
        self.expects(engine, store, &device)
    }

    /// The group is removed, and its rules with it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn group_removed(
        &self,
        recorder: &Recorder,
        group: GroupId,
    ) -> Result<(), StorageError> {
        self.call(recorder, move |alarms, engine, store| {
            let rules: Vec<_> = engine
                .rules
                .values()
                .filter(|rule| rule.group == group)
                .cloned()
                .collect();
            engine.undo.reload = true;
            for rule in rules {
                AlarmRules::remove(store, rule.id)?;
                engine.rules.remove(&rule.id);
                if rule.enabled {
                    engine.index.remove(&rule);
                }
            }
            alarms.count_rules(engine);
            Ok(())
        })
        .await
    }

    /// A rule on absence begins with those who are away now.
    pub(super) fn begin_offline(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        rule: &Arc<Rule>,
    ) -> Result<(), StorageError> {
        let now = self.now();
        let mut away = Vec::new();
        storage::Presences::each(store, |row| {
            away.extend(Address::new(row.address).filter(|_| !row.online));
        })?;
        for address in away {
            let device = self.0.parts.registry.read().device(address).cloned();
            if let Some(device) = device.filter(|device| rule.covers(device)) {
                let input = Input::Presence {
                    at_ms: now.unix_ms,
                    online: false,
                };
                self.happen(engine, store, rule, &device, input, now)?;
            }
        }
        Ok(())
    }
}
