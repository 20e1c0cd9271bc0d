//! Tables series and reading.

use rustc_hash::FxHashMap;

use super::{Driver, Param, StorageError};

/// Why one reading was not stored while its batch was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The device was removed while its reading was on the way.
    NoDevice,
    /// The device has as many sensors as the settings allow.
    TooManySensors,
    /// The schema refused the row.
    BadValue,
}

impl Refusal {
    /// The reason as the wire says it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoDevice => "NO_DEVICE",
            Self::TooManySensors => "TOO_MANY_SENSORS",
            Self::BadValue => "BAD_VALUE",
        }
    }
}

/// Which series a reading belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesKey<'a> {
    pub address: u32,
    pub group: i64,
    pub sensor: &'a str,
    pub unit: &'a str,
}

/// Queries on readings, with the series ids of the devices that wrote lately.
pub struct Readings {
    max_sensors: usize,
    known: FxHashMap<(u32, i64), Vec<Series>>,
}

struct Series {
    sensor: Box<str>,
    unit: Box<str>,
    id: i64,
}

/// Readings that one step of a purge deletes: a few milliseconds for everybody else.
const PURGE_ROWS: i64 = 5000;

/// Devices whose series stay in memory; past it the cache starts anew.
const KNOWN_DEVICES: usize = 50_000;

impl Readings {
    pub fn new(max_sensors: usize) -> Self {
        Self {
            max_sensors,
            known: FxHashMap::default(),
        }
    }

    /// The id of a series, which is made at its first reading.
    ///
    /// # Errors
    /// The store failed. The inner error: this device may have no further sensor.
    pub fn series(
        &mut self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
    ) -> Result<Result<i64, Refusal>, StorageError> {
        let device = (key.address, key.group);
        if !self.known.contains_key(&device) {
            if self.known.len() >= KNOWN_DEVICES {
                self.known.clear();
            }
            if !is_registered(store, key.address)? {
                return Ok(Err(Refusal::NoDevice));
            }
            self.known.insert(device, load_series(store, key)?);
        }
        let known = self.known.entry(device).or_default();
        if let Some(series) = known
            .iter()
            .find(|s| *s.sensor == *key.sensor && *s.unit == *key.unit)
        {
            return Ok(Ok(series.id));
        }
        if known.len() >= self.max_sensors {
            return Ok(Err(Refusal::TooManySensors));
        }
        let id = insert_series(store, key)?;
        known.push(Series {
            sensor: key.sensor.into(),
            unit: key.unit.into(),
            id,
        });
        Ok(Ok(id))
    }

    /// Checks and stores a value as the wire writes it. The inner value: whether it is new.
    ///
    /// # Errors
    /// The store failed. The inner error: the value is refused.
    pub fn put(
        &mut self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
        value: &str,
        at_ms: i64,
        hub_ms: i64,
        msgno: i64,
    ) -> Result<Result<bool, Refusal>, StorageError> {
        let id = match self.series(store, key)? {
            Ok(id) => id,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let number = value.parse::<f64>();
        if number.as_ref().is_ok_and(|n| !n.is_finite()) {
            return Ok(Err(Refusal::BadValue));
        }
        let value = number.map_or(Param::Text(value), Param::Real);
        Self::insert(store, id, at_ms, msgno, hub_ms - at_ms, value).map(Ok)
    }

    /// The last known value of a name.
    pub fn last(
        store: &mut dyn Driver,
        address: u32,
        group: i64,
        name: &str,
    ) -> Result<Option<String>, StorageError> {
        let mut last = None;
        store.query(
            "SELECT CAST(value AS TEXT) FROM reading JOIN series ON id = series
             WHERE address = ?1 AND group_id = ?2 AND sensor = ?3 ORDER BY at_ms DESC LIMIT 1",
            &[
                Param::Int(address.into()),
                Param::Int(group),
                Param::Text(name),
            ],
            &mut |row| {
                last = Some(row.text(0)?);
                Ok(())
            },
        )?;
        Ok(last)
    }

    /// The last known value of each name of a device, with its unit.
    ///
    /// # Errors
    /// The store failed.
    pub fn last_all(
        store: &mut dyn Driver,
        address: u32,
        group: i64,
    ) -> Result<Vec<(String, (String, crate::admin::KnownValue))>, StorageError> {
        let mut all = Vec::new();
        store.query(
            "SELECT sensor, unit, CAST(value AS TEXT), max(at_ms), at_ms + later_ms FROM reading JOIN series ON id = series
             WHERE address = ?1 AND group_id = ?2 GROUP BY sensor",
            &[Param::Int(address.into()), Param::Int(group)],
            &mut |row| {
                let text = row.text(2)?;
                let value = serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text));
                all.push((row.text(0)?, (row.text(1)?, crate::admin::KnownValue { value, at_ms: row.int(3)?, hub_ms: row.int(4)? })));
                Ok(())
            },
        )?;
        Ok(all)
    }

    /// What is known of the device has changed.
    pub fn forget_device(&mut self, address: u32) {
        self.known.retain(|(known, _), _| *known != address);
    }

    /// Stores one reading; a repeat changes nothing and answers false.
    ///
    /// # Errors
    /// `Conflict` when the schema refuses the row, `Failed` when the store does.
    pub fn insert(
        store: &mut dyn Driver,
        series: i64,
        at_ms: i64,
        msgno: i64,
        later_ms: i64,
        value: Param<'_>,
    ) -> Result<bool, StorageError> {
        let inserted = store.execute(
            "INSERT OR IGNORE INTO reading (series, at_ms, msgno, later_ms, value) VALUES (?1, ?2, ?3, ?4, ?5)",
            &[Param::Int(series), Param::Int(at_ms), Param::Int(msgno), Param::Int(later_ms), value],
        )?;
        Ok(inserted != 0)
    }

    /// Deletes some readings of devices that are not registered any more, and moves `from` (0 at first) to the
    /// series that it came to. True while there may be more.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_step(store: &mut dyn Driver, from: &mut i64) -> Result<bool, StorageError> {
        let mut orphan = None;
        store.query(
            "SELECT id FROM series WHERE id >= ?1 AND address NOT IN (SELECT address FROM device)
             ORDER BY id LIMIT 1",
            &[Param::Int(*from)],
            &mut |row| {
                orphan = Some(row.int(0)?);
                Ok(())
            },
        )?;
        let Some(series) = orphan else {
            return Ok(false);
        };
        *from = series;
        let deleted = store.execute(
            "DELETE FROM reading WHERE series = ?1 AND (at_ms, msgno) IN (
                 SELECT at_ms, msgno FROM reading WHERE series = ?1 LIMIT ?2)",
            &[Param::Int(series), Param::Int(PURGE_ROWS)],
        )?;
        if deleted == 0 {
            store.execute("DELETE FROM series WHERE id = ?1", &[Param::Int(series)])?;
        }
        Ok(true)
    }

    /// Writes something, to find out whether the store works.
    ///
    /// # Errors
    /// It does not.
    pub fn probe(store: &mut dyn Driver, now_ms: i64) -> Result<(), StorageError> {
        store
            .execute(
                "INSERT OR REPLACE INTO probe (id, at_ms) VALUES (1, ?1)",
                &[Param::Int(now_ms)],
            )
            .map(|_| ())
    }

    /// Drops what was learnt since: after a rollback or a removal the ids may be gone.
    pub fn forget(&mut self) {
        self.known.clear();
    }
}

fn is_registered(store: &mut dyn Driver, address: u32) -> Result<bool, StorageError> {
    let mut known = false;
    store.query(
        "SELECT 1 FROM device WHERE address = ?1",
        &[Param::Int(address.into())],
        &mut |_| {
            known = true;
            Ok(())
        },
    )?;
    Ok(known)
}

fn load_series(store: &mut dyn Driver, key: SeriesKey<'_>) -> Result<Vec<Series>, StorageError> {
    let mut known = Vec::new();
    store.query(
        "SELECT id, sensor, unit FROM series WHERE address = ?1 AND group_id = ?2",
        &[Param::Int(key.address.into()), Param::Int(key.group)],
        &mut |row| {
            known.push(Series {
                id: row.int(0)?,
                sensor: row.text(1)?.into(),
                unit: row.text(2)?.into(),
            });
            Ok(())
        },
    )?;
    Ok(known)
}

fn insert_series(store: &mut dyn Driver, key: SeriesKey<'_>) -> Result<i64, StorageError> {
    let params = [
        Param::Int(key.address.into()),
        Param::Int(key.group),
        Param::Text(key.sensor),
        Param::Text(key.unit),
    ];
    store.execute(
        "INSERT INTO series (address, group_id, sensor, unit) VALUES (?1, ?2, ?3, ?4)",
        &params,
    )?;
    let mut id = 0;
    store.query(
        "SELECT id FROM series WHERE address = ?1 AND group_id = ?2 AND sensor = ?3 AND unit = ?4",
        &params,
        &mut |row| {
            id = row.int(0)?;
            Ok(())
        },
    )?;
    Ok(id)
}
