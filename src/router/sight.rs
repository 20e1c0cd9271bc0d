//! What watchers of the hub are told: who comes and goes, and what passes.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::live::FrameLine;
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

/// One group's line to those that watch: the demo, and viewers. Cheap to clone.
#[derive(Clone)]
pub struct Watch(Arc<Line>);

struct Line {
    group: String,
    sights: Option<mpsc::Sender<Sight>>,
    frames: FrameLine,
}

impl Watch {
    pub fn new(group: &str, sights: Option<mpsc::Sender<Sight>>, frames: FrameLine) -> Self {
        Self(Arc::new(Line {
            group: group.to_owned(),
            sights,
            frames,
        }))
    }

    pub fn joined(&self, address: Address, name: &str) {
        self.tell(|group| Sight::Joined {
            group,
            address: address.get(),
            name: name.to_owned(),
        });
    }

    pub fn left(&self, address: Address, reason: EndReason) {
        self.tell(|group| Sight::Left {
            group,
            address: address.get(),
            reason: reason.name().to_owned(),
        });
    }

    /// A frame of a device or of a viewer.
    #[inline]
    pub fn passed(&self, frame: &[u8]) {
        if self.0.frames.is_watched() {
            self.0.frames.tell(frame);
        }
        if self.0.sights.is_some() {
            self.sighted(frame);
        }
    }

    /// For the demo alone: of what the hub says itself it shows ALARMs, viewers see all of it.
    pub fn sighted(&self, frame: &[u8]) {
        self.tell(|group| Sight::Passed {
            group,
            bytes: frame.to_vec(),
        });
    }

    /// Whole frames, each with its EOT, that the hub itself says to a device or a viewer.
    #[inline]
    pub fn said(&self, frames: &[u8]) {
        if self.0.frames.is_watched() {
            self.0.frames.tell(frames);
        }
    }

    fn tell(&self, sight: impl FnOnce(String) -> Sight) {
        if let Some(sights) = &self.0.sights {
            let _ = sights.try_send(sight(self.0.group.clone()));
        }
    }
}
