//! What must hold afterwards. Each check returns what breaks it, as a sentence with the statement's number.

use std::collections::{BTreeMap, BTreeSet};

use crate::acts::{REASON, Told};
use crate::alarm_checks;
use crate::device::Unit;
use crate::rows::Row;
use crate::script::End;

pub(crate) fn all(end: &End) -> Vec<String> {
    let mut broken = Vec::new();
    for (unit, stored) in end.units.iter().zip(&end.stored) {
        broken.extend(unit.broken.iter().cloned());
        broken.extend(unit.acts.broken.iter().cloned());
        events(unit, stored, &mut broken);
    }
    alarm_checks::all(end, &mut broken);
    let rows: BTreeMap<u64, &Row> = end.commands.iter().map(|row| (row.id, row)).collect();
    let told = told(&end.units);
    each_command(end, &told, &mut broken);
    each_reception(&rows, &told, &mut broken);
    each_number(end, &mut broken);
    operator(end, &rows, &told, &mut broken);
    issuers(end, &mut broken);
    broken
}

/// Who was told which id, and what became of it there.
type Receptions<'a> = BTreeMap<u64, (u32, &'a Told)>;

fn told(units: &[Unit]) -> Receptions<'_> {
    let of = |unit: &Unit| unit.device.address;
    let all = units.iter().flat_map(|unit| {
        let told = unit.acts.told.iter();
        told.map(move |(id, told)| (*id, (of(unit), told)))
    });
    all.collect()
}

/// P5.3, P5.4: acknowledged is stored, nothing is stored twice, and nothing that was not sent.
fn events(unit: &Unit, stored: &[u64], broken: &mut Vec<String>) {
    let address = unit.device.address;
    let once: BTreeSet<u64> = stored.iter().copied().collect();
    if once.len() != stored.len() {
        let twice = stored.len() - once.len();
        broken.push(format!(
            "P5.4: {twice} events of {address} are stored twice"
        ));
    }
    let lost: Vec<_> = unit.events.stored.difference(&once).collect();
    if !lost.is_empty() {
        broken.push(format!(
            "P5.3: of {address}, acknowledged and lost: {lost:?}"
        ));
    }
    if once
        .iter()
        .any(|number| !(1..=unit.events.sent()).contains(number))
    {
        broken.push(format!("of {address} is stored what it never sent"));
    }
    if !unit.events.owes_nothing() {
        broken.push(format!("P5.3: events of {address} were never acknowledged"));
    }
}

/// States that never lie (docs/commands.md section 2).
fn each_command(end: &End, told: &Receptions<'_>, broken: &mut Vec<String>) {
    for row in &end.commands {
        let known = told.get(&row.id).map(|(_, told)| *told);
        let acted = known.is_some_and(Told::acted);
        let number = row.number.to_string();
        let wrong = match row.state.as_str() {
            "succeeded" => !acted || row.detail != number,
            "rejected" => known.is_none() || acted || row.detail != REASON,
            "expired" | "cancelled" => known.is_some(),
            "timed_out" => row.sendings == 0,
            _ => true,
        };
        if wrong || (row.sendings == 0 && known.is_some()) {
            broken.push(format!("its device knows {known:?}, the database {row:?}"));
        }
    }
}

/// C2.1: the hub never sends one that it forgets, nor to another device, nor another's value.
fn each_reception(rows: &BTreeMap<u64, &Row>, told: &Receptions<'_>, broken: &mut Vec<String>) {
    for (id, (address, told)) in told {
        let fits = |row: &&&Row| row.address == *address && row.number == told.number;
        if rows.get(id).filter(fits).is_none() {
            let row = rows.get(id);
            broken.push(format!(
                "C2.1: {address} was told {told:?}, {id} is {row:?}"
            ));
        }
    }
}

/// One order never becomes two commands, and so never two acts.
fn each_number(end: &End, broken: &mut Vec<String>) {
    let mut by_number: BTreeMap<u64, &Row> = BTreeMap::new();
    for row in &end.commands {
        if let Some(other) = by_number.insert(row.number, row) {
            broken.push(format!(
                "C3.3: one order, two commands: {other:?} and {row:?}"
            ));
        }
    }
    let mut acts: BTreeMap<u64, u32> = BTreeMap::new();
    let told = end.units.iter().flat_map(|unit| unit.acts.told.values());
    for told in told.filter(|told| told.acted()) {
        *acts.entry(told.number).or_default() += 1;
    }
    for (number, times) in acts.iter().filter(|(_, times)| **times > 1) {
        broken.push(format!("order {number} was carried out {times} times"));
    }
}

/// What a verb said has happened; what it did not say may have.
fn operator(
    end: &End,
    rows: &BTreeMap<u64, &Row>,
    told: &Receptions<'_>,
    broken: &mut Vec<String>,
) {
    let mut last = 0;
    for (number, id) in &end.operator.ordered {
        if rows
            .get(id)
            .is_none_or(|row| row.number != *number || row.issuer != "operator")
        {
            broken.push(format!("C1.1: order {number} by verb is lost, it was {id}"));
        }
        if *id <= last {
            broken.push(format!("C1.2: id {id} was given out after {last}"));
        }
        last = *id;
    }
    for id in &end.operator.cancelled {
        if told.contains_key(id) || rows.get(id).is_none_or(|row| row.state != "cancelled") {
            let (told, row) = (told.get(id), rows.get(id));
            broken.push(format!("C2.7: cancelled, but told {told:?} and {row:?}"));
        }
    }
    let unknown =
        |row: &&Row| row.issuer == "operator" && !(1..=end.operator.last).contains(&row.number);
    broken.extend(
        end.commands
            .iter()
            .filter(unknown)
            .map(|row| format!("never ordered: {row:?}")),
    );
}

/// C3.2: what an issuer was told last is how it is.
fn issuers(end: &End, broken: &mut Vec<String>) {
    let by_number: BTreeMap<u64, &Row> = end.commands.iter().map(|row| (row.number, row)).collect();
    for unit in &end.units {
        let Some(issuer) = &unit.issuer else { continue };
        broken.extend(issuer.broken.iter().cloned());
        if !issuer.owes_nothing() {
            broken.push(format!(
                "C3.3: orders of {} never ended: {:?}",
                unit.device.address,
                issuer.owes()
            ));
        }
        let name = format!("device {}", unit.device.address);
        for (number, order) in &issuer.orders {
            let row = by_number.get(number);
            let is_told = |(state, detail): &(String, String)| match (state.as_str(), row) {
                (_, None) => false,
                (_, Some(row)) if row.issuer != name => false,
                ("QUEUED" | "SENT" | "ACCEPTED", Some(_)) => true,
                // C2.9: the late answer may have come while it was away.
                ("TIMED_OUT", Some(row)) => row.sendings > 0,
                (state, Some(row)) => row.state.to_uppercase() == state && row.detail == *detail,
            };
            if !order.told.as_ref().is_none_or(is_told) {
                broken.push(format!("C3.2: {order:?} is {row:?}"));
            }
        }
    }
    let names: BTreeSet<String> = end
        .units
        .iter()
        .filter(|unit| unit.issuer.is_some())
        .map(|unit| format!("device {}", unit.device.address))
        .collect();
    let stranger = |row: &&Row| row.issuer != "operator" && !names.contains(&row.issuer);
    broken.extend(
        end.commands
            .iter()
            .filter(stranger)
            .map(|row| format!("nobody's: {row:?}")),
    );
}
