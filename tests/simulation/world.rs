//! One run: a hub made of its own parts, groups, devices, and the clock moved by nobody but the runtime.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

use actix::System;
use device_hub::admin::{ImportRow, Request, Response};
use device_hub::clock::Clock;
use device_hub::entropy::Entropy;
use device_hub::hub::{Hub, HubParts, Recording};
use device_hub::island::Placement;
use device_hub::listener::Gate;
use device_hub::registry::SealKey;
use device_hub::settings::Settings;
use device_hub::simulate::credential::{Credential, LoginKind};
use device_hub::storage::Sqlite;
use device_hub::wire::Address;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::DuplexStream;
use tokio::time::{sleep, timeout};

use crate::{attacker, checks, device};

const GROUPS: usize = 4;
const LABELS: [&str; 3] = ["pumps", "lamps", "gates"];
/// Virtual seconds in which devices act, and in which they then come to rest.
const ACT: Duration = Duration::from_secs(60);
const REST: Duration = Duration::from_secs(60);
const START_MS: i64 = 1_800_000_000_000;

/// What a run saw; equal for equal seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub delivered: u64,
    pub copies: u64,
    pub no_device: u64,
    pub bad_origin: u64,
    pub busy: u64,
    pub closed: u64,
    pub stored: u64,
    pub replays_refused: u64,
    pub taken_over: u64,
    pub slow_readers: u64,
    pub silent: u64,
    pub cuts: u64,
    /// A hash over every frame that every device read, in order.
    pub trace: u64,
}

impl Outcome {
    pub fn named(&self) -> [(&'static str, u64); 12] {
        [
            ("delivery", self.delivered),
            ("copy", self.copies),
            ("NO_DEVICE", self.no_device),
            ("BAD_ORIGIN", self.bad_origin),
            ("BUSY", self.busy),
            ("CLOSED", self.closed),
            ("stored reading", self.stored),
            ("refused replay", self.replays_refused),
            ("takeover", self.taken_over),
            ("slow reader", self.slow_readers),
            ("silent session", self.silent),
            ("cut", self.cuts),
        ]
    }

    pub fn add(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.copies += other.copies;
        self.no_device += other.no_device;
        self.bad_origin += other.bad_origin;
        self.busy += other.busy;
        self.closed += other.closed;
        self.stored += other.stored;
        self.replays_refused += other.replays_refused;
        self.taken_over += other.taken_over;
        self.slow_readers += other.slow_readers;
        self.silent += other.silent;
        self.cuts += other.cuts;
    }
}

/// A device as the test knows it.
#[derive(Debug)]
pub struct Known {
    pub address: Address,
    pub group: usize,
    pub labels: Vec<String>,
    pub credential: Credential,
}

/// What every task of a run shares.
pub struct World {
    pub seed: u64,
    pub hub: Hub,
    pub devices: Vec<Known>,
    pub group_of: BTreeMap<u32, usize>,
    pub acting: Cell<bool>,
    pub seen: RefCell<Outcome>,
    /// Digest and nonce of legacy logins that succeeded, as a listener on the line would have them.
    pub captured: RefCell<Vec<(usize, String, String)>>,
    pub acknowledged: RefCell<BTreeSet<(u32, i64)>>,
    pub sent_events: RefCell<BTreeSet<(u32, i64)>>,
    /// Frames of other devices that reached a device.
    pub received: Cell<u64>,
}

impl World {
    /// A connection to the hub, with a buffer as small as the seed will have it.
    pub fn connect(self: &Rc<Self>, rng: &mut StdRng) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(rng.random_range(64..4096));
        let (world, last) = (Rc::clone(self), rng.random_range(2..250));
        actix::spawn(async move {
            world
                .hub
                .accept(Box::new(theirs), IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)))
                .await;
        });
        ours
    }
}

/// Runs one seed to its end and checks it.
pub fn run(seed: u64) -> Outcome {
    let system = System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
    });
    system.block_on(async move {
        let world = Rc::new(build(seed).await);
        let mut tasks: Vec<_> = (0..world.devices.len())
            .map(|index| actix::spawn(device::live(Rc::clone(&world), index)))
            .collect();
        tasks.push(actix::spawn(attacker::live(Rc::clone(&world))));
        tasks.push(actix::spawn(jumping_wall_clock(Rc::clone(&world))));
        sleep(ACT).await;
        world.acting.set(false);
        // The devices end by themselves, after each has had a last LOOPBACK answered.
        for task in tasks {
            timeout(REST * 4, task)
                .await
                .expect("a device is stuck")
                .unwrap();
        }
        timeout(REST, world.hub.stop_sessions())
            .await
            .expect("the hub cannot stop");
        checks::at_rest(&world).await
    })
}

/// Somebody sets the wall clock, hours forth and back. Nothing may hang on it but what records say.
async fn jumping_wall_clock(world: Rc<World>) {
    let mut rng = StdRng::seed_from_u64(world.seed ^ 0xC10C);
    while world.acting.get() {
        sleep(Duration::from_millis(rng.random_range(1000..20_000))).await;
        world
            .hub
            .clock
            .jump_wall(rng.random_range(-86_400_000..86_400_000));
    }
}

async fn build(seed: u64) -> World {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut settings = Settings::default();
    settings.devices.outbox_bytes = rng.random_range(9_000..40_000);
    settings.devices.slow_reader_seconds = 5;
    settings.devices.alive_seconds = 10;
    settings.devices.alive_grace_seconds = 5;
    settings.routing.mailbox = rng.random_range(1..20);
    let hub = Hub::start(HubParts {
        settings,
        clock: Clock::simulated(START_MS),
        entropy: Entropy::seeded(seed),
        store: Box::new(Sqlite::in_memory().unwrap()),
        seal: SealKey::from_bytes([7; 32]).unwrap(),
        placement: Placement::Here,
        recording: Recording::Inline,
        gate: Gate::new(100_000, 100_000),
        watcher: None,
    })
    .unwrap();
    let devices = register(&hub, &mut rng).await;
    World {
        seed,
        group_of: devices.iter().map(|d| (d.address.get(), d.group)).collect(),
        devices,
        hub,
        acting: Cell::new(true),
        seen: RefCell::default(),
        captured: RefCell::default(),
        acknowledged: RefCell::default(),
        sent_events: RefCell::default(),
        received: Cell::new(0),
    }
}

async fn register(hub: &Hub, rng: &mut StdRng) -> Vec<Known> {
    let count = rng.random_range(150..300);
    let mut planned = Vec::new();
    let mut rows = Vec::new();
    for number in 0..count {
        let group = rng.random_range(0..GROUPS);
        let legacy = rng.random_bool(0.3);
        let labels: Vec<&str> = LABELS
            .into_iter()
            .filter(|_| rng.random_bool(0.1))
            .collect();
        rows.push(ImportRow {
            line: number,
            group: format!("group-{group}"),
            kind: "511".into(),
            id: format!("{}", 100_000 + number),
            login: if legacy { "legacy" } else { "challenge" }.into(),
            labels: labels.join(";"),
            ..ImportRow::default()
        });
        planned.push((group, legacy, labels));
    }
    let answer = hub
        .admin
        .handle(Request::DeviceImport { rows, strict: true })
        .await;
    let Response::Imported(imported) = answer else {
        panic!("{answer:?}")
    };
    assert!(imported.errors.is_empty(), "{:?}", imported.errors);
    planned
        .into_iter()
        .zip(imported.devices)
        .map(|((group, legacy, labels), made)| {
            let address = Address::new(made.address).unwrap();
            let login = if legacy {
                LoginKind::Legacy
            } else {
                LoginKind::Challenge
            };
            Known {
                address,
                group,
                labels: labels.into_iter().map(Into::into).collect(),
                credential: Credential {
                    address: Some(address),
                    kind: made.kind,
                    id: made.id,
                    serial: made.serial,
                    login,
                },
            }
        })
        .collect()
}
