//! Alarms of one device: reported and told to the hub's rule, each word sent unchanged until STORED; and what it hears of others.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt;
use rand::rngs::StdRng;

/// Numbers of ALARMs, and of the readings that the rule watches, begin above these: STORED says only the number.
const ALARMS: u64 = 1_000_000_000;
const LEVELS: u64 = 2_000_000_000;

/// Words that may wait for their STORED.
const WINDOW: usize = 8;

/// The rule's name: what the hub finds on `level`, and the device says itself.
pub(crate) const RULE: &str = "high";

/// How often each changes at one look: the second so often that it is held as chattering.
const NAMES: [(&str, f64); 3] = [("calm", 0.02), ("mad", 0.2), (RULE, 0.05)];

/// Survives every kill.
pub(crate) struct Raiser {
    rng: StdRng,
    last: u64,
    last_ms: i64,
    unstored: BTreeMap<u64, String>,
    pub(crate) stored: BTreeSet<u64>,
    /// The last word on each name: whether it is raised.
    pub(crate) words: BTreeMap<&'static str, bool>,
}

impl Raiser {
    pub(crate) fn new(rng: StdRng) -> Self {
        Self {
            rng,
            last: 0,
            last_ms: 0,
            unstored: BTreeMap::new(),
            stored: BTreeSet::new(),
            words: BTreeMap::new(),
        }
    }

    pub(crate) fn owes_nothing(&self) -> bool {
        self.unstored.is_empty()
    }

    /// What a new session begins with: the same bytes as before.
    pub(crate) fn again(&self) -> Vec<String> {
        self.unstored.values().cloned().collect()
    }

    /// News, if there are and there is room: each later than the one before.
    pub(crate) fn next(&mut self, now_ms: i64) -> Vec<String> {
        let mut frames = Vec::new();
        for (name, odds) in NAMES {
            if self.unstored.len() >= WINDOW || !self.rng.random_bool(odds) {
                continue;
            }
            let word = self.words.entry(name).or_default();
            *word = !*word;
            let raised = *word;
            self.last_ms = now_ms.max(self.last_ms + 1);
            self.last += 1;
            let at = self.last_ms;
            let level = if raised { 100 } else { 0 };
            if name == RULE {
                let number = LEVELS + self.last;
                frames.push((number, format!("26|level|{level}|n|{at}|{number}")));
            }
            let number = ALARMS + self.last;
            let state = if raised { "RAISED" } else { "CLEARED" };
            frames.push((
                number,
                format!("30|{name}|level|{level}|{state}|{at}|{number}"),
            ));
        }
        self.unstored.extend(frames.iter().cloned());
        frames.into_iter().map(|(_, frame)| frame).collect()
    }

    /// STORED came; false when it is of something else.
    pub(crate) fn is_stored(&mut self, msgno: &str) -> bool {
        let number: u64 = msgno.parse().unwrap_or(0);
        let known = self.unstored.remove(&number).is_some();
        if known {
            self.stored.insert(number);
        }
        known || self.stored.contains(&number)
    }

    /// Whether a refusal is of something that waits, and only says "not now".
    pub(crate) fn is_put_off(&self, reason: &str, msgno: &str) -> bool {
        let waits = msgno
            .parse()
            .is_ok_and(|number: u64| self.unstored.contains_key(&number));
        waits && matches!(reason, "BUSY" | "NOT_STORED")
    }

    /// The numbers of its acknowledged ALARMs, and those of the readings.
    pub(crate) fn acknowledged(&self) -> (BTreeSet<u64>, BTreeSet<u64>) {
        let is_alarm = |number: &u64| *number < LEVELS;
        self.stored.iter().copied().partition(is_alarm)
    }

    pub(crate) fn has_sent(&self, number: u64) -> bool {
        let base = if number < LEVELS { ALARMS } else { LEVELS };
        (base + 1..=base + self.last).contains(&number)
    }
}

/// A device that subscribed to all alarms: what it believes to be raised, by raiser and name.
#[derive(Default)]
pub(crate) struct Listener {
    subscribed: bool,
    pub(crate) raised: BTreeSet<(u32, String)>,
    pub(crate) heard: usize,
}

impl Listener {
    /// What it asks a new session for, until it is answered.
    pub(crate) fn wish(&self) -> Option<&'static str> {
        (!self.subscribed).then_some("33|*|0")
    }

    pub(crate) fn is_accepted(&mut self) {
        self.subscribed = true;
    }

    /// An ALARM of another device; false: it is none.
    pub(crate) fn hears(&mut self, raiser: u32, frame: &str) -> bool {
        let fields: Vec<&str> = frame.split('|').collect();
        let ["30", name, _, _, state, _, _] = fields[..] else {
            return false;
        };
        let alarm = (raiser, name.to_owned());
        self.heard += 1;
        match state {
            "RAISED" => self.raised.insert(alarm),
            _ => self.raised.remove(&alarm),
        };
        true
    }
}
