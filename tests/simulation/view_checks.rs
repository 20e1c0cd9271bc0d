//! What devices know of alarms at rest: those that listen what is raised, and those that keep rules which ones
//! (docs/alarms.md, sections 4 and 5).

use std::collections::{BTreeMap, BTreeSet};

use device_hub::alarm::Scope;

use crate::alarm_checks::{alarms, rules};
use crate::panel::OWN_NAMES;
use crate::presence::There;
use crate::world::World;

pub fn at_rest(world: &World) {
    for (index, standing) in world.standings.iter().enumerate() {
        if standing.there.get() == There::Yes {
            view(world, index);
            kept(world, index);
        }
    }
}

/// By the last word on each name of each raiser, what is raised is what is open.
fn view(world: &World, index: usize) {
    let listener = world.listeners[index].borrow();
    if listener.names.is_empty() || listener.is_waiting() {
        return;
    }
    let me = &world.devices[index];
    let all_alarms = alarms(world);
    let shared = |name: &str| {
        let mut of_name = all_alarms.iter().filter(|alarm| alarm.name == name);
        of_name.any(|alarm| alarm.rule.is_some())
    };
    let open: BTreeSet<_> = alarms(world)
        .into_iter()
        .filter(|alarm| alarm.is_open() && alarm.address != me.address)
        .filter(|alarm| world.group_of[&alarm.address.get()] == me.group)
        .filter(|alarm| listener.wants(&alarm.name))
        .map(|alarm| (alarm.address.get(), alarm.name))
        .collect();
    let raised = listener.view.iter().filter(|(_, (raised, _))| *raised);
    let mut raised: BTreeSet<_> = raised.map(|(key, _)| key.clone()).collect();
    // A rule and a device may have an alarm each of one name: a listener knows but one of them.
    let mut open = open;
    open.retain(|(_, name)| !OWN_NAMES.contains(&name.as_str()) || !shared(name));
    raised.retain(|(_, name)| !OWN_NAMES.contains(&name.as_str()) || !shared(name));
    let about = |key: &(u32, String)| {
        let of_key =
            |alarm: &device_hub::alarm::Alarm| alarm.address.get() == key.0 && alarm.name == key.1;
        let all: Vec<_> = alarms(world).into_iter().filter(of_key).collect();
        format!("{key:?} heard {:?}: {all:#?}", listener.view.get(key))
    };
    let whose = format!(
        "device {} subscribed to {:?}, there since {:?}, births {:?}",
        me.address,
        listener.names,
        world.standings[index].since.get(),
        world.births.borrow()
    );
    let missed: Vec<_> = open.difference(&raised).map(about).collect();
    assert!(missed.is_empty(), "{whose} does not know of {missed:#?}");
    let stale: Vec<_> = raised.difference(&open).map(about).collect();
    assert!(stale.is_empty(), "{whose} still believes in {stale:#?}");
    world.count("views compared");
}

/// The rules that a device keeps are those that it is to keep.
fn kept(world: &World, index: usize) {
    let known = &world.devices[index];
    let panel = world.panels[index].borrow();
    let device = world.registered(known.address).unwrap();
    let mut wanted = BTreeMap::new();
    for rule in rules(world).into_values() {
        let named = matches!(rule.scope, Scope::Device(_));
        if rule.is_kept_by_device() && rule.covers(&device) && (named || known.describes) {
            wanted.insert(rule.name.clone(), rule.alarm_set().unwrap());
        }
    }
    wanted.retain(|name, _| !panel.rejected.contains(name));
    let kept = panel.kept.iter();
    let kept: BTreeMap<_, _> = kept.map(|(name, (fields, _))| (name, fields)).collect();
    let wanted: BTreeMap<_, _> = wanted.iter().collect();
    if kept != wanted {
        let orders: Vec<_> = crate::command_checks::stored(world)
            .into_values()
            .filter(|command| command.address == known.address && (31..33).contains(&command.kind))
            .collect();
        panic!(
            "device {} keeps {kept:?} and should keep {wanted:?}: {:?}\n {orders:#?}\n births {:?}",
            known.address,
            panel,
            world.births.borrow()
        );
    }
    world
        .seen
        .borrow_mut()
        .more("kept rules compared", kept.len() as u64);
}
