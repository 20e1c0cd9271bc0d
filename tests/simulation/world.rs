//! What every task of a run shares.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use device_hub::clock::Clock;
use device_hub::registry::Device;
use device_hub::settings::Settings;
use device_hub::wire::Address;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::disk::Disk;
use crate::issuer::Issuer;
use crate::listener::Listener;
use crate::lives::Running;
use crate::measured::Measured;
use crate::outcome::Outcome;
use crate::panel::Panel;
use crate::presence::Standing;
use crate::register::Known;
use crate::ruler::Book;
use crate::servant::Diary;
use crate::walls::Walls;
use crate::witness::Story;

pub const START_MS: i64 = 1_800_000_000_000;

/// What everybody does at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Acting,
    /// Nothing new; what was begun ends.
    Settling,
    /// Issuers ask once more how their orders stand.
    Confirming,
    /// A last word, and the end.
    Leaving,
}

pub struct World {
    pub seed: u64,
    pub clock: Clock,
    pub settings: Settings,
    pub disk: Disk,
    /// `None` while it is down.
    pub running: RefCell<Option<Rc<Running>>>,
    /// When each life of the hub began: monotonic, and by the wall.
    pub births: RefCell<Vec<(Duration, i64)>>,
    pub walls: RefCell<Walls>,
    pub devices: Vec<Known>,
    pub group_of: BTreeMap<u32, usize>,
    pub stage: Cell<Stage>,
    pub seen: RefCell<Outcome>,
    /// Digest and nonce of legacy logins that succeeded, as a listener on the line would have them.
    pub captured: RefCell<Vec<(usize, String, String)>>,
    pub acknowledged: RefCell<BTreeSet<(u32, i64)>>,
    pub sent_events: RefCell<BTreeSet<(u32, i64)>>,
    /// Frames of other devices that reached a device.
    pub received: Cell<u64>,
    /// What the bus said of each command.
    pub stories: RefCell<BTreeMap<i64, Story>>,
    /// Taken back by an operator, who was told so.
    pub cancelled: RefCell<BTreeSet<i64>>,
    pub book: RefCell<Book>,
    /// Schedules that somebody has paused while all acted.
    pub paused: RefCell<BTreeSet<i64>>,
    /// When nothing more was ordered.
    pub confirmed: Cell<Duration>,
    /// By the index of the device, like the next five.
    pub diaries: Vec<RefCell<Diary>>,
    pub issuers: Vec<RefCell<Issuer>>,
    pub standings: Vec<Standing>,
    pub panels: Vec<RefCell<Panel>>,
    pub listeners: Vec<RefCell<Listener>>,
    pub measured: Vec<RefCell<Measured>>,
    /// A task has panicked: the run ends at once.
    pub alarm: Notify,
}

impl World {
    pub fn acting(&self) -> bool {
        self.stage.get() == Stage::Acting
    }

    /// Runs a task whose panic ends the run.
    pub fn spawn(self: &Rc<Self>, task: impl Future<Output = ()> + 'static) -> JoinHandle<()> {
        let guard = Guard(Rc::clone(self));
        actix::spawn(async move {
            let _guard = guard;
            task.await;
        })
    }

    pub fn count(&self, what: &'static str) {
        self.seen.borrow_mut().count(what);
    }

    pub fn jump_wall(&self, by_ms: i64) {
        self.clock.jump_wall(by_ms);
        self.walls.borrow_mut().jumped(self.clock.now(), by_ms);
    }

    /// What a device's clock shows: the hub's wall, or its own, which is right.
    pub fn time_of(&self, index: usize) -> i64 {
        match self.devices[index].own_clock {
            true => self.right_time(),
            false => self.clock.unix_ms(),
        }
    }

    pub fn right_time(&self) -> i64 {
        START_MS + i64::try_from(self.clock.now().as_millis()).unwrap()
    }

    pub fn registered(&self, address: Address) -> Option<Arc<Device>> {
        let hub = self.hub()?;
        let registry = hub.registry.read();
        registry.device(address).cloned()
    }

    pub fn index_of(&self, address: u32) -> usize {
        let found = self.devices.iter().position(|d| d.address.get() == address);
        found.unwrap()
    }
}

struct Guard(Rc<World>);

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.alarm.notify_one();
        }
    }
}
