//! Tables alarm_report, alarm_subscription and alarm_local: what devices said of alarms, want to hear of, and keep themselves.

use super::{Driver, Param, StorageError};

/// An ALARM as a device sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub address: u32,
    pub name: String,
    pub sensor: String,
    pub value: String,
    pub raised: bool,
    /// The device's time, Unix ms.
    pub at_ms: i64,
    pub msgno: i64,
    pub hub_ms: i64,
}

/// Queries on reports.
pub struct AlarmReports;

impl AlarmReports {
    /// False: it is a repeat.
    ///
    /// # Errors
    /// The store failed.
    pub fn put(store: &mut dyn Driver, report: &Report) -> Result<bool, StorageError> {
        let changed = store.execute(
            "INSERT INTO alarm_report (address, at_ms, msgno, sensor, name, value, raised, hub_ms, alarm)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0) ON CONFLICT DO NOTHING",
            &[
                Param::Int(report.address.into()),
                Param::Int(report.at_ms),
                Param::Int(report.msgno),
                Param::Text(&report.sensor),
                Param::Text(&report.name),
                Param::Text(&report.value),
                Param::Int(report.raised.into()),
                Param::Int(report.hub_ms),
            ],
        )?;
        Ok(changed == 1)
    }

    /// The newest report of an alarm's name: the time at which it counts, Unix ms, and whether it said RAISED.
    ///
    /// # Errors
    /// The store failed.
    pub fn last(
        store: &mut dyn Driver,
        address: u32,
        name: &str,
    ) -> Result<Option<(i64, bool)>, StorageError> {
        let mut last = None;
        store.query(
            "SELECT min(at_ms, hub_ms), raised FROM alarm_report WHERE address = ?1 AND name = ?2
             ORDER BY at_ms DESC, hub_ms DESC LIMIT 1",
            &[Param::Int(address.into()), Param::Text(name)],
            &mut |row| {
                last = Some((row.int(0)?, row.int(1)? != 0));
                Ok(())
            },
        )?;
        Ok(last)
    }

    /// Notes which alarm a report was of.
    ///
    /// # Errors
    /// The store failed.
    pub fn belongs(
        store: &mut dyn Driver,
        report: &Report,
        alarm: i64,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE alarm_report SET alarm = ?5 WHERE address = ?1 AND at_ms = ?2 AND msgno = ?3 AND sensor = ?4",
                &[
                    Param::Int(report.address.into()),
                    Param::Int(report.at_ms),
                    Param::Int(report.msgno),
                    Param::Text(&report.sensor),
                    Param::Int(alarm),
                ],
            )
            .map(drop)
    }
}

/// Queries on subscriptions.
pub struct Subscriptions;

impl Subscriptions {
    /// # Errors
    /// The store failed.
    pub fn put(store: &mut dyn Driver, address: u32, name: &str) -> Result<(), StorageError> {
        let params = [Param::Int(address.into()), Param::Text(name)];
        let sql =
            "INSERT INTO alarm_subscription (address, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        store.execute(sql, &params).map(drop)
    }

    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, address: u32, name: &str) -> Result<(), StorageError> {
        let params = [Param::Int(address.into()), Param::Text(name)];
        let sql = "DELETE FROM alarm_subscription WHERE address = ?1 AND name = ?2";
        store.execute(sql, &params).map(drop)
    }

    /// # Errors
    /// The store failed.
    pub fn each(
        store: &mut dyn Driver,
        mut each: impl FnMut(u32, String),
    ) -> Result<(), StorageError> {
        let sql = "SELECT address, name FROM alarm_subscription ORDER BY address, name";
        store.query(sql, &[], &mut |row| {
            each(u32::try_from(row.int(0)?).unwrap_or(0), row.text(1)?);
            Ok(())
        })
    }
}

/// An ALARM_SET or ALARM_STOP that a device is to get, or got last for a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    pub address: u32,
    pub rule: i64,
    /// As the device knows it.
    pub name: String,
    /// Of ALARM_SET without the id; empty: it is to stop.
    pub fields: Vec<String>,
    /// `None`: not ordered yet.
    pub command: Option<i64>,
    /// Why it could not be ordered; empty: it was, or will be.
    pub refused: String,
}

/// Queries on what devices keep themselves.
pub struct Locals;

impl Locals {
    /// To be ordered.
    ///
    /// # Errors
    /// The store failed.
    pub fn want(store: &mut dyn Driver, local: &Local) -> Result<(), StorageError> {
        let fields = serde_json::to_string(&local.fields).unwrap_or_default();
        store
            .execute(
                "INSERT OR REPLACE INTO alarm_local (address, rule, name, fields, command, refused)
                 VALUES (?1, ?2, ?3, ?4, NULL, '')",
                &[
                    Param::Int(local.address.into()),
                    Param::Int(local.rule),
                    Param::Text(&local.name),
                    Param::Text(&fields),
                ],
            )
            .map(drop)
    }

    /// # Errors
    /// The store failed.
    pub fn forget(store: &mut dyn Driver, address: u32, rule: i64) -> Result<(), StorageError> {
        let params = [Param::Int(address.into()), Param::Int(rule)];
        let sql = "DELETE FROM alarm_local WHERE address = ?1 AND rule = ?2";
        store.execute(sql, &params).map(drop)
    }

    /// It is ordered, or refused. Not if something else is wanted by now.
    ///
    /// # Errors
    /// The store failed.
    pub fn ordered(store: &mut dyn Driver, local: &Local) -> Result<(), StorageError> {
        let fields = serde_json::to_string(&local.fields).unwrap_or_default();
        store
            .execute(
                "UPDATE alarm_local SET command = ?4, refused = ?5
                 WHERE address = ?1 AND rule = ?2 AND fields = ?3 AND command IS NULL",
                &[
                    Param::Int(local.address.into()),
                    Param::Int(local.rule),
                    Param::Text(&fields),
                    Param::Int(local.command.unwrap_or(0)),
                    Param::Text(&local.refused),
                ],
            )
            .map(drop)
    }

    /// # Errors
    /// The store failed.
    pub fn each(store: &mut dyn Driver, each: &mut dyn FnMut(Local)) -> Result<(), StorageError> {
        Self::query(store, "ORDER BY address, rule", &[], each)
    }

    /// Those that are not ordered yet, `limit` at most.
    ///
    /// # Errors
    /// The store failed.
    pub fn pending(store: &mut dyn Driver, limit: i64) -> Result<Vec<Local>, StorageError> {
        let mut locals = Vec::new();
        Self::query(
            store,
            "WHERE command IS NULL ORDER BY address, rule LIMIT ?1",
            &[Param::Int(limit)],
            &mut |local| locals.push(local),
        )?;
        Ok(locals)
    }

    /// Those of one rule.
    ///
    /// # Errors
    /// The store failed.
    pub fn of_rule(store: &mut dyn Driver, rule: i64) -> Result<Vec<Local>, StorageError> {
        let mut locals = Vec::new();
        Self::query(
            store,
            "WHERE rule = ?1 ORDER BY address",
            &[Param::Int(rule)],
            &mut |local| locals.push(local),
        )?;
        Ok(locals)
    }

    fn query(
        store: &mut dyn Driver,
        rest: &str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(Local),
    ) -> Result<(), StorageError> {
        let sql =
            format!("SELECT address, rule, name, fields, command, refused FROM alarm_local {rest}");
        store.query(&sql, params, &mut |row| {
            let fields = row.text(3)?;
            each(Local {
                address: u32::try_from(row.int(0)?).unwrap_or(0),
                rule: row.int(1)?,
                name: row.text(2)?,
                fields: serde_json::from_str(&fields).map_err(|_| {
                    StorageError::Failed(format!("fields of ALARM_SET cannot be read: {fields}"))
                })?,
                command: row.optional_int(4)?,
                refused: row.text(5)?,
            });
            Ok(())
        })
    }
}
