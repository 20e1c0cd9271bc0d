//! What operators do to alarms, by their number.

use super::Alarms;
use super::life::key_of;
use super::rules::{Answer, By};
use crate::alarm::{Alarm, RuleError};
use crate::recorder::Recorder;
use crate::refusal::Refused;
use crate::storage::{self, StorageError};

impl Alarms {
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
                let text = format!("alarm {id} is acknowledged already, by {}", alarm.acked_by);
                return Ok(Err(RuleError::conflict(text)));
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
                return Ok(Err(RuleError::wrong("that time is over")));
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
                return Ok(Err(RuleError::conflict(format!(
                    "alarm {id} is cleared already"
                ))));
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
}

fn no_alarm(id: i64) -> RuleError {
    let refused = Refused::not_found(format!("no alarm {id}"));
    RuleError(refused.hint("hub alarm list shows the latest"))
}
