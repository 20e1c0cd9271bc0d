//! Numbered events of one device: several at once, sent unchanged until STORED has come (P5.3).

use std::collections::{BTreeMap, BTreeSet};

/// Events that may wait for their STORED.
const WINDOW: usize = 8;

/// Survives every kill, as a device's own memory does.
#[derive(Default)]
pub(crate) struct Reporter {
    last: u64,
    /// By number, which is the value and the msgno.
    unstored: BTreeMap<u64, String>,
    pub(crate) stored: BTreeSet<u64>,
}

impl Reporter {
    pub(crate) fn sent(&self) -> u64 {
        self.last
    }

    pub(crate) fn owes_nothing(&self) -> bool {
        self.unstored.is_empty()
    }

    /// What a new session begins with: the same bytes as before.
    pub(crate) fn again(&self) -> Vec<String> {
        self.unstored.values().cloned().collect()
    }

    /// A new event, if there is room.
    pub(crate) fn next(&mut self, now_ms: i64) -> Option<String> {
        (self.unstored.len() < WINDOW).then(|| {
            self.last += 1;
            let number = self.last;
            let frame = format!("26|count|{number}|n|{now_ms}|{number}");
            self.unstored.insert(number, frame.clone());
            frame
        })
    }

    /// STORED came. An error when nothing of that number was ever sent.
    pub(crate) fn is_stored(&mut self, msgno: &str) -> Result<(), String> {
        let number: u64 = msgno.parse().map_err(|_| format!("STORED {msgno}"))?;
        if !(1..=self.last).contains(&number) {
            return Err(format!("STORED {number}, which was never sent"));
        }
        self.unstored.remove(&number);
        self.stored.insert(number);
        Ok(())
    }

    /// Whether a refusal of this msgno is of an event that waits.
    pub(crate) fn waits_for(&self, msgno: &str) -> bool {
        let number = msgno.parse();
        number.is_ok_and(|number: u64| self.unstored.contains_key(&number))
    }
}
