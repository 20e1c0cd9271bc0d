//! Table reading: what was reported lately, a row each; and the checks that every reading passes.

use super::packs::{Found, LateCache};
use super::retention::Rules;
use super::series::{Cache, Known, SeriesKey};
use super::{Driver, Param, Refusal, Row, StorageError, param};
use crate::readings::{DAY_MS, Given, Packable, Value, parts_of};
use crate::settings::{self, size};

/// 2000-01-01: a device that says an earlier time has no clock.
pub const EARLIEST_MS: i64 = 946_684_800_000;

/// Bytes of a sensor's name or unit at most.
pub const NAME_BYTES: usize = 64;

/// When a reading was made and came, and its number.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// The device's time, Unix ms.
    pub at_ms: i64,
    /// The hub's time when it came, Unix ms.
    pub hub_ms: i64,
    /// As the key has it: a VALUE's is -1 - msgno.
    pub msgno: i64,
}

/// A reading as the wire gives it.
#[derive(Clone, Copy, Debug)]
pub struct NewReading<'a> {
    pub address: u32,
    pub group: i64,
    pub sensor: &'a str,
    pub unit: &'a str,
    /// Without escapes.
    pub value: &'a str,
    /// The device's time, Unix ms.
    pub at_ms: i64,
    /// The hub's time, Unix ms.
    pub hub_ms: i64,
    /// As the key has it: a VALUE's is -1 - msgno.
    pub msgno: i64,
}

impl<'a> NewReading<'a> {
    pub fn key(&self) -> SeriesKey<'a> {
        SeriesKey {
            address: self.address,
            group: self.group,
            sensor: self.sensor,
            unit: self.unit,
        }
    }

    pub fn stamp(&self) -> Stamp {
        Stamp {
            at_ms: self.at_ms,
            hub_ms: self.hub_ms,
            msgno: self.msgno,
        }
    }
}

/// What is to be thought of the hub's wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockDoubt {
    #[default]
    None,
    /// It is behind the hub's last sign of life: nobody can say of a reading that its time is yet to come.
    Behind,
    /// It jumped ahead: nobody can say that a reading is too old.
    Ahead,
}

/// Is told of each reading in the transaction that stores it, and of how that ended.
pub trait Witness: Send {
    /// # Errors
    /// The store failed, and the transaction with it.
    fn stored(
        &mut self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
        value: &Value<'_>,
        stamp: Stamp,
    ) -> Result<(), StorageError>;

    fn settled(&mut self, committed: bool);
}

/// Stores readings; knows the series of the devices that wrote lately.
pub struct Readings {
    settings: settings::Storage,
    rules: Option<Rules>,
    retention_changed: bool,
    has_room: bool,
    clock_doubt: ClockDoubt,
    pub(super) cache: Cache,
    pub(super) late: LateCache,
    witnesses: Vec<Box<dyn Witness>>,
}

impl Readings {
    pub fn new(settings: &settings::Storage) -> Self {
        Self {
            settings: settings.clone(),
            rules: None,
            retention_changed: false,
            has_room: true,
            clock_doubt: ClockDoubt::None,
            cache: Cache::default(),
            late: LateCache::default(),
            witnesses: Vec::new(),
        }
    }

    /// Each is told in the order in which they are added.
    pub fn add_witness(&mut self, witness: Box<dyn Witness>) {
        self.witnesses.push(witness);
    }

    /// Has a reading that was stored just now judged, a composite part by part. Not for what came long ago, in a file.
    ///
    /// # Errors
    /// The store failed.
    pub fn judged(
        &mut self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
        given: &Given<'_>,
        stamp: Stamp,
    ) -> Result<(), StorageError> {
        if self.witnesses.is_empty() {
            return Ok(());
        }
        let mut tell = |key: SeriesKey<'_>, value: &Value<'_>| {
            let mut witnesses = self.witnesses.iter_mut();
            witnesses.try_for_each(|witness| witness.stored(store, key, value, stamp))
        };
        let text = match given {
            Given::One(value) => return tell(key, value),
            Given::Parts(text) => text,
        };
        for (part, value) in parts_of(text) {
            let sensor = &format!("{}/{part}", key.sensor);
            tell(SeriesKey { sensor, ..key }, &value)?;
        }
        Ok(())
    }

    /// The transaction is committed, or is not.
    pub fn settled(&mut self, committed: bool) {
        for witness in &mut self.witnesses {
            witness.settled(committed);
        }
    }

    /// Checks and stores one reading, a composite as one for each part. A repeat changes nothing and answers false.
    ///
    /// # Errors
    /// The store failed. The inner error: this reading is refused, alone.
    pub fn put(
        &mut self,
        store: &mut dyn Driver,
        reading: &NewReading<'_>,
    ) -> Result<Result<bool, Refusal>, StorageError> {
        self.put_as_of(store, reading, reading.hub_ms)
    }

    /// The same for a reading that came long ago, in a file: `now_ms` is the hub's clock.
    ///
    /// # Errors
    /// The store failed. The inner error: this reading is refused, alone.
    pub fn put_as_of(
        &mut self,
        store: &mut dyn Driver,
        reading: &NewReading<'_>,
        now_ms: i64,
    ) -> Result<Result<bool, Refusal>, StorageError> {
        let named =
            (1..=NAME_BYTES).contains(&reading.sensor.len()) && reading.unit.len() <= NAME_BYTES;
        let short = reading.value.len() <= size(self.settings.max_text_bytes);
        let Some(given) = Given::parse(reading.value).filter(|_| named && short) else {
            return Ok(Err(Refusal::BadValue));
        };
        self.put_given(store, reading.key(), &given, reading.stamp(), now_ms)
    }

    /// The same for what is parsed already; `now_ms` is the hub's clock, which differs from the stamp's for imports.
    ///
    /// # Errors
    /// The store failed. The inner error: this reading is refused, alone.
    pub fn put_given(
        &mut self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
        given: &Given<'_>,
        stamp: Stamp,
        now_ms: i64,
    ) -> Result<Result<bool, Refusal>, StorageError> {
        if !self.has_room {
            return Err(StorageError::Failed(
                "storage.max_bytes is reached, and nothing more can be deleted for it".into(),
            ));
        }
        // Nothing came later than now: packing would wait for that time.
        let stamp = Stamp {
            hub_ms: stamp.hub_ms.min(now_ms),
            ..stamp
        };
        let text = match given {
            Given::One(value) => {
                if let Err(refusal) = self.admit(store, key, value, stamp, now_ms)? {
                    return Ok(Err(refusal));
                }
                return match self.series(store, key)? {
                    Err(refusal) => Ok(Err(refusal)),
                    Ok(known) => match self.is_fresh(store, known, stamp)? {
                        Ok(true) => insert(store, known, value, stamp),
                        other => Ok(other),
                    },
                };
            }
            Given::Parts(text) => text,
        };
        let parts: Vec<_> = parts_of(text)
            .map(|(part, value)| (format!("{}/{part}", key.sensor), value))
            .collect();
        let keys: Vec<_> = parts
            .iter()
            .map(|(sensor, _)| SeriesKey { sensor, ..key })
            .collect();
        // Nothing is made before all of it passes.
        for (key, (_, value)) in keys.iter().zip(&parts) {
            if let Err(refusal) = self.admit(store, *key, value, stamp, now_ms)? {
                return Ok(Err(refusal));
            }
        }
        let most = size(self.settings.max_sensors);
        let rules = loaded(&mut self.rules, store, &self.settings)?;
        if let Err(refusal) = self.cache.have_place(store, rules, &keys, most)? {
            return Ok(Err(refusal));
        }
        let mut fresh = Vec::new();
        for (key, (_, value)) in keys.iter().zip(&parts) {
            let known = match self.series(store, *key)? {
                Err(refusal) => return Ok(Err(refusal)),
                Ok(known) => known,
            };
            match self.is_fresh(store, known, stamp)? {
                Err(refusal) => return Ok(Err(refusal)),
                Ok(true) => fresh.push((known, value)),
                Ok(false) => {}
            }
        }
        let mut stored = false;
        for (known, value) in fresh {
            match insert(store, known, value, stamp)? {
                Err(refusal) => return Ok(Err(refusal)),
                Ok(new) => stored |= new,
            }
        }
        Ok(Ok(stored))
    }

    /// All checks that one value needs, but for the place of its series.
    fn admit(
        &mut self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
        value: &Value<'_>,
        stamp: Stamp,
        now_ms: i64,
    ) -> Result<Result<(), Refusal>, StorageError> {
        let rules = loaded(&mut self.rules, store, &self.settings)?;
        let allowed = match self.cache.allowed(store, rules, key)? {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(allowed) => allowed,
        };
        let oldest = allowed.keep_ms.map_or(EARLIEST_MS, |keep| {
            EARLIEST_MS.max(now_ms.saturating_sub(keep))
        });
        if !(oldest..=now_ms.saturating_add(DAY_MS)).contains(&stamp.at_ms) {
            let later = match self.clock_doubt {
                ClockDoubt::None => false,
                ClockDoubt::Behind => stamp.at_ms > now_ms,
                ClockDoubt::Ahead => (EARLIEST_MS..now_ms).contains(&stamp.at_ms),
            };
            return Ok(Err(if later {
                Refusal::ClockInDoubt
            } else {
                Refusal::BadTime
            }));
        }
        Ok(allowed.check(value))
    }

    fn series(
        &mut self,
        store: &mut dyn Driver,
        key: SeriesKey<'_>,
    ) -> Result<Result<Known, Refusal>, StorageError> {
        let rules = loaded(&mut self.rules, store, &self.settings)?;
        let most = size(self.settings.max_sensors);
        self.cache.series(store, rules, key, most)
    }

    /// False: it is in a pack already.
    fn is_fresh(
        &mut self,
        store: &mut dyn Driver,
        known: Known,
        stamp: Stamp,
    ) -> Result<Result<bool, Refusal>, StorageError> {
        if stamp.at_ms <= known.packed_to {
            match self
                .late
                .find(store, known.id, (stamp.at_ms, stamp.msgno))?
            {
                Found::Fresh => {}
                Found::Repeat => return Ok(Ok(false)),
                Found::Gone => return Ok(Err(Refusal::BadTime)),
            }
        }
        Ok(Ok(true))
    }

    /// The rules of retention, loaded once.
    pub(super) fn rules(&mut self, store: &mut dyn Driver) -> Result<Rules, StorageError> {
        loaded(&mut self.rules, store, &self.settings).cloned()
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

    /// Drops what was learnt: after a rollback or a removal ids may be gone, after a change of retention the rules.
    pub fn forget(&mut self) {
        self.cache.clear();
        self.late.clear();
        self.rules = None;
    }

    /// Whether the cap on disk leaves room for readings; without it every one fails.
    pub fn set_room(&mut self, has_room: bool) {
        self.has_room = has_room;
    }

    /// Whether times can be judged by the hub's clock.
    pub fn doubt_clock(&mut self, doubt: ClockDoubt) {
        self.clock_doubt = doubt;
    }

    /// What [`Readings::set_room`] said.
    pub fn has_room(&self) -> bool {
        self.has_room
    }

    /// Packs lost their readings: what is remembered of one is stale.
    pub fn evicted(&mut self) {
        self.late.clear();
    }

    /// The table of retention has changed: what it ends is to go soon.
    pub fn retention_changed(&mut self) {
        self.forget();
        self.retention_changed = true;
    }

    /// Whether that was said since the last time this was asked.
    pub fn take_retention_changed(&mut self) -> bool {
        std::mem::take(&mut self.retention_changed)
    }

    /// Drops what was learnt of one device: its description has changed.
    pub fn forget_device(&mut self, address: u32) {
        self.cache.forget(address);
    }
}

/// The rules, loaded once.
fn loaded<'a>(
    rules: &'a mut Option<Rules>,
    store: &mut dyn Driver,
    settings: &settings::Storage,
) -> Result<&'a Rules, StorageError> {
    Ok(match rules {
        Some(rules) => rules,
        none => none.insert(Rules::load(store, settings)?),
    })
}

/// False: it is there as a row already.
fn insert(
    store: &mut dyn Driver,
    known: Known,
    value: &Value<'_>,
    stamp: Stamp,
) -> Result<Result<bool, Refusal>, StorageError> {
    let inserted = store.execute(
            "INSERT OR IGNORE INTO reading (series, at_ms, msgno, later_ms, value) VALUES (?1, ?2, ?3, ?4, ?5)",
            &[
                Param::Int(known.id),
                Param::Int(stamp.at_ms),
                Param::Int(stamp.msgno),
                Param::Int(stamp.hub_ms.saturating_sub(stamp.at_ms)),
                param(value),
            ],
        );
    match inserted {
        Ok(inserted) => Ok(Ok(inserted != 0)),
        Err(StorageError::Conflict(_)) => Ok(Err(Refusal::BadValue)),
        Err(error) => Err(error),
    }
}

/// Reads the columns at_ms, msgno, later_ms, value.
pub(super) fn read_row(row: &dyn Row) -> Result<Packable, StorageError> {
    Ok(Packable {
        at_ms: row.int(0)?,
        msgno: row.int(1)?,
        later_ms: row.int(2)?,
        value: row
            .value(3)?
            .ok_or_else(|| StorageError::Failed("a reading without a value".into()))?,
    })
}
