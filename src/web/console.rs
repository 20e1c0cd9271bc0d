//! What a browser may do through its live socket: watch, and send frames from its own address. No socket here.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::Arc;

use actix::Addr;
use actix::dev::SendError;
use actix_web::web;

use super::{Problem, Site};
use crate::accounts::Need;
use crate::live::{FrameWatch, MOST_DEVICES, ReadingWatch, ToSend, Viewer, Wish};
use crate::registry::GroupId;
use crate::router::{Attach, Detach, Router, Spoken};
use crate::session::{Sender, compose};
use crate::wire::{Address, Dest, Limits, kind};

/// One viewer's hands.
pub(super) struct Console {
    viewer: Arc<Viewer>,
    site: web::Data<Site>,
    /// Where it has a proxy.
    routers: BTreeMap<GroupId, Addr<Router>>,
}

impl Console {
    pub(super) fn new(viewer: Arc<Viewer>, site: web::Data<Site>) -> Self {
        Self {
            viewer,
            site,
            routers: BTreeMap::new(),
        }
    }

    /// Readings of what it may not see are left out, like those of what there is not.
    ///
    /// # Errors
    /// Its frames may not be watched, and none are then; or it wants too much, and nothing has changed.
    pub(super) fn watch(
        &mut self,
        readings: &ReadingWatch,
        frames: Option<&FrameWatch>,
    ) -> Result<(), Problem> {
        if readings.devices.len() > MOST_DEVICES {
            let most = format!(
                "The readings of {MOST_DEVICES} devices may be watched one by one; watch their group."
            );
            let problem = Problem::invalid(most.clone()).at("/readings/devices", most);
            return Err(problem);
        }
        let (devices, groups) = {
            let registry = self.site.registry.read();
            let caller = &self.viewer.caller;
            let own = |address: &Address| {
                let device = registry.device(*address);
                device.is_some_and(|device| caller.sees(device.group))
            };
            let devices = readings.devices.iter().copied();
            let groups = readings.groups.iter();
            (
                devices.filter_map(Address::new).filter(own).collect(),
                groups
                    .filter_map(|name| registry.group_named(name))
                    .filter(|group| caller.sees(*group))
                    .collect::<BTreeSet<_>>(),
            )
        };
        let asked = frames.map(|wanted| self.frames(wanted)).transpose();
        let (frames, done) = match asked {
            Ok(frames) => (frames, Ok(())),
            Err(problem) => (None, Err(problem)),
        };
        if let Some((group, _)) = frames {
            // By now it can be answered there.
            let _ = self.router(group);
        }
        let wish = Wish {
            devices,
            groups,
            frames,
        };
        self.site.live.watch(&self.viewer, wish);
        done
    }

    fn frames(&self, wanted: &FrameWatch) -> Result<(GroupId, Option<Address>), Problem> {
        let registry = self.site.registry.read();
        let group = registry.group_named(&wanted.group);
        let group = group.ok_or_else(Problem::not_found)?;
        self.viewer.caller.may(Need::See, group)?;
        let Some(number) = wanted.device else {
            return Ok((group, None));
        };
        let address = Address::new(number);
        let device = address.and_then(|address| registry.device(address));
        let device = device.filter(|device| device.group == group);
        let device = device.ok_or_else(Problem::not_found)?;
        Ok((group, Some(device.address)))
    }

    /// A frame from its own address, by the way of a device's.
    ///
    /// # Errors
    /// Why it may not be sent.
    pub(super) fn speak(&mut self, frame: &ToSend) -> Result<(), Problem> {
        let group = self.site.registry.read().group_named(&frame.group);
        let group = group.ok_or_else(Problem::not_found)?;
        self.viewer.caller.may(Need::Operate, group)?;
        let to = match Dest::parse(frame.to.as_bytes()) {
            Some(Dest::Hub) | None => {
                let text = "A frame goes to a device's address, to @label or to *.";
                return Err(Problem::invalid(text).at("/to", text));
            }
            Some(to) => to,
        };
        if is_command(frame.kind) {
            let text = "Devices are told this by a command: POST /api/v1/commands.";
            return Err(Problem::invalid(text).at("/type", text));
        }
        let limits = self.limits();
        let own = self.viewer.address.to_string();
        let bytes = compose(&own, &frame.to, frame.kind, &frame.fields);
        let speaker = Sender::viewer(&own, limits);
        speaker.may_say(&bytes).map_err(|reason| {
            Problem::invalid(format!("The hub takes no such frame: {reason}."))
        })?;
        let spoken = Spoken {
            from: self.viewer.address,
            number: self.viewer.number,
            to: to.into(),
            bytes,
        };
        let stopping = || Problem::unavailable("The hub is stopping, or the group was removed.");
        let router = self.router(group).ok_or_else(stopping)?;
        router.try_send(spoken).map_err(|error| match error {
            SendError::Full(_) => {
                Problem::busy(1, "The group has more to do than it can: try again.")
            }
            SendError::Closed(_) => stopping(),
        })
    }

    fn limits(&self) -> Limits {
        let devices = &self.site.settings.devices;
        Limits {
            frame_bytes: crate::settings::size(devices.max_frame_bytes),
            fields: crate::settings::size(devices.max_fields),
        }
    }

    /// The group's router, in which it has a proxy from now on.
    fn router(&mut self, group: GroupId) -> Option<&Addr<Router>> {
        let viewer = &self.viewer;
        let islands = &self.site.islands;
        match self.routers.entry(group) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(free) => {
                let router = islands.router(group)?;
                viewer.attach(group);
                // Past the mailbox's bound: once for a viewer and group.
                router.do_send(Attach {
                    address: viewer.address,
                    number: viewer.number,
                    listener: Arc::clone(viewer) as _,
                });
                Some(free.insert(router))
            }
        }
    }
}

/// Types that the desk keeps track of.
fn is_command(kind: u32) -> bool {
    matches!(
        kind,
        kind::READ
            | kind::WRITE
            | kind::EVENT_SET
            | kind::ALARM_SET
            | kind::ALARM_STOP
            | kind::COMMAND
            | kind::BLINK
            | kind::CLOCK_SET
            | kind::CLOCK_READ
    )
}

impl Drop for Console {
    /// However its socket ended.
    fn drop(&mut self) {
        for router in self.routers.values() {
            // Past the mailbox's bound: once for a viewer and group.
            router.do_send(Detach {
                address: self.viewer.address,
                number: self.viewer.number,
            });
        }
        self.site.live.leave(&self.viewer);
    }
}
