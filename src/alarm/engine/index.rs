//! Which rules a reading, a device or a report concerns.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::alarm::{Rule, Scope};
use crate::registry::GroupId;
use crate::wire::Address;

/// Rules by the sensor that they watch; those on the device itself under the empty name.
type BySensor = FxHashMap<Box<str>, Vec<Arc<Rule>>>;

/// Enabled rules only.
#[derive(Default)]
pub(super) struct Index {
    devices: FxHashMap<Address, BySensor>,
    groups: FxHashMap<GroupId, BySensor>,
    names: FxHashMap<GroupId, FxHashMap<Box<str>, Arc<Rule>>>,
}

impl Index {
    pub(super) fn add(&mut self, rule: &Arc<Rule>) {
        let by_sensor = match rule.scope {
            Scope::Device(address) => self.devices.entry(address).or_default(),
            Scope::Label(_) | Scope::Group => self.groups.entry(rule.group).or_default(),
        };
        let sensor = rule.check.sensor().unwrap_or_default();
        by_sensor
            .entry(sensor.into())
            .or_default()
            .push(Arc::clone(rule));
        self.names
            .entry(rule.group)
            .or_default()
            .insert(rule.name.as_str().into(), Arc::clone(rule));
    }

    pub(super) fn remove(&mut self, rule: &Rule) {
        let sensor = rule.check.sensor().unwrap_or_default();
        match rule.scope {
            Scope::Device(address) => remove_from(&mut self.devices, address, sensor, rule.id),
            Scope::Label(_) | Scope::Group => {
                remove_from(&mut self.groups, rule.group, sensor, rule.id);
            }
        }
        if let Some(names) = self.names.get_mut(&rule.group) {
            names.remove(rule.name.as_str());
        }
    }

    /// Whether nothing is watched on a device of a group.
    pub(super) fn is_silent(&self, address: Address, group: GroupId) -> bool {
        !self.groups.contains_key(&group) && !self.devices.contains_key(&address)
    }

    /// Rules that may watch this sensor of this device; empty: the device itself.
    pub(super) fn on(
        &self,
        address: Address,
        group: GroupId,
        sensor: &str,
    ) -> impl Iterator<Item = &Arc<Rule>> {
        let of_device = self.devices.get(&address).and_then(|all| all.get(sensor));
        let of_group = self.groups.get(&group).and_then(|all| all.get(sensor));
        of_device.into_iter().chain(of_group).flatten()
    }

    /// All rules that may watch a device.
    pub(super) fn of(&self, address: Address, group: GroupId) -> impl Iterator<Item = &Arc<Rule>> {
        let of_device = self.devices.get(&address).into_iter();
        let of_group = self.groups.get(&group).into_iter();
        of_device
            .chain(of_group)
            .flat_map(|all| all.values().flatten())
    }

    pub(super) fn named(&self, group: GroupId, name: &str) -> Option<&Arc<Rule>> {
        self.names.get(&group)?.get(name)
    }
}

/// Leaves nothing behind: who has no rules is passed over quickly.
fn remove_from<K: Eq + std::hash::Hash>(
    all: &mut FxHashMap<K, BySensor>,
    of: K,
    sensor: &str,
    rule: i64,
) {
    let Some(by_sensor) = all.get_mut(&of) else {
        return;
    };
    if let Some(rules) = by_sensor.get_mut(sensor) {
        rules.retain(|known| known.id != rule);
        if rules.is_empty() {
            by_sensor.remove(sensor);
        }
    }
    if by_sensor.is_empty() {
        all.remove(&of);
    }
}
