//! Table event_period: the EVENT_SETs that hold.

use super::{Driver, Param, StorageError};

/// One sensor's period, with the id of the command that set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPeriod {
    pub sensor: String,
    pub period_ms: i64,
    pub command: i64,
}

/// Queries on event periods.
pub struct EventPeriods;

impl EventPeriods {
    /// Sets the period of a sensor; 0 takes it away.
    ///
    /// # Errors
    /// The store failed.
    pub fn set(
        store: &mut dyn Driver,
        address: u32,
        period: &EventPeriod,
    ) -> Result<(), StorageError> {
        let key = [Param::Int(address.into()), Param::Text(&period.sensor)];
        if period.period_ms == 0 {
            return store
                .execute(
                    "DELETE FROM event_period WHERE address = ?1 AND sensor = ?2",
                    &key,
                )
                .map(|_| ());
        }
        let [address, sensor] = key;
        store
            .execute(
                "INSERT OR REPLACE INTO event_period (address, sensor, period_ms, command) VALUES (?1, ?2, ?3, ?4)",
                &[address, sensor, Param::Int(period.period_ms), Param::Int(period.command)],
            )
            .map(|_| ())
    }

    /// Takes away what a command set, if it still holds.
    ///
    /// # Errors
    /// The store failed.
    pub fn take_back(
        store: &mut dyn Driver,
        address: u32,
        command: i64,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM event_period WHERE address = ?1 AND command = ?2",
                &[Param::Int(address.into()), Param::Int(command)],
            )
            .map(|_| ())
    }

    /// Every device's, for the start.
    ///
    /// # Errors
    /// The store failed.
    pub fn each(
        store: &mut dyn Driver,
        mut each: impl FnMut(u32, EventPeriod),
    ) -> Result<(), StorageError> {
        store.query(
            "SELECT address, sensor, period_ms, command FROM event_period ORDER BY address, sensor",
            &[],
            &mut |row| {
                each(
                    u32::try_from(row.int(0)?).unwrap_or(0),
                    EventPeriod {
                        sensor: row.text(1)?,
                        period_ms: row.int(2)?,
                        command: row.int(3)?,
                    },
                );
                Ok(())
            },
        )
    }
}
