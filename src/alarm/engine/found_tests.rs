//! Stories that the simulation found (tests/simulation), as short as they get.

use std::sync::Arc;

use super::*;
use crate::alarm::{Check, Op, Scope, Severity};
use crate::readings::Value;
use crate::recorder::{Recorder, RecorderStats, Worker};
use crate::registry::{Device, GroupId, LoginKind, Registry, Rights};
use crate::settings::Settings;
use crate::storage::{PresenceRow, Presences, Report, Sqlite};

const START_MS: i64 = 1_800_000_000_000;
const GROUP: GroupId = GroupId(1);

struct Scene {
    clock: Clock,
    registry: SharedRegistry,
    recorder: Recorder,
    alarms: Alarms,
}

fn device(group: GroupId) -> Device {
    Device {
        address: vent(),
        group,
        kind: 511,
        id: "1".into(),
        name: "".into(),
        labels: Box::default(),
        rights: Rights::Talk,
        login: LoginKind::Challenge,
        nonce_memory: 1,
        disabled: false,
        weak: false,
        sealed_serial: Box::default(),
    }
}

fn vent() -> Address {
    Address::new(42).unwrap()
}

fn alarms(clock: &Clock, registry: &SharedRegistry) -> Alarms {
    let mut settings = Settings::default();
    settings.alarms.chatter_times = 2;
    Alarms::new(AlarmParts {
        settings: settings.alarms,
        clock: clock.clone(),
        registry: registry.clone(),
        bus: Bus::default(),
        bell: Default::default(),
        notifications: 1000,
    })
}

impl Scene {
    fn new() -> Self {
        let clock = Clock::simulated(START_MS);
        let mut store = Sqlite::in_memory().unwrap();
        let registry = SharedRegistry::new(Registry::load(&mut store).unwrap());
        registry.write().put(device(GROUP));
        let alarms = alarms(&clock, &registry);
        let worker = Worker::new(
            Box::new(store),
            &Settings::default().storage,
            clock.clone(),
            Arc::new(RecorderStats::default()),
            None,
        );
        Self {
            clock,
            registry,
            recorder: Recorder::inline(worker),
            alarms,
        }
    }

    /// In a transaction of its own.
    async fn with(
        &self,
        work: impl FnOnce(&Alarms, &mut dyn Driver) -> Result<(), StorageError> + Send + 'static,
    ) {
        let alarms = self.alarms.clone();
        let done = self.recorder.call(move |store| {
            let done = transaction(store, |store| work(&alarms, store));
            alarms.settled(done.is_ok());
            done
        });
        done.await.unwrap().unwrap();
    }

    async fn rule(&self, name: &str, check: Check) -> i64 {
        let rule = Rule {
            id: 0,
            group: GROUP,
            name: name.into(),
            scope: Scope::Device(vent()),
            check,
            unit: String::new(),
            severity: Severity::Major,
            enabled: true,
            on_delay_ms: 0,
            off_delay_ms: 0,
            act: None,
            local: false,
            created_ms: START_MS,
        };
        let added = self.alarms.add_rule(&self.recorder, rule).await;
        added.unwrap().unwrap().id
    }

    async fn reads(&self, value: i64) {
        let now_ms = self.clock.unix_ms();
        self.with(move |alarms, store| {
            let key = SeriesKey {
                address: 42,
                group: GROUP.0,
                sensor: "t",
                unit: "C",
            };
            let stamp = Stamp {
                at_ms: now_ms,
                hub_ms: now_ms,
                msgno: 1,
            };
            alarms.judge(store, key, &Value::Int(value), stamp)
        })
        .await;
    }

    async fn reports(&self, raised: bool) {
        let now_ms = self.clock.unix_ms();
        self.with(move |alarms, store| {
            let report = Report {
                address: 42,
                name: "door".into(),
                sensor: String::new(),
                value: String::new(),
                raised,
                at_ms: now_ms,
                msgno: now_ms,
                hub_ms: now_ms,
            };
            let taken = alarms.reported(store, vent(), GROUP, &report)?;
            assert_eq!(taken, Ok(true));
            Ok(())
        })
        .await;
    }

    async fn pass(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        if self.alarms.is_due() {
            self.with(|alarms, store| alarms.tick(store)).await;
        }
    }

    /// The hub is killed and started again.
    async fn restart(&mut self) {
        self.alarms = alarms(&self.clock, &self.registry);
        let alarms = self.alarms.clone();
        let started = self.recorder.call(move |store| alarms.start(store));
        started.await.unwrap().unwrap();
    }
}

fn above(level: i64) -> Check {
    Check::Threshold {
        sensor: "t".into(),
        op: Op::Above,
        raise: Value::Int(level),
        clear: Value::Int(level),
    }
}

/// A2.5
#[tokio::test(start_paused = true)]
async fn a_kill_between_a_move_and_its_alarms_leaves_none_open() {
    let mut scene = Scene::new();
    scene.rule("hot", above(30)).await;
    scene.reads(31).await;
    assert_eq!(scene.alarms.open().len(), 1);
    scene.registry.write().put(device(GroupId(2)));
    scene.restart().await;
    assert_eq!(scene.alarms.open(), []);
}

/// A1.8
#[tokio::test(start_paused = true)]
async fn a_commit_that_fails_sends_nobody_offline() {
    let scene = Scene::new();
    scene.rule("away", Check::Offline { after_ms: 5000 }).await;
    scene
        .with(|alarms, store| {
            let row = PresenceRow {
                address: 42,
                online: true,
                reason: String::new(),
                since_ms: START_MS,
                last_byte_ms: START_MS,
            };
            Presences::put(store, &row)?;
            alarms.presence(store, vent(), true)
        })
        .await;
    scene.alarms.lock().loaded = false;
    scene.reads(1).await;
    scene.pass(10).await;
    assert_eq!(scene.alarms.open(), []);
}

/// A1.5
#[tokio::test(start_paused = true)]
async fn what_a_clock_is_set_forth_is_no_silence_and_no_delay() {
    let scene = Scene::new();
    let after_ms = 60_000;
    let sensor = "t".to_owned();
    let check = Check::NoData { sensor, after_ms };
    scene.rule("silent", check).await;
    for _ in 0..3 {
        scene.reads(1).await;
        scene.pass(10).await;
        scene.clock.jump_wall(3_600_000);
    }
    scene.reads(1).await;
    assert_eq!(scene.alarms.stats().raised.load(Ordering::Relaxed), 0);
    scene.pass(61).await;
    assert_eq!(scene.alarms.open().len(), 1);
}

/// A2.4
#[tokio::test(start_paused = true)]
async fn one_that_chatters_and_is_raised_is_not_calm_after_a_restart() {
    let mut scene = Scene::new();
    for raised in [true, false, true] {
        scene.reports(raised).await;
        scene.pass(1).await;
    }
    assert!(scene.alarms.open()[0].chattering);
    scene.restart().await;
    scene.pass(1000).await;
    assert_eq!(scene.alarms.open().len(), 1);
    scene.reports(false).await;
    scene.pass(1000).await;
    assert_eq!(scene.alarms.open(), []);
}
