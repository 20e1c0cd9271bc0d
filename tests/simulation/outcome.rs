//! What a run saw; equal for equal seeds.

use std::collections::BTreeMap;

/// Each of these has to happen in any ten seeds: a simulation in which nothing happens proves nothing.
pub const EXPECTED: [&str; 66] = [
    "delivered",
    "copies",
    "NO_DEVICE",
    "BAD_ORIGIN",
    "BUSY",
    "CLOSED",
    "stored",
    "replays refused",
    "taken over",
    "slow readers",
    "silent",
    "cuts",
    "kills",
    "commands",
    "carried out",
    "repeated",
    "succeeded",
    "rejected",
    "expired",
    "cancelled",
    "timed_out",
    "sent",
    "late",
    "CONDITION",
    "conditions held",
    "devices' orders",
    "orders sent again",
    "orders refused",
    "cancelled too late",
    "NOT_ASKED",
    "ALREADY_ANSWERED",
    "words of an older session",
    "periods sent again",
    "came online",
    "went offline",
    "presences compared",
    "device said expired",
    "desired compared",
    "reported compared",
    "rules",
    "rules turned",
    "rules removed",
    "acknowledged",
    "alarms cleared by force",
    "alarms of the hub",
    "alarms of devices",
    "alarms that chatter",
    "alarms cleared",
    "alarms told",
    "reports stored",
    "reports sent again",
    "reports not stored",
    "subscriptions",
    "devices missed",
    "data missed",
    "power cuts",
    "rules sent again",
    "sources compared",
    "own alarms compared",
    "views compared",
    "kept rules compared",
    "alarms open at rest",
    "schedules",
    "runs",
    "runs without an order",
    "runs made up for",
];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    counts: BTreeMap<&'static str, u64>,
    /// A hash over every frame that every device read, in order.
    pub trace: u64,
}

impl Outcome {
    pub fn count(&mut self, what: &'static str) {
        self.more(what, 1);
    }

    pub fn more(&mut self, what: &'static str, by: u64) {
        *self.counts.entry(what).or_default() += by;
    }

    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or_default()
    }

    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.counts {
            self.more(what, *count);
        }
    }
}
