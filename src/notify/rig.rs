//! A notifier on a store in memory, with a courier that does as it is told: for tests in virtual time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix::System;

use super::{
    Again, Bell, Courier, Delivered, Delivering, Notifier, NotifierParts, NotifyStats, Parcel,
    Undelivered, enqueue,
};
use crate::alarm::{Alarm, News, Severity, What};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::recorder::{Recorder, RecorderStats, Worker};
use crate::registry::{GroupId, Registry, SealKey, SharedRegistry};
use crate::settings::Settings;
use crate::storage::{
    ChannelRow, Channels, Driver, Groups, NewChannel, Sqlite, StorageError, transaction,
};
use crate::wire::Address;

pub(super) const START_MS: i64 = 1_800_000_000_000;

/// Runs a test whose time is virtual.
pub(super) fn in_virtual_time<T>(test: impl Future<Output = T>) -> T {
    let system = System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
    });
    system.block_on(test)
}

pub(super) async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// What the receiver does with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Take,
    Fail(Again),
    Hang,
    /// It has the message, and we never hear so.
    TakeAndHang,
}

/// One attempt.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) at: Duration,
    pub(super) channel: String,
    pub(super) delivery: String,
    pub(super) plan: Plan,
    pub(super) total: u64,
    pub(super) omitted: u64,
    /// Alarms listed one by one.
    pub(super) listed: Vec<i64>,
}

/// Does with a channel's messages what was last said for it.
pub(super) struct Fake {
    clock: Clock,
    plans: Mutex<Vec<(String, Plan)>>,
    seen: Mutex<Vec<Seen>>,
}

impl Fake {
    pub(super) fn plan(&self, channel: &str, plan: Plan) {
        self.plans.lock().unwrap().push((channel.to_owned(), plan));
    }

    pub(super) fn seen(&self, channel: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        let these = seen.iter().filter(|seen| seen.channel == channel);
        these.cloned().collect()
    }
}

impl Courier for Fake {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> Delivering<'a> {
        let letter = &parcel.letter;
        let plans = self.plans.lock().unwrap();
        let said = plans.iter().rev().find(|(name, _)| *name == letter.channel);
        let plan = said.map_or(Plan::Take, |(_, plan)| *plan);
        drop(plans);
        self.seen.lock().unwrap().push(Seen {
            at: self.clock.now(),
            channel: letter.channel.clone(),
            delivery: letter.delivery.clone(),
            plan,
            total: letter.total(),
            omitted: letter.omitted,
            listed: letter.listed.iter().map(|told| told.alarm.id).collect(),
        });
        Box::pin(async move {
            match plan {
                Plan::Take => Ok(Delivered::default()),
                Plan::Fail(again) => Err(Undelivered::new("answered 500", again)),
                Plan::Hang | Plan::TakeAndHang => std::future::pending().await,
            }
        })
    }
}

/// Everything around a notifier.
pub(super) struct Rig {
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Clock,
    pub(super) recorder: Recorder,
    pub(super) fake: Arc<Fake>,
    pub(super) stats: Arc<NotifyStats>,
    registry: SharedRegistry,
    seal: Arc<SealKey>,
    bell: Bell,
    next_alarm: Mutex<i64>,
}

impl Rig {
    /// With one group, of id 1.
    pub(super) fn new() -> Self {
        let settings = Settings::default();
        let clock = Clock::simulated(START_MS);
        let mut store = Sqlite::in_memory().unwrap();
        assert_eq!(Groups::insert(&mut store, "greenhouse").unwrap(), 1);
        let mut registry = Registry::default();
        registry.put_group(GroupId(1), "greenhouse");
        let counted = Arc::new(RecorderStats::default());
        let worker = Worker::new(
            Box::new(store),
            &settings.storage,
            clock.clone(),
            counted,
            None,
        );
        Self {
            settings: Arc::new(settings),
            recorder: Recorder::inline(worker),
            fake: Arc::new(Fake {
                clock: clock.clone(),
                plans: Mutex::default(),
                seen: Mutex::default(),
            }),
            clock,
            stats: Arc::default(),
            registry: SharedRegistry::new(registry),
            seal: Arc::new(SealKey::from_bytes([7; 32]).unwrap()),
            bell: Bell::default(),
            next_alarm: Mutex::new(0),
        }
    }

    pub(super) fn start(&self, seed: u64) -> Notifier {
        Notifier::start(NotifierParts {
            settings: Arc::clone(&self.settings),
            clock: self.clock.clone(),
            entropy: Entropy::seeded(seed),
            registry: self.registry.clone(),
            recorder: self.recorder.clone(),
            seal: Arc::clone(&self.seal),
            courier: Arc::clone(&self.fake) as Arc<dyn Courier>,
            bell: self.bell.clone(),
            stats: Arc::clone(&self.stats),
        })
    }

    pub(super) async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError> + Send + 'static,
    ) -> T {
        let done = self.recorder.call(|store| transaction(store, work));
        done.await.unwrap().unwrap()
    }

    pub(super) async fn webhook(&self, name: &str, least: Severity) -> i64 {
        let (seal, new) = (
            Arc::clone(&self.seal),
            NewChannel {
                group: 1,
                name: name.to_owned(),
                kind: "webhook",
                target: "http://127.0.0.1:9/".to_owned(),
                severity: least as i64,
                created_ms: START_MS,
            },
        );
        self.store(move |store| {
            let id = Channels::insert(store, &new)?;
            let sealed = seal.seal_channel(id, "secret", &Entropy::seeded(3));
            Channels::set_secret(store, id, &sealed)?;
            Ok(id)
        })
        .await
    }

    /// Raises alarms of a severity, each of an id of its own; answers the ids.
    pub(super) async fn raise(&self, count: i64, severity: Severity) -> std::ops::Range<i64> {
        let first = *self.next_alarm.lock().unwrap();
        *self.next_alarm.lock().unwrap() += count;
        let (at_ms, most) = (self.clock.unix_ms(), self.settings.notify.queue);
        let ids = first..first + count;
        let raised = ids.clone();
        self.store(move |store| {
            for id in raised {
                enqueue(store, &news(id, severity, at_ms), most)?;
            }
            Ok(())
        })
        .await;
        self.bell.ring();
        ids
    }

    pub(super) async fn row(&self, id: i64) -> ChannelRow {
        self.store(move |store| Channels::get(store, id))
            .await
            .unwrap()
    }

    pub(super) async fn rows_left(&self) -> i64 {
        self.store(|store| {
            let mut count = 0;
            store.query("SELECT count(*) FROM notification", &[], &mut |row| {
                count = row.int(0)?;
                Ok(())
            })?;
            Ok(count)
        })
        .await
    }
}

pub(super) fn news(id: i64, severity: Severity, at_ms: i64) -> News {
    News {
        alarm: Alarm {
            id,
            group: GroupId(1),
            address: Address::new(42).unwrap(),
            rule: Some(1),
            name: "hot".into(),
            sensor: "temperature".into(),
            severity,
            raised_ms: at_ms,
            raised_value: "31".into(),
            last_ms: at_ms,
            last_value: "31".into(),
            cleared_ms: None,
            clear_reason: String::new(),
            by_hub: true,
            by_device: false,
            acked_ms: None,
            acked_by: String::new(),
            note: String::new(),
            shelved_until_ms: None,
            chattering: false,
            times: 1,
        },
        what: What::Raised,
        at_ms,
        by: "hub".into(),
        note: String::new(),
    }
}
