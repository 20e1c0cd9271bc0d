//! An operator at the terminal: orders and cancels by verb, each once. What was killed under him may have happened or not.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::harness::{Home, Stored};
use crate::issuer::expiry_ms;

pub(crate) struct Operator {
    rng: StdRng,
    targets: Vec<u32>,
    /// The number of the last order, heard of or not.
    pub(crate) last: u64,
    /// Orders whose verb succeeded: number and id.
    pub(crate) ordered: Vec<(u64, u64)>,
    /// Ids whose cancelling succeeded.
    pub(crate) cancelled: Vec<u64>,
}

impl Operator {
    pub(crate) fn new(rng: StdRng, targets: Vec<u32>) -> Self {
        Self {
            rng,
            targets,
            last: 0,
            ordered: Vec::new(),
            cancelled: Vec::new(),
        }
    }

    pub(crate) fn work(&mut self, home: &Home, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            self.order(home);
            if self.rng.random_bool(0.3) {
                self.cancel(home);
            }
        }
    }

    fn order(&mut self, home: &Home) {
        self.last += 1;
        let target = self.targets[self.rng.random_range(0..self.targets.len())].to_string();
        let now = i64::try_from(Stored::now_ms()).unwrap();
        let expires = Timestamp::from_millisecond(now + expiry_ms(&mut self.rng));
        let (number, expires) = (self.last.to_string(), expires.unwrap().to_string());
        let finished = home.verb(&[
            "command",
            "send",
            &target,
            "write",
            "act",
            &number,
            "--expires",
            &expires,
            "--json",
        ]);
        if finished.code == Some(0) {
            let commands: Value = serde_json::from_str(&finished.out).unwrap();
            let id = commands[0]["id"].as_u64().expect("id");
            self.ordered.push((self.last, id));
        }
    }

    /// Tries the newest: whether it is still queued is the hub's to know.
    fn cancel(&mut self, home: &Home) {
        let Some((_, id)) = self.ordered.last() else {
            return;
        };
        let finished = home.verb(&["command", "cancel", &id.to_string()]);
        if finished.code == Some(0) {
            self.cancelled.push(*id);
        }
    }
}
