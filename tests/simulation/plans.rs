//! The orders of the hub, and what a device makes of each, drawn from the seed and the order's id.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::panel::OWN_NAMES;
use crate::world::World;

pub const READ: u32 = 1;
pub const WRITE: u32 = 3;
pub const EVENT_SET: u32 = 27;
pub const ALARM_SET: u32 = 31;
pub const ALARM_STOP: u32 = 32;
pub const BLINK: u32 = 60;
pub const CLOCK_SET: u32 = 80;
pub const CLOCK_READ: u32 = 81;
/// A type of the users' own, which acts.
pub const OWN: u32 = 2000;

/// An order that came, in one of the hub's lives; it was written at some moment of a span.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub id: i64,
    pub kind: u32,
    pub fields: Vec<String>,
    pub life: usize,
    pub from: Duration,
    pub to: Duration,
}

/// What it does with one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    Do,
    /// So many milliseconds later, perhaps ACCEPTED at once.
    Later(u64, bool),
    Reject,
    Silent {
        does: bool,
    },
    Twice,
    /// Says that it is done, and has done nothing.
    Lie,
    /// Does it, and answers something else besides.
    Stranger,
}

pub fn acts(kind: u32) -> bool {
    matches!(kind, WRITE | BLINK | OWN)
}

/// What holds until something else does, and may come again at any login.
pub fn holds(kind: u32) -> bool {
    matches!(kind, EVENT_SET | ALARM_SET | ALARM_STOP)
}

pub fn plan(world: &World, me: u32, receipt: &Receipt) -> Plan {
    let mut hasher = DefaultHasher::new();
    (world.seed, me, receipt.id).hash(&mut hasher);
    let drawn = hasher.finish();
    // An alarm of its own has the name already, or it keeps no rules.
    let taken = OWN_NAMES.contains(&receipt.fields[0].as_str());
    if receipt.kind == ALARM_SET && (taken || me.is_multiple_of(10)) {
        return Plan::Reject;
    }
    if !world.acting() {
        return Plan::Do;
    }
    match (drawn % 100, receipt.kind) {
        (60..72, _) => Plan::Later(drawn / 100 % 10_000, drawn & 1 == 0),
        // Nobody refuses to stop.
        (72..78, kind) if kind != ALARM_STOP => Plan::Reject,
        (78..88, _) => Plan::Silent {
            does: drawn & 1 == 0,
        },
        (88..92, _) => Plan::Twice,
        (92..96, kind) if acts(kind) => Plan::Lie,
        (96..100, _) => Plan::Stranger,
        _ => Plan::Do,
    }
}
