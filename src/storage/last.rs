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
    ) -> Result<Option<LastValue>, StorageError> {
        let found = newest(store, address, group, Some(name))?;
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
    ) -> Result<Vec<(String, LastValue)>, StorageError> {
        newest(store, address, group, None)
    }
}

fn newest(
    store: &mut dyn Driver,
    address: u32,
    group: i64,
    name: Option<&str>,
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
        let Some(last) = of_series(store, id, unit)? else {
            continue;
        };
        match found.last_mut() {
            Some((name, known)) if *name == sensor => {
                if last.at_ms > known.at_ms {
                    *known = last;
                }
            }
            _ => found.push((sensor, last)),
        }
    }
    Ok(found)
}

fn of_series(
    store: &mut dyn Driver,
    series: i64,
    unit: String,
) -> Result<Option<LastValue>, StorageError> {
    let mut newest: Option<(i64, i64, Value<'static>)> = None;
    for sql in [
        "SELECT to_ms, last_later, last FROM pack WHERE series = ?1
         ORDER BY from_ms DESC, from_msgno DESC LIMIT 1",
        "SELECT at_ms, later_ms, value FROM reading WHERE series = ?1
         ORDER BY at_ms DESC, msgno DESC LIMIT 1",
    ] {
        store.query(sql, &[Param::Int(series)], &mut |row| {
            let (at_ms, later_ms) = (row.int(0)?, row.int(1)?);
            if let Some(value) = row.value(2)?
                && newest.as_ref().is_none_or(|(known, ..)| at_ms >= *known)
            {
                newest = Some((at_ms, later_ms, value));
            }
            Ok(())
        })?;
    }
    Ok(newest.map(|(at_ms, later_ms, value)| LastValue {
        value,
        unit,
        at_ms,
        hub_ms: at_ms.saturating_add(later_ms),
    }))
}
