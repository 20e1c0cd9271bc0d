//! What a fleet of simulated devices did, in sums that any thread may read while it runs.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// One sum. Relaxed: the sums are for people, nothing is decided by their order.
#[derive(Debug, Default)]
pub struct Sum(AtomicU64);

impl Sum {
    pub fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub fn take(&self, number: u64) {
        self.0.fetch_sub(number, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The sums of a fleet.
#[derive(Debug, Default)]
pub struct Tally {
    /// Sessions at this moment.
    pub connected: Sum,
    /// Readings; one that is sent again after a cut counts once.
    pub sent: Sum,
    pub stored: Sum,
    /// Readings that the hub refused for good.
    pub refused: Sum,
    /// Readings given up because too many waited for their STORED.
    pub lost: Sum,
    /// READs, WRITEs and LOOPBACKs answered.
    pub answered: Sum,
    /// Logins after the first of a device.
    pub reconnects: Sum,
    pub logins_refused: Sum,
}

/// The status line.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} connected, {} sent, {} stored, {} refused, {} reconnects",
            self.connected.get(),
            self.sent.get(),
            self.stored.get(),
            self.refused.get(),
            self.reconnects.get()
        )?;
        for (number, what) in [
            (self.lost.get(), "lost"),
            (self.logins_refused.get(), "logins refused"),
        ] {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        Ok(())
    }
}
