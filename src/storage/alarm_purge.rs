//! What is let go of alarms: of devices that are gone, of long ago, and of those that raise all the time.

use super::{Alarms, Driver, Param, StorageError};

/// Cleared alarms that one step of the clean-up deletes.
const PURGE_ROWS: i64 = 1000;

/// Cleared alarms that are kept of one device at most, however young.
const KEPT: i64 = 10_000;

impl Alarms {
    /// The device is removed, and what is known of it with it.
    ///
    /// # Errors
    /// The store failed.
    pub fn forget_device(store: &mut dyn Driver, address: u32) -> Result<(), StorageError> {
        let statements = [
            "DELETE FROM alarm_event WHERE alarm IN (SELECT id FROM alarm WHERE address = ?1)",
            "DELETE FROM alarm WHERE address = ?1",
            "DELETE FROM alarm_phase WHERE address = ?1",
            "DELETE FROM alarm_report WHERE address = ?1",
            "DELETE FROM alarm_shelf WHERE address = ?1",
            "DELETE FROM alarm_subscription WHERE address = ?1",
            "DELETE FROM alarm_local WHERE address = ?1",
            "DELETE FROM standing WHERE address = ?1",
        ];
        statements
            .iter()
            .try_for_each(|sql| store.execute(sql, &[Param::Int(address.into())]).map(drop))
    }

    /// Deletes some alarms that were cleared before `before_ms`, and shelves that are over. True while there may be more.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_step(
        store: &mut dyn Driver,
        before_ms: i64,
        now_ms: i64,
    ) -> Result<bool, StorageError> {
        store.execute(
            "DELETE FROM alarm_shelf WHERE until_ms < ?1",
            &[Param::Int(now_ms)],
        )?;
        let old = "SELECT id FROM alarm WHERE cleared_ms IS NOT NULL AND cleared_ms < ?1 ORDER BY cleared_ms LIMIT ?2";
        let params = [Param::Int(before_ms), Param::Int(PURGE_ROWS)];
        store.execute(
            &format!("DELETE FROM alarm_event WHERE alarm IN ({old})"),
            &params,
        )?;
        let alarms = store.execute(&format!("DELETE FROM alarm WHERE id IN ({old})"), &params)?;
        let reports = store.execute(
            "DELETE FROM alarm_report WHERE (address, at_ms, msgno, sensor) IN (
                 SELECT address, at_ms, msgno, sensor FROM alarm_report WHERE hub_ms < ?1 ORDER BY hub_ms LIMIT ?2)",
            &params,
        )?;
        Ok(alarms.max(reports) >= usize::try_from(PURGE_ROWS).unwrap_or(usize::MAX))
    }

    /// Deletes what is more than may be kept of one device, which raises alarms all the time.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_device(store: &mut dyn Driver, address: u32) -> Result<(), StorageError> {
        let most = format!(
            "(SELECT id FROM alarm WHERE address = ?1 AND cleared_ms IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET {KEPT})"
        );
        let address = [Param::Int(address.into())];
        store.execute(
            &format!(
                "DELETE FROM alarm_event WHERE alarm IN (
                     SELECT id FROM alarm WHERE address = ?1 AND cleared_ms IS NOT NULL AND id <= {most} LIMIT {PURGE_ROWS})"
            ),
            &address,
        )?;
        store.execute(
            &format!(
                "DELETE FROM alarm WHERE id IN (
                     SELECT id FROM alarm WHERE address = ?1 AND cleared_ms IS NOT NULL AND id <= {most} LIMIT {PURGE_ROWS})"
            ),
            &address,
        )?;
        store
            .execute(
                &format!(
                    "DELETE FROM alarm_report WHERE address = ?1 AND at_ms <= (
                         SELECT at_ms FROM alarm_report WHERE address = ?1 ORDER BY at_ms DESC LIMIT 1 OFFSET {KEPT})"
                ),
                &address,
            )
            .map(drop)
    }
}
