//! What operators change: rules, and alarms by their number.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use super::life::key_of;
use super::{Alarms, Engine};
use crate::alarm::{Alarm, Check, Input, Phase, Rule, RuleError, Scope};
use crate::recorder::{Job, Recorder, Work};
use crate::registry::{Device, GroupId};
use crate::storage::{self, AlarmRules, Capabilities, Driver, Locals, Readings, StorageError};
use crate::wire::Address;

/// Where a rule stands for one device.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceInfo {
    pub address: Address,
    pub phase: Phase,
    /// What the device keeps of it: the command that gave it, or why it was not given.
    pub command: Option<i64>,
    pub refused: String,
    pub is_given: bool,
    /// The open alarm.
    pub alarm: Option<i64>,
}

/// Who does something to an alarm, and what they say about it.
#[derive(Clone, Debug, Default)]
pub struct By {
    pub name: String,
    pub note: String,
}

type Answer<T> = Result<T, RuleError>;

/// What is to be done to the engine.
type Deed<T> =
    Box<dyn FnOnce(&Alarms, &mut Engine, &mut dyn Driver) -> Result<T, StorageError> + Send>;

/// Work on the engine, in a transaction with what else waits.
struct Call<T> {
    alarms: Alarms,
    work: Option<Deed<T>>,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, StorageError>>,
}

impl<T: Send> Work for Call<T> {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        let alarms = self.alarms.clone();
        let mut engine = alarms.ready(store)?;
        if let Some(work) = self.work.take() {
            self.done = Some(work(&alarms, &mut engine, store)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        let answer = match (done, self.done) {
            (Err(error), _) => Err(error.clone()),
            (Ok(()), Some(done)) => Ok(done),
            (Ok(()), None) => Err(StorageError::Failed("nothing was done".into())),
        };
        // Nobody waits any more when it cannot be sent.
        let _ = self.reply.send(answer);
    }
}

impl Alarms {
    async fn call<T: Send + 'static>(
        &self,
        recorder: &Recorder,
        work: impl FnOnce(&Alarms, &mut Engine, &mut dyn Driver) -> Result<T, StorageError>
        + Send
        + 'static,
    ) -> Result<T, StorageError> {
        let (reply, answer) = oneshot::channel();
        let call = Call {
            alarms: self.clone(),
            work: Some(Box::new(work)),
            done: None,
            reply,
        };
        recorder.submit(Job::Work(Box::new(call))).await;
        answer
            .await
            .map_err(|_| StorageError::Failed("the recorder has stopped".into()))?
    }

    /// Adds a rule that was checked, and answers it with its id.
    ///
    /// # Errors
    /// The store failed. The inner error: it is not taken.
    pub async fn add_rule(
        &self,
        recorder: &Recorder,
        mut rule: Rule,
    ) -> Result<Answer<Rule>, StorageError> {
        let most = self.0.parts.settings.max_rules;
        self.call(recorder, move |alarms, engine, store| {
            if engine.rules.len() as u64 >= most {
                return Ok(Err(RuleError(format!(
                    "the hub has {most} rules, as many as it may (alarms.max_rules)"
                ))));
            }
            let Some(id) = AlarmRules::insert(store, &rule)? else {
                return Ok(Err(RuleError(format!(
                    "the group has a rule {:?} already",
                    rule.name
                ))));
            };
            rule.id = id;
            engine.undo.reload = true;
            let shared = Arc::new(rule.clone());
            engine.add_rule(Arc::clone(&shared));
            alarms.count_rules(engine);
            if rule.enabled {
                alarms.begins(engine, store, &shared)?;
            }
            Ok(Ok(rule))
        })
        .await
    }

    /// Enables or disables a rule; its open alarms end with it. False: it was so already.
    ///
    /// # Errors
    /// The store failed. The inner error: there is none.
    pub async fn set_rule_enabled(
        &self,
        recorder: &Recorder,
        id: i64,
        enabled: bool,
        by: By,
    ) -> Result<Answer<Rule>, StorageError> {
        self.call(recorder, move |alarms, engine, store| {
            let Some(rule) = engine.rules.get(&id).cloned() else {
                return Ok(Err(no_rule(id)));
            };
            if rule.enabled == enabled {
                return Ok(Ok((*rule).clone()));
            }
            engine.undo.reload = true;
            AlarmRules::set_enabled(store, id, enabled)?;
            if rule.enabled {
                engine.index.remove(&rule);
                alarms.ends(engine, store, &rule, "RULE_DISABLED", &by)?;
            }
            let changed = Arc::new(Rule {
                enabled,
                ..(*rule).clone()
            });
            engine.add_rule(Arc::clone(&changed));
            if enabled {
                alarms.begins(engine, store, &changed)?;
            }
            Ok(Ok((*changed).clone()))
        })
        .await
    }

    /// Removes a rule; its open alarms end with it, their history stays.
    ///
    /// # Errors
    /// The store failed. The inner error: there is none.
    pub async fn remove_rule(
        &self,
        recorder: &Recorder,
        id: i64,
        by: By,
    ) -> Result<Answer<()>, StorageError> {
        self.call(recorder, move |alarms, engine, store| {
            let Some(rule) = engine.rules.get(&id).cloned() else {
                return Ok(Err(no_rule(id)));
            };
            engine.undo.reload = true;
            AlarmRules::remove(store, id)?;
            engine.rules.remove(&id);
            if rule.enabled {
                engine.index.remove(&rule);
            }
            alarms.ends(engine, store, &rule, "RULE_REMOVED", &by)?;
            alarms.count_rules(engine);
            Ok(Ok(()))
        })
        .await
    }

    fn count_rules(&self, engine: &Engine) {
        let rules = engine.rules.len() as u64;
        self.0.stats.rules.store(rules, Ordering::Relaxed);
    }

    fn begins(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        rule: &Arc<Rule>,
    ) -> Result<(), StorageError> {
        self.begin(engine, store, rule)?;
        if rule.check.sensor().is_none() {
            self.begin_offline(engine, store, rule)?;
        }
        self.reconcile_scope(engine, store, rule)
    }

    /// Who of a rule's devices is to be given it, or not any more.
    fn reconcile_scope(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        rule: &Rule,
    ) -> Result<(), StorageError> {
        if !rule.is_simple() {
            return Ok(());
        }
        let devices: Vec<_> = {
            let registry = self.0.parts.registry.read();
            match &rule.scope {
                Scope::Device(address) => registry.device(*address).cloned().into_iter().collect(),
                _ => registry.devices_of(rule.group).cloned().collect(),
            }
        };
        devices
            .iter()
            .try_for_each(|device| self.reconcile(engine, store, device))
    }

    fn ends(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        rule: &Rule,
        reason: &str,
        by: &By,
    ) -> Result<(), StorageError> {
        let now = self.now();
        let keys: Vec<_> = engine
            .sources
            .keys()
            .chain(engine.open.keys())
            .filter(|key| key.rule == rule.id)
            .cloned()
            .collect();
        for key in keys {
            self.close(engine, store, &key, reason, &by.name, &by.note, now)?;
        }
        self.reconcile_scope(engine, store, rule)
    }

    /// Somebody has seen the alarm.
    ///
    /// # Errors
    /// The store failed. The inner error: there is none.
    pub async fn ack(
        &self,
        recorder: &Recorder,
        id: i64,
        by: By,
    ) -> Result<Answer<Alarm>, StorageError> {
        self.call(recorder, move |alarms, engine, store| {
            let Some(alarm) = storage::Alarms::find(store, id)? else {
                return Ok(Err(no_alarm(id)));
            };
            if alarm.acked_ms.is_some() {
                return Ok(Err(RuleError(format!(
                    "alarm {id} is acknowledged already, by {}",
                    alarm.acked_by
                ))));
            }
            alarms
                .acknowledge(engine, store, alarm, &by.name, &by.note)
                .map(Ok)
        })
        .await
    }

    /// Nobody is notified of the alarm, and of its like that come after it, until then (Unix ms); 0: again from now on.
    ///
    /// # Errors
    /// The store failed. The inner error: there is none, or the time is over.
    pub async fn set_shelved(
        &self,
        recorder: &Recorder,
        id: i64,
        until_ms: i64,
        by: By,
    ) -> Result<Answer<Alarm>, StorageError> {
        self.call(recorder, move |alarms, engine, store| {
            let Some(alarm) = storage::Alarms::find(store, id)? else {
                return Ok(Err(no_alarm(id)));
            };
            if until_ms != 0 && until_ms <= alarms.now().unix_ms {
                return Ok(Err(RuleError("that time is over".into())));
            }
            alarms
                .shelve(engine, store, alarm, until_ms, &by.name, &by.note)
                .map(Ok)
        })
        .await
    }

    /// Ends an open alarm by force: what raised it may raise it again.
    ///
    /// # Errors
    /// The store failed. The inner error: there is none that is open.
    pub async fn force_clear(
        &self,
        recorder: &Recorder,
        id: i64,
        by: By,
    ) -> Result<Answer<Alarm>, StorageError> {
        self.call(recorder, move |alarms, engine, store| {
            let Some(alarm) = storage::Alarms::find(store, id)? else {
                return Ok(Err(no_alarm(id)));
            };
            if !alarm.is_open() {
                return Ok(Err(RuleError(format!("alarm {id} is cleared already"))));
            }
            let (key, now) = (key_of(&alarm), alarms.now());
            alarms.close(engine, store, &key, "BY_OPERATOR", &by.name, &by.note, now)?;
            let rule = engine.rules.get(&key.rule).cloned();
            if let Some(rule) = rule.filter(|rule| rule.enabled) {
                alarms.begin(engine, store, &rule)?;
            }
            Ok(storage::Alarms::find(store, id)?.ok_or_else(|| no_alarm(id)))
        })
        .await
    }

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

    /// Where a rule stands, device by device; `limit` at most.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sources(
        &self,
        recorder: &Recorder,
        id: i64,
        limit: usize,
    ) -> Result<Vec<SourceInfo>, StorageError> {
        self.call(recorder, move |_, engine, store| {
            let mut infos: std::collections::BTreeMap<Address, SourceInfo> = Default::default();
            let blank = |address| SourceInfo {
                address,
                phase: Phase::Normal,
                command: None,
                refused: String::new(),
                is_given: false,
                alarm: None,
            };
            for (key, source) in engine.sources.iter().filter(|(key, _)| key.rule == id) {
                let info = infos
                    .entry(key.address)
                    .or_insert_with(|| blank(key.address));
                info.phase = source.state.phase;
                info.alarm = engine.open.get(key).map(|alarm| alarm.id);
            }
            for local in Locals::of_rule(store, id)? {
                let Some(address) = Address::new(local.address) else {
                    continue;
                };
                let info = infos.entry(address).or_insert_with(|| blank(address));
                info.is_given = !local.fields.is_empty();
                info.command = local.command;
                info.refused = local.refused;
            }
            Ok(infos.into_values().take(limit).collect())
        })
        .await
    }

    /// A rule on absence begins with those who are away now.
    fn begin_offline(
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

    /// For checks: every open alarm.
    pub fn open(&self) -> Vec<Alarm> {
        self.lock().open.values().cloned().collect()
    }
}

impl Engine {
    /// Whether an open alarm may be of this device as it is now.
    pub(super) fn concerns(&self, alarm: &Alarm, device: &Device) -> bool {
        match alarm.rule {
            Some(rule) => {
                let rule = self.rules.get(&rule).filter(|rule| rule.enabled);
                rule.is_some_and(|rule| rule.covers(device))
            }
            None => !device.disabled && alarm.group == device.group,
        }
    }
}

fn no_rule(id: i64) -> RuleError {
    RuleError(format!("no alarm rule {id}; hub alarm rule list shows all"))
}

fn no_alarm(id: i64) -> RuleError {
    RuleError(format!("no alarm {id}; hub alarm list shows the latest"))
}
