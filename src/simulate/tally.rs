//! What a fleet of simulated devices did, in sums that any thread may read while it runs.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

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

/// What became of the hub's commands, each counted once however often it came.
#[derive(Debug, Default)]
pub struct Orders {
    pub got: Sum,
    /// WRITEs and BLINKs carried out.
    pub acted: Sum,
    /// Repeats of them that were not; each counts.
    pub repeated: Sum,
    /// WRITEs that came, or would have been carried out, after their expiry.
    pub late: Sum,
    /// WRITEs accepted first and carried out later.
    pub delayed: Sum,
    /// Rejected on request.
    pub refused: Sum,
    /// Never answered, on request.
    pub silent: Sum,
    /// Lies: DONE without having moved, answered twice, and answered to a stranger's id as well.
    pub not_moved: Sum,
    pub twice: Sum,
    pub strangers: Sum,
    /// Answers that the hub said it did not want.
    pub unwanted: Sum,
}

impl Orders {
    pub fn lies(&self) -> u64 {
        self.not_moved.get() + self.twice.get() + self.strangers.get()
    }
}

/// What the devices did about alarms.
#[derive(Debug, Default)]
pub struct Alarms {
    /// RAISED and CLEARED of rules that the hub gave them; one that is sent again counts once.
    pub reported: Sum,
    pub stored: Sum,
    /// Reports that the hub refused for good.
    pub refused: Sum,
    /// Reports given up because too many waited for their STORED.
    pub lost: Sum,
    /// ALARMs of other devices that came; each counts.
    pub heard: Sum,
    /// Actuators moved without being told, because of an alarm of their own or of another device.
    pub acted: Sum,
}

/// The sums of a fleet.
#[derive(Debug, Default)]
pub struct Tally {
    /// Sessions at this moment.
    pub connected: Sum,
    /// Readings, those included that wait for a connection; one that is sent again counts once.
    pub sent: Sum,
    pub stored: Sum,
    /// Readings that the hub refused for good.
    pub refused: Sum,
    /// Readings given up because too many waited for their STORED.
    pub lost: Sum,
    pub orders: Orders,
    pub alarms: Alarms,
    /// READs, WRITEs, LOOPBACKs and the like that came, from the hub and from peers.
    pub answered: Sum,
    /// Logins after the first of a device.
    pub reconnects: Sum,
    pub logins_refused: Sum,
    /// Devices that were logged in at least once.
    pub seen: Sum,
    /// Why the latest login failed, until it is told.
    trouble: Mutex<Option<String>>,
}

impl Tally {
    pub fn note_trouble(&self, what: String) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
    }

    /// Each is told once.
    pub fn take_trouble(&self) -> Option<String> {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.take()
    }
}

/// All sums but `connected`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sent, {} stored, {} refused, {} reconnects",
            self.sent.get(),
            self.stored.get(),
            self.refused.get(),
            self.reconnects.get()
        )?;
        for (number, what) in [
            (self.lost.get(), "lost"),
            (self.logins_refused.get(), "logins refused"),
            (self.orders.got.get(), "commands"),
            (self.orders.acted.get(), "acts"),
            (self.orders.repeated.get(), "repeats dropped"),
            (self.orders.late.get(), "too late"),
            (self.orders.delayed.get(), "delayed"),
            (self.orders.refused.get(), "refused on request"),
            (self.orders.silent.get(), "in silence"),
            (self.orders.lies(), "lies"),
            (self.orders.unwanted.get(), "answers unwanted"),
            (self.alarms.reported.get(), "alarm reports"),
            (self.alarms.stored.get(), "of them stored"),
            (self.alarms.refused.get(), "alarm reports refused"),
            (self.alarms.lost.get(), "alarm reports lost"),
            (self.alarms.heard.get(), "alarms received"),
            (self.alarms.acted.get(), "local acts"),
        ] {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        Ok(())
    }
}
