//! The last known value of a name: its reading with the newest device time, wherever that lies.

use serde::{Deserialize, Serialize};

use super::{Driver, Param, Readings, StorageError};
use crate::readings::Value;

/// The newest reading of a name, over all its units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastValue {
    pub value: Value<'static>,
    pub unit: String,
    /// The device's time, Unix ms.
    pub at_ms: i64,
    /// The hub's time, Unix ms.
    pub hub_ms: i64,
}

impl Readings {
    /// The last known value of one name of a device.
    ///
    /// # Errors
    /// The store failed.
    pub fn last(
        store: &mut dyn Driver,
        address: u32,
        group: i64,
        name: &str,
        now_ms: i64,
    ) -> Result<Option<LastValue>, StorageError> {
        let found = newest(store, address, group, Some(name), now_ms)?;
        Ok(found.into_iter().next().map(|(_, last)| last))
    }

    /// The last known values of all names of a device, by name.
    ///
    /// # Errors
    /// The store failed.
    pub fn last_all(
        store: &mut dyn Driver,
        address: u32,
        group: i64,
        now_ms: i64,
    ) -> Result<Vec<(String, LastValue)>, StorageError> {
        newest(store, address, group, None, now_ms)
    }
}

fn newest(
    store: &mut dyn Driver,
    address: u32,
    group: i64,
    name: Option<&str>,
    now_ms: i64,
) -> Result<Vec<(String, LastValue)>, StorageError> {
    let mut series = Vec::new();
    store.query(
        "SELECT id, sensor, unit FROM series
         WHERE address = ?1 AND group_id = ?2 AND (?3 IS NULL OR sensor = ?3) ORDER BY sensor",
        &[
            Param::Int(address.into()),
            Param::Int(group),
            name.map_or(Param::Null, Param::Text),
        ],
        &mut |row| {
            series.push((row.int(0)?, row.text(1)?, row.text(2)?));
            Ok(())
        },
    )?;
    let mut found: Vec<(String, LastValue)> = Vec::new();
    for (id, sensor, unit) in series {
        let Some(last) = of_series(store, id, unit, now_ms)? else {
            continue;
        };
        match found.last_mut() {
            Some((name, known)) if *name == sensor => {
                if last.at_ms.min(last.hub_ms) > known.at_ms.min(known.hub_ms) {
                    *known = last;
                }
            }
            _ => found.push((sensor, last)),
        }
    }
    Ok(found)
}

/// A device whose clock is ahead must not hide what was reported after: what it stamps later than now counts as of its
/// arrival. So there are two candidates among the rows: the newest of all, and the newest until now.
fn of_series(
    store: &mut dyn Driver,
    series: i64,
    unit: String,
    now_ms: i64,
) -> Result<Option<LastValue>, StorageError> {
    let mut newest: Option<(i64, i64, i64, Value<'static>)> = None;
    let (id, now) = (Param::Int(series), Param::Int(now_ms));
    let looks: [(&str, &[Param<'_>]); 3] = [
        (
            "SELECT to_ms, last_later, last FROM pack WHERE series = ?1
             ORDER BY from_ms DESC, from_msgno DESC LIMIT 1",
            &[id],
        ),
        (
            "SELECT at_ms, later_ms, value FROM reading WHERE series = ?1
             ORDER BY at_ms DESC, msgno DESC LIMIT 1",
            &[id],
        ),
        (
            "SELECT at_ms, later_ms, value FROM reading WHERE series = ?1 AND at_ms <= ?2
             ORDER BY at_ms DESC, msgno DESC LIMIT 1",
            &[id, now],
        ),
    ];
    for (sql, params) in looks {
        store.query(sql, params, &mut |row| {
            let (at_ms, later_ms) = (row.int(0)?, row.int(1)?);
            let hub_ms = at_ms.saturating_add(later_ms);
            let counts_as = at_ms.min(hub_ms);
            if let Some(value) = row.value(2)?
                && newest
                    .as_ref()
                    .is_none_or(|(known, ..)| counts_as >= *known)
            {
                newest = Some((counts_as, at_ms, hub_ms, value));
            }
            Ok(())
        })?;
    }
    Ok(newest.map(|(_, at_ms, hub_ms, value)| LastValue {
        value,
        unit,
        at_ms,
        hub_ms,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Sqlite;

    #[test]
    fn a_clock_that_is_fast_hides_nothing_that_came_after() {
        let mut store = Sqlite::in_memory().unwrap();
        let now = 1_800_000_000_000_i64;
        let hour = 3_600_000;
        for sql in [
            "INSERT INTO series (id, address, group_id, sensor, unit) VALUES (7, 42, 1, 'door', '')".to_owned(),
            // Stamped an hour ahead, though it came a minute ago; then DONE, a second ago.
            format!("INSERT INTO reading VALUES (7, {}, 1, {}, 'closed')", now + hour, -hour - 60_000),
            format!("INSERT INTO reading VALUES (7, {}, -2, 0, 'open')", now - 1000),
        ] {
            store.execute(&sql, &[]).unwrap();
        }
        let mut known = |now_ms| {
            let last = Readings::last(&mut store, 42, 1, "door", now_ms).unwrap();
            last.map(|last| last.value.to_string())
        };
        assert_eq!(known(now).as_deref(), Some("open"));
        store
            .execute(
                &format!(
                    "INSERT INTO reading VALUES (7, {}, 2, {}, 'ajar')",
                    now + hour + 1,
                    -hour - 1
                ),
                &[],
            )
            .unwrap();
        let last = Readings::last(&mut store, 42, 1, "door", now)
            .unwrap()
            .unwrap();
        assert_eq!(
            (last.value.to_string().as_str(), last.hub_ms),
            ("ajar", now)
        );
    }
}
