//! Table series, and what is known of the series of the devices that wrote lately: ids, what the device may report
//! (table capability, docs/commands.md C4.4), what is packed, how long raw readings are kept.

use rustc_hash::FxHashMap;

use super::retention::Rules;
use super::{Driver, Param, Refusal, StorageError};
use crate::readings::{DAY_MS, Value};

/// Which series a reading belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesKey<'a> {
    pub address: u32,
    pub group: i64,
    pub sensor: &'a str,
    pub unit: &'a str,
}

/// Sensor of the seed's plain events, which name none: never described, always taken.
pub const PLAIN_EVENT: &str = "event";

/// Devices whose series stay in memory; past it the cache starts anew.
const KNOWN_DEVICES: usize = 50_000;

/// What storing a reading needs to know of its series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) id: i64,
    /// Newest device time that is packed, Unix ms: what is older may be a repeat of something in a pack.
    pub(super) packed_to: i64,
}

/// What a device may report under a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    low: f64,
    high: f64,
    takes: Takes,
    /// Milliseconds that raw readings are kept. `None`: for ever.
    pub(super) keep_ms: Option<i64>,
}

/// What values fit the kind that a name is described with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Anything,
    Numbers,
    Booleans,
    /// It is described as the other of a composite and a single value.
    Nothing,
}

impl Allowed {
    /// # Errors
    /// It does not fit the kind, or is a number outside the range.
    pub(super) fn check(&self, value: &Value<'_>) -> Result<(), Refusal> {
        let number = match value {
            Value::Int(_) | Value::Real(_) => value.number(),
            _ => None,
        };
        let fits = match self.takes {
            Takes::Anything => true,
            Takes::Numbers => number.is_some(),
            Takes::Booleans => matches!(value, Value::Bool(_)),
            Takes::Nothing => false,
        };
        match number {
            _ if !fits => Err(Refusal::BadValue),
            Some(number) if number < self.low || number > self.high => Err(Refusal::OutOfRange),
            _ => Ok(()),
        }
    }
}

/// The series of the devices that wrote lately.
#[derive(Default)]
pub(super) struct Cache(FxHashMap<(u32, i64), Device>);

struct Device {
    series: Vec<Series>,
    /// Empty: nobody described it, so everything is taken.
    described: Vec<Described>,
}

struct Series {
    sensor: Box<str>,
    unit: Box<str>,
    known: Known,
    /// `None`: a sensor that the described device does not have.
    allowed: Option<Allowed>,
}

struct Described {
    name: String,
    kind: String,
    acts: bool,
    low: f64,
    high: f64,
}

impl Cache {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn forget(&mut self, address: u32) {
        self.0.retain(|(known, _), _| *known != address);
    }

    /// A pack of this series reaches to `to_ms`.
    pub(super) fn packed(&mut self, (address, group): (u32, i64), id: i64, to_ms: i64) {
        let device = self.0.get_mut(&(address, group));
        let series = device.and_then(|d| d.series.iter_mut().find(|s| s.known.id == id));
        if let Some(series) = series {
            series.known.packed_to = series.known.packed_to.max(to_ms);
        }
    }

    /// What the device may report in this series, whether it exists already or not.
    ///
    /// # Errors
    /// The store failed. The inner error: no such device, or no such sensor of a described device.
    pub(super) fn allowed(
        &mut self,
        store: &mut dyn Driver,
        rules: &Rules,
        key: SeriesKey<'_>,
    ) -> Result<Result<Allowed, Refusal>, StorageError> {
        let Some(device) = self.device(store, rules, key)? else {
            return Ok(Err(Refusal::NoDevice));
        };
        let allowed = match device.find(key) {
            Some(series) => series.allowed,
            None => device.may_report(rules, key),
        };
        Ok(allowed.ok_or(Refusal::UnknownSensor))
    }

    /// Whether the device may have these series, all together; those that exist it may.
    ///
    /// # Errors
    /// The store failed. The inner error: too many, or it is not registered.
    pub(super) fn have_place(
        &mut self,
        store: &mut dyn Driver,
        rules: &Rules,
        keys: &[SeriesKey<'_>],
        max_sensors: usize,
    ) -> Result<Result<(), Refusal>, StorageError> {
        let Some(first) = keys.first() else {
            return Ok(Ok(()));
        };
        let Some(device) = self.device(store, rules, *first)? else {
            return Ok(Err(Refusal::NoDevice));
        };
        let new = keys
            .iter()
            .filter(|key| device.find(**key).is_none())
            .count();
        Ok(if new > 0 && device.series.len() + new > max_sensors {
            Err(Refusal::TooManySensors)
        } else {
            Ok(())
        })
    }

    /// The series, which is made at its first reading.
    ///
    /// # Errors
    /// The store failed. The inner error: this device may have no further sensor, or is not registered.
    pub(super) fn series(
        &mut self,
        store: &mut dyn Driver,
        rules: &Rules,
        key: SeriesKey<'_>,
        max_sensors: usize,
    ) -> Result<Result<Known, Refusal>, StorageError> {
        let Some(device) = self.device(store, rules, key)? else {
            return Ok(Err(Refusal::NoDevice));
        };
        if let Some(series) = device.find(key) {
            return Ok(Ok(series.known));
        }
        if device.series.len() >= max_sensors {
            return Ok(Err(Refusal::TooManySensors));
        }
        let known = Known {
            id: insert(store, key)?,
            packed_to: i64::MIN,
        };
        let allowed = device.may_report(rules, key);
        device.series.push(Series {
            sensor: key.sensor.into(),
            unit: key.unit.into(),
            known,
            allowed,
        });
        Ok(Ok(known))
    }

    fn device(
        &mut self,
        store: &mut dyn Driver,
        rules: &Rules,
        key: SeriesKey<'_>,
    ) -> Result<Option<&mut Device>, StorageError> {
        let at = (key.address, key.group);
        if !self.0.contains_key(&at) {
            if self.0.len() >= KNOWN_DEVICES {
                self.0.clear();
            }
            if !is_registered(store, key.address)? {
                return Ok(None);
            }
            let device = Device::load(store, rules, key)?;
            self.0.insert(at, device);
        }
        Ok(self.0.get_mut(&at))
    }
}

impl Device {
    fn load(
        store: &mut dyn Driver,
        rules: &Rules,
        key: SeriesKey<'_>,
    ) -> Result<Self, StorageError> {
        let mut device = Self {
            series: Vec::new(),
            described: described(store, key.address)?,
        };
        let mut series = Vec::new();
        store.query(
            "SELECT id, sensor, unit, (SELECT to_ms FROM pack WHERE pack.series = series.id
                                       ORDER BY from_ms DESC, from_msgno DESC LIMIT 1)
             FROM series WHERE address = ?1 AND group_id = ?2",
            &[Param::Int(key.address.into()), Param::Int(key.group)],
            &mut |row| {
                let packed_to = row.optional_int(3)?.unwrap_or(i64::MIN);
                let id = row.int(0)?;
                series.push((row.text(1)?, row.text(2)?, Known { id, packed_to }));
                Ok(())
            },
        )?;
        for (sensor, unit, known) in series {
            let key = SeriesKey {
                sensor: &sensor,
                unit: &unit,
                ..key
            };
            device.series.push(Series {
                allowed: device.may_report(rules, key),
                sensor: sensor.into(),
                unit: unit.into(),
                known,
            });
        }
        Ok(device)
    }

    fn find(&self, key: SeriesKey<'_>) -> Option<&Series> {
        self.series
            .iter()
            .find(|s| *s.sensor == *key.sensor && *s.unit == *key.unit)
    }

    fn may_report(&self, rules: &Rules, key: SeriesKey<'_>) -> Option<Allowed> {
        let days = rules.of(key.group, key.sensor).raw_days;
        let keep_ms = (days > 0).then(|| days.saturating_mul(DAY_MS));
        let free = Allowed {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
            takes: Takes::Anything,
            keep_ms,
        };
        if self.described.is_empty() || key.sensor == PLAIN_EVENT {
            return Some(free);
        }
        // A part of a composite stands under the name of the whole.
        let whole = key.sensor.rsplit_once('/').map(|(whole, _)| whole);
        let named = |name: &str| self.described.iter().find(|d| d.name == name);
        let (described, is_part) = match named(key.sensor) {
            Some(described) => (described, false),
            None => (whole.and_then(named)?, true),
        };
        Some(Allowed {
            low: described.low,
            high: described.high,
            takes: described.takes(is_part),
            keep_ms,
        })
    }
}

impl Described {
    fn takes(&self, is_part: bool) -> Takes {
        match self.kind.as_str() {
            // What it does is reported as it is.
            _ if self.acts => Takes::Anything,
            "composite" if is_part => Takes::Numbers,
            "number" if !is_part => Takes::Numbers,
            "boolean" if !is_part => Takes::Booleans,
            "composite" | "number" | "boolean" => Takes::Nothing,
            _ => Takes::Anything,
        }
    }
}

/// Names of a device with the range of each: sensors before actuators of the same name, the operator's word before
/// the device's. An actuator's value is reported as it is: the range is that of what it may be told.
fn described(store: &mut dyn Driver, address: u32) -> Result<Vec<Described>, StorageError> {
    let mut found: Vec<Described> = Vec::new();
    store.query(
        "SELECT name, acts, low, high, kind FROM capability WHERE address = ?1
         ORDER BY acts, source = 'operator' DESC",
        &[Param::Int(address.into())],
        &mut |row| {
            let (name, acts) = (row.text(0)?, row.int(1)? != 0);
            let bound = |column, none| -> Result<f64, StorageError> {
                let bound = row.value(column)?.and_then(|value| value.number());
                Ok(bound.filter(|_| !acts).unwrap_or(none))
            };
            let (low, high) = (bound(2, f64::NEG_INFINITY)?, bound(3, f64::INFINITY)?);
            if !found.iter().any(|known| known.name == name) {
                found.push(Described {
                    name,
                    kind: row.text(4)?,
                    acts,
                    low,
                    high,
                });
            }
            Ok(())
        },
    )?;
    Ok(found)
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

fn insert(store: &mut dyn Driver, key: SeriesKey<'_>) -> Result<i64, StorageError> {
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
