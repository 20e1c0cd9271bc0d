//! A hub that can be killed, and what its database says of runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix::System;
use device_hub::admin::{
    Credential, NewDevice, NewSchedule, NewTiming, Request, Response, ScheduleRequest,
    ScheduleResponse,
};
use device_hub::clock::Clock;
use device_hub::entropy::Entropy;
use device_hub::hub::{Hub, HubParts, Recording};
use device_hub::island::Placement;
use device_hub::listener::Gate;
use device_hub::notify::{Courier, Delivered, Delivering, Parcel};
use device_hub::registry::{LoginKind, Rights, SealKey};
use device_hub::schedule::{Act, Missed};
use device_hub::settings::Settings;
use device_hub::storage::Sqlite;
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) struct Scene {
    dir: TempDir,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    hub: Option<Hub>,
}

/// Takes every notification, and tells nobody.
struct Nobody;

impl Courier for Nobody {
    fn deliver<'a>(&'a self, _: &'a Parcel) -> Delivering<'a> {
        Box::pin(async { Ok(Delivered::default()) })
    }
}

/// A run as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) schedule: i64,
    pub(crate) due_ms: i64,
    pub(crate) outcome: String,
}

/// In memory where that can be: under virtual time every commit is one of its own, and nobody looks at the disk.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// Runs a test under virtual time.
pub(crate) fn virtually(test: impl Future<Output = ()>) {
    let system = System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
    });
    system.block_on(test);
}

pub(crate) fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

pub(crate) async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

impl Scene {
    /// A hub whose wall clock shows this at the beginning.
    pub(crate) fn at(now: &str) -> Self {
        let mut scene = Self {
            dir: folder(),
            clock: Clock::simulated(at(now)),
            settings: Settings::default(),
            hub: None,
        };
        scene.settings.storage.max_bytes = 0;
        scene
    }

    pub(crate) fn start(&mut self) {
        let hub = Hub::start(HubParts {
            settings: self.settings.clone(),
            clock: self.clock.clone(),
            entropy: Entropy::seeded(7),
            store: Box::new(Sqlite::open(&self.path()).unwrap()),
            seal: SealKey::from_bytes([7; 32]).unwrap(),
            placement: Placement::Here,
            recording: Recording::Inline,
            gate: Gate::new(1000, 1000),
            courier: Arc::new(Nobody),
            watcher: None,
        });
        let hub = hub.unwrap();
        hub.tend();
        self.hub = Some(hub);
    }

    /// No task of the hub goes on.
    pub(crate) fn kill(&mut self) {
        let hub = self.hub.take().unwrap();
        for (group, _) in hub.books.groups() {
            hub.islands.remove(group);
        }
    }

    fn path(&self) -> std::path::PathBuf {
        Path::new(self.dir.path()).join("hub.db")
    }

    pub(crate) fn database(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    pub(crate) async fn ask(&self, request: Request) -> Response {
        let response = self.hub.as_ref().unwrap().admin.handle(request).await;
        assert!(
            !matches!(response, Response::Refused { .. }),
            "{response:?}"
        );
        response
    }

    pub(crate) async fn group(&self, name: &str) {
        self.ask(Request::GroupAdd { name: name.into() }).await;
    }

    pub(crate) async fn device(&self, group: &str, id: usize) -> Credential {
        let new = NewDevice {
            group: group.into(),
            kind: 511,
            id: id.to_string(),
            name: String::new(),
            labels: Vec::new(),
            serial: None,
            login: LoginKind::Challenge,
            rights: Rights::Talk,
            nonce_memory: 8,
        };
        match self.ask(Request::DeviceAdd(new)).await {
            Response::Credential(credential) => credential,
            other => panic!("{other:?}"),
        }
    }

    /// A schedule that has a device read its sensor.
    pub(crate) async fn add(
        &self,
        name: &str,
        device: &Credential,
        timing: NewTiming,
        missed: Missed,
    ) -> i64 {
        let new = NewSchedule {
            name: name.into(),
            group: device.group.clone(),
            timing,
            missed,
            jitter_ms: 0,
            paused: false,
            act: Act::Command {
                target: device.address.to_string(),
                kind: 1,
                fields: vec!["t".into()],
                expires_ms: None,
                expires_in_ms: Some(60_000),
                never: false,
                condition: String::new(),
            },
        };
        let asked = ScheduleRequest::Add(Box::new(new));
        match self.ask(Request::Schedule(asked)).await {
            Response::Schedule(answer) => match *answer {
                ScheduleResponse::Schedule(info) => info.id,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let database = self.database();
        let sql = "SELECT schedule, due_ms, outcome FROM schedule_run ORDER BY schedule, due_ms";
        let mut rows = database.prepare(sql).unwrap();
        let rows = rows.query_map([], |row| {
            Ok(Row {
                schedule: row.get(0)?,
                due_ms: row.get(1)?,
                outcome: row.get(2)?,
            })
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    pub(crate) fn runs(&self, schedule: i64, outcome: &str) -> Vec<i64> {
        let rows = self.rows().into_iter();
        rows.filter(|row| row.schedule == schedule && row.outcome == outcome)
            .map(|row| row.due_ms)
            .collect()
    }

    /// The keys of the orders whose commands are there: more than once if there are more.
    pub(crate) fn ordered(&self) -> Vec<String> {
        let database = self.database();
        let sql = "SELECT order_key FROM command WHERE issuer LIKE 'schedule %' ORDER BY order_key";
        let mut keys = database.prepare(sql).unwrap();
        let keys = keys.query_map([], |row| row.get(0));
        keys.unwrap().map(Result::unwrap).collect()
    }
}

pub(crate) fn cron(pattern: &str, zone: &str) -> NewTiming {
    NewTiming {
        cron: Some(pattern.into()),
        zone: zone.into(),
        ..NewTiming::default()
    }
}
