//! What one load measures: a warm-up, then a window of time with its deliveries, latencies and CPU time.

use super::histogram::Histogram;
use super::payload::Stamp;
use super::procfs::CpuTime;
use crate::failure::Failure;

/// Seconds of warm-up and of measuring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) warm_up: f64,
    pub(super) measured: f64,
}

struct Moment {
    at: u64,
    server: CpuTime,
    generator: CpuTime,
}

impl Moment {
    fn take(server: u32, at: u64) -> Result<Self, Failure> {
        Ok(Self {
            at,
            server: CpuTime::of(server)?,
            generator: CpuTime::of(std::process::id())?,
        })
    }
}

pub(super) struct Meter {
    pid: u32,
    measured_from: u64,
    ends: u64,
    first: Option<Moment>,
    last: Option<Moment>,
    histogram: Histogram,
    delivered: u64,
    faults: Faults,
}

/// What must not happen to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    pub(super) lost: u64,
    /// Arrived again, or after a later one.
    pub(super) misordered: u64,
    /// Arrived changed, or where they were not sent.
    pub(super) foreign: u64,
}

/// The figures of a finished measurement.
pub(super) struct Figures {
    pub(super) delivered: u64,
    pub(super) seconds: f64,
    pub(super) server_nanos: u64,
    pub(super) generator_nanos: u64,
    pub(super) latency: Histogram,
    pub(super) faults: Faults,
}

impl Meter {
    /// Times are those of the load's clock, in nanoseconds.
    pub(super) fn new(pid: u32, now: u64, span: Span) -> Self {
        let nanos = |seconds: f64| (seconds * 1e9) as u64;
        let measured_from = now + nanos(span.warm_up);
        Self {
            pid,
            measured_from,
            ends: measured_from + nanos(span.measured),
            first: None,
            last: None,
            histogram: Histogram::default(),
            delivered: 0,
            faults: Faults::default(),
        }
    }

    /// Takes the CPU times when their moment has come. False when the measuring is over.
    pub(super) fn goes_on(&mut self, now: u64) -> Result<bool, Failure> {
        if self.first.is_none() && now >= self.measured_from {
            self.first = Some(Moment::take(self.pid, now)?);
        }
        if self.last.is_none() && now >= self.ends {
            self.last = Some(Moment::take(self.pid, now)?);
        }
        Ok(self.last.is_none())
    }

    /// Checks one arrived message against what its receiver expects next, and counts it.
    pub(super) fn arrived(&mut self, stamp: Option<Stamp>, from: u32, next: &mut u64, now: u64) {
        let Some(stamp) = stamp.filter(|stamp| stamp.sender == from) else {
            self.faults.foreign += 1;
            return;
        };
        let Some(missing) = stamp.sequence.checked_sub(*next) else {
            self.faults.misordered += 1;
            return;
        };
        self.faults.lost = self.faults.lost.saturating_add(missing);
        *next = stamp.sequence.saturating_add(1);
        if self.first.is_some() && self.last.is_none() {
            self.delivered += 1;
            self.histogram.record(now.saturating_sub(stamp.nanos));
        }
    }

    /// What never arrived although the load waited for it.
    pub(super) fn add_lost(&mut self, messages: u64) {
        self.faults.lost += messages;
    }

    pub(super) fn finish(self) -> Result<Figures, Failure> {
        let (Some(first), Some(last)) = (self.first, self.last) else {
            return Err(Failure::new("the load ended before it was measured"));
        };
        Ok(Figures {
            delivered: self.delivered,
            seconds: (last.at - first.at) as f64 / 1e9,
            server_nanos: last.server.since(&first.server),
            generator_nanos: last.generator.since(&first.generator),
            latency: self.histogram,
            faults: self.faults,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(sender: u32, sequence: u64) -> Option<Stamp> {
        Some(Stamp {
            sender,
            sequence,
            nanos: 0,
        })
    }

    #[test]
    fn gaps_repeats_and_strangers_are_told_apart() {
        let span = Span {
            warm_up: 0.0,
            measured: 1.0,
        };
        let mut meter = Meter::new(std::process::id(), 0, span);
        let mut next = 0;
        for found in [
            stamp(7, 0),
            stamp(7, 3),
            stamp(7, 2),
            stamp(8, 4),
            None,
            stamp(7, 4),
        ] {
            meter.arrived(found, 7, &mut next, 10);
        }
        let expected = Faults {
            lost: 2,
            misordered: 1,
            foreign: 2,
        };
        assert_eq!(meter.faults, expected);
        assert_eq!(next, 5);
    }
}
