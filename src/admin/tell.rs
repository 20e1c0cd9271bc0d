//! Tells those that look on what was changed, once it is in effect.

use super::Admin;
use crate::bus::{Change, Event};
use crate::registry::GroupId;
use crate::wire::Address;

impl Admin {
    pub(super) fn tell(&self, event: Event) {
        self.parts().bus.tell(event);
    }

    pub(super) fn tell_device(&self, group: GroupId, address: Address, what: Change) {
        self.tell(Event::Device {
            group,
            address,
            what,
        });
    }

    pub(super) fn tell_group(&self, group: GroupId, name: &str, what: Change) {
        self.tell(Event::Group {
            group,
            name: name.into(),
            what,
        });
    }

    /// Something about a schedule changed, or it ran.
    pub(crate) fn tell_schedule(&self, group: GroupId, id: i64) {
        self.tell(Event::Schedule { group, id });
    }
}
