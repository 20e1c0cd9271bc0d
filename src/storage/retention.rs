//! Table retention: how long readings and their roll-ups are kept, per group and sensor.

use super::{Driver, Param, StorageError};
use crate::settings;

/// Days that each layer is kept; 0 is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub raw_days: i64,
    pub minute_days: i64,
    pub hour_days: i64,
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionRow {
    pub group: i64,
    /// Empty: the whole group.
    pub sensor: String,
    pub keep: Keep,
}

/// Queries on the table.
pub struct Retention;

impl Retention {
    /// # Errors
    /// The store failed.
    pub fn set(store: &mut dyn Driver, row: &RetentionRow) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT OR REPLACE INTO retention (group_id, sensor, raw_days, minute_days, hour_days)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                &[
                    Param::Int(row.group),
                    Param::Text(&row.sensor),
                    Param::Int(row.keep.raw_days),
                    Param::Int(row.keep.minute_days),
                    Param::Int(row.keep.hour_days),
                ],
            )
            .map(|_| ())
    }

    /// False: there was no such rule.
    ///
    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, group: i64, sensor: &str) -> Result<bool, StorageError> {
        let removed = store.execute(
            "DELETE FROM retention WHERE group_id = ?1 AND sensor = ?2",
            &[Param::Int(group), Param::Text(sensor)],
        )?;
        Ok(removed > 0)
    }

    /// # Errors
    /// The store failed.
    pub fn all(store: &mut dyn Driver) -> Result<Vec<RetentionRow>, StorageError> {
        let mut rows = Vec::new();
        store.query(
            "SELECT group_id, sensor, raw_days, minute_days, hour_days FROM retention ORDER BY group_id, sensor",
            &[],
            &mut |row| {
                rows.push(RetentionRow {
                    group: row.int(0)?,
                    sensor: row.text(1)?,
                    keep: Keep {
                        raw_days: row.int(2)?,
                        minute_days: row.int(3)?,
                        hour_days: row.int(4)?,
                    },
                });
                Ok(())
            },
        )?;
        Ok(rows)
    }
}

/// All rules, as they are asked for each series.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    default: Keep,
    rows: Vec<RetentionRow>,
}

impl Rules {
    pub(super) fn load(
        store: &mut dyn Driver,
        settings: &settings::Storage,
    ) -> Result<Self, StorageError> {
        let days = |days: u64| i64::try_from(days).unwrap_or(i64::MAX);
        Ok(Self {
            default: Keep {
                raw_days: days(settings.raw_days),
                minute_days: days(settings.minute_days),
                hour_days: days(settings.hour_days),
            },
            rows: Retention::all(store)?,
        })
    }

    /// The rule of the sensor (or of the composite that it is a part of), else of its group, else of the settings.
    pub(super) fn of(&self, group: i64, sensor: &str) -> Keep {
        let whole = sensor.rsplit_once('/').map_or(sensor, |(whole, _)| whole);
        let rule = |name: &str| {
            let mut rows = self.rows.iter();
            rows.find(|row| row.group == group && row.sensor == name)
        };
        rule(sensor)
            .or_else(|| rule(whole))
            .or_else(|| rule(""))
            .map_or(self.default, |row| row.keep)
    }

    /// Whether anything ends at all.
    pub(super) fn keep_all(&self) -> bool {
        let for_ever =
            |keep: &Keep| keep.raw_days == 0 && keep.minute_days == 0 && keep.hour_days == 0;
        for_ever(&self.default) && self.rows.iter().all(|row| for_ever(&row.keep))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rule_holds() {
        let keep = |raw_days| Keep {
            raw_days,
            minute_days: 0,
            hour_days: 0,
        };
        let row = |group, sensor: &str, raw_days| RetentionRow {
            group,
            sensor: sensor.into(),
            keep: keep(raw_days),
        };
        let rules = Rules {
            default: keep(9),
            rows: vec![
                row(1, "", 1),
                row(1, "pressure", 2),
                row(1, "pressure/low", 3),
            ],
        };
        for (group, sensor, days) in [
            (1, "t", 1),
            (1, "pressure", 2),
            (1, "pressure/high", 2),
            (1, "pressure/low", 3),
            (2, "pressure", 9),
        ] {
            assert_eq!(rules.of(group, sensor).raw_days, days, "{group} {sensor}");
        }
    }
}
