//! What a start has to find out that nothing says plainly.

use std::collections::BTreeSet;
use std::time::Duration;

use super::source::{Key, Source};
use super::{Alarms, Engine, Now};
use crate::alarm::{Alarm, Phase, State};
use crate::storage::{self, AlarmReports, Driver, StorageError};

impl Alarms {
    /// What a kill left undone when devices were removed, moved or disabled.
    pub(super) fn mend(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
    ) -> Result<(), StorageError> {
        let strays: BTreeSet<_> = {
            let registry = self.0.parts.registry.read();
            let is_stray = |alarm: &&Alarm| {
                let device = registry.device(alarm.address);
                !device.is_some_and(|device| engine.concerns(alarm, device))
            };
            let strays = engine.open.values().filter(is_stray);
            strays.map(|alarm| alarm.address).collect()
        };
        strays
            .into_iter()
            .try_for_each(|address| self.refresh(engine, store, address))
    }

    /// A chattering alarm that is normal now waits for its calm anew.
    pub(super) fn load_held(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        now: Now,
    ) -> Result<(), StorageError> {
        let calm = Duration::from_secs(self.0.parts.settings.calm_seconds);
        let held = engine.open.iter().filter(|(_, alarm)| alarm.chattering);
        let held: Vec<_> = held
            .map(|(key, alarm)| (key.clone(), alarm.last_ms))
            .collect();
        for (key, last_ms) in held {
            if key.rule == 0 {
                // The alarm is raised all the time; only its reports know how it was last.
                engine.sources.remove(&key);
            }
            self.recall(engine, store, &key)?;
            let source = engine.sources.entry(key.clone()).or_default();
            source.state.last_ms.get_or_insert(last_ms);
            if !source.state.phase.is_raised() {
                source.calm_at = Some(now.at.saturating_add(calm));
                engine.requeue(&key, None);
            }
        }
        Ok(())
    }

    /// What is known of a source that is not in memory, since it was normal at the last start: nothing that is older counts.
    pub(super) fn recall(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
    ) -> Result<(), StorageError> {
        if engine.sources.contains_key(key) {
            return Ok(());
        }
        let address = key.address.get();
        let rule = engine.rules.get(&key.rule);
        let name = rule.map_or(&*key.own, |rule| &rule.name);
        let reported = AlarmReports::last(store, address, name)?;
        let alarm = match key.rule {
            0 => None,
            rule => storage::Alarms::last_ms(store, rule, address)?,
        };
        let last_ms = reported.map(|(at_ms, _)| at_ms).max(alarm);
        let Some(last_ms) = last_ms else {
            return Ok(());
        };
        let raised = key.rule == 0
            && engine.open.contains_key(key)
            && reported.is_some_and(|(_, raised)| raised);
        let phase = if raised { Phase::Raised } else { Phase::Normal };
        engine.remember(key);
        let mut source = Source::new(State::left(phase, Some(last_ms)), last_ms, self.now());
        source.by_report = key.rule == 0;
        engine.sources.insert(key.clone(), source);
        Ok(())
    }
}
