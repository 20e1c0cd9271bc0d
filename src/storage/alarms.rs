//! Tables alarm, alarm_event and alarm_shelf.

use super::{Driver, Param, Row, StorageError};
use crate::alarm::{Alarm, AlarmEvent, AlarmState, News, Severity, What};
use crate::registry::GroupId;
use crate::wire::Address;

/// Queries on alarms.
pub struct Alarms;

/// Which alarms a list shows; the newest first.
#[derive(Clone, Debug, Default)]
pub struct AlarmFilter {
    /// `None`: all.
    pub groups: Option<Vec<GroupId>>,
    pub address: Option<Address>,
    pub open: bool,
    pub state: Option<AlarmState>,
    pub severity: Option<Severity>,
    /// Only those with a lower id.
    pub before: Option<i64>,
    pub limit: i64,
}

/// Until when nobody is notified of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    pub address: u32,
    /// 0: a device's own alarm.
    pub rule: i64,
    pub name: String,
    pub until_ms: i64,
}

const COLUMNS: &str = "id, group_id, address, rule, name, sensor, severity, raised_ms, raised_value, last_ms, \
                       last_value, cleared_ms, clear_reason, by_hub, by_device, acked_ms, acked_by, note, \
                       shelved_until_ms, chattering, times";

fn read(row: &dyn Row) -> Result<Alarm, StorageError> {
    let unreadable = || StorageError::Failed("alarm cannot be read".into());
    let rule = row.int(3)?;
    Ok(Alarm {
        id: row.int(0)?,
        group: GroupId(row.int(1)?),
        address: u32::try_from(row.int(2)?)
            .ok()
            .and_then(Address::new)
            .ok_or_else(unreadable)?,
        rule: (rule != 0).then_some(rule),
        name: row.text(4)?,
        sensor: row.text(5)?,
        severity: Severity::from_name(&row.text(6)?).ok_or_else(unreadable)?,
        raised_ms: row.int(7)?,
        raised_value: row.text(8)?,
        last_ms: row.int(9)?,
        last_value: row.text(10)?,
        cleared_ms: row.optional_int(11)?,
        clear_reason: row.text(12)?,
        by_hub: row.int(13)? != 0,
        by_device: row.int(14)? != 0,
        acked_ms: row.optional_int(15)?,
        acked_by: row.text(16)?,
        note: row.text(17)?,
        shelved_until_ms: row.optional_int(18)?,
        chattering: row.int(19)? != 0,
        times: row.int(20)?,
    })
}

fn optional(value: Option<i64>) -> Param<'static> {
    value.map_or(Param::Null, Param::Int)
}

impl Alarms {
    /// Stores an alarm: a new one when its id is 0, which then is set.
    ///
    /// # Errors
    /// The store failed; there is an open one of that rule (or name) and device.
    pub fn save(
        store: &mut dyn Driver,
        alarm: &mut Alarm,
        changed_ms: i64,
    ) -> Result<(), StorageError> {
        let params = [
            if alarm.id == 0 {
                Param::Null
            } else {
                Param::Int(alarm.id)
            },
            Param::Int(alarm.group.0),
            Param::Int(alarm.address.get().into()),
            Param::Int(alarm.rule.unwrap_or(0)),
            Param::Text(&alarm.name),
            Param::Text(&alarm.sensor),
            Param::Text(alarm.severity.name()),
            Param::Int(alarm.raised_ms),
            Param::Text(&alarm.raised_value),
            Param::Int(alarm.last_ms),
            Param::Text(&alarm.last_value),
            optional(alarm.cleared_ms),
            Param::Text(&alarm.clear_reason),
            Param::Int(alarm.by_hub.into()),
            Param::Int(alarm.by_device.into()),
            optional(alarm.acked_ms),
            Param::Text(&alarm.acked_by),
            Param::Text(&alarm.note),
            optional(alarm.shelved_until_ms),
            Param::Int(alarm.chattering.into()),
            Param::Int(alarm.times),
            Param::Int(changed_ms),
        ];
        let mut id = alarm.id;
        let sql = format!(
            "INSERT INTO alarm ({COLUMNS}, changed_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
             ON CONFLICT (id) DO UPDATE SET severity = ?7, last_ms = ?10, last_value = ?11, cleared_ms = ?12,
                 clear_reason = ?13, by_hub = ?14, by_device = ?15, acked_ms = ?16, acked_by = ?17, note = ?18,
                 shelved_until_ms = ?19, chattering = ?20, times = ?21, changed_ms = ?22
             RETURNING id"
        );
        store.query(&sql, &params, &mut |row| {
            id = row.int(0)?;
            Ok(())
        })?;
        alarm.id = id;
        Ok(())
    }

    /// Adds to an alarm's history; answers the number of the line.
    ///
    /// # Errors
    /// The store failed.
    pub fn note(store: &mut dyn Driver, news: &News) -> Result<i64, StorageError> {
        let mut number = 0;
        store.query(
            "INSERT INTO alarm_event (alarm, at_ms, what, by, value, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
            &[
                Param::Int(news.alarm.id),
                Param::Int(news.at_ms),
                Param::Text(news.what.name()),
                Param::Text(&news.by),
                Param::Text(&news.alarm.last_value),
                Param::Text(&news.note),
            ],
            &mut |row| {
                number = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(number)
    }

    /// An alarm's history, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub fn history(store: &mut dyn Driver, id: i64) -> Result<Vec<AlarmEvent>, StorageError> {
        let mut events = Vec::new();
        store.query(
            "SELECT at_ms, what, by, value, note FROM alarm_event WHERE alarm = ?1 ORDER BY id",
            &[Param::Int(id)],
            &mut |row| {
                let what = row.text(1)?;
                let unreadable = || StorageError::Failed(format!("alarm event {what:?} unknown"));
                events.push(AlarmEvent {
                    at_ms: row.int(0)?,
                    what: What::from_name(&what).ok_or_else(unreadable)?,
                    by: row.text(2)?,
                    value: row.text(3)?,
                    note: row.text(4)?,
                });
                Ok(())
            },
        )?;
        Ok(events)
    }

    /// # Errors
    /// The store failed.
    pub fn find(store: &mut dyn Driver, id: i64) -> Result<Option<Alarm>, StorageError> {
        let mut found = None;
        let sql = format!("SELECT {COLUMNS} FROM alarm WHERE id = ?1");
        store.query(&sql, &[Param::Int(id)], &mut |row| {
            found = Some(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Every open alarm, by id.
    ///
    /// # Errors
    /// The store failed.
    pub fn each_open(
        store: &mut dyn Driver,
        mut each: impl FnMut(Alarm),
    ) -> Result<(), StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM alarm WHERE cleared_ms IS NULL ORDER BY id");
        store.query(&sql, &[], &mut |row| {
            each(read(row)?);
            Ok(())
        })
    }

    /// The newest first.
    ///
    /// # Errors
    /// The store failed.
    pub fn list(store: &mut dyn Driver, filter: &AlarmFilter) -> Result<Vec<Alarm>, StorageError> {
        let Some(groups) = &filter.groups else {
            return Self::list_of(store, filter, None);
        };
        // Group by group, each along its index: among the alarms of all groups theirs may be rare.
        let mut found = Vec::new();
        for group in groups {
            found.extend(Self::list_of(store, filter, Some(*group))?);
        }
        found.sort_by_key(|alarm| std::cmp::Reverse(alarm.id));
        found.truncate(usize::try_from(filter.limit).unwrap_or(0));
        Ok(found)
    }

    fn list_of(
        store: &mut dyn Driver,
        filter: &AlarmFilter,
        group: Option<GroupId>,
    ) -> Result<Vec<Alarm>, StorageError> {
        let mut wanted = vec!["id < ?1".to_owned()];
        let mut params = vec![Param::Int(filter.before.unwrap_or(i64::MAX))];
        let mut add = |column: &str, param| {
            params.push(param);
            wanted.push(format!("{column} = ?{}", params.len()));
        };
        if let Some(group) = group {
            add("group_id", Param::Int(group.0));
        }
        if let Some(address) = filter.address {
            add("address", Param::Int(address.get().into()));
        }
        if let Some(severity) = filter.severity {
            add("severity", Param::Text(severity.name()));
        }
        let state = match filter.state {
            Some(AlarmState::Raised) => "cleared_ms IS NULL AND acked_ms IS NULL",
            Some(AlarmState::Acknowledged) => "cleared_ms IS NULL AND acked_ms IS NOT NULL",
            Some(AlarmState::Cleared) => "cleared_ms IS NOT NULL",
            None => "",
        };
        wanted.extend(Some(state.to_owned()).filter(|state| !state.is_empty()));
        if filter.open {
            wanted.push("cleared_ms IS NULL".to_owned());
        }
        params.push(Param::Int(filter.limit));
        let sql = format!(
            "SELECT {COLUMNS} FROM alarm WHERE {} ORDER BY id DESC LIMIT ?{}",
            wanted.join(" AND "),
            params.len()
        );
        let mut alarms = Vec::new();
        store.query(&sql, &params, &mut |row| {
            alarms.push(read(row)?);
            Ok(())
        })?;
        Ok(alarms)
    }

    /// Alarms of a group that were cleared after the history's line `number`, oldest first, the newest `limit` at most.
    ///
    /// # Errors
    /// The store failed.
    pub fn cleared_since(
        store: &mut dyn Driver,
        group: GroupId,
        number: i64,
        limit: i64,
    ) -> Result<Vec<Alarm>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alarm JOIN (
                 SELECT id AS line, alarm AS of FROM alarm_event WHERE id > ?2 AND what = 'cleared') ON of = alarm.id
             WHERE group_id = ?1 AND cleared_ms IS NOT NULL ORDER BY line DESC LIMIT ?3"
        );
        let params = [Param::Int(group.0), Param::Int(number), Param::Int(limit)];
        let mut alarms = Vec::new();
        store.query(&sql, &params, &mut |row| {
            alarms.push(read(row)?);
            Ok(())
        })?;
        alarms.reverse();
        Ok(alarms)
    }

    /// The number of the last line of all histories; 0: there is none.
    ///
    /// # Errors
    /// The store failed.
    pub fn last_number(store: &mut dyn Driver) -> Result<i64, StorageError> {
        let mut number = 0;
        store.query(
            "SELECT coalesce(max(id), 0) FROM alarm_event",
            &[],
            &mut |row| {
                number = row.int(0)?;
                Ok(())
            },
        )?;
        Ok(number)
    }

    /// Sets a shelf; `until_ms` 0 takes it away.
    ///
    /// # Errors
    /// The store failed.
    pub fn shelve(store: &mut dyn Driver, shelf: &Shelf) -> Result<(), StorageError> {
        let params = [
            Param::Int(shelf.address.into()),
            Param::Int(shelf.rule),
            Param::Text(&shelf.name),
            Param::Int(shelf.until_ms),
        ];
        let sql = if shelf.until_ms == 0 {
            "DELETE FROM alarm_shelf WHERE address = ?1 AND rule = ?2 AND name = ?3 AND ?4 = 0"
        } else {
            "INSERT OR REPLACE INTO alarm_shelf (address, rule, name, until_ms) VALUES (?1, ?2, ?3, ?4)"
        };
        store.execute(sql, &params).map(drop)
    }

    /// Until when an alarm that is raised now is shelved.
    ///
    /// # Errors
    /// The store failed.
    pub fn shelved_until(
        store: &mut dyn Driver,
        address: u32,
        rule: i64,
        name: &str,
    ) -> Result<Option<i64>, StorageError> {
        let mut until = None;
        store.query(
            "SELECT until_ms FROM alarm_shelf WHERE address = ?1 AND rule = ?2 AND name = ?3",
            &[
                Param::Int(address.into()),
                Param::Int(rule),
                Param::Text(name),
            ],
            &mut |row| {
                until = Some(row.int(0)?);
                Ok(())
            },
        )?;
        Ok(until)
    }

    /// When the latest alarm of a rule and device was last heard of, Unix ms of the device's time.
    ///
    /// # Errors
    /// The store failed.
    pub fn last_ms(
        store: &mut dyn Driver,
        rule: i64,
        address: u32,
    ) -> Result<Option<i64>, StorageError> {
        let mut last = None;
        store.query(
            "SELECT last_ms FROM alarm WHERE rule = ?1 AND address = ?2 ORDER BY id DESC LIMIT 1",
            &[Param::Int(rule), Param::Int(address.into())],
            &mut |row| {
                last = Some(row.int(0)?);
                Ok(())
            },
        )?;
        Ok(last)
    }
}
