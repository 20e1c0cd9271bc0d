//! Tables alarm_rule and alarm_phase.

use super::of_groups::of_groups;
use super::{Driver, Param, Row, StorageError};
use crate::alarm::{Act, Phase, Rule, Scope, Severity};
use crate::registry::GroupId;

/// Queries on rules.
pub struct AlarmRules;

/// Where a rule stands for a device, as a start finds it.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseRow {
    pub rule: i64,
    pub address: u32,
    pub phase: Phase,
    pub last_ms: i64,
    /// Of the last reading that counted.
    pub value: String,
}

const COLUMNS: &str = "id, group_id, name, scope, condition, unit, severity, enabled, on_delay_ms, off_delay_ms, \
                       actuator, act_value, local, created_ms";

fn unreadable(what: &str) -> StorageError {
    StorageError::Failed(format!("alarm rule cannot be read: {what}"))
}

fn read(row: &dyn Row) -> Result<Rule, StorageError> {
    let scope: Scope = row.text(3)?.parse().map_err(|_| unreadable("its scope"))?;
    let condition = row.text(4)?;
    let check = serde_json::from_str(&condition).map_err(|_| unreadable(&condition))?;
    let severity = row.text(6)?;
    let severity = Severity::from_name(&severity).ok_or_else(|| unreadable(&severity))?;
    let (actuator, value) = (row.text(10)?, row.text(11)?);
    Ok(Rule {
        id: row.int(0)?,
        group: GroupId(row.int(1)?),
        name: row.text(2)?,
        scope,
        check,
        unit: row.text(5)?,
        severity,
        enabled: row.int(7)? != 0,
        on_delay_ms: row.int(8)?,
        off_delay_ms: row.int(9)?,
        act: (!actuator.is_empty()).then_some(Act { actuator, value }),
        local: row.int(12)? != 0,
        created_ms: row.int(13)?,
    })
}

impl AlarmRules {
    /// Stores a rule and answers its id. `None`: the group has one of that name.
    ///
    /// # Errors
    /// The store failed.
    pub fn insert(store: &mut dyn Driver, rule: &Rule) -> Result<Option<i64>, StorageError> {
        let check =
            serde_json::to_string(&rule.check).map_err(|error| unreadable(&error.to_string()))?;
        let act = rule.act.as_ref();
        let mut id = None;
        store.query(
            "INSERT INTO alarm_rule (group_id, name, scope, condition, unit, severity, enabled, on_delay_ms, off_delay_ms,
                                     actuator, act_value, local, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (group_id, name) DO NOTHING RETURNING id",
            &[
                Param::Int(rule.group.0),
                Param::Text(&rule.name),
                Param::Text(&rule.scope.to_string()),
                Param::Text(&check),
                Param::Text(&rule.unit),
                Param::Text(rule.severity.name()),
                Param::Int(rule.enabled.into()),
                Param::Int(rule.on_delay_ms),
                Param::Int(rule.off_delay_ms),
                Param::Text(act.map_or("", |act| &act.actuator)),
                Param::Text(act.map_or("", |act| &act.value)),
                Param::Int(rule.local.into()),
                Param::Int(rule.created_ms),
            ],
            &mut |row| {
                id = Some(row.int(0)?);
                Ok(())
            },
        )?;
        Ok(id)
    }

    /// # Errors
    /// The store failed.
    pub fn set_enabled(store: &mut dyn Driver, id: i64, enabled: bool) -> Result<(), StorageError> {
        let params = [Param::Int(id), Param::Int(enabled.into())];
        store
            .execute("UPDATE alarm_rule SET enabled = ?2 WHERE id = ?1", &params)
            .map(drop)
    }

    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
        store
            .execute("DELETE FROM alarm_rule WHERE id = ?1", &[Param::Int(id)])
            .map(drop)
    }

    /// Every rule, by id.
    ///
    /// # Errors
    /// The store failed.
    pub fn each(store: &mut dyn Driver, mut each: impl FnMut(Rule)) -> Result<(), StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM alarm_rule ORDER BY id");
        store.query(&sql, &[], &mut |row| {
            each(read(row)?);
            Ok(())
        })
    }

    /// One rule.
    ///
    /// # Errors
    /// The store failed.
    pub fn find(store: &mut dyn Driver, id: i64) -> Result<Option<Rule>, StorageError> {
        let mut found = None;
        let sql = format!("SELECT {COLUMNS} FROM alarm_rule WHERE id = ?1");
        store.query(&sql, &[Param::Int(id)], &mut |row| {
            found = Some(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The rules of some groups, or all, by id: `limit` at most of those behind `after`.
    ///
    /// # Errors
    /// The store failed.
    pub fn list(
        store: &mut dyn Driver,
        groups: Option<&[GroupId]>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Rule>, StorageError> {
        of_groups(
            groups,
            limit,
            |rule: &Rule| rule.id,
            |group| Self::list_of(store, group, after, limit),
        )
    }

    fn list_of(
        store: &mut dyn Driver,
        group: Option<GroupId>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Rule>, StorageError> {
        let mut params = vec![
            Param::Int(after),
            Param::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
        ];
        params.extend(group.map(|group| Param::Int(group.0)));
        let of_group = if group.is_some() {
            " AND group_id = ?3"
        } else {
            ""
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM alarm_rule WHERE id > ?1{of_group} ORDER BY id LIMIT ?2"
        );
        let mut rules = Vec::new();
        store.query(&sql, &params, &mut |row| {
            rules.push(read(row)?);
            Ok(())
        })?;
        Ok(rules)
    }

    /// Keeps where a rule stands; `Normal` needs no row.
    ///
    /// # Errors
    /// The store failed.
    pub fn put_phase(store: &mut dyn Driver, row: &PhaseRow) -> Result<(), StorageError> {
        let since_ms = match row.phase {
            Phase::Normal => return Self::forget_phase(store, row.rule, row.address),
            Phase::Raised => row.last_ms,
            Phase::Raising { since_ms } | Phase::Clearing { since_ms } => since_ms,
        };
        store
            .execute(
                "INSERT OR REPLACE INTO alarm_phase (rule, address, phase, since_ms, last_ms, value)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[
                    Param::Int(row.rule),
                    Param::Int(row.address.into()),
                    Param::Text(row.phase.name()),
                    Param::Int(since_ms),
                    Param::Int(row.last_ms),
                    Param::Text(&row.value),
                ],
            )
            .map(drop)
    }

    /// # Errors
    /// The store failed.
    pub fn forget_phase(
        store: &mut dyn Driver,
        rule: i64,
        address: u32,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM alarm_phase WHERE rule = ?1 AND address = ?2",
                &[Param::Int(rule), Param::Int(address.into())],
            )
            .map(drop)
    }

    /// Every phase that is not normal.
    ///
    /// # Errors
    /// The store failed.
    pub fn each_phase(
        store: &mut dyn Driver,
        mut each: impl FnMut(PhaseRow),
    ) -> Result<(), StorageError> {
        store.query(
            "SELECT rule, address, phase, since_ms, last_ms, value FROM alarm_phase ORDER BY rule, address",
            &[],
            &mut |row| {
                let since_ms = row.int(3)?;
                let phase = match row.text(2)?.as_str() {
                    "raising" => Phase::Raising { since_ms },
                    "raised" => Phase::Raised,
                    "clearing" => Phase::Clearing { since_ms },
                    other => return Err(unreadable(other)),
                };
                each(PhaseRow {
                    rule: row.int(0)?,
                    address: u32::try_from(row.int(1)?).unwrap_or(0),
                    phase,
                    last_ms: row.int(4)?,
                    value: row.text(5)?,
                });
                Ok(())
            },
        )
    }
}
