//! Alarm rules as operators give them, drawn from the seed.

use device_hub::admin::NewRule;
use device_hub::alarm::{Act, Check, Direction, Op, Severity};
use device_hub::readings::Value;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::panel::OWN_NAMES;
use crate::register::{GROUPS, LABELS};
use crate::world::World;

pub fn drawn(world: &World, rng: &mut StdRng) -> NewRule {
    let group = rng.random_range(0..GROUPS);
    let of_group: Vec<_> = world.devices.iter().filter(|d| d.group == group).collect();
    let scope = match rng.random_range(0..10) {
        0..5 => {
            let near = of_group.len().min(10);
            format!("device {}", of_group[rng.random_range(0..near)].address)
        }
        5..7 => format!("label {}", LABELS[rng.random_range(0..LABELS.len())]),
        _ => "group".to_owned(),
    };
    let check = check(rng);
    let delay = |rng: &mut StdRng| [0, 0, 500, 2000][rng.random_range(0..4)];
    let threshold = matches!(check, Check::Threshold { .. });
    let (on_delay_ms, off_delay_ms) = match &check {
        Check::Offline { .. } | Check::NoData { .. } => (0, delay(rng)),
        _ if rng.random_bool(0.4) => (delay(rng), 0),
        _ => (delay(rng), delay(rng)),
    };
    let name = match rng.random_range(0..20) {
        0 => OWN_NAMES[rng.random_range(0..OWN_NAMES.len())].to_owned(),
        _ => format!("h{}", rng.random_range(0..8)),
    };
    let act = threshold && off_delay_ms == 0 && rng.random_bool(0.3);
    let severities = [Severity::Critical, Severity::Warning];
    NewRule {
        name,
        group: format!("group-{group}"),
        scope,
        check,
        unit: String::new(),
        severity: severities[rng.random_range(0..2)],
        enabled: rng.random_bool(0.85),
        on_delay_ms,
        off_delay_ms,
        act: act.then(|| Act {
            actuator: "a".into(),
            value: "1".into(),
        }),
        local: act || rng.random_bool(0.8),
    }
}

fn check(rng: &mut StdRng) -> Check {
    let sensor = || "t".to_owned();
    let level = |op, raise: i64, clear: i64| Check::Threshold {
        sensor: sensor(),
        op,
        raise: Value::Int(raise),
        clear: Value::Int(clear),
    };
    match rng.random_range(0..100) {
        0..25 => level(Op::Above, 30, 20),
        25..40 => level(Op::Below, 10, 12),
        40..50 => level(Op::Above, 20, 20),
        50..60 => level(Op::Is, 7, 7),
        60..75 => Check::Rate {
            sensor: sensor(),
            direction: [Direction::Rises, Direction::Falls, Direction::Moves]
                [rng.random_range(0..3)],
            raise: 15.0,
            clear: 5.0,
            window_ms: 8000,
        },
        75..88 => Check::NoData {
            sensor: sensor(),
            after_ms: [3000, 8000, 20_000][rng.random_range(0..3)],
        },
        _ => Check::Offline {
            after_ms: [2000, 8000][rng.random_range(0..2)],
        },
    }
}
