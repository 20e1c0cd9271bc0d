//! The hard cap on disk: how much of it is for what.
//!
//! The log may grow to its share; the database file is walled off by the engine itself at the rest. Readings stop
//! before the wall, so that devices can be registered and commands kept while no reading is taken; and the oldest
//! data goes before even that is reached.

/// What the files take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// Bytes of the database file.
    pub file: u64,
    /// Of these, bytes that are free for reuse.
    pub free: u64,
    /// Bytes of the write-ahead log.
    pub log: u64,
    /// What file and log may grow to together; 0 without a cap.
    pub max: u64,
}

impl Space {
    pub fn used(self) -> u64 {
        self.file.saturating_sub(self.free)
    }
}

/// Shares of a cap, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// 0: no cap.
    pub max_bytes: u64,
    /// Of the log.
    pub log: u64,
    /// Of the database file.
    pub wall: u64,
    /// Used bytes at which readings are refused.
    pub refuse: u64,
    /// Used bytes at which the oldest data goes.
    pub evict: u64,
}

/// Share of the log at most: four times what it grows to when nobody holds it up.
const MOST_LOG: u64 = 64 << 20;
const MOST_RESERVE: u64 = 64 << 20;
/// Bytes of a page of the database.
pub(super) const PAGE: u64 = 4096;

impl Disk {
    pub fn of(max_bytes: u64) -> Self {
        if max_bytes == 0 {
            return Self {
                max_bytes,
                log: MOST_LOG,
                wall: u64::MAX,
                refuse: u64::MAX,
                evict: u64::MAX,
            };
        }
        let log = (max_bytes / 4).min(MOST_LOG);
        let wall = max_bytes - log;
        let refuse = wall - (wall / 16).min(MOST_RESERVE);
        Self {
            max_bytes,
            log,
            wall,
            refuse,
            evict: refuse - (wall / 16).min(MOST_RESERVE),
        }
    }

    pub fn is_capped(&self) -> bool {
        self.max_bytes > 0
    }

    /// Rows of one commit at most: each may dirty a page of its own, and all of them go through the log.
    pub fn rows(&self) -> usize {
        if self.is_capped() {
            usize::try_from(self.log / 2 / PAGE)
                .unwrap_or(usize::MAX)
                .max(1)
        } else {
            usize::MAX
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_within_the_cap_and_in_order() {
        for cap in [4 << 20, 1 << 30, 10 << 30] {
            let disk = Disk::of(cap);
            assert!(disk.log + disk.wall <= cap);
            assert!(disk.evict < disk.refuse && disk.refuse < disk.wall);
            assert!(disk.rows() >= 64);
        }
        assert!(!Disk::of(0).is_capped());
    }
}
