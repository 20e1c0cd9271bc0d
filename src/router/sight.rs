//! What a watcher of the hub is told: who comes and goes, and what passes.

use tokio::sync::mpsc;

use crate::session::EndReason;
use crate::wire::Address;

/// One thing that the hub saw. Sent by routers and sessions; a watcher that lags behind misses some, and nobody waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    Joined {
        group: String,
        address: u32,
        name: String,
    },
    Left {
        group: String,
        address: u32,
        reason: String,
    },
    /// A frame of a device, or an ALARM to a subscriber, without its EOT.
    Passed { group: String, bytes: Vec<u8> },
}

/// One group's line to the watcher.
#[derive(Clone)]
pub struct Watch {
    group: String,
    sights: mpsc::Sender<Sight>,
}

impl Watch {
    pub fn new(group: &str, sights: mpsc::Sender<Sight>) -> Self {
        Self {
            group: group.to_owned(),
            sights,
        }
    }

    pub fn joined(&self, address: Address, name: &str) {
        self.tell(Sight::Joined {
            group: self.group.clone(),
            address: address.get(),
            name: name.to_owned(),
        });
    }

    pub fn left(&self, address: Address, reason: EndReason) {
        self.tell(Sight::Left {
            group: self.group.clone(),
            address: address.get(),
            reason: reason.name().to_owned(),
        });
    }

    pub fn passed(&self, frame: &[u8]) {
        self.tell(Sight::Passed {
            group: self.group.clone(),
            bytes: frame.to_vec(),
        });
    }

    fn tell(&self, sight: Sight) {
        let _ = self.sights.try_send(sight);
    }
}
