//! Table standing: the EVENT_SETs and ALARM_SETs that hold.

use super::{Driver, Param, StorageError};

/// What a device was given and is given again at each login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingOrder {
    /// EVENT_SET or ALARM_SET.
    pub kind: u32,
    /// The sensor, the alarm: one of a name holds.
    pub name: String,
    /// As the device gets them, without the id; empty: it ends.
    pub fields: Vec<String>,
    /// The command that gave it.
    pub command: i64,
}

/// Queries on standing orders.
pub struct StandingOrders;

impl StandingOrders {
    /// Sets what holds of that name. Its end is kept as well: what was given before it must not come up again.
    ///
    /// # Errors
    /// The store failed.
    pub fn set(
        store: &mut dyn Driver,
        address: u32,
        order: &StandingOrder,
    ) -> Result<(), StorageError> {
        let fields = serde_json::to_string(&order.fields).unwrap_or_default();
        store
            .execute(
                "INSERT OR REPLACE INTO standing (address, type, name, fields, command) VALUES (?1, ?2, ?3, ?4, ?5)",
                &[
                    Param::Int(address.into()),
                    Param::Int(order.kind.into()),
                    Param::Text(&order.name),
                    Param::Text(&fields),
                    Param::Int(order.command),
                ],
            )
            .map(drop)
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
                "DELETE FROM standing WHERE address = ?1 AND command = ?2",
                &[Param::Int(address.into()), Param::Int(command)],
            )
            .map(drop)
    }

    /// Every device's, for the start.
    ///
    /// # Errors
    /// The store failed.
    pub fn each(
        store: &mut dyn Driver,
        mut each: impl FnMut(u32, StandingOrder),
    ) -> Result<(), StorageError> {
        store.query(
            "SELECT address, type, name, fields, command FROM standing ORDER BY address, type, name",
            &[],
            &mut |row| {
                let fields = row.text(3)?;
                let order = StandingOrder {
                    kind: u32::try_from(row.int(1)?).unwrap_or(0),
                    name: row.text(2)?,
                    fields: serde_json::from_str(&fields).map_err(|_| {
                        StorageError::Failed(format!("a standing order cannot be read: {fields}"))
                    })?,
                    command: row.int(4)?,
                };
                each(u32::try_from(row.int(0)?).unwrap_or(0), order);
                Ok(())
            },
        )
    }
}
