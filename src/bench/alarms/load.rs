//! The rules of the load, and readings that some of them are about.

use crate::alarm::{Check, Direction, Op, Rule, Scope, Severity};
use crate::clock::Clock;
use crate::readings::Value;
use crate::registry::GroupId;
use crate::storage::{
    AlarmRules, DeviceRow, Devices, Groups, Local, Locals, Sqlite, StorageError, transaction,
};
use crate::wire::Address;

/// Devices of one group.
const OF_GROUP: u32 = 100;

/// One of so many rules is on a label or a group.
const WIDE: u32 = 200;

pub(super) const SENSORS: [&str; 3] = ["temperature", "pressure", "humidity"];

/// Fills a new database with groups and devices.
pub(super) fn devices(store: &mut Sqlite, devices: u32) -> Result<(), StorageError> {
    transaction(store, |store| {
        for group in 1..=devices.div_ceil(OF_GROUP) {
            Groups::insert(store, &format!("bench {group}"))?;
        }
        (1..=devices).try_for_each(|address| {
            let row = DeviceRow {
                address,
                group: group_of(address).0,
                kind: 1,
                id: address.to_string(),
                name: String::new(),
                labels: if address % 2 == 0 { "even" } else { "" }.into(),
                rights: "talk".into(),
                login: "challenge".into(),
                nonce_memory: 0,
                disabled: false,
                weak: false,
                serial: Vec::new(),
            };
            Devices::insert(store, &row)
        })
    })
}

pub(super) fn group_of(address: u32) -> GroupId {
    GroupId(i64::from((address - 1) / OF_GROUP) + 1)
}

/// Stores the rules, and what devices are to keep of them, as if they had been given it.
pub(super) fn rules(store: &mut Sqlite, rules: u32, devices: u32) -> Result<(), StorageError> {
    let now_ms = Clock::system().unix_ms();
    transaction(store, |store| {
        (0..rules).try_for_each(|number| {
            let mut rule = rule(number, devices, now_ms);
            rule.id = AlarmRules::insert(store, &rule)?
                .ok_or_else(|| StorageError::Failed("two rules of one name".into()))?;
            let Scope::Device(address) = rule.scope else {
                return Ok(());
            };
            let Some(fields) = rule.alarm_set().filter(|_| rule.is_kept_by_device()) else {
                return Ok(());
            };
            let local = Local {
                address: address.get(),
                rule: rule.id,
                name: rule.name.clone(),
                fields,
                command: None,
                refused: String::new(),
            };
            Locals::want(store, &local)
        })
    })
}

fn rule(number: u32, devices: u32, created_ms: i64) -> Rule {
    let wide = number.is_multiple_of(WIDE);
    let address = number % devices + 1;
    let kind = if wide {
        10 + number / WIDE % 3
    } else {
        number / devices % 10
    };
    let (check, on_delay_ms, off_delay_ms) = check(kind);
    let scope = match Address::new(address) {
        Some(address) if !wide => Scope::Device(address),
        _ if kind == 11 => Scope::Label("even".into()),
        _ => Scope::Group,
    };
    Rule {
        id: 0,
        group: group_of(address),
        name: format!("rule {number}"),
        scope,
        check,
        unit: String::new(),
        severity: Severity::default(),
        enabled: true,
        on_delay_ms,
        off_delay_ms,
        act: None,
        local: true,
        created_ms,
    }
}

/// A condition with its delays.
fn check(kind: u32) -> (Check, i64, i64) {
    let [temperature, pressure, humidity] = SENSORS;
    let level = |sensor: &str, op, raise: i64, clear: i64| Check::Threshold {
        sensor: sensor.to_owned(),
        op,
        raise: Value::Int(raise),
        clear: Value::Int(clear),
    };
    let rate = |sensor: &str, direction, raise: f64| Check::Rate {
        sensor: sensor.to_owned(),
        direction,
        raise,
        clear: raise / 2.0,
        window_ms: 60_000,
    };
    match kind {
        0 => (level(temperature, Op::Above, 30, 28), 0, 0),
        1 => (level(temperature, Op::Above, 35, 33), 5000, 0),
        2 => (level(pressure, Op::Below, 10, 12), 0, 0),
        3 => (level(pressure, Op::Below, 5, 8), 2000, 5000),
        4 => (level(humidity, Op::Above, 90, 80), 1000, 1000),
        5 => (rate(humidity, Direction::Moves, 60.0), 0, 0),
        6 => (rate(temperature, Direction::Rises, 30.0), 0, 0),
        7 => {
            let sensor = temperature.to_owned();
            let after_ms = 90_000;
            (Check::NoData { sensor, after_ms }, 0, 0)
        }
        8 => (Check::Offline { after_ms: 120_000 }, 0, 0),
        9 => (level(humidity, Op::Is, 100, 100), 0, 0),
        10 => (level(temperature, Op::Above, 60, 55), 10_000, 0),
        11 => (level(pressure, Op::Above, 90, 85), 0, 3000),
        _ => (rate(pressure, Direction::Falls, 80.0), 0, 0),
    }
}

/// What reading `number` is of, and its value: each sensor of each device in turn, and some beyond a level.
pub(super) fn reading(number: u64, devices: u32, beyond: u32) -> (u32, &'static str, u64) {
    let address = u32::try_from(number % u64::from(devices)).unwrap_or_default() + 1;
    let turn = number / u64::from(devices);
    let place = usize::try_from(turn % SENSORS.len() as u64).unwrap_or_default();
    let mut noise = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    noise ^= noise >> 29;
    let is_beyond = noise % 1000 < u64::from(beyond);
    let wander = noise % 3;
    let value = match (place, is_beyond) {
        (0, false) => 20 + wander,
        (0, true) => 32 + wander,
        (1, false) => 40 + wander,
        (1, true) => 6 + wander,
        (_, false) => 50 + wander,
        (_, true) => 94 + wander,
    };
    (address, SENSORS.get(place).copied().unwrap_or("?"), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_load_is_sound() {
        for number in 0..20_000 {
            rule(number, 1000, 0).check().unwrap();
        }
        let wide = (0..20_000).filter(|n| !matches!(rule(*n, 1000, 0).scope, Scope::Device(_)));
        assert_eq!(wide.count(), 100);
    }

    #[test]
    fn some_readings_are_beyond_a_level() {
        let beyond =
            (0..30_000).filter(|n| matches!(reading(*n, 1000, 10).2, 6..=8 | 32..=34 | 94..));
        assert!((200..400).contains(&beyond.count()));
        assert_eq!(reading(2500, 1000, 0).1, "humidity");
    }
}
