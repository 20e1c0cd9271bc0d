//! What the hub says of alarms as it happens: nothing that is not stored, no alarm twice, and none before its time.

use std::collections::BTreeMap;
use std::time::Duration;

use device_hub::alarm::{Alarm, Check, News, Rule, What};
use device_hub::storage::{AlarmRules, Alarms};

use crate::power::Power;
use crate::presence::There;
use crate::world::World;

/// A device and a rule; a device's own have the name instead.
pub type Key = (u32, i64, String);

pub fn key(alarm: &Alarm) -> Key {
    let name = match alarm.rule {
        Some(_) => String::new(),
        None => alarm.name.clone(),
    };
    (alarm.address.get(), alarm.rule.unwrap_or(0), name)
}

/// How exactly delays are kept at most.
const SLACK: Duration = Duration::from_millis(2);

/// As one life of the hub told it.
pub struct Tidings {
    open: BTreeMap<Key, i64>,
}

impl Tidings {
    /// With what is open as that life begins.
    pub fn new(world: &World) -> Self {
        let mut open = BTreeMap::new();
        Alarms::each_open(&mut *world.disk.lock(), |alarm| {
            open.insert(key(&alarm), alarm.id);
        })
        .unwrap();
        Self { open }
    }

    pub fn heard(&mut self, world: &World, power: &Power, news: &News) {
        let alarm = &news.alarm;
        let stored = Alarms::history(&mut *world.disk.lock(), alarm.id).unwrap();
        let noted = stored.iter().any(|event| {
            event.what == news.what && event.by == news.by && event.at_ms == news.at_ms
        });
        assert!(noted, "told and not stored: {news:?} beside {stored:?}");
        let key = key(alarm);
        match news.what {
            What::Raised | What::Chattering => {
                let before = self.open.insert(key, alarm.id);
                assert_eq!(before, None, "raised and open: {news:?}");
                in_time(world, power.life, alarm);
                world.count(match alarm.chattering {
                    true => "alarms that chatter",
                    false if alarm.by_device => "alarms of devices",
                    false => "alarms of the hub",
                });
            }
            What::Cleared => {
                let before = self.open.remove(&key);
                assert_eq!(before, Some(alarm.id), "cleared and not open: {news:?}");
                assert!(!alarm.is_open(), "{news:?}");
                world.count("alarms cleared");
            }
            What::Acknowledged | What::Shelved | What::Unshelved => {}
        }
    }
}

fn rule(world: &World, alarm: &Alarm) -> Option<Rule> {
    AlarmRules::find(&mut *world.disk.lock(), alarm.rule?).unwrap()
}

/// What time alone raises is not raised before its time is over, and never for the time that the hub was down.
fn in_time(world: &World, life: usize, alarm: &Alarm) {
    let Some(rule) = rule(world, alarm).filter(|_| alarm.by_hub) else {
        return;
    };
    let (Check::NoData { after_ms, .. } | Check::Offline { after_ms }) = rule.check else {
        return;
    };
    let now = world.clock.now() + SLACK;
    let after = Duration::from_millis(after_ms.unsigned_abs());
    let since = |what: &str, began: Duration| {
        assert!(
            now >= began + after,
            "{what} at {began:?}, and {alarm:?} of {rule:?} is raised at {now:?}"
        );
    };
    since("the hub was started", world.births.borrow()[life].0);
    let me = world.index_of(alarm.address.get());
    match rule.check {
        Check::Offline { .. } => {
            world.count("devices missed");
            let standing = &world.standings[me];
            if standing.there.get() == There::Yes {
                // It takes the hub a moment to see that somebody is back.
                let back = world.clock.now() - standing.since.get();
                assert!(
                    back < Duration::from_secs(2),
                    "the device is there since {back:?}, and {alarm:?}"
                );
            }
        }
        _ => {
            world.count("data missed");
            let heard = world.measured[me].borrow().heard;
            if let Some(heard) = heard.filter(|(life_then, _)| *life_then == life) {
                since("the sensor was heard", heard.1);
            }
        }
    }
}
