//! An alarm's life: raised, acknowledged, shelved, cleared; held while it chatters.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::outlet::Told;
use super::source::Key;
use super::{Alarms, Engine, Now};
use crate::alarm::{Alarm, Change, News, Rule, Severity, What};
use crate::notify;
use crate::registry::GroupId;
use crate::settings::size;
use crate::storage::{self, Driver, Shelf, StorageError};

/// Who says that an alarm is raised or cleared.
pub(super) struct Cause<'a> {
    /// `None`: a device's own.
    pub(super) rule: Option<&'a Arc<Rule>>,
    pub(super) sensor: &'a str,
    pub(super) by_device: bool,
}

impl Cause<'_> {
    fn by(&self) -> &'static str {
        if self.by_device { "device" } else { "hub" }
    }
}

impl Alarms {
    /// What followed from an input, for the alarm of that key.
    #[expect(clippy::too_many_arguments, reason = "all of one happening")]
    pub(super) fn change(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        group: GroupId,
        cause: &Cause<'_>,
        change: Change,
        now: Now,
    ) -> Result<(), StorageError> {
        match change {
            Change::Raised { at_ms } => self.raise(engine, store, key, group, cause, at_ms, now),
            Change::Cleared { at_ms } => self.clear(engine, store, key, cause, at_ms, now),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all of one happening")]
    fn raise(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        group: GroupId,
        cause: &Cause<'_>,
        at_ms: i64,
        now: Now,
    ) -> Result<(), StorageError> {
        let settings = &self.0.parts.settings;
        let source = engine.sources.entry(key.clone()).or_default();
        let value = source.value.as_ref().map(ToString::to_string);
        let value = value.unwrap_or_default();
        let window = Duration::from_secs(settings.chatter_seconds);
        let most = size(settings.chatter_times);
        let raises = source.raised(now.at, window, most);
        source.calm_at = None;
        if let Some(held) = engine.open.get(key).cloned() {
            // It chatters: counted, not repeated.
            let mut alarm = held;
            alarm.times += 1;
            (alarm.last_ms, alarm.last_value) = (at_ms.max(alarm.last_ms), value);
            return engine.keep(store, key, alarm, now);
        }
        let (address, rule) = (key.address, cause.rule);
        engine.tidy(store, address)?;
        let name = rule.map_or(&*key.own, |rule| &rule.name);
        let shelved = storage::Alarms::shelved_until(store, address.get(), key.rule, name)?;
        let chattering = most > 0 && raises >= most;
        let alarm = Alarm {
            id: 0,
            group,
            address,
            rule: rule.map(|rule| rule.id),
            name: name.to_owned(),
            sensor: cause.sensor.to_owned(),
            severity: rule.map_or(Severity::default(), |rule| rule.severity),
            raised_ms: at_ms,
            raised_value: value.clone(),
            last_ms: at_ms,
            last_value: value,
            cleared_ms: None,
            clear_reason: String::new(),
            by_hub: !cause.by_device,
            by_device: cause.by_device,
            acked_ms: None,
            acked_by: String::new(),
            note: String::new(),
            shelved_until_ms: shelved.filter(|until| *until > now.unix_ms),
            chattering,
            times: 1,
        };
        self.0.stats.raised.fetch_add(1, Ordering::Relaxed);
        let what = if chattering {
            self.0.stats.chattering.fetch_add(1, Ordering::Relaxed);
            What::Chattering
        } else {
            What::Raised
        };
        self.publish(engine, store, key, alarm, what, cause.by(), "", now)
    }

    fn clear(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        cause: &Cause<'_>,
        at_ms: i64,
        now: Now,
    ) -> Result<(), StorageError> {
        let Some(mut alarm) = engine.open.get(key).cloned() else {
            return Ok(());
        };
        let value = engine.sources.get(key).and_then(|s| s.value.as_ref());
        alarm.last_value = value.map(ToString::to_string).unwrap_or_default();
        alarm.last_ms = at_ms.max(alarm.last_ms);
        if alarm.chattering {
            let calm = Duration::from_secs(self.0.parts.settings.calm_seconds);
            if let Some(source) = engine.sources.get_mut(key) {
                source.calm_at = Some(now.at.saturating_add(calm));
            }
            engine.requeue(key, None);
            return engine.keep(store, key, alarm, now);
        }
        // A timer may have raised it for a time that is later than the reading which clears it.
        alarm.cleared_ms = Some(at_ms.max(alarm.raised_ms));
        self.0.stats.cleared.fetch_add(1, Ordering::Relaxed);
        self.publish(
            engine,
            store,
            key,
            alarm,
            What::Cleared,
            cause.by(),
            "",
            now,
        )
    }

    /// A chattering alarm has been quiet for long enough.
    pub(super) fn calm(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        now: Now,
    ) -> Result<(), StorageError> {
        if let Some(source) = engine.sources.get_mut(key) {
            source.calm_at = None;
        }
        let Some(mut alarm) = engine.open.get(key).cloned() else {
            return Ok(());
        };
        alarm.cleared_ms = Some(alarm.last_ms.max(alarm.raised_ms));
        self.0.stats.cleared.fetch_add(1, Ordering::Relaxed);
        self.publish(engine, store, key, alarm, What::Cleared, "hub", "", now)
    }

    /// Ends an alarm whatever its condition, and forgets where its rule stood.
    #[expect(clippy::too_many_arguments, reason = "all of one happening")]
    pub(super) fn close(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        reason: &str,
        by: &str,
        note: &str,
        now: Now,
    ) -> Result<(), StorageError> {
        engine.remember(key);
        engine.sources.remove(key);
        if key.rule != 0 {
            storage::AlarmRules::forget_phase(store, key.rule, key.address.get())?;
        }
        let Some(mut alarm) = engine.open.get(key).cloned() else {
            return Ok(());
        };
        alarm.cleared_ms = Some(now.unix_ms.max(alarm.raised_ms));
        reason.clone_into(&mut alarm.clear_reason);
        self.0.stats.cleared.fetch_add(1, Ordering::Relaxed);
        self.publish(engine, store, key, alarm, What::Cleared, by, note, now)
    }

    /// Somebody has seen it; also one that is over already, until then.
    pub(super) fn acknowledge(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        mut alarm: Alarm,
        by: &str,
        note: &str,
    ) -> Result<Alarm, StorageError> {
        let now = self.now();
        alarm.acked_ms = Some(now.unix_ms);
        by.clone_into(&mut alarm.acked_by);
        note.clone_into(&mut alarm.note);
        let key = key_of(&alarm);
        self.publish(
            engine,
            store,
            &key,
            alarm.clone(),
            What::Acknowledged,
            by,
            note,
            now,
        )?;
        Ok(alarm)
    }

    /// Nobody is notified until then; 0: from now on again.
    pub(super) fn shelve(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        mut alarm: Alarm,
        until_ms: i64,
        by: &str,
        note: &str,
    ) -> Result<Alarm, StorageError> {
        let now = self.now();
        let what = if until_ms == 0 {
            What::Unshelved
        } else {
            What::Shelved
        };
        alarm.shelved_until_ms = (until_ms != 0).then_some(until_ms);
        let shelf = Shelf {
            address: alarm.address.get(),
            rule: alarm.rule.unwrap_or(0),
            name: alarm.name.clone(),
            until_ms,
        };
        storage::Alarms::shelve(store, &shelf)?;
        let key = key_of(&alarm);
        self.publish(engine, store, &key, alarm.clone(), what, by, note, now)?;
        Ok(alarm)
    }

    /// Stores an alarm with what happened to it; it is told after the commit.
    #[expect(clippy::too_many_arguments, reason = "all of one happening")]
    fn publish(
        &self,
        engine: &mut Engine,
        store: &mut dyn Driver,
        key: &Key,
        mut alarm: Alarm,
        what: What,
        by: &str,
        note: &str,
        now: Now,
    ) -> Result<(), StorageError> {
        storage::Alarms::save(store, &mut alarm, now.unix_ms)?;
        engine.hold(key, &alarm);
        let news = News {
            alarm,
            what,
            at_ms: now.unix_ms,
            by: by.to_owned(),
            note: note.to_owned(),
        };
        let number = storage::Alarms::note(store, &news)?;
        if what.is_notified() && !news.alarm.is_shelved(now.unix_ms) {
            notify::enqueue(store, &news, self.0.parts.notifications)?;
        }
        let to = match what {
            // What a device reports goes on as it reported it.
            _ if by == "device" => Vec::new(),
            What::Raised | What::Chattering | What::Cleared => engine.subscribers.of(&news.alarm),
            _ => Vec::new(),
        };
        let news = Arc::new(news);
        engine.told.push(Told::News { news, number, to });
        Ok(())
    }
}

pub(super) fn key_of(alarm: &Alarm) -> Key {
    match alarm.rule {
        Some(rule) => Key::rule(rule, alarm.address),
        None => Key::own(alarm.address, &alarm.name),
    }
}

impl Engine {
    /// Stores a change that is not worth telling.
    pub(super) fn keep(
        &mut self,
        store: &mut dyn Driver,
        key: &Key,
        mut alarm: Alarm,
        now: Now,
    ) -> Result<(), StorageError> {
        storage::Alarms::save(store, &mut alarm, now.unix_ms)?;
        self.hold(key, &alarm);
        Ok(())
    }

    /// Holds an alarm as it is now, if it is open.
    fn hold(&mut self, key: &Key, alarm: &Alarm) {
        let known = self.open.get(key);
        // One that is over is only annotated.
        let concerns = known.is_none_or(|known| known.id == alarm.id);
        if !concerns || known.is_none() && !alarm.is_open() {
            return;
        }
        let known = known.cloned();
        self.undo.open.entry(key.clone()).or_insert(known);
        if alarm.is_open() {
            self.open.insert(key.clone(), alarm.clone());
        } else {
            self.open.remove(key);
        }
    }
}
