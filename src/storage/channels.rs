//! Table channel: whom the alarms of a group are told to, and how that goes.

use super::{DeadLetter, DeadLetters, Driver, Notifications, Param, Row, StorageError};

/// A channel as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    pub id: i64,
    pub group: i64,
    pub name: String,
    pub kind: String,
    pub target: String,
    pub secret: Vec<u8>,
    pub severity: i64,
    pub created_ms: i64,
    pub last_id: i64,
    pub message_id: i64,
    pub done_id: i64,
    pub delivery: String,
    pub first_try_ms: i64,
    pub message_omitted: i64,
    pub omitted: i64,
    pub sent: i64,
    pub last_sent_ms: Option<i64>,
    pub failing_since_ms: Option<i64>,
    pub last_error: String,
}

/// A channel that is to be made.
#[derive(Clone, Debug)]
pub struct NewChannel {
    pub group: i64,
    pub name: String,
    pub kind: &'static str,
    pub target: String,
    pub severity: i64,
    pub created_ms: i64,
}

/// A channel for which something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingChannel {
    pub id: i64,
    pub kind: String,
    /// Notifications, those of the message under way included.
    pub waiting: i64,
}

/// Queries on channels.
pub struct Channels;

const COLUMNS: &str = "id, group_id, name, kind, target, secret, severity, created_ms, last_id, message_id, done_id, delivery, \
                       first_try_ms, message_omitted, omitted, sent, last_sent_ms, failing_since_ms, last_error";

impl Channels {
    /// Answers its id. The secret follows, since the id is bound into it.
    ///
    /// # Errors
    /// `Conflict` when the group has a channel of that name, or is gone.
    pub fn insert(store: &mut dyn Driver, new: &NewChannel) -> Result<i64, StorageError> {
        store.execute(
            "INSERT INTO channel (group_id, name, kind, target, secret, severity, created_ms, last_id, message_id, done_id,
                                  delivery, first_try_ms, message_omitted, omitted, sent, last_error)
             VALUES (?1, ?2, ?3, ?4, x'', ?5, ?6, 0, 0, 0, '', 0, 0, 0, 0, '')",
            &[
                Param::Int(new.group),
                Param::Text(&new.name),
                Param::Text(new.kind),
                Param::Text(&new.target),
                Param::Int(new.severity),
                Param::Int(new.created_ms),
            ],
        )?;
        Self::named(store, new.group, &new.name)?
            .map(|row| row.id)
            .ok_or_else(|| StorageError::Failed("the channel is not there".into()))
    }

    /// # Errors
    /// The store failed.
    pub fn set_secret(store: &mut dyn Driver, id: i64, sealed: &[u8]) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE channel SET secret = ?2 WHERE id = ?1",
                &[Param::Int(id), Param::Blob(sealed)],
            )
            .map(|_| ())
    }

    /// In the order in which they were made.
    ///
    /// # Errors
    /// The store failed.
    pub fn all(
        store: &mut dyn Driver,
        group: Option<i64>,
    ) -> Result<Vec<ChannelRow>, StorageError> {
        let group = group.map_or(Param::Null, Param::Int);
        let sql =
            format!("SELECT {COLUMNS} FROM channel WHERE ?1 IS NULL OR group_id = ?1 ORDER BY id");
        rows(store, &sql, &[group])
    }

    /// # Errors
    /// The store failed.
    pub fn named(
        store: &mut dyn Driver,
        group: i64,
        name: &str,
    ) -> Result<Option<ChannelRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM channel WHERE group_id = ?1 AND name = ?2");
        Ok(rows(store, &sql, &[Param::Int(group), Param::Text(name)])?.pop())
    }

    /// # Errors
    /// The store failed.
    pub fn get(store: &mut dyn Driver, id: i64) -> Result<Option<ChannelRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM channel WHERE id = ?1");
        Ok(rows(store, &sql, &[Param::Int(id)])?.pop())
    }

    /// # Errors
    /// The store failed.
    pub fn count(store: &mut dyn Driver, group: i64) -> Result<i64, StorageError> {
        let mut count = 0;
        store.query(
            "SELECT count(*) FROM channel WHERE group_id = ?1",
            &[Param::Int(group)],
            &mut |row| {
                count = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(count)
    }

    /// Channels whose secret needs the key.
    ///
    /// # Errors
    /// The store failed.
    pub fn count_sealed(store: &mut dyn Driver) -> Result<i64, StorageError> {
        let mut count = 0;
        store.query(
            "SELECT count(*) FROM channel WHERE secret <> x''",
            &[],
            &mut |row| {
                count = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(count)
    }

    /// What waits for it, and its dead letters, go with [`Notifications::purge_step`].
    ///
    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
        store
            .execute("DELETE FROM channel WHERE id = ?1", &[Param::Int(id)])
            .map(|_| ())
    }

    /// The same for all channels of a group.
    ///
    /// # Errors
    /// The store failed.
    pub fn remove_group(store: &mut dyn Driver, group: i64) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM channel WHERE group_id = ?1",
                &[Param::Int(group)],
            )
            .map(|_| ())
    }

    /// Those for which something waits.
    ///
    /// # Errors
    /// The store failed.
    pub fn waiting(store: &mut dyn Driver) -> Result<Vec<WaitingChannel>, StorageError> {
        let mut found = Vec::new();
        store.query(
            "SELECT id, kind, last_id - done_id FROM channel WHERE last_id > done_id ORDER BY id",
            &[],
            &mut |row| {
                found.push(WaitingChannel {
                    id: row.int(0)?,
                    kind: row.text(1)?,
                    waiting: row.int(2)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// How many channels of each kind could not be reached the last time.
    ///
    /// # Errors
    /// The store failed.
    pub fn failing(store: &mut dyn Driver) -> Result<Vec<(String, i64)>, StorageError> {
        let mut found = Vec::new();
        store.query(
            "SELECT kind, count(*) FROM channel WHERE failing_since_ms IS NOT NULL GROUP BY kind",
            &[],
            &mut |row| {
                found.push((row.text(0)?, row.int(1)?));
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Id, number of the newest notification and how many wait, of the group's channels that are told this severity.
    ///
    /// # Errors
    /// The store failed.
    pub fn told(
        store: &mut dyn Driver,
        group: i64,
        severity: i64,
    ) -> Result<Vec<(i64, i64, i64)>, StorageError> {
        let mut found = Vec::new();
        store.query(
            "SELECT id, last_id, last_id - done_id FROM channel WHERE group_id = ?1 AND severity <= ?2",
            &[Param::Int(group), Param::Int(severity)],
            &mut |row| {
                found.push((row.int(0)?, row.int(1)?, row.int(2)?));
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The number of its newest notification.
    ///
    /// # Errors
    /// The store failed.
    pub fn set_last(store: &mut dyn Driver, id: i64, last_id: i64) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE channel SET last_id = ?2 WHERE id = ?1",
                &[Param::Int(id), Param::Int(last_id)],
            )
            .map(|_| ())
    }

    /// One notification was left out.
    ///
    /// # Errors
    /// The store failed.
    pub fn omit(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE channel SET omitted = omitted + 1 WHERE id = ?1",
                &[Param::Int(id)],
            )
            .map(|_| ())
    }

    /// The message under way; without one, all that waits becomes it, under this delivery id. `None` when nothing waits
    /// or the channel is gone.
    ///
    /// # Errors
    /// The store failed.
    pub fn open_message(
        store: &mut dyn Driver,
        id: i64,
        delivery: &str,
        now_ms: i64,
    ) -> Result<Option<ChannelRow>, StorageError> {
        store.execute(
            "UPDATE channel SET message_id = last_id, delivery = ?2, first_try_ms = ?3, message_omitted = omitted, omitted = 0
             WHERE id = ?1 AND message_id <= done_id AND last_id > done_id",
            &[Param::Int(id), Param::Text(delivery), Param::Int(now_ms)],
        )?;
        Ok(Self::get(store, id)?.filter(|row| row.message_id > row.done_id))
    }

    /// The message was delivered. `note`: what the operator should know all the same.
    ///
    /// # Errors
    /// The store failed.
    pub fn sent(
        store: &mut dyn Driver,
        message: &ChannelRow,
        now_ms: i64,
        note: &str,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE channel SET done_id = message_id, sent = sent + 1, last_sent_ms = ?3, failing_since_ms = NULL,
                        last_error = ?4
                 WHERE id = ?1 AND message_id = ?2 AND done_id < message_id",
                &[
                    Param::Int(message.id),
                    Param::Int(message.message_id),
                    Param::Int(now_ms),
                    Param::Text(note),
                ],
            )
            .map(|_| ())
    }

    /// The message could not be delivered, and is to be tried again.
    ///
    /// # Errors
    /// The store failed.
    pub fn failed(
        store: &mut dyn Driver,
        id: i64,
        now_ms: i64,
        reason: &str,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE channel SET failing_since_ms = coalesce(failing_since_ms, ?2), last_error = ?3 WHERE id = ?1",
                &[Param::Int(id), Param::Int(now_ms), Param::Text(reason)],
            )
            .map(|_| ())
    }

    /// The message is given up: it becomes a dead letter, of which `most` notifications are kept for a channel.
    ///
    /// # Errors
    /// The store failed.
    pub fn give_up(
        store: &mut dyn Driver,
        message: &ChannelRow,
        now_ms: i64,
        reason: &str,
        most: i64,
    ) -> Result<(), StorageError> {
        let given_up = store.execute(
            "UPDATE channel SET done_id = message_id WHERE id = ?1 AND message_id = ?2 AND done_id < message_id",
            &[Param::Int(message.id), Param::Int(message.message_id)],
        )?;
        if given_up == 0 {
            return Ok(());
        }
        Self::failed(store, message.id, now_ms, reason)?;
        let letter = DeadLetter {
            from_id: message.done_id + 1,
            to_id: message.message_id,
            at_ms: now_ms,
            delivery: message.delivery.clone(),
            reason: reason.to_owned(),
        };
        DeadLetters::put(store, message.id, &letter)?;
        DeadLetters::keep(store, message.id, most)?;
        Notifications::purge_step(store, message.id).map(|_| ())
    }
}

fn rows(
    store: &mut dyn Driver,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Vec<ChannelRow>, StorageError> {
    let mut found = Vec::new();
    store.query(sql, params, &mut |row| {
        found.push(read(row)?);
        Ok(())
    })?;
    Ok(found)
}

fn read(row: &dyn Row) -> Result<ChannelRow, StorageError> {
    Ok(ChannelRow {
        id: row.int(0)?,
        group: row.int(1)?,
        name: row.text(2)?,
        kind: row.text(3)?,
        target: row.text(4)?,
        secret: row.blob(5)?,
        severity: row.int(6)?,
        created_ms: row.int(7)?,
        last_id: row.int(8)?,
        message_id: row.int(9)?,
        done_id: row.int(10)?,
        delivery: row.text(11)?,
        first_try_ms: row.int(12)?,
        message_omitted: row.int(13)?,
        omitted: row.int(14)?,
        sent: row.int(15)?,
        last_sent_ms: row.optional_int(16)?,
        failing_since_ms: row.optional_int(17)?,
        last_error: row.text(18)?,
    })
}
