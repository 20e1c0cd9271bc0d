//! The world of a seed: its settings, its devices, and a hub that knows them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use device_hub::admin::{ImportRow, Request, Response};
use device_hub::clock::Clock;
use device_hub::hub::Hub;
use device_hub::settings::Settings;
use device_hub::simulate::credential::{Credential, LoginKind};
use device_hub::wire::Address;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::Notify;

use crate::disk::Disk;
use crate::lives;
use crate::walls::Walls;
use crate::world::{START_MS, Stage, World};

pub const GROUPS: usize = 4;
pub const LABELS: [&str; 3] = ["pumps", "lamps", "gates"];

/// A device as the test knows it.
#[derive(Debug)]
pub struct Known {
    pub address: Address,
    pub group: usize,
    pub labels: Vec<String>,
    pub credential: Credential,
    /// It may order.
    pub controls: bool,
    /// It says what it has.
    pub describes: bool,
    /// Its clock is its own.
    pub own_clock: bool,
    /// It subscribes to alarms.
    pub listens: bool,
}

fn settings(rng: &mut StdRng) -> Settings {
    let mut settings = Settings::default();
    settings.devices.outbox_bytes = rng.random_range(9_000..40_000);
    settings.devices.slow_reader_seconds = 5;
    settings.devices.alive_seconds = 10;
    settings.devices.alive_grace_seconds = 5;
    settings.routing.mailbox = rng.random_range(1..20);
    settings.commands.expire_seconds = 6;
    settings.commands.answer_seconds = 3;
    settings.commands.act_seconds = 8;
    settings.commands.queue = 12;
    settings.alarms.burst = 20;
    settings.alarms.per_second = 5;
    settings.alarms.chatter_times = rng.random_range(3..6);
    settings.alarms.chatter_seconds = 20;
    settings.alarms.calm_seconds = 6;
    settings
}

pub async fn build(seed: u64) -> Rc<World> {
    let mut rng = StdRng::seed_from_u64(seed);
    let settings = settings(&mut rng);
    let (clock, disk) = (Clock::simulated(START_MS), Disk::new());
    let running = lives::started(seed, 0, &disk, &clock, &settings);
    let devices = register(&running.hub, &mut rng).await;
    let world = Rc::new(World {
        seed,
        settings,
        disk,
        running: RefCell::default(),
        births: RefCell::default(),
        walls: RefCell::new(Walls::new(START_MS)),
        group_of: devices.iter().map(|d| (d.address.get(), d.group)).collect(),
        diaries: devices.iter().map(|_| RefCell::default()).collect(),
        issuers: devices.iter().map(|_| RefCell::default()).collect(),
        standings: devices.iter().map(|_| Default::default()).collect(),
        panels: devices.iter().map(|_| RefCell::default()).collect(),
        listeners: devices.iter().map(|_| RefCell::default()).collect(),
        measured: devices.iter().map(|_| RefCell::default()).collect(),
        book: RefCell::default(),
        paused: RefCell::default(),
        confirmed: Cell::default(),
        devices,
        clock,
        stage: Cell::new(Stage::Acting),
        seen: RefCell::default(),
        captured: RefCell::default(),
        acknowledged: RefCell::default(),
        sent_events: RefCell::default(),
        received: Cell::new(0),
        stories: RefCell::default(),
        cancelled: RefCell::default(),
        alarm: Notify::new(),
    });
    world.born(Rc::new(running));
    world
}

async fn register(hub: &Hub, rng: &mut StdRng) -> Vec<Known> {
    let count = rng.random_range(150..300);
    let mut planned = Vec::new();
    let mut rows = Vec::new();
    for number in 0..count {
        let group = rng.random_range(0..GROUPS);
        let legacy = rng.random_bool(0.3);
        let controls = rng.random_bool(0.1);
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
            rights: if controls { "control" } else { "" }.into(),
            ..ImportRow::default()
        });
        planned.push((group, legacy, labels, controls, rng.random_bool(0.3)));
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
        .map(|((group, legacy, labels, controls, describes), made)| {
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
                controls,
                describes,
                own_clock: made.address % 3 == 0,
                listens: made.address % 5 == 0,
            }
        })
        .collect()
}
