//! Tables notification and dead_letter: what waits to be told, and what was given up.

use super::{Driver, Param, StorageError};

/// Rows that one step deletes.
const STEP: i64 = 1000;

/// One change of an alarm, for one channel.
#[derive(Clone, Debug)]
pub struct NotificationRow<'a> {
    pub severity: i64,
    pub what: &'a str,
    /// JSON.
    pub body: &'a str,
}

/// How many notifications of a message are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationCount {
    pub severity: i64,
    pub what: String,
    pub count: i64,
}

/// Queries on notifications. A range of ids includes both of its ends.
pub struct Notifications;

impl Notifications {
    /// # Errors
    /// The store failed.
    pub fn put(
        store: &mut dyn Driver,
        channel: i64,
        id: i64,
        row: &NotificationRow<'_>,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT INTO notification (channel, id, severity, what, body) VALUES (?1, ?2, ?3, ?4, ?5)",
                &[
                    Param::Int(channel),
                    Param::Int(id),
                    Param::Int(row.severity),
                    Param::Text(row.what),
                    Param::Text(row.body),
                ],
            )
            .map(|_| ())
    }

    /// The bodies of the `most` worst of a range, of equals the oldest, in the order in which they came.
    ///
    /// # Errors
    /// The store failed.
    pub fn worst(
        store: &mut dyn Driver,
        channel: i64,
        range: (i64, i64),
        most: i64,
    ) -> Result<Vec<String>, StorageError> {
        let mut found = Vec::new();
        store.query(
            "SELECT id, body FROM notification WHERE channel = ?1 AND id BETWEEN ?2 AND ?3
             ORDER BY severity DESC, id LIMIT ?4",
            &[
                Param::Int(channel),
                Param::Int(range.0),
                Param::Int(range.1),
                Param::Int(most),
            ],
            &mut |row| {
                found.push((row.int(0)?, row.text(1)?));
                Ok(())
            },
        )?;
        found.sort_unstable_by_key(|(id, _)| *id);
        Ok(found.into_iter().map(|(_, body)| body).collect())
    }

    /// # Errors
    /// The store failed.
    pub fn counts(
        store: &mut dyn Driver,
        channel: i64,
        range: (i64, i64),
    ) -> Result<Vec<NotificationCount>, StorageError> {
        let mut found = Vec::new();
        store.query(
            "SELECT severity, what, count(*) FROM notification WHERE channel = ?1 AND id BETWEEN ?2 AND ?3
             GROUP BY severity, what ORDER BY severity DESC, what",
            &[Param::Int(channel), Param::Int(range.0), Param::Int(range.1)],
            &mut |row| {
                found.push(NotificationCount {
                    severity: row.int(0)?,
                    what: row.text(1)?,
                    count: row.int(2)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The first channel from this id on that has notifications, whether it still exists or not.
    ///
    /// # Errors
    /// The store failed.
    pub fn next_channel(store: &mut dyn Driver, from: i64) -> Result<Option<i64>, StorageError> {
        one(
            store,
            "SELECT min(channel) FROM notification WHERE channel >= ?1",
            &[Param::Int(from)],
        )
    }

    /// Deletes some of what was sent, or all of a removed channel in so many steps. True: there is more.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_step(store: &mut dyn Driver, channel: i64) -> Result<bool, StorageError> {
        let done = one(
            store,
            "SELECT done_id FROM channel WHERE id = ?1",
            &[Param::Int(channel)],
        )?;
        let kept = match done {
            Some(_) => DeadLetters::of(store, channel)?,
            None => {
                DeadLetters::forget(store, channel)?;
                Vec::new()
            }
        };
        let (mut from, done) = (0, done.unwrap_or(i64::MAX));
        let gaps = kept.iter().map(|letter| (letter.from_id, letter.to_id));
        for (kept_from, kept_to) in gaps.chain([(done.saturating_add(1), done)]) {
            if delete(
                store,
                channel,
                (from, kept_from.saturating_sub(1).min(done)),
            )? {
                return Ok(true);
            }
            from = kept_to.saturating_add(1);
        }
        Ok(false)
    }
}

/// Deletes some rows of a range. True: it was as many as a step may.
fn delete(
    store: &mut dyn Driver,
    channel: i64,
    (from, to): (i64, i64),
) -> Result<bool, StorageError> {
    let ends = [Param::Int(channel), Param::Int(from), Param::Int(to)];
    let first = one(
        store,
        "SELECT min(id) FROM notification WHERE channel = ?1 AND id BETWEEN ?2 AND ?3",
        &ends,
    )?;
    let Some(first) = first else {
        return Ok(false);
    };
    let last = to.min(first.saturating_add(STEP - 1));
    let ends = [Param::Int(channel), Param::Int(first), Param::Int(last)];
    store.execute(
        "DELETE FROM notification WHERE channel = ?1 AND id BETWEEN ?2 AND ?3",
        &ends,
    )?;
    Ok(last < to)
}

fn one(
    store: &mut dyn Driver,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Option<i64>, StorageError> {
    let mut found = None;
    store.query(sql, params, &mut |row| {
        found = row.optional_int(0)?;
        Ok(())
    })?;
    Ok(found)
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    pub from_id: i64,
    pub to_id: i64,
    pub at_ms: i64,
    pub delivery: String,
    pub reason: String,
}

/// Queries on dead letters.
pub struct DeadLetters;

impl DeadLetters {
    /// # Errors
    /// The store failed.
    pub fn put(
        store: &mut dyn Driver,
        channel: i64,
        letter: &DeadLetter,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT INTO dead_letter (channel, to_id, from_id, at_ms, delivery, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[
                    Param::Int(channel),
                    Param::Int(letter.to_id),
                    Param::Int(letter.from_id),
                    Param::Int(letter.at_ms),
                    Param::Text(&letter.delivery),
                    Param::Text(&letter.reason),
                ],
            )
            .map(|_| ())
    }

    /// A channel's, the oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub fn of(store: &mut dyn Driver, channel: i64) -> Result<Vec<DeadLetter>, StorageError> {
        let mut found = Vec::new();
        store.query(
            "SELECT from_id, to_id, at_ms, delivery, reason FROM dead_letter WHERE channel = ?1 ORDER BY to_id",
            &[Param::Int(channel)],
            &mut |row| {
                found.push(DeadLetter {
                    from_id: row.int(0)?,
                    to_id: row.int(1)?,
                    at_ms: row.int(2)?,
                    delivery: row.text(3)?,
                    reason: row.text(4)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Forgets the oldest of a channel until no more than `most` notifications are in them; the newest stays.
    ///
    /// # Errors
    /// The store failed.
    pub fn keep(store: &mut dyn Driver, channel: i64, most: i64) -> Result<(), StorageError> {
        let mut left = most;
        for (newer, letter) in Self::of(store, channel)?.iter().rev().enumerate() {
            left -= letter.to_id - letter.from_id + 1;
            if newer > 0 && left < 0 {
                return store
                    .execute(
                        "DELETE FROM dead_letter WHERE channel = ?1 AND to_id <= ?2",
                        &[Param::Int(channel), Param::Int(letter.to_id)],
                    )
                    .map(|_| ());
            }
        }
        Ok(())
    }

    /// Forgets all from before this time.
    ///
    /// # Errors
    /// The store failed.
    pub fn expire(store: &mut dyn Driver, before_ms: i64) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM dead_letter WHERE at_ms < ?1",
                &[Param::Int(before_ms)],
            )
            .map(|_| ())
    }

    fn forget(store: &mut dyn Driver, channel: i64) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM dead_letter WHERE channel = ?1",
                &[Param::Int(channel)],
            )
            .map(|_| ())
    }
}
