//! The list of devices: cheap though there are many. A page is chosen before it is sorted, and only its devices are
//! looked at closely.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::alarm::Severity;
use crate::presence::PresenceState;
use crate::registry::{Device, GroupId};
use crate::web::Site;
use crate::web::page::{Limit, List, Place};

/// What a list may be narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeviceState {
    Online,
    Offline,
    NeverSeen,
    Disabled,
    /// Its login can be replayed or its serial guessed.
    Weak,
    /// An alarm of it is open.
    Alarm,
}

/// A device in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceSummary {
    address: u32,
    group: String,
    #[serde(rename = "type")]
    kind: u32,
    id: String,
    name: String,
    labels: Vec<String>,
    state: PresenceState,
    /// Since when, Unix milliseconds; null: never seen.
    since_ms: Option<i64>,
    last_byte_ms: Option<i64>,
    disabled: bool,
    /// Its login can be replayed or its serial guessed.
    weak: bool,
    open_alarms: usize,
    /// The worst severity of them; empty without any.
    worst: &'static str,
    #[serde(skip)]
    group_id: GroupId,
}

/// Which devices a list is to have.
pub(super) struct Wanted {
    label: Option<String>,
    state: Option<DeviceState>,
    /// In small letters; empty: all.
    needle: String,
    /// Only then it can be in an address.
    is_number: bool,
}

impl Wanted {
    /// `searched` may be anywhere in what names a device.
    pub(super) fn new(label: Option<String>, state: Option<DeviceState>, searched: &str) -> Self {
        let needle = searched.trim().to_lowercase();
        Self {
            label,
            state,
            is_number: needle.bytes().all(|byte| byte.is_ascii_digit()),
            needle,
        }
    }

    /// As far as the device itself tells.
    fn takes(&self, device: &Device) -> bool {
        let labelled = |label: &String| device.labels.iter().any(|carried| **carried == **label);
        let in_state = match self.state {
            Some(DeviceState::Disabled) => device.disabled,
            Some(DeviceState::Weak) => device.weak,
            _ => true,
        };
        in_state && self.label.as_ref().is_none_or(labelled) && self.finds(device)
    }

    fn finds(&self, device: &Device) -> bool {
        has(&device.id, &self.needle)
            || has(&device.name, &self.needle)
            || device.labels.iter().any(|label| has(label, &self.needle))
            || self.is_number && device.address.to_string().contains(&self.needle)
    }
}

/// Whether `needle`, which is in small letters, is in a text, whatever letters that has.
fn has(text: &str, needle: &str) -> bool {
    if needle.is_empty() {
        return true;
    }
    if text.is_ascii() {
        let (text, needle) = (text.as_bytes(), needle.as_bytes());
        return text
            .windows(needle.len())
            .any(|part| part.eq_ignore_ascii_case(needle));
    }
    text.to_lowercase().contains(needle)
}

fn order(a: &Arc<Device>, b: &Arc<Device>) -> Ordering {
    (a.kind, &a.id).cmp(&(b.kind, &b.id))
}

/// A page of the devices of some groups, which come in the order of their numbers.
pub(super) fn page(
    site: &Site,
    groups: Vec<GroupId>,
    wanted: &Wanted,
    after: Option<(i64, u32, String)>,
    limit: Limit,
) -> List<DeviceSummary> {
    let mut found: Vec<Arc<Device>> = Vec::new();
    for group in groups {
        let begin = match &after {
            Some((at, ..)) if group.0 < *at => continue,
            Some((at, kind, id)) if group.0 == *at => Some((*kind, id.as_str())),
            _ => None,
        };
        let room = limit.size() + 1 - found.len();
        let mut some = of_group(site, group, wanted, begin);
        if some.len() > room {
            some.select_nth_unstable_by(room - 1, order);
            some.truncate(room);
        }
        some.sort_unstable_by(order);
        found.extend(some);
        if found.len() > limit.size() {
            break;
        }
    }
    List::cut(summaries(site, &found), limit, |device| {
        Place::Device(device.group_id.0, device.kind, device.id.clone())
    })
}

fn of_group(
    site: &Site,
    group: GroupId,
    wanted: &Wanted,
    behind: Option<(u32, &str)>,
) -> Vec<Arc<Device>> {
    let registry = site.registry.read();
    let devices = registry
        .devices_of(group)
        .filter(|device| behind.is_none_or(|place| (device.kind, &*device.id) > place))
        .filter(|device| wanted.takes(device));
    let devices: Vec<_> = devices.cloned().collect();
    drop(registry);
    let addresses = devices.iter().map(|device| device.address);
    let presence = match wanted.state {
        Some(DeviceState::Online) => PresenceState::Online,
        Some(DeviceState::Offline) => PresenceState::Offline,
        Some(DeviceState::NeverSeen) => PresenceState::NeverSeen,
        Some(DeviceState::Alarm) => {
            let tallies = site.parts.alarms.tallies_of(addresses);
            return kept(&devices, tallies.into_iter().map(|tally| tally.open() > 0));
        }
        Some(DeviceState::Disabled | DeviceState::Weak) | None => return devices,
    };
    let states = site.parts.presences.states(addresses);
    kept(&devices, states.into_iter().map(|state| state == presence))
}

fn kept(devices: &[Arc<Device>], keep: impl Iterator<Item = bool>) -> Vec<Arc<Device>> {
    let both = devices.iter().zip(keep);
    both.filter(|(_, keep)| *keep)
        .map(|(device, _)| Arc::clone(device))
        .collect()
}

fn summaries(site: &Site, devices: &[Arc<Device>]) -> Vec<DeviceSummary> {
    let addresses = || devices.iter().map(|device| device.address);
    let glances = site.parts.presences.glance(addresses());
    let tallies = site.parts.alarms.tallies_of(addresses());
    let registry = site.registry.read();
    let both = devices.iter().zip(glances).zip(tallies);
    both.map(|((device, glance), tally)| DeviceSummary {
        address: device.address.get(),
        group: registry.group_name(device.group).to_string(),
        kind: device.kind,
        id: device.id.to_string(),
        name: device.name.to_string(),
        labels: device.labels.iter().map(ToString::to_string).collect(),
        state: glance.state,
        since_ms: glance.since_ms,
        last_byte_ms: glance.last_byte_ms,
        disabled: device.disabled,
        weak: device.weak,
        open_alarms: tally.open(),
        worst: tally.worst().map_or("", Severity::name),
        group_id: device.group,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_the_same_large_and_small() {
        for (text, needle) in [("Vent-3", "vent"), ("ÉOLE", "éole"), ("x", ""), ("aB", "b")] {
            assert!(has(text, needle), "{text} {needle}");
        }
        assert!(!has("vent", "vents"));
        assert!(!has("", "a"));
    }
}
