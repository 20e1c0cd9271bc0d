//! An open-loop schedule: when message k is due does not depend on how the server answers. Latency counts
//! from the due time, so a server that stalls is charged for every message that had to wait behind the stall
//! (G. Tene's "coordinated omission").

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mio::Waker;

/// Evenly spaced due times in nanoseconds.
#[derive(Clone, Copy)]
pub(super) struct Schedule {
    start: u64,
    /// Messages a second, at least 1.
    rate: u64,
}

impl Schedule {
    pub(super) fn new(start: u64, rate: u64) -> Self {
        Self {
            start,
            rate: rate.max(1),
        }
    }

    /// When message `k` is due.
    pub(super) fn due(&self, k: u64) -> u64 {
        let offset = u128::from(k) * 1_000_000_000 / u128::from(self.rate);
        self.start + u64::try_from(offset).unwrap_or(u64::MAX)
    }

    /// How many messages are due at `now`.
    pub(super) fn count(&self, now: u64) -> u64 {
        let Some(elapsed) = now.checked_sub(self.start) else {
            return 0;
        };
        // The inverse of `due`, which rounds down: k is due when k * 1e9 < (elapsed + 1) * rate.
        let count = (u128::from(elapsed) + 1) * u128::from(self.rate);
        u64::try_from(count.div_ceil(1_000_000_000)).unwrap_or(u64::MAX)
    }
}

/// Wakes the event loop about every `period`.
///
/// The poll's own timeout counts whole milliseconds, which would send 20 messages of 20,000 a second in one
/// burst; spinning instead would take a core away from the server. This thread only sleeps and wakes.
pub(super) struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(super) fn start(waker: Waker, period: Duration) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) && waker.wake().is_ok() {
                std::thread::sleep(period);
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn twenty_thousand_a_second_are_one_every_fifty_microseconds() {
        let schedule = Schedule::new(1_000, 20_000);
        assert_eq!(schedule.count(999), 0);
        assert_eq!(schedule.count(1_000), 1);
        assert_eq!(schedule.count(50_999), 1);
        assert_eq!(schedule.count(51_000), 2);
        assert_eq!(schedule.due(20_000), 1_000_001_000);
    }

    proptest! {
        #[test]
        fn a_message_is_counted_exactly_when_it_is_due(
            start in 0u64..1 << 40, rate in 1u64..2_000_000, k in 0u64..1 << 32,
        ) {
            let schedule = Schedule::new(start, rate);
            let due = schedule.due(k);
            prop_assert!(schedule.count(due) > k);
            if due > start {
                prop_assert!(schedule.count(due - 1) <= k);
            }
        }
    }
}
