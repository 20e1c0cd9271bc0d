//! What a device measured last.

use std::time::Duration;

use crate::world::World;

/// One reading on its way.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    pub msgno: i64,
    pub value: i64,
    pub at: Duration,
}

#[derive(Debug, Default)]
pub struct Measured {
    /// The newest.
    pub last: Option<Sent>,
    /// The newest of which the hub has said that it is stored.
    pub stored: Option<Sent>,
    /// In which life the hub has certainly heard of it last, and when at the earliest.
    pub heard: Option<(usize, Duration)>,
}

impl Measured {
    /// A reading that a READ asked for: nobody says that it is stored.
    pub fn said(&mut self, id: i64, at: Duration) {
        self.last = Some(Sent {
            msgno: -id,
            value: id % 90,
            at,
        });
    }

    /// STORED, read in a session with one life of the hub.
    pub fn is_stored(&mut self, msgno: i64, life: usize) {
        if let Some(last) = self.last.filter(|last| last.msgno == msgno) {
            self.stored = Some(last);
            self.heard = Some((life, last.at));
        }
    }

    /// Whether the newest is stored, and was sent after a moment.
    pub fn is_newer_than(&self, at: Duration) -> bool {
        let newest = self.last.map(|last| last.msgno);
        self.stored
            .is_some_and(|stored| Some(stored.msgno) == newest && stored.at > at)
    }
}

/// Everybody measures once more, after all else is over.
pub fn is_last_awaited(world: &World, me: usize) -> bool {
    !world.measured[me]
        .borrow()
        .is_newer_than(world.confirmed.get())
}
