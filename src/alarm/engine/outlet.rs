//! Where news go once they are committed: viewers, subscribers, whoever notifies people.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix::Addr;

use super::Alarms;
use crate::alarm::{News, What};
use crate::bus::{Change, Event};
use crate::island::Islands;
use crate::registry::GroupId;
use crate::router::{Hand, Router, Say};
use crate::wire::{Address, FrameWriter, kind};

/// The ways out.
pub struct Outlet {
    pub islands: Islands,
}

/// What is told once it is committed.
pub(super) enum Told {
    /// With the number that subscribers know it by.
    News {
        news: Arc<News>,
        number: i64,
        to: Vec<Address>,
    },
    /// What a device said, as it said it.
    Report {
        group: GroupId,
        spread: Spread,
        to: Vec<Address>,
    },
    /// What a subscriber asked for: by the same way, so that it hears of each alarm in the order of the commits.
    Answer {
        group: GroupId,
        to: Address,
        frames: Vec<u8>,
    },
}

/// An ALARM for several devices of a group.
#[derive(Clone, Debug)]
pub struct Spread {
    pub raiser: Address,
    pub name: String,
    pub sensor: String,
    pub value: String,
    pub raised: bool,
    pub at_ms: i64,
    pub msgno: i64,
}

impl Spread {
    /// `raiser|to|30|alarm|sensor|value|RAISED|unix ms|msgno|`
    pub fn compose(&self, to: Address, out: &mut Vec<u8>) {
        let state = if self.raised { "RAISED" } else { "CLEARED" };
        FrameWriter::new(out, self.raiser.get(), to.get(), kind::ALARM)
            .text(&self.name)
            .text(&self.sensor)
            .text(&self.value)
            .text(state)
            .number(self.at_ms)
            .number(self.msgno)
            .end();
    }

    /// As the hub says it itself of an alarm.
    pub(super) fn of(news: &News, number: i64) -> Self {
        let alarm = &news.alarm;
        Self {
            raiser: alarm.address,
            name: alarm.name.clone(),
            sensor: alarm.sensor.clone(),
            value: alarm.last_value.clone(),
            raised: alarm.is_open(),
            at_ms: alarm.cleared_ms.unwrap_or(alarm.last_ms),
            msgno: number,
        }
    }
}

impl Alarms {
    pub(super) fn tell(&self, told: Told) {
        let (news, number, to) = match told {
            Told::Report { group, spread, to } => return self.spread(group, spread, to),
            Told::Answer { group, to, frames } => {
                if let Some(router) = self.router(group) {
                    router.do_send(Hand { to, frames });
                }
                return;
            }
            Told::News { news, number, to } => (news, number, to),
        };
        let alarm = &news.alarm;
        if !to.is_empty() {
            self.spread(alarm.group, Spread::of(&news, number), to);
        }
        if matches!(news.what, What::Raised | What::Chattering) {
            log::info!(
                "alarm {} id={} name={:?} device={} severity={}",
                news.what.name(),
                alarm.id,
                alarm.name,
                alarm.address,
                alarm.severity.name()
            );
        }
        if news.what.is_notified() {
            self.0.parts.bell.ring();
        }
        self.0.parts.bus.tell(Event::Alarm(news));
    }

    /// What a device has is described anew, committed.
    pub fn tell_described(&self, address: Address) {
        let device = self.0.parts.registry.read().device(address).cloned();
        if let Some(device) = device {
            self.0.parts.bus.tell(Event::Device {
                group: device.group,
                address,
                what: Change::Changed,
            });
        }
    }

    fn router(&self, group: GroupId) -> Option<Addr<Router>> {
        let outlet = self.0.outlet.read();
        let outlet = outlet.unwrap_or_else(std::sync::PoisonError::into_inner);
        outlet.as_ref().and_then(|o| o.islands.running(group))
    }

    /// Sends an ALARM to devices that subscribed to it, as far as they are connected.
    pub(super) fn spread(&self, group: GroupId, spread: Spread, to: Vec<Address>) {
        // Without a router nobody of the group is connected.
        if let Some(router) = self.router(group) {
            self.0
                .stats
                .spread
                .fetch_add(to.len() as u64, Ordering::Relaxed);
            // Past the mailbox's bound: a device's ALARMs are limited, and a rule that chatters is held.
            router.do_send(Say { spread, to });
        }
    }
}
