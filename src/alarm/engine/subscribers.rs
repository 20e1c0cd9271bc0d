//! ALARM_SUBSCRIBE: which devices hear of which alarms of their group.

use std::sync::Arc;
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};

use super::outlet::{Spread, Told};
use super::{Alarms, Engine};
use crate::alarm::Alarm;
use crate::recorder::Work;
use crate::registry::GroupId;
use crate::session::{Outbox, Source, refuse_parts};
use crate::storage::{self, Driver, Readings, StorageError, Subscriptions};
use crate::wire::{Address, FrameWriter, kind};

/// Names that one device may subscribe to.
const MOST: usize = 64;

/// Alarms that a device is told of at its login, at most.
const CATCH_UP: usize = 1000;

/// A session that lasted so long has certainly read what it was told at its login: its device has answered ALIVE since.
const SURE: Duration = Duration::from_secs(180);

/// What a subscriber was told last at a login: all up to a line of the histories. Not by the clock, which may be set.
#[derive(Clone, Copy)]
struct Heard {
    number: i64,
    at: Duration,
    /// Up to which line it has certainly heard all. What was written into a connection that broke may never have come.
    sure: i64,
}

/// By name, `*` among them.
#[derive(Default)]
pub(super) struct Subscribers {
    devices: FxHashMap<Address, FxHashSet<Box<str>>>,
    heard: FxHashMap<Address, Heard>,
    /// The line from which on those are told who were not heard of since the start.
    from: i64,
    groups: FxHashMap<GroupId, FxHashMap<Box<str>, FxHashSet<Address>>>,
}

impl Subscribers {
    pub(super) fn add(&mut self, address: Address, group: GroupId, name: &str) {
        self.devices.entry(address).or_default().insert(name.into());
        let of_group = self.groups.entry(group).or_default();
        of_group.entry(name.into()).or_default().insert(address);
    }

    fn remove(&mut self, address: Address, group: GroupId, name: &str) {
        if let Some(names) = self.devices.get_mut(&address) {
            names.remove(name);
            if names.is_empty() {
                self.devices.remove(&address);
                self.heard.remove(&address);
            }
        }
        self.leave(address, group, name);
    }

    fn leave(&mut self, address: Address, group: GroupId, name: &str) {
        if let Some(of_group) = self.groups.get_mut(&group)
            && let Some(devices) = of_group.get_mut(name)
        {
            devices.remove(&address);
            if devices.is_empty() {
                of_group.remove(name);
            }
        }
    }

    /// The device is in another group, or gone.
    pub(super) fn moved(&mut self, address: Address, to: Option<GroupId>) {
        let names = self.devices.remove(&address).unwrap_or_default();
        let groups: Vec<_> = self.groups.keys().copied().collect();
        for group in groups {
            for name in &names {
                self.leave(address, group, name);
            }
        }
        match to {
            Some(group) => names.iter().for_each(|name| self.add(address, group, name)),
            None => drop(self.heard.remove(&address)),
        }
    }

    /// With the number of the last line that there is.
    pub(super) fn began(&mut self, last: i64) {
        let most = i64::try_from(CATCH_UP).unwrap_or(i64::MAX);
        self.from = last.saturating_sub(most).max(0);
    }

    /// The line from which on a device that logs in is told.
    fn since(&self, address: Address, now: Duration) -> i64 {
        self.heard.get(&address).map_or(self.from, |heard| {
            if now.saturating_sub(heard.at) >= SURE {
                heard.number
            } else {
                heard.sure
            }
        })
    }

    fn told(&mut self, address: Address, number: i64, now: Duration) {
        let heard = Heard {
            number,
            at: now,
            sure: self.since(address, now),
        };
        self.heard.insert(address, heard);
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = Address> {
        self.devices.keys().copied()
    }

    fn wants(&self, address: Address, name: &str) -> bool {
        let names = self.devices.get(&address);
        names.is_some_and(|names| names.contains("*") || names.contains(name))
    }

    /// Who hears of an alarm of this name.
    pub(super) fn to(&self, group: GroupId, name: &str) -> Vec<Address> {
        let Some(of_group) = self.groups.get(&group) else {
            return Vec::new();
        };
        let named = of_group.get(name).into_iter().flatten();
        let all = of_group.get("*").into_iter().flatten();
        let mut to: Vec<_> = named.chain(all).copied().collect();
        to.sort_unstable();
        to.dedup();
        to
    }

    pub(super) fn of(&self, alarm: &Alarm) -> Vec<Address> {
        self.to(alarm.group, &alarm.name)
    }
}

impl Alarms {
    /// Whether a device has to be told what it missed.
    pub fn has_subscribed(&self, address: Address) -> bool {
        let known = &self.0.subscribers;
        known
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .contains(&address)
    }

    pub(super) fn publish_subscribers(&self, engine: &Engine) {
        let addresses = engine.subscribers.addresses().collect();
        let known = &self.0.subscribers;
        *known
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = addresses;
    }
}

/// What a subscriber asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    Subscribe(String),
    Unsubscribe(String),
    /// It logged in, or was too slow: what it missed.
    CatchUp,
}

/// A wish on its way into the database.
pub struct Subscribing {
    alarms: Alarms,
    address: Address,
    group: GroupId,
    wish: Wish,
    msgno: Vec<u8>,
    outbox: Arc<Outbox>,
    refused: Option<&'static str>,
    frames: Vec<u8>,
    /// Up to which line of the histories it is told all, and when.
    upto: Option<(i64, Duration)>,
}

impl Subscribing {
    pub fn new(
        alarms: Alarms,
        (address, group): (Address, GroupId),
        wish: Wish,
        msgno: Vec<u8>,
        outbox: Arc<Outbox>,
    ) -> Self {
        Self {
            alarms,
            address,
            group,
            wish,
            msgno,
            outbox,
            refused: None,
            frames: Vec::new(),
            upto: None,
        }
    }

    fn accept(&mut self) {
        FrameWriter::new(&mut self.frames, 0, self.address.get(), kind::ACCEPTED)
            .as_sent(&self.msgno)
            .end();
    }

    fn say(&mut self, alarm: &Alarm) {
        if alarm.address == self.address && !alarm.by_hub {
            // Its own report.
            return;
        }
        let spread = Spread {
            raiser: alarm.address,
            name: alarm.name.clone(),
            sensor: alarm.sensor.clone(),
            value: alarm.last_value.clone(),
            raised: alarm.is_open(),
            at_ms: alarm.cleared_ms.unwrap_or(alarm.last_ms),
            msgno: alarm.id,
        };
        spread.compose(self.address, &mut self.frames);
    }

    /// What is raised now, the newest if they are too many.
    fn say_open(&mut self, engine: &Engine, name: Option<&str>) {
        let mut open: Vec<_> = engine
            .open
            .values()
            .filter(|alarm| alarm.group == self.group)
            .filter(|alarm| match name {
                Some("*") => true,
                Some(name) => alarm.name == name,
                None => engine.subscribers.wants(self.address, &alarm.name),
            })
            .collect();
        open.sort_unstable_by_key(|alarm| alarm.id);
        let newest = open.len().saturating_sub(CATCH_UP);
        for alarm in open.into_iter().skip(newest) {
            self.say(alarm);
        }
    }

    fn catch_up(&mut self, engine: &Engine, store: &mut dyn Driver) -> Result<(), StorageError> {
        let now = self.alarms.now();
        let since = engine.subscribers.since(self.address, now.at);
        let most = i64::try_from(CATCH_UP).unwrap_or(i64::MAX);
        let mut said = FxHashSet::default();
        let cleared = storage::Alarms::cleared_since(store, self.group, since, most)?;
        // Once for each raiser and name.
        for alarm in cleared.iter().rev() {
            let wanted = engine.subscribers.wants(self.address, &alarm.name);
            if wanted && said.insert((alarm.address, alarm.name.as_str())) {
                self.say(alarm);
            }
        }
        self.say_open(engine, None);
        self.upto = Some((storage::Alarms::last_number(store)?, now.at));
        Ok(())
    }
}

impl Work for Subscribing {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        let alarms = self.alarms.clone();
        let mut engine = alarms.ready(store)?;
        let (address, group) = (self.address, self.group);
        match self.wish.clone() {
            Wish::CatchUp => self.catch_up(&engine, store)?,
            Wish::Subscribe(name) => {
                let names = engine.subscribers.devices.get(&address);
                let known = names.is_some_and(|names| names.contains(&*name));
                if !known && names.is_some_and(|names| names.len() >= MOST) {
                    self.refused = Some("BUSY");
                    return Ok(());
                }
                Subscriptions::put(store, address.get(), &name)?;
                engine.undo.reload = true;
                engine.subscribers.add(address, group, &name);
                self.accept();
                self.say_open(&engine, Some(&name));
            }
            Wish::Unsubscribe(name) => {
                Subscriptions::remove(store, address.get(), &name)?;
                engine.undo.reload = true;
                engine.subscribers.remove(address, group, &name);
                self.accept();
            }
        }
        alarms.publish_subscribers(&engine);
        engine.told.push(Told::Answer {
            group,
            to: address,
            frames: std::mem::take(&mut self.frames),
        });
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        let reason = match (done, self.refused) {
            (Err(_), _) => "NOT_STORED",
            (Ok(()), Some(refused)) => refused,
            (Ok(()), None) => {
                if let Some((number, at)) = self.upto {
                    let mut engine = self.alarms.lock();
                    engine.subscribers.told(self.address, number, at);
                }
                return;
            }
        };
        if self.wish == Wish::CatchUp {
            let device = self.address;
            log::warn!("a subscriber is not told what it missed device={device} reason={reason}");
            return;
        }
        let mut frame = Vec::new();
        let (to, msgno) = (self.address, &self.msgno);
        refuse_parts(&mut frame, to, reason, b"0", msgno, usize::MAX);
        // A device that does not read what it gets asks again.
        let _ = self.outbox.push(&frame, Source::Hub);
    }
}
