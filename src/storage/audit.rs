//! Tables audit and audit_group: who changed what.

use super::{Driver, Param, Row, StorageError};

/// Lines that one step of the clean-up deletes.
const PURGE_ROWS: i64 = 1000;

/// A line as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditRow {
    pub id: i64,
    pub at_ms: i64,
    pub actor: String,
    pub via: String,
    pub source: String,
    pub action: String,
    pub target: String,
    pub detail: String,
    /// What it concerns, with the names that the groups had then; none: the hub as a whole.
    pub groups: Vec<(i64, String)>,
}

/// Which lines are listed, the newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only lines of one of these; `None`: all lines.
    pub groups: Option<Vec<i64>>,
    pub actor: Option<String>,
    /// An action, or what stands before the dot.
    pub action: Option<String>,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
    /// Only those with a smaller id than this,
    pub before: i64,
    /// and not smaller than this.
    pub least: i64,
    pub limit: i64,
}

/// Queries on the audit log.
pub struct Audit;

const COLUMNS: &str = "id, at_ms, actor, via, source, action, target, detail";

fn read(row: &dyn Row) -> Result<AuditRow, StorageError> {
    Ok(AuditRow {
        id: row.int(0)?,
        at_ms: row.int(1)?,
        actor: row.text(2)?,
        via: row.text(3)?,
        source: row.text(4)?,
        action: row.text(5)?,
        target: row.text(6)?,
        detail: row.text(7)?,
        groups: Vec::new(),
    })
}

fn ids(store: &mut dyn Driver, sql: &str, params: &[Param<'_>]) -> Result<Vec<i64>, StorageError> {
    let mut found = Vec::new();
    store.query(sql, params, &mut |row| {
        found.push(row.int(0)?);
        Ok(())
    })?;
    Ok(found)
}

impl Audit {
    /// # Errors
    /// The store failed.
    pub fn insert(store: &mut dyn Driver, row: &AuditRow) -> Result<(), StorageError> {
        store.execute(
            "INSERT INTO audit (at_ms, actor, via, source, action, target, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &[
                Param::Int(row.at_ms),
                Param::Text(&row.actor),
                Param::Text(&row.via),
                Param::Text(&row.source),
                Param::Text(&row.action),
                Param::Text(&row.target),
                Param::Text(&row.detail),
            ],
        )?;
        let id = Self::last_id(store)?;
        for (group, name) in &row.groups {
            store.execute(
                "INSERT OR IGNORE INTO audit_group (group_id, audit_id, group_name) VALUES (?1, ?2, ?3)",
                &[Param::Int(*group), Param::Int(id), Param::Text(name)],
            )?;
        }
        Ok(())
    }

    /// Of the newest line; 0: there is none.
    ///
    /// # Errors
    /// The store failed.
    pub fn last_id(store: &mut dyn Driver) -> Result<i64, StorageError> {
        let last = ids(store, "SELECT coalesce(max(id), 0) FROM audit", &[])?;
        Ok(last.first().copied().unwrap_or_default())
    }

    /// Of the oldest line; 0: there is none.
    ///
    /// # Errors
    /// The store failed.
    pub fn first_id(store: &mut dyn Driver) -> Result<i64, StorageError> {
        let first = ids(store, "SELECT coalesce(min(id), 0) FROM audit", &[])?;
        Ok(first.first().copied().unwrap_or_default())
    }

    /// # Errors
    /// The store failed.
    pub fn list(
        store: &mut dyn Driver,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditRow>, StorageError> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (actor, action) = (text(&filter.actor), text(&filter.action));
        let within = match &filter.groups {
            None => String::new(),
            // Numbers, not words of anybody's.
            Some(groups) => {
                let list: Vec<_> = groups.iter().map(i64::to_string).collect();
                format!(
                    "AND id IN (SELECT audit_id FROM audit_group
                                WHERE group_id IN ({}) AND audit_id < ?1 AND audit_id >= ?2)",
                    list.join(", ")
                )
            }
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM audit
             WHERE id < ?1 AND id >= ?2 AND at_ms >= ?3 AND at_ms < ?4
                   AND (?5 = '' OR actor = ?5)
                   AND (?6 = '' OR action = ?6 OR substr(action, 1, length(?6) + 1) = ?6 || '.') {within}
             ORDER BY id DESC LIMIT ?7"
        );
        let mut found = Vec::new();
        store.query(
            &sql,
            &[
                Param::Int(filter.before),
                Param::Int(filter.least),
                Param::Int(filter.from_ms.unwrap_or(i64::MIN)),
                Param::Int(filter.to_ms.unwrap_or(i64::MAX)),
                Param::Text(&actor),
                Param::Text(&action),
                Param::Int(filter.limit),
            ],
            &mut |row| {
                found.push(read(row)?);
                Ok(())
            },
        )?;
        for line in &mut found {
            store.query(
                "SELECT group_id, group_name FROM audit_group WHERE audit_id = ?1 ORDER BY group_id",
                &[Param::Int(line.id)],
                &mut |row| {
                    line.groups.push((row.int(0)?, row.text(1)?));
                    Ok(())
                },
            )?;
        }
        Ok(found)
    }

    /// Deletes some of the lines from before `before_ms`. True while there may be more.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_step(store: &mut dyn Driver, before_ms: i64) -> Result<bool, StorageError> {
        let old = ids(
            store,
            "SELECT id FROM audit WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2",
            &[Param::Int(before_ms), Param::Int(PURGE_ROWS)],
        )?;
        for id in &old {
            for sql in [
                "DELETE FROM audit_group WHERE audit_id = ?1",
                "DELETE FROM audit WHERE id = ?1",
            ] {
                store.execute(sql, &[Param::Int(*id)])?;
            }
        }
        Ok(i64::try_from(old.len()).is_ok_and(|rows| rows == PURGE_ROWS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Sqlite;

    #[test]
    fn lines_are_found_by_group_and_action_and_go_when_they_are_old() {
        let mut store = Sqlite::in_memory().unwrap();
        for (at_ms, action, groups) in [
            (1, "user.add", &[1, 2][..]),
            (2, "user.remove", &[2]),
            (3, "group.add", &[]),
            (4, "users", &[1]),
        ] {
            let row = AuditRow {
                at_ms,
                action: action.into(),
                groups: groups.iter().map(|id| (*id, format!("g{id}"))).collect(),
                ..AuditRow::default()
            };
            Audit::insert(&mut store, &row).unwrap();
        }
        let all = AuditFilter {
            before: i64::MAX,
            limit: 10,
            ..AuditFilter::default()
        };
        let mut times = |filter: &AuditFilter| -> Vec<i64> {
            let found = Audit::list(&mut store, filter).unwrap();
            found.iter().map(|line| line.at_ms).collect()
        };
        assert_eq!(times(&all), [4, 3, 2, 1]);
        let of_one = AuditFilter {
            groups: Some(vec![1]),
            ..all.clone()
        };
        assert_eq!(times(&of_one), [4, 1]);
        let users = AuditFilter {
            action: Some("user".into()),
            ..all.clone()
        };
        assert_eq!(times(&users), [2, 1]);
        assert!(!Audit::purge_step(&mut store, 3).unwrap());
        let left = Audit::list(&mut store, &all).unwrap();
        assert_eq!(left.len(), 2);
        assert_eq!(left.first().unwrap().groups, [(1, "g1".to_owned())]);
    }
}
