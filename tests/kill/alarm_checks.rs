//! What must hold of alarms (docs/alarms.md).

use std::collections::{BTreeMap, BTreeSet};

use crate::alarms::RULE;
use crate::device::Unit;
use crate::rows::AlarmRow;
use crate::script::End;

pub(crate) fn all(end: &End, broken: &mut Vec<String>) {
    for ((unit, reports), levels) in end.units.iter().zip(&end.reports).zip(&end.levels) {
        let (alarms, readings) = unit.alarms.acknowledged();
        stored(unit, "ALARMs", &alarms, reports, broken);
        stored(unit, "levels", &readings, levels, broken);
        if !unit.alarms.owes_nothing() {
            let address = unit.device.address;
            broken.push(format!("A3.1: ALARMs of {address} were never acknowledged"));
        }
    }
    lives(&end.alarms, broken);
    let raised = raised(&end.units);
    open(&raised, &end.alarms, broken);
    listeners(&raised, end, broken);
}

/// A3.1, A3.2: acknowledged is stored, nothing is stored twice, and nothing that was not sent.
fn stored(
    unit: &Unit,
    what: &str,
    acknowledged: &BTreeSet<u64>,
    stored: &[u64],
    broken: &mut Vec<String>,
) {
    let address = unit.device.address;
    let once: BTreeSet<u64> = stored.iter().copied().collect();
    if once.len() != stored.len() {
        broken.push(format!("A3.2: {what} of {address} are stored twice"));
    }
    let lost: Vec<_> = acknowledged.difference(&once).collect();
    if !lost.is_empty() {
        broken.push(format!(
            "A3.1: {what} of {address}, acknowledged and lost: {lost:?}"
        ));
    }
    if once.iter().any(|number| !unit.alarms.has_sent(*number)) {
        broken.push(format!("of {address} are stored {what} that it never sent"));
    }
}

/// A2.1, A2.6: one after the other, each with its beginning and its end.
fn lives(alarms: &[AlarmRow], broken: &mut Vec<String>) {
    let mut latest: BTreeMap<(u32, &str), &AlarmRow> = BTreeMap::new();
    for alarm in alarms {
        if (alarm.rule != 0) != (alarm.name == RULE) {
            broken.push(format!("A3.4: of another rule: {alarm:?}"));
        }
        let ends = u32::from(alarm.cleared_ms.is_some());
        if (alarm.began, alarm.ended) != (1, ends) {
            broken.push(format!("A2.6: its history says otherwise: {alarm:?}"));
        }
        if let Some(before) = latest.insert((alarm.address, &alarm.name), alarm)
            && before.cleared_ms.is_none_or(|ms| ms > alarm.raised_ms)
        {
            broken.push(format!("A2.1: two at once: {before:?} and {alarm:?}"));
        }
    }
}

pub(crate) type Raised = BTreeSet<(u32, String)>;

/// By the last word of each device.
pub(crate) fn raised(units: &[Unit]) -> Raised {
    let of = |unit: &Unit| {
        let address = unit.device.address;
        let raised = unit.alarms.words.iter().filter(|(_, raised)| **raised);
        raised
            .map(move |(name, _)| (address, (*name).to_owned()))
            .collect::<Vec<_>>()
    };
    units.iter().flat_map(of).collect()
}

/// A3.5: what is open is what was raised last, and nothing else for ever.
fn open(raised: &Raised, alarms: &[AlarmRow], broken: &mut Vec<String>) {
    let open = open_of(alarms);
    for alarm in open.difference(raised) {
        let row = alarms
            .iter()
            .rfind(|row| (row.address, &row.name) == (alarm.0, &alarm.1));
        broken.push(format!("A3.5: open, though it was cleared last: {row:?}"));
    }
    for alarm in raised.difference(&open) {
        broken.push(format!("A3.5: raised last, but not open: {alarm:?}"));
    }
}

pub(crate) fn open_of(alarms: &[AlarmRow]) -> Raised {
    let open = alarms.iter().filter(|alarm| alarm.cleared_ms.is_none());
    open.map(|alarm| (alarm.address, alarm.name.clone()))
        .collect()
}

/// A4.2: whoever subscribed believes what is.
fn listeners(raised: &Raised, end: &End, broken: &mut Vec<String>) {
    for unit in &end.units {
        let Some(listener) = &unit.listener else {
            continue;
        };
        let own = unit.device.address;
        // Of itself it hears what the hub finds, which it knows better.
        let others = |alarm: &&(u32, String)| alarm.0 != own;
        for alarm in listener.raised.difference(raised).filter(others) {
            broken.push(format!(
                "A4.2: {own} believes raised, but cleared is {alarm:?}"
            ));
        }
        for alarm in raised.difference(&listener.raised).filter(others) {
            broken.push(format!("A4.2: {own} never heard that raised is {alarm:?}"));
        }
    }
}
