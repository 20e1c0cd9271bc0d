//! Whether the hub knows who is there (docs/commands.md, section 5).

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use device_hub::presence::PresenceState;
use tokio::time::sleep;

use crate::world::{Stage, World};

/// How a device stands, as it knows itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum There {
    #[default]
    No,
    Yes,
    /// It does not look: the hub may have ended its session meanwhile.
    Unsure,
}

#[derive(Default)]
pub struct Standing {
    pub there: Cell<There>,
    /// Sessions so far.
    pub epoch: Cell<u64>,
    /// Since when, on the monotonic clock.
    pub since: Cell<Duration>,
    /// Rises with every change.
    changes: Cell<u64>,
}

impl Standing {
    pub fn is(&self, there: There, now: Duration) {
        if self.there.replace(there) != there {
            self.since.set(now);
            self.changes.set(self.changes.get() + 1);
        }
    }

    pub fn entered(&self, epoch: u64, now: Duration) {
        self.epoch.set(epoch);
        self.since.set(now);
        self.there.set(There::Yes);
        self.changes.set(self.changes.get() + 1);
    }
}

/// What a hub needs at most to notice that a device has come or gone.
const NOTICE: Duration = Duration::from_secs(2);

/// Looks at all devices now and then: whoever the hub is wrong about has to have moved a moment later.
pub async fn audit(world: Rc<World>) {
    while world.stage.get() < Stage::Leaving {
        sleep(Duration::from_secs(3)).await;
        let life = world.life();
        let before: Vec<_> = wrong(&world);
        sleep(NOTICE).await;
        if life != world.life() {
            continue;
        }
        for (index, changes) in wrong(&world) {
            assert!(
                !before.contains(&(index, changes)),
                "device {} is {:?} and its presence {:?}",
                world.devices[index].address,
                world.standings[index].there.get(),
                presence(&world, index)
            );
        }
    }
}

fn presence(world: &World, index: usize) -> Option<PresenceState> {
    let hub = world.hub().filter(|hub| !hub.is_off())?;
    Some(hub.presences.of(world.devices[index].address).state)
}

/// Devices of which the hub says otherwise than they do.
fn wrong(world: &World) -> Vec<(usize, u64)> {
    let mut wrong = Vec::new();
    for (index, standing) in world.standings.iter().enumerate() {
        let Some(said) = presence(world, index) else {
            return Vec::new();
        };
        let online = said == PresenceState::Online;
        let fits = match standing.there.get() {
            There::Unsure => continue,
            There::Yes => online,
            There::No => !online,
        };
        world.count("presences compared");
        if !fits {
            wrong.push((index, standing.changes.get()));
        }
    }
    wrong
}

/// Everybody has left.
pub fn at_rest(world: &World) {
    let hub = world.hub().unwrap();
    assert_eq!(hub.presences.online(), 0, "somebody is online still");
    for (index, known) in world.devices.iter().enumerate() {
        let presence = hub.presences.of(known.address);
        let seen = world.standings[index].epoch.get() > 0;
        let state = match seen {
            true => PresenceState::Offline,
            false => PresenceState::NeverSeen,
        };
        assert_eq!(presence.state, state, "device {}", known.address);
        assert_eq!(
            presence.reason.is_empty(),
            !seen,
            "device {}: {presence:?}",
            known.address
        );
    }
}
