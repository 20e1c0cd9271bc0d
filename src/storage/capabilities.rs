//! Tables capability and desired.

use super::{Driver, Param, StorageError};
use crate::capability::{Capability, Described, Source};

/// What became of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    New,
    /// It was said before.
    Before,
    /// More names than a device may have.
    TooMuch,
}

/// Queries on what devices have, and on what is wanted of them.
pub struct Capabilities;

impl Capabilities {
    /// All that is described of a device.
    ///
    /// # Errors
    /// The store failed.
    pub fn of(store: &mut dyn Driver, address: u32) -> Result<Described, StorageError> {
        let mut all = Vec::new();
        store.query(
            "SELECT acts, name, kind, unit, low, high, source FROM capability WHERE address = ?1
             ORDER BY acts, name",
            &[Param::Int(address.into())],
            &mut |row| {
                let source = Source::from_name(&row.text(6)?).unwrap_or(Source::Device);
                all.push((
                    Capability {
                        acts: row.int(0)? != 0,
                        name: row.text(1)?,
                        kind: row.text(2)?,
                        unit: row.text(3)?,
                        low: row.optional_real(4)?,
                        high: row.optional_real(5)?,
                    },
                    source,
                ));
                Ok(())
            },
        )?;
        Ok(Described::new(all))
    }

    /// Writes what a source says, in place of what it said before or added to it. Writes nothing when that is what it said
    /// already (devices describe themselves at each login), or when it would have more than `max` names.
    ///
    /// # Errors
    /// The store failed.
    pub fn describe(
        store: &mut dyn Driver,
        address: u32,
        source: Source,
        said: &[Capability],
        replace: bool,
        max: usize,
    ) -> Result<Said, StorageError> {
        let known = Self::said_by(store, address, source)?;
        let all_known = said.iter().all(|capability| known.contains(capability));
        if all_known && (!replace || known.len() == said.len()) {
            return Ok(Said::Before);
        }
        let is_new = |capability: &&Capability| {
            replace
                || !known
                    .iter()
                    .any(|k| k.acts == capability.acts && k.name == capability.name)
        };
        let kept = if replace { 0 } else { known.len() };
        if kept + said.iter().filter(is_new).count() > max {
            return Ok(Said::TooMuch);
        }
        let (address, source) = (Param::Int(address.into()), Param::Text(source.name()));
        if replace {
            store.execute(
                "DELETE FROM capability WHERE address = ?1 AND source = ?2",
                &[address, source],
            )?;
        }
        let bound = |bound: Option<f64>| bound.map_or(Param::Null, Param::Real);
        for capability in said {
            store.execute(
                "INSERT OR REPLACE INTO capability (address, acts, name, source, kind, unit, low, high)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                &[
                    address,
                    Param::Int(capability.acts.into()),
                    Param::Text(&capability.name),
                    source,
                    Param::Text(&capability.kind),
                    Param::Text(&capability.unit),
                    bound(capability.low),
                    bound(capability.high),
                ],
            )?;
        }
        Ok(Said::New)
    }

    fn said_by(
        store: &mut dyn Driver,
        address: u32,
        source: Source,
    ) -> Result<Vec<Capability>, StorageError> {
        let mut known = Vec::new();
        store.query(
            "SELECT acts, name, kind, unit, low, high FROM capability WHERE address = ?1 AND source = ?2",
            &[Param::Int(address.into()), Param::Text(source.name())],
            &mut |row| {
                known.push(Capability {
                    acts: row.int(0)? != 0,
                    name: row.text(1)?,
                    kind: row.text(2)?,
                    unit: row.text(3)?,
                    low: row.optional_real(4)?,
                    high: row.optional_real(5)?,
                });
                Ok(())
            },
        )?;
        Ok(known)
    }

    /// Somebody wants an actuator to be so.
    ///
    /// # Errors
    /// The store failed.
    pub fn want(
        store: &mut dyn Driver,
        address: u32,
        actuator: &str,
        value: &str,
        command: i64,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT OR REPLACE INTO desired (address, actuator, value, command) VALUES (?1, ?2, ?3, ?4)",
                &[
                    Param::Int(address.into()),
                    Param::Text(actuator),
                    Param::Text(value),
                    Param::Int(command),
                ],
            )
            .map(|_| ())
    }

    /// How many names are wanted of a device: actuators, and sensors at a period.
    ///
    /// # Errors
    /// The store failed.
    pub fn wants(store: &mut dyn Driver, address: u32) -> Result<usize, StorageError> {
        let mut count = 0;
        store.query(
            "SELECT (SELECT count(*) FROM desired WHERE address = ?1)
                  + (SELECT count(*) FROM standing WHERE address = ?1 AND type = 27 AND fields <> '[]')",
            &[Param::Int(address.into())],
            &mut |row| {
                count = usize::try_from(row.int(0)?).unwrap_or(0);
                Ok(())
            },
        )?;
        Ok(count)
    }

    /// Actuator, value, command and that command's state (empty: no longer kept).
    ///
    /// # Errors
    /// The store failed.
    pub fn wanted(
        store: &mut dyn Driver,
        address: u32,
    ) -> Result<Vec<(String, String, i64, String)>, StorageError> {
        let mut wanted = Vec::new();
        store.query(
            "SELECT d.actuator, d.value, d.command, coalesce(c.state, '') FROM desired d
             LEFT JOIN command c ON c.id = d.command WHERE d.address = ?1 ORDER BY d.actuator",
            &[Param::Int(address.into())],
            &mut |row| {
                wanted.push((row.text(0)?, row.text(1)?, row.int(2)?, row.text(3)?));
                Ok(())
            },
        )?;
        Ok(wanted)
    }
}
