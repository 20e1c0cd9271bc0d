//! The one thing that the alarm engine calls, inside its transaction.

use super::Told;
use crate::alarm::News;
use crate::storage::{Channels, Driver, NotificationRow, Notifications, StorageError};

/// Puts one change of an alarm into the outbox of each channel of its group that is told its severity. `most` may wait for
/// a channel (`notify.queue`): what comes over it is only counted. True: something waits, ring the [`super::Bell`] after
/// the commit.
///
/// Call it for what is to be told only: [`crate::alarm::What::is_notified`], and the alarm is not shelved.
///
/// # Errors
/// The store failed: the whole transaction has to be rolled back.
pub fn enqueue(store: &mut dyn Driver, news: &News, most: u64) -> Result<bool, StorageError> {
    let severity = news.alarm.severity as i64;
    let channels = Channels::told(store, news.alarm.group.0, severity)?;
    if channels.is_empty() {
        return Ok(false);
    }
    let body = serde_json::to_string(&Told::new(news))
        .map_err(|error| StorageError::Failed(error.to_string()))?;
    let row = NotificationRow {
        severity,
        what: news.what.name(),
        body: &body,
    };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut waits = false;
    for (channel, last_id, waiting) in channels {
        if waiting >= most {
            Channels::omit(store, channel)?;
            continue;
        }
        Notifications::put(store, channel, last_id + 1, &row)?;
        Channels::set_last(store, channel, last_id + 1)?;
        waits = true;
    }
    Ok(waits)
}
