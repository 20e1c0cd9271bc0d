//! Whether what is open is what is wrong, by a small model of each rule: at rest only the last reading of a device
//! matters, that it is there, and what it has said itself.

use std::collections::BTreeMap;
use std::time::Duration;

use device_hub::alarm::{Alarm, Check, Op, Rule};
use device_hub::readings::Value;

use crate::alarm_checks::{alarms, fail, rules};
use crate::panel::OWN_NAMES;
use crate::presence::There;
use crate::tidings::{Key, key};
use crate::world::World;

/// More than any delay of a rule, with what a device needs to report.
const QUIET: Duration = Duration::from_secs(5);

pub fn at_rest(world: &World) {
    let all = alarms(world);
    let open: BTreeMap<Key, &Alarm> = all
        .iter()
        .filter(|alarm| alarm.is_open())
        .map(|alarm| (key(alarm), alarm))
        .collect();
    let rules = rules(world);
    for (index, standing) in world.standings.iter().enumerate() {
        let long = world.clock.now() - standing.since.get() > QUIET;
        if standing.there.get() != There::Yes || !long {
            continue;
        }
        let address = world.devices[index].address;
        let device = world.registered(address).unwrap();
        for rule in rules.values() {
            let key = (address.get(), rule.id, String::new());
            let is = open.get(&key).copied();
            // What a device raises itself under a rule's name is the rule's, and the later word holds.
            let both = OWN_NAMES.contains(&rule.name.as_str());
            if !rule.enabled || !rule.covers(&device) || both {
                continue;
            }
            if let Some(should) = should(world, index, rule) {
                compare(world, index, rule, should, is);
            }
        }
        own(world, index, &rules, &open);
    }
}

/// Whether the alarm should be open; `None`: it may be either.
fn should(world: &World, index: usize, rule: &Rule) -> Option<bool> {
    let measured = world.measured[index].borrow();
    let last = measured
        .stored
        .filter(|_| measured.is_newer_than(world.confirmed.get()))?;
    let quiet = world.clock.now() - last.at;
    let value = last.value as f64;
    let number = |value: &Value<'_>| value.number().unwrap();
    match &rule.check {
        _ if quiet < QUIET => None,
        Check::Offline { .. } => Some(false),
        Check::NoData { after_ms, .. } => {
            let after = Duration::from_millis(after_ms.unsigned_abs());
            let slack = Duration::from_secs(1);
            // After an off-delay it waits anew.
            let clear = rule.off_delay_ms == 0 && quiet.abs_diff(after) > slack;
            clear.then_some(quiet > after)
        }
        // The window is not over yet.
        Check::Rate { .. } => None,
        Check::Threshold {
            op, raise, clear, ..
        } => {
            let (raise, clear) = (number(raise), number(clear));
            let (beyond, within) = match op {
                Op::Above => (value > raise, value <= clear),
                Op::Below => (value < raise, value >= clear),
                Op::Is => (value == raise, value != raise),
            };
            (beyond || within).then_some(beyond)
        }
    }
}

fn compare(world: &World, index: usize, rule: &Rule, should: bool, is: Option<&Alarm>) {
    world.count("sources compared");
    match is {
        Some(alarm) if !should && !alarm.chattering => {
            fail(world, alarm, "it is open, and its source is normal");
        }
        None if should => {
            let address = world.devices[index].address;
            let of_key = |alarm: &Alarm| alarm.address == address && alarm.rule == Some(rule.id);
            let earlier: Vec<_> = alarms(world).into_iter().filter(of_key).collect();
            panic!(
                "device {address} {:?} has no alarm of {rule:?}, only {earlier:?}; {:?}",
                world.measured[index].borrow(),
                world.panels[index].borrow()
            );
        }
        _ => {}
    }
}

/// What it raised itself is open, unless somebody cleared it by force; and what it cleared is not.
fn own(world: &World, index: usize, rules: &BTreeMap<i64, Rule>, open: &BTreeMap<Key, &Alarm>) {
    let address = world.devices[index].address;
    let panel = world.panels[index].borrow();
    for (key, alarm) in open.range((address.get(), 0, String::new())..) {
        if key.0 != address.get() || key.1 != 0 {
            break;
        }
        let raised = panel.raised.get(&alarm.name) == Some(&true);
        if !raised && !alarm.chattering {
            fail(
                world,
                alarm,
                "it is open, and the device says that all is well",
            );
        }
        world.count("own alarms compared");
    }
    for (name, raised) in &panel.reported {
        let key = (address.get(), 0, name.clone());
        // Under a rule's name it may have been the rule's (A3.4), or stored only (A3.5, A5.5).
        let of_rule = rules.values().any(|rule| rule.name == *name)
            || world.book.borrow().names.contains(name);
        if !raised || of_rule || open.contains_key(&key) {
            continue;
        }
        let of_key = |alarm: &Alarm| alarm.address == address && alarm.name == *name;
        let mut earlier = alarms(world).into_iter().filter(of_key);
        let Some(last) = earlier.next_back() else {
            panic!("device {address} has raised {name}: {panel:?}");
        };
        if last.rule.is_none() && last.clear_reason.is_empty() {
            fail(
                world,
                &last,
                "it was cleared, and the device says it is raised",
            );
        }
    }
}
