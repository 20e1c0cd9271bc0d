//! What must hold of alarms once all is over: the rows, what operators and devices were told of them, and what the
//! engine thinks (docs/alarms.md, sections 2 and 3).

use std::collections::{BTreeMap, BTreeSet};

use device_hub::alarm::{Alarm, Rule};
use device_hub::storage::{AlarmFilter, AlarmRules, Alarms, Driver, Param};

use crate::ruler::Told;
use crate::tidings::{Key, key};
use crate::world::World;

/// All alarms, the oldest first.
pub fn alarms(world: &World) -> Vec<Alarm> {
    let filter = AlarmFilter {
        limit: 1_000_000,
        ..AlarmFilter::default()
    };
    let mut all = Alarms::list(&mut *world.disk.lock(), &filter).unwrap();
    all.reverse();
    all
}

pub fn rules(world: &World) -> BTreeMap<i64, Rule> {
    let all = AlarmRules::list(&mut *world.disk.lock(), None, 0, usize::MAX).unwrap();
    all.into_iter().map(|rule| (rule.id, rule)).collect()
}

/// Ends the run with all that is known of an alarm.
pub fn fail(world: &World, alarm: &Alarm, what: &str) -> ! {
    let history = Alarms::history(&mut *world.disk.lock(), alarm.id).unwrap();
    let rule = alarm.rule.and_then(|id| rules(world).remove(&id));
    let me = world.index_of(alarm.address.get());
    let heard = readings(world, alarm.address.get());
    panic!(
        "alarm {}: {what}\n {alarm:?}\n {history:?}\n {rule:?}\n {heard:?}\n device {:?}\n {:?}\n births {:?} wall {}",
        alarm.id,
        world.panels[me].borrow(),
        world.measured[me].borrow(),
        world.births.borrow(),
        world.clock.unix_ms()
    );
}

/// Time, number and value of what a device has said of its sensor.
fn readings(world: &World, address: u32) -> Vec<String> {
    let mut heard = Vec::new();
    world
        .disk
        .lock()
        .query(
            "SELECT reading.at_ms, reading.msgno, reading.value FROM reading JOIN series ON series.id = reading.series
             WHERE series.address = ?1 AND series.sensor = 't' ORDER BY reading.at_ms",
            &[Param::Int(address.into())],
            &mut |row| {
                heard.push(format!("{}#{}={}", row.int(0)?, row.int(1)?, row.int(2)?));
                Ok(())
            },
        )
        .unwrap();
    heard
}

pub fn at_rest(world: &World) {
    let all = alarms(world);
    let mut of_key: BTreeMap<Key, Vec<&Alarm>> = BTreeMap::new();
    for alarm in &all {
        of_key.entry(key(alarm)).or_default().push(alarm);
    }
    for alarms in of_key.values() {
        in_turns(world, alarms);
    }
    as_the_engine_says(world, &all);
    as_operators_were_told(world, &all);
    reports(world);
}

/// Raised and cleared take turns, and one is open at most.
fn in_turns(world: &World, alarms: &[&Alarm]) {
    let mut lines = Vec::new();
    for alarm in alarms {
        world.disk.lock().query(
            "SELECT id, what FROM alarm_event WHERE alarm = ?1 AND what IN ('raised', 'chattering', 'cleared') ORDER BY id",
            &[Param::Int(alarm.id)],
            &mut |row| {
                lines.push((row.int(0)?, *alarm, row.text(1)? != "cleared"));
                Ok(())
            },
        )
        .unwrap();
    }
    let ordered = lines.is_sorted_by_key(|(id, _, _)| *id);
    for (number, (_, alarm, raised)) in lines.iter().enumerate() {
        let of_alarm = lines.iter().filter(|(_, other, _)| other.id == alarm.id);
        let whole = if alarm.is_open() { 1 } else { 2 };
        if !ordered || *raised != (number % 2 == 0) || of_alarm.count() != whole {
            fail(world, alarm, "raised and cleared do not take turns");
        }
    }
}

/// What is open is what the engine holds open, and nothing of a rule that is disabled or removed.
fn as_the_engine_says(world: &World, all: &[Alarm]) {
    let mut held = world.hub().unwrap().alarms.open();
    held.sort_by_key(|alarm| alarm.id);
    let open: Vec<_> = all
        .iter()
        .filter(|alarm| alarm.is_open())
        .cloned()
        .collect();
    assert_eq!(held, open, "held and stored");
    let rules = rules(world);
    for alarm in &open {
        let stands = |id| rules.get(&id).is_some_and(|rule| rule.enabled);
        if !alarm.rule.is_none_or(stands) {
            fail(world, alarm, "it is open, and its rule is no more");
        }
        if alarm.rule.is_some_and(|id| {
            let device = world.registered(alarm.address);
            device.is_none_or(|device| !rules[&id].covers(&device))
        }) {
            fail(world, alarm, "it is open, and the device is not in scope");
        }
    }
    let mut seen = world.seen.borrow_mut();
    seen.more("alarms open at rest", open.len() as u64);
}

fn as_operators_were_told(world: &World, all: &[Alarm]) {
    let book = world.book.borrow();
    let by_id: BTreeMap<i64, &Alarm> = all.iter().map(|alarm| (alarm.id, alarm)).collect();
    for (id, by) in &book.acked {
        if by_id[id].acked_by != *by {
            fail(world, by_id[id], &format!("{by} has acknowledged it"));
        }
    }
    for (id, until) in &book.shelved {
        if until.is_some() && by_id[id].shelved_until_ms != *until {
            fail(world, by_id[id], &format!("it was shelved until {until:?}"));
        }
    }
    for id in &book.forced {
        if by_id[id].is_open() || by_id[id].clear_reason != "BY_OPERATOR" {
            fail(world, by_id[id], "it was cleared by force");
        }
    }
    let rules = rules(world);
    for (id, told) in &book.rules {
        let is = rules.get(id).map(|rule| rule.enabled);
        let fits = match told {
            Told::Enabled(enabled) => is == Some(*enabled),
            Told::Removed => is.is_none(),
            Told::Unsure => true,
        };
        assert!(fits, "rule {id} is {told:?} and {is:?}");
    }
}

/// Every report that was acknowledged is stored, and once.
fn reports(world: &World) {
    let mut rows: BTreeSet<(u32, i64)> = BTreeSet::new();
    world
        .disk
        .lock()
        .query("SELECT address, msgno FROM alarm_report", &[], &mut |row| {
            let address = u32::try_from(row.int(0)?).unwrap();
            let msgno = row.int(1)?;
            assert!(rows.insert((address, msgno)), "{msgno} of {address} twice");
            Ok(())
        })
        .unwrap();
    for (index, panel) in world.panels.iter().enumerate() {
        let address = world.devices[index].address.get();
        for msgno in panel.borrow().stored.keys() {
            assert!(
                rows.contains(&(address, *msgno)),
                "report {msgno} of device {address} was acknowledged, and is not stored"
            );
        }
    }
}
