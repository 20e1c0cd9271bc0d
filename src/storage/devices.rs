//! Table device.

use super::{Driver, Param, Row, StorageError};

/// One row, as stored: the serial is sealed.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    pub address: u32,
    pub group: i64,
    pub kind: u32,
    pub id: String,
    pub name: String,
    pub labels: String,
    pub rights: String,
    pub login: String,
    pub nonce_memory: u32,
    pub disabled: bool,
    pub weak: bool,
    pub serial: Vec<u8>,
}

/// Queries on devices.
pub struct Devices;

const COLUMNS: &str = "address, group_id, type, id, name, labels, rights, login, nonce_memory, disabled, weak, serial";

impl Devices {
    /// # Errors
    /// `Conflict` when the address or the type and id are taken.
    pub fn insert(store: &mut dyn Driver, row: &DeviceRow) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT INTO device (address, group_id, type, id, name, labels, rights, login, nonce_memory, disabled, weak, serial)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                &[
                    Param::Int(row.address.into()),
                    Param::Int(row.group),
                    Param::Int(row.kind.into()),
                    Param::Text(&row.id),
                    Param::Text(&row.name),
                    Param::Text(&row.labels),
                    Param::Text(&row.rights),
                    Param::Text(&row.login),
                    Param::Int(row.nonce_memory.into()),
                    Param::Int(row.disabled.into()),
                    Param::Int(row.weak.into()),
                    Param::Blob(&row.serial),
                ],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed.
    pub fn set_disabled(
        store: &mut dyn Driver,
        address: u32,
        disabled: bool,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE device SET disabled = ?2 WHERE address = ?1",
                &[Param::Int(address.into()), Param::Int(disabled.into())],
            )
            .map(|_| ())
    }

    /// # Errors
    /// The store failed.
    pub fn set_serial(
        store: &mut dyn Driver,
        address: u32,
        serial: &[u8],
        weak: bool,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE device SET serial = ?2, weak = ?3 WHERE address = ?1",
                &[
                    Param::Int(address.into()),
                    Param::Blob(serial),
                    Param::Int(weak.into()),
                ],
            )
            .map(|_| ())
    }

    /// Moves a device; labels belong to the old group and go.
    ///
    /// # Errors
    /// The store failed.
    pub fn set_group(store: &mut dyn Driver, address: u32, group: i64) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE device SET group_id = ?2, labels = '' WHERE address = ?1",
                &[Param::Int(address.into()), Param::Int(group)],
            )
            .map(|_| ())
    }

    /// Removes a device with its nonces. Its readings are left to [`super::Readings::purge_step`]: there may be
    /// millions, and nobody else may wait for that.
    ///
    /// # Errors
    /// The store failed.
    pub fn remove(store: &mut dyn Driver, address: u32) -> Result<(), StorageError> {
        for sql in [
            "DELETE FROM legacy_nonce WHERE address = ?1",
            "DELETE FROM capability WHERE address = ?1",
            "DELETE FROM desired WHERE address = ?1",
            "DELETE FROM standing WHERE address = ?1",
            "DELETE FROM presence WHERE address = ?1",
            "DELETE FROM command WHERE address = ?1",
            "DELETE FROM device WHERE address = ?1",
        ] {
            store.execute(sql, &[Param::Int(address.into())])?;
        }
        Ok(())
    }

    /// # Errors
    /// The store failed.
    pub fn count(store: &mut dyn Driver) -> Result<i64, StorageError> {
        let mut count = 0;
        store.query("SELECT count(*) FROM device", &[], &mut |row| {
            count = row.int(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// Calls `each` for every device: all of them at once would be twice the registry in memory.
    ///
    /// # Errors
    /// The store failed, or what `each` says.
    pub fn each(
        store: &mut dyn Driver,
        mut each: impl FnMut(DeviceRow) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        store.query(
            &format!("SELECT {COLUMNS} FROM device ORDER BY address"),
            &[],
            &mut |row| each(read(row)?),
        )
    }
}

fn read(row: &dyn Row) -> Result<DeviceRow, StorageError> {
    Ok(DeviceRow {
        address: number(row.int(0)?)?,
        group: row.int(1)?,
        kind: number(row.int(2)?)?,
        id: row.text(3)?,
        name: row.text(4)?,
        labels: row.text(5)?,
        rights: row.text(6)?,
        login: row.text(7)?,
        nonce_memory: number(row.int(8)?)?,
        disabled: row.int(9)? != 0,
        weak: row.int(10)? != 0,
        serial: row.blob(11)?,
    })
}

fn number(value: i64) -> Result<u32, StorageError> {
    u32::try_from(value)
        .map_err(|_| StorageError::Failed(format!("{value} in a column of small numbers")))
}
