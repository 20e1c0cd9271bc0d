//! One piece of news as JSON, made once however many viewers it is for.

use std::sync::Arc;

use serde::Serialize;

use super::frames::Seen;
use super::tap::Tapped;
use crate::accounts::Accounts;
use crate::admin::CommandInfo;
use crate::alarm::{AlarmInfo, News};
use crate::bus::{Change, Event};
use crate::presence::Presence;
use crate::readings::Value;
use crate::registry::{GroupId, SharedRegistry};
use crate::wire::{Dest, Limits, decode_field, parse};

/// What of two items only the newer has to reach a viewer that lags.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    Presence(u32),
    Command(i64),
    Alarm(i64),
    Device(u32),
    Group(GroupId),
    Rule(i64),
    Schedule(i64),
    Discovered,
    /// Device, sensor and unit.
    Series(u32, Arc<str>, Arc<str>),
}

/// One item. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) key: Key,
    /// `None`: for administrators.
    pub(super) group: Option<GroupId>,
    /// The device that it is about, if it is about one.
    pub(super) address: Option<u32>,
    /// A JSON object.
    pub(super) text: Arc<str>,
}

#[derive(Serialize)]
#[serde(tag = "e", rename_all = "snake_case")]
enum Shape<'a> {
    Presence {
        at_ms: i64,
        group: &'a str,
        address: u32,
        presence: &'a Presence,
    },
    Command {
        at_ms: i64,
        group: &'a str,
        command: CommandInfo,
    },
    Alarm {
        at_ms: i64,
        group: &'a str,
        what: &'static str,
        by: &'a str,
        note: &'a str,
        alarm: AlarmInfo,
    },
    Reading {
        at_ms: i64,
        hub_ms: i64,
        group: &'a str,
        address: u32,
        sensor: &'a str,
        unit: &'a str,
        value: &'a Value<'a>,
    },
    Device {
        at_ms: i64,
        group: &'a str,
        what: Change,
        address: u32,
    },
    Group {
        at_ms: i64,
        group: &'a str,
        what: Change,
    },
    Rule {
        at_ms: i64,
        group: &'a str,
        id: i64,
    },
    Schedule {
        at_ms: i64,
        group: &'a str,
        id: i64,
    },
    Discovered {
        at_ms: i64,
        group: &'a str,
    },
    Frame {
        at_ms: i64,
        group: &'a str,
        n: u64,
        from: u32,
        to: &'a str,
        #[serde(rename = "type")]
        kind: u32,
        fields: Vec<String>,
        text: &'a str,
    },
}

impl Shape<'_> {
    fn text(&self) -> Arc<str> {
        // Only maps with keys that are no strings could fail.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

/// Turns what happened into items.
pub(super) struct Writer {
    pub(super) registry: SharedRegistry,
    pub(super) limits: Limits,
}

impl Writer {
    pub(super) fn event(&self, event: &Event, at_ms: i64, accounts: &Accounts) -> Item {
        let name = |group: GroupId| self.registry.read().group_name(group);
        match event {
            Event::Presence {
                group,
                address,
                presence,
            } => {
                let shape = Shape::Presence {
                    at_ms,
                    group: &name(*group),
                    address: address.get(),
                    presence,
                };
                let key = Key::Presence(address.get());
                item(key, Some(*group), Some(address.get()), &shape)
            }
            Event::Command(command) => {
                let group = &name(command.group);
                let shape = Shape::Command {
                    at_ms,
                    group,
                    command: CommandInfo::named(command, group, accounts),
                };
                let address = Some(command.address.get());
                item(
                    Key::Command(command.id),
                    Some(command.group),
                    address,
                    &shape,
                )
            }
            Event::Alarm(news) => alarm(news, &name(news.alarm.group)),
            Event::Device {
                group,
                address,
                what,
            } => {
                let shape = Shape::Device {
                    at_ms,
                    group: &name(*group),
                    what: *what,
                    address: address.get(),
                };
                let key = Key::Device(address.get());
                item(key, Some(*group), Some(address.get()), &shape)
            }
            Event::Group { group, name, what } => {
                let shape = Shape::Group {
                    at_ms,
                    group: name,
                    what: *what,
                };
                item(Key::Group(*group), Some(*group), None, &shape)
            }
            Event::Rule { group, id } => {
                let shape = Shape::Rule {
                    at_ms,
                    group: &name(*group),
                    id: *id,
                };
                item(Key::Rule(*id), Some(*group), None, &shape)
            }
            Event::Schedule { group, id } => {
                let shape = Shape::Schedule {
                    at_ms,
                    group: &name(*group),
                    id: *id,
                };
                item(Key::Schedule(*id), Some(*group), None, &shape)
            }
            Event::Discovered => {
                let shape = Shape::Discovered { at_ms, group: "" };
                item(Key::Discovered, None, None, &shape)
            }
        }
    }

    pub(super) fn reading(&self, reading: &Tapped) -> Item {
        let shape = Shape::Reading {
            at_ms: reading.at_ms,
            hub_ms: reading.hub_ms,
            group: &self.registry.read().group_name(reading.group),
            address: reading.address,
            sensor: &reading.sensor,
            unit: &reading.unit,
            value: &reading.value,
        };
        let (sensor, unit) = (reading.sensor.as_str().into(), reading.unit.as_str().into());
        let key = Key::Series(reading.address, sensor, unit);
        item(key, Some(reading.group), Some(reading.address), &shape)
    }

    /// `None` for what is no frame, such as the greeting of a login.
    pub(super) fn frame(&self, seen: &Seen, at_ms: i64) -> Option<FrameItem> {
        let frame = parse(&seen.bytes, &self.limits).ok()?;
        let from = match Dest::parse(frame.origin)? {
            Dest::Hub => 0,
            Dest::Device(address) => address.get(),
            Dest::Everyone | Dest::Label(_) => return None,
        };
        let to = match frame.dest {
            Dest::Hub => Some(0),
            Dest::Device(address) => Some(address.get()),
            Dest::Everyone | Dest::Label(_) => None,
        };
        let field = |field: &[u8]| match decode_field(field) {
            Some(text) => text.into_owned(),
            None => String::from_utf8_lossy(field).into_owned(),
        };
        let shape = Shape::Frame {
            at_ms,
            group: &self.registry.read().group_name(seen.group),
            n: seen.number,
            from,
            to: std::str::from_utf8(frame.dest_text).ok()?,
            kind: frame.kind,
            fields: frame.fields().map(field).collect(),
            text: std::str::from_utf8(&seen.bytes).ok()?,
        };
        Some(FrameItem {
            group: seen.group,
            from,
            to,
            text: shape.text(),
        })
    }
}

/// A frame as viewers see it. None of them is left out for a newer one.
#[derive(Clone)]
pub(super) struct FrameItem {
    pub(super) group: GroupId,
    pub(super) from: u32,
    /// `None`: to several.
    pub(super) to: Option<u32>,
    pub(super) text: Arc<str>,
}

fn alarm(news: &News, group: &str) -> Item {
    let shape = Shape::Alarm {
        at_ms: news.at_ms,
        group,
        what: news.what.name(),
        by: &news.by,
        note: &news.note,
        alarm: AlarmInfo::new(&news.alarm, group),
    };
    let (key, address) = (Key::Alarm(news.alarm.id), news.alarm.address.get());
    item(key, Some(news.alarm.group), Some(address), &shape)
}

fn item(key: Key, group: Option<GroupId>, address: Option<u32>, shape: &Shape<'_>) -> Item {
    Item {
        key,
        group,
        address,
        text: shape.text(),
    }
}
