//! What changes in the hub, for whoever subscribes inside it: the demo, later the live page, rules and schedules.

use std::sync::Arc;

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
