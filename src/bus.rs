//! What changes in the hub, for whoever subscribes inside it: the demo, waiting verbs, the live page.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::broadcast;

use crate::alarm::News;
use crate::command::Command;
use crate::presence::Presence;
use crate::registry::GroupId;
use crate::wire::Address;

/// Changes that a subscriber may lag behind; then it misses the oldest, and is told how many.
const CAPACITY: usize = 4096;

/// One change.
#[derive(Clone, Debug)]
pub enum Event {
    /// A device came or went.
    Presence {
        group: GroupId,
        address: Address,
        presence: Presence,
    },
    /// A command entered the state that it has here.
    Command(Arc<Command>),
    /// Something happened to an alarm.
    Alarm(Arc<News>),
    /// The registry, or what is kept of the device, is another one.
    Device {
        group: GroupId,
        address: Address,
        what: Change,
    },
    /// With its name: of a removed one nobody else knows it any more.
    Group {
        group: GroupId,
        name: Arc<str>,
        what: Change,
    },
    /// Something about an alarm rule changed.
    Rule { group: GroupId, id: i64 },
    /// Something about a schedule changed, or it ran.
    Schedule { group: GroupId, id: i64 },
    /// An unknown device tried to log in, or is not kept in mind any more.
    Discovered,
}

/// What became of a device or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    Added,
    Changed,
    Removed,
}

/// The hub's own news. Cheap to clone; nobody waits for a subscriber.
#[derive(Clone)]
pub struct Bus(broadcast::Sender<Event>);

impl Default for Bus {
    fn default() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }
}

impl Bus {
    pub fn tell(&self, event: Event) {
        // An error says that nobody listens.
        let _ = self.0.send(event);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
