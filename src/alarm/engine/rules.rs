//! What operators change about rules.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use super::source::Key;
use super::{Alarms, Engine};
use crate::alarm::{Alarm, Phase, Rule, RuleError, Scope};
use crate::recorder::{Job, Recorder, Work};
use crate::refusal::Refused;
use crate::registry::Device;
use crate::storage::{AlarmRules, Driver, Locals, Readings, StorageError};
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

pub(super) type Answer<T> = Result<T, RuleError>;

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
    pub(super) async fn call<T: Send + 'static>(
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
                return Ok(Err(RuleError::conflict(format!(
                    "the hub has {most} rules, as many as it may (alarms.max_rules)"
                ))));
            }
            let Some(id) = AlarmRules::insert(store, &rule)? else {
                return Ok(Err(RuleError::conflict(format!(
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

    pub(super) fn count_rules(&self, engine: &Engine) {
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

    /// Where some rules stand for one device, one after the other.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sources_of(
        &self,
        recorder: &Recorder,
        address: Address,
        rules: Vec<i64>,
    ) -> Result<Vec<SourceInfo>, StorageError> {
        self.call(recorder, move |_, engine, _| {
            let locals = engine.locals.get(&address);
            let of = |rule: &i64| {
                let key = Key::rule(*rule, address);
                let local = locals.and_then(|locals| locals.get(rule));
                let source = engine.sources.get(&key);
                SourceInfo {
                    phase: source.map_or(Phase::Normal, |source| source.state.phase),
                    alarm: engine.open.get(&key).map(|alarm| alarm.id),
                    command: local.and_then(|local| local.command),
                    refused: local.map_or_else(String::new, |local| local.refused.clone()),
                    is_given: local.is_some_and(|local| !local.fields.is_empty()),
                    address,
                }
            };
            Ok(rules.iter().map(of).collect())
        })
        .await
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
    let refused = Refused::not_found(format!("no alarm rule {id}"));
    RuleError(refused.hint("hub alarm rule list shows all"))
}
