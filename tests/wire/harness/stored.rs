//! What the database holds of the devices' readings.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::types::Value;

use super::home::Home;

/// One row of `reading` with its series.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) address: u32,
    pub(crate) group: String,
    pub(crate) sensor: String,
    pub(crate) unit: String,
    /// The device's time.
    pub(crate) at_ms: i64,
    /// The hub's time.
    pub(crate) hub_ms: i128,
    pub(crate) msgno: i64,
    pub(crate) value: Value,
}

const ROWS: &str = "
    SELECT series.address, customer_group.name, series.sensor, series.unit,
           reading.at_ms, reading.later_ms, reading.msgno, reading.value
    FROM reading
    JOIN series ON series.id = reading.series
    JOIN customer_group ON customer_group.id = series.group_id
    ORDER BY reading.msgno";

impl Home {
    /// All readings, by msgno.
    pub(crate) fn stored(&self) -> Vec<Stored> {
        let database = self.database();
        let mut statement = database.prepare(ROWS).unwrap();
        let rows = statement.query_map([], |row| {
            let (at_ms, later_ms): (i64, i64) = (row.get(4)?, row.get(5)?);
            Ok(Stored {
                address: row.get(0)?,
                group: row.get(1)?,
                sensor: row.get(2)?,
                unit: row.get(3)?,
                at_ms,
                hub_ms: i128::from(at_ms) + i128::from(later_ms),
                msgno: row.get(6)?,
                value: row.get(7)?,
            })
        });
        rows.unwrap().map(Result::unwrap).collect()
    }
}

impl Stored {
    /// The clock of this machine, which is the hub's too.
    pub(crate) fn now_ms() -> i128 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        i128::try_from(now.as_millis()).unwrap()
    }
}
