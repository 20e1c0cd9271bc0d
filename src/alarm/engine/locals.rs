//! Rules that devices keep themselves: what each is to have, and what it was ordered.

use std::collections::{BTreeMap, BTreeSet};

use super::{Alarms, Engine};
use crate::alarm::Scope;
use crate::command::State;
use crate::registry::Device;
use crate::storage::{Capabilities, Commands, Driver, Local, Locals, StorageError};
use crate::wire::Address;

/// Rules that one device is given at most: its memory is small.
const MOST: usize = 32;

impl Alarms {
    /// Compares what a device should keep with what it was ordered last, and notes what is to be ordered.
    pub(super) fn reconcile(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        device: &Device,
    ) -> Result<(), StorageError> {
        let known = engine.locals.get(&device.address);
        let silent = engine.index.is_silent(device.address, device.group);
        if silent && known.is_none() {
            return Ok(());
        }
        let wanted = engine.wanted(store, device)?;
        let known = known_of(engine, device.address);
        let mut notes = Vec::new();
        for (rule, (name, fields)) in &wanted {
            let has = known
                .get(rule)
                .is_some_and(|local| local.fields == *fields && !local.refused.starts_with("BUSY"));
            if !has {
                notes.push(local(device.address, *rule, name, fields.clone()));
            }
        }
        let names: BTreeSet<_> = wanted.values().map(|(name, _)| name.as_str()).collect();
        for (rule, earlier) in known {
            if wanted.contains_key(&rule) {
                continue;
            }
            // One of the same name takes its place on the device.
            if names.contains(earlier.name.as_str()) {
                engine.forget_local(store, device.address, rule)?;
                continue;
            }
            // Also one that is not known to be ordered: the order may be out, and its note lost.
            let kept = !earlier.fields.is_empty();
            match heard(store, &earlier)? {
                Heard::Rejected => engine.forget_local(store, device.address, rule)?,
                Heard::Accepted if !kept => engine.forget_local(store, device.address, rule)?,
                Heard::Waits if !kept => {}
                _ => notes.push(local(device.address, rule, &earlier.name, Vec::new())),
            }
        }
        for note in &notes {
            Locals::want(store, note)?;
            engine.undo.reload = true;
            let locals = engine.locals.entry(device.address).or_default();
            locals.insert(note.rule, note.clone());
        }
        if !notes.is_empty() {
            engine.gives = true;
        }
        Ok(())
    }

    /// Until devices are to be given something.
    pub(in crate::alarm) async fn wanted(&self) {
        self.0.locals.notified().await;
    }

    /// Wants once more what the device had no room for, if it is still wanted.
    pub(in crate::alarm) fn again(
        &self,
        store: &mut dyn Driver,
        busy: &Local,
    ) -> Result<(), StorageError> {
        let mut engine = self.ready(store)?;
        let locals = Address::new(busy.address).and_then(|a| engine.locals.get_mut(&a));
        let Some(known) = locals.and_then(|locals| locals.get_mut(&busy.rule)) else {
            return Ok(());
        };
        if known != busy {
            return Ok(());
        }
        (known.command, known.refused) = (None, String::new());
        Locals::want(store, known)?;
        engine.undo.reload = true;
        engine.gives = true;
        Ok(())
    }

    /// What became of an order.
    pub(in crate::alarm) fn ordered(
        &self,
        store: &mut dyn Driver,
        done: &Local,
    ) -> Result<(), StorageError> {
        let mut engine = self.ready(store)?;
        Locals::ordered(store, done)?;
        let Some(address) = Address::new(done.address) else {
            return Ok(());
        };
        engine.undo.reload = true;
        let known = engine.locals.get_mut(&address);
        if let Some(known) = known.and_then(|locals| locals.get_mut(&done.rule))
            && known.fields == done.fields
        {
            known.clone_from(done);
        }
        Ok(())
    }
}

/// What became of an order about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// It is not ordered, or has not ended.
    Waits,
    Accepted,
    Rejected,
    /// Nobody knows whether the device has got it.
    Lost,
}

fn heard(store: &mut dyn Driver, local: &Local) -> Result<Heard, StorageError> {
    let Some(id) = local.command else {
        return Ok(Heard::Waits);
    };
    let command = Commands::find(store, id)?;
    Ok(match command {
        Some(command) if command.is_open() => Heard::Waits,
        Some(command) if command.state == State::Succeeded => Heard::Accepted,
        Some(command) if command.state == State::Rejected => Heard::Rejected,
        _ => Heard::Lost,
    })
}

fn known_of(engine: &Engine, address: Address) -> BTreeMap<i64, Local> {
    engine.locals.get(&address).cloned().unwrap_or_default()
}

fn local(address: Address, rule: i64, name: &str, fields: Vec<String>) -> Local {
    Local {
        address: address.get(),
        rule,
        name: name.to_owned(),
        fields,
        command: None,
        refused: String::new(),
    }
}

impl Engine {
    /// By rule: its name and the fields of ALARM_SET.
    fn wanted(
        &self,
        store: &mut dyn Driver,
        device: &Device,
    ) -> Result<BTreeMap<i64, (String, Vec<String>)>, StorageError> {
        let mut wanted = BTreeMap::new();
        let mut described = None;
        for rule in self.index.of(device.address, device.group) {
            if !rule.is_kept_by_device() || !rule.covers(device) {
                continue;
            }
            if !matches!(rule.scope, Scope::Device(_)) {
                // Nobody asked for this device by name: only one that says it has the sensor is troubled.
                let described = match &mut described {
                    Some(described) => described,
                    None => described.insert(Capabilities::of(store, device.address.get())?),
                };
                let sensor = rule.check.sensor().unwrap_or_default();
                if described.readable(sensor).is_none() {
                    continue;
                }
            }
            if let Some(fields) = rule.alarm_set() {
                wanted.insert(rule.id, (rule.name.clone(), fields));
            }
        }
        while wanted.len() > MOST {
            wanted.pop_last();
        }
        Ok(wanted)
    }

    /// Whether the device was told to keep an alarm of that name no more, and may not have heard it.
    pub(super) fn is_stopped(
        &mut self,
        store: &mut dyn Driver,
        address: Address,
        name: &str,
    ) -> Result<bool, StorageError> {
        let locals = self.locals.get(&address).into_iter().flatten();
        let stopped = locals
            .map(|(_, local)| local)
            .find(|local| local.name == name && local.fields.is_empty());
        let Some(stopped) = stopped.cloned() else {
            return Ok(false);
        };
        if matches!(heard(store, &stopped)?, Heard::Waits | Heard::Lost) {
            return Ok(true);
        }
        // What it raises now is its own.
        self.forget_local(store, address, stopped.rule)?;
        Ok(false)
    }

    fn forget_local(
        &mut self,
        store: &mut dyn Driver,
        address: Address,
        rule: i64,
    ) -> Result<(), StorageError> {
        Locals::forget(store, address.get(), rule)?;
        self.undo.reload = true;
        if let Some(locals) = self.locals.get_mut(&address) {
            locals.remove(&rule);
        }
        Ok(())
    }
}
