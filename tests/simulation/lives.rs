//! The hub is started, killed, and started again on what it has stored.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use device_hub::entropy::Entropy;
use device_hub::hub::{Hub, HubParts, Recording};
use device_hub::island::Placement;
use device_hub::listener::Gate;
use device_hub::notify::{Courier, Delivered, Delivering, Parcel};
use device_hub::registry::SealKey;
use device_hub::session::EndReason;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::DuplexStream;
use tokio::time::{sleep, timeout};

use crate::power::{Cord, Power};
use crate::tidings::Tidings;
use crate::witness;
use crate::world::World;

/// One life of the hub.
pub struct Running {
    pub hub: Hub,
    pub power: Arc<Power>,
}

/// Takes every notification, and tells nobody.
struct Nobody;

impl Courier for Nobody {
    fn deliver<'a>(&'a self, _: &'a Parcel) -> Delivering<'a> {
        Box::pin(async { Ok(Delivered::default()) })
    }
}

/// Starts a hub on the world's store, without a witness.
pub fn started(
    seed: u64,
    life: usize,
    disk: &crate::disk::Disk,
    clock: &device_hub::clock::Clock,
    settings: &device_hub::settings::Settings,
) -> Running {
    let power = Power::on(life);
    let hub = Hub::start(HubParts {
        settings: settings.clone(),
        clock: clock.clone(),
        entropy: Entropy::seeded(seed.wrapping_add(life as u64 * 7919)),
        store: disk.plugged(&power),
        seal: SealKey::from_bytes([7; 32]).unwrap(),
        placement: Placement::Here,
        recording: Recording::Inline,
        gate: Gate::new(100_000, 100_000),
        courier: Arc::new(Nobody),
        watcher: None,
    });
    let hub = hub.unwrap();
    hub.tend();
    Running { hub, power }
}

impl World {
    pub fn hub(&self) -> Option<HubRef> {
        self.running.borrow().clone().map(HubRef)
    }

    /// Which life of the hub this is, or was last.
    pub fn life(&self) -> usize {
        self.births.borrow().len() - 1
    }

    /// A connection to the hub, with a buffer as small as the seed will have it, and what it hangs on.
    pub fn connect(self: &Rc<Self>, rng: &mut StdRng) -> Option<(DuplexStream, Arc<Power>)> {
        let (ours, theirs) = tokio::io::duplex(rng.random_range(64..4096));
        let last = rng.random_range(2..250);
        let hub = self.hub()?;
        let power = Arc::clone(&hub.0.power);
        let cord = Cord {
            io: theirs,
            power: Arc::clone(&power),
        };
        actix::spawn(async move {
            hub.accept(Box::new(cord), IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)))
                .await;
        });
        Some((ours, power))
    }

    /// Starts the hub anew.
    pub fn start(self: &Rc<Self>) {
        let life = self.births.borrow().len();
        let running = started(self.seed, life, &self.disk, &self.clock, &self.settings);
        self.born(Rc::new(running));
    }

    pub fn born(self: &Rc<Self>, running: Rc<Running>) {
        let birth = (self.clock.now(), self.clock.unix_ms());
        self.births.borrow_mut().push(birth);
        let news = running.hub.bus.subscribe();
        let power = Arc::clone(&running.power);
        let tidings = Tidings::new(self);
        self.spawn(witness::listen(Rc::clone(self), power, news, tidings));
        *self.running.borrow_mut() = Some(running);
    }

    /// Kills the hub now and then: at one of its next commits, just before or just after it, or between two.
    pub async fn outages(self: Rc<Self>) {
        let mut rng = StdRng::seed_from_u64(self.seed ^ 0x0FF);
        for _ in 0..[0, 0, 1, 1, 2][rng.random_range(0..5)] {
            sleep(Duration::from_millis(rng.random_range(8_000..25_000))).await;
            let power = Arc::clone(&self.running.borrow().as_ref().unwrap().power);
            power.cut_after(rng.random_range(0..40), rng.random_bool(0.5));
            let waited = Duration::from_millis(rng.random_range(1..3000));
            let _ = timeout(waited, power.off()).await;
            power.cut();
            self.bury();
            sleep(Duration::from_millis(rng.random_range(0..4000))).await;
            self.start();
        }
    }

    /// What is left of a hub without power: its routers, which nobody hears any more.
    fn bury(&self) {
        let running = self.running.borrow_mut().take().unwrap();
        self.count("kills");
        self.tally(&running.hub);
        for (group, _) in running.hub.books.groups() {
            running.hub.islands.remove(group);
        }
    }

    /// What a life of the hub has counted.
    pub fn tally(&self, hub: &Hub) {
        use device_hub::ledger::DropReason;
        let total = hub.books.total();
        let mut seen = self.seen.borrow_mut();
        seen.more("delivered", total.delivered);
        seen.more("copies", total.copies_delivered);
        for reason in DropReason::ALL {
            seen.more(reason.name(), total.dropped[reason as usize]);
        }
        seen.more("taken over", hub.endings.get(EndReason::TakenOver));
        seen.more("slow readers", hub.endings.get(EndReason::SlowReader));
        seen.more("silent", hub.endings.get(EndReason::Silent));
    }
}

/// Holds one life of the hub, and reads like it.
#[derive(Clone)]
pub struct HubRef(pub Rc<Running>);

impl std::ops::Deref for HubRef {
    type Target = Hub;

    fn deref(&self) -> &Hub {
        &self.0.hub
    }
}

impl HubRef {
    /// Whether its answers still count.
    pub fn is_off(&self) -> bool {
        self.0.power.is_off()
    }
}
