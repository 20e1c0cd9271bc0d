//! A device's readings that wait for their STORED, so that a cut loses none of them.

use std::collections::VecDeque;

use super::kinds::Source;
use crate::wire::{FrameWriter, kind};

/// A device that is away for long keeps this many readings; the oldest go first, as their successors say more.
const CAPACITY: usize = 1_000;

/// One reading. Composed anew at each sending, always to the same bytes: the hub knows a repeat by them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    pub of: Source,
    pub value: f64,
    pub unix_ms: i64,
    pub msgno: u64,
}

impl Reading {
    pub fn compose(&self, address: u32, out: &mut Vec<u8>) {
        FrameWriter::new(out, address, 0, kind::EVENT)
            .text(self.of.name())
            .text(&self.of.shown(self.value))
            .text(self.of.unit())
            .number(self.unix_ms)
            .number(self.msgno)
            .end();
    }
}

/// The readings in the order they were measured.
#[derive(Debug, Default)]
pub struct Unstored {
    readings: VecDeque<Reading>,
}

impl Unstored {
    /// Sends it, and keeps it until it is stored. Returns whether the oldest had to go.
    pub fn take(&mut self, reading: Reading, address: u32, out: &mut Vec<u8>) -> bool {
        reading.compose(address, out);
        self.push(reading)
    }

    fn push(&mut self, reading: Reading) -> bool {
        let full = self.readings.len() >= CAPACITY;
        if full {
            self.readings.pop_front();
        }
        self.readings.push_back(reading);
        full
    }

    /// Returns whether there was one with this msgno. Nearly always it is the first.
    pub fn settle(&mut self, msgno: u64) -> bool {
        let at = self.readings.iter().position(|r| r.msgno == msgno);
        at.and_then(|at| self.readings.remove(at)).is_some()
    }

    pub fn holds(&self, msgno: u64) -> bool {
        self.readings.iter().any(|r| r.msgno == msgno)
    }

    pub fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    pub fn compose_all(&self, address: u32, out: &mut Vec<u8>) {
        for reading in &self.readings {
            reading.compose(address, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::kinds;

    fn reading(msgno: u64) -> Reading {
        Reading {
            of: Source::Sensor(&kinds::generic().sensors[0]),
            value: 21.5,
            unix_ms: 1_000,
            msgno,
        }
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut unstored = Unstored::default();
        for msgno in 0..CAPACITY as u64 {
            assert!(!unstored.push(reading(msgno)));
        }
        assert!(unstored.push(reading(5_000)));
        assert!(!unstored.holds(0));
        assert!(unstored.settle(1) && !unstored.settle(1));
    }

    #[test]
    fn a_repeat_has_the_same_bytes() {
        let mut unstored = Unstored::default();
        unstored.push(reading(9));
        let (mut first, mut again) = (Vec::new(), Vec::new());
        unstored.compose_all(42, &mut first);
        unstored.compose_all(42, &mut again);
        assert_eq!(first, b"42|0|26|temperature|21.5|C|1000|9|\x04");
        assert_eq!(first, again);
    }
}
