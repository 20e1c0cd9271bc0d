//! The verb's side.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{DataDir, MAX_LINE};
use crate::accounts::{AccountParts, Accounts, Actor, Book};
use crate::admin::{Admin, AdminParts, Request, Response};
use crate::alarm::{AlarmParts, Alarms};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::command::Standing;
use crate::entropy::Entropy;
use crate::failure::{Context, Failure};
use crate::ledger::Books;
use crate::notify::{Bell, Post};
use crate::presence::Presences;
use crate::recorder::{Recorder, RecorderStats, Worker};
use crate::refusal::Refused;
use crate::registry::{Registry, SharedRegistry};
use crate::schedule::{Keeper, KeeperParts};
use crate::settings::Settings;

/// A hub that is starting or stopping holds the lock without answering; it is asked again for so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Has a request carried out by the running hub, or without one directly on the database.
///
/// # Errors
/// It was refused, or neither way was open.
pub fn request(settings: &Settings, request: Request) -> Result<Response, Failure> {
    let data_dir = DataDir::open(&settings.data_dir)?;
    let until = Instant::now() + PATIENCE;
    let response = loop {
        if let Ok(stream) = UnixStream::connect(data_dir.socket()) {
            break ask(stream, &request)?;
        }
        if let Some(lock) = data_dir.try_lock()? {
            let (store, seal) = data_dir.open_store(&lock, &Entropy::system())?;
            break directly(settings, store, seal, request)?;
        }
        if Instant::now() > until {
            return Err(Failure::new(format!(
                "the hub that holds {} does not answer; wait until it has started or stopped, and try again",
                data_dir.path().display()
            )));
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    match response {
        Response::Refused { error, kind, hint } => {
            let refused = Refused::new(kind, error).hint(hint);
            Err(Failure::new(refused.to_string()))
        }
        answer => Ok(answer),
    }
}

fn ask(mut stream: UnixStream, request: &Request) -> Result<Response, Failure> {
    let mut line = serde_json::to_vec(request).context("cannot write the request")?;
    line.push(b'\n');
    stream.write_all(&line).context("the hub broke off")?;
    let mut answer = String::new();
    BufReader::new(stream.take(MAX_LINE))
        .read_line(&mut answer)
        .context("the hub broke off")?;
    serde_json::from_str(&answer)
        .context("the hub's answer cannot be read; is it of another version?")
}

fn directly(
    settings: &Settings,
    mut store: crate::storage::Store,
    seal: crate::registry::SealKey,
    request: Request,
) -> Result<Response, Failure> {
    let registry = Registry::load(&mut *store).context("cannot read groups and devices")?;
    let (clock, bus) = (Clock::system(), Bus::default());
    let registry = SharedRegistry::new(registry);
    let alarms = Alarms::new(AlarmParts {
        settings: settings.alarms.clone(),
        clock: clock.clone(),
        registry: registry.clone(),
        bus: bus.clone(),
        bell: Bell::default(),
        notifications: settings.notify.queue,
    });
    let kept = "cannot read what is kept of devices";
    let presences =
        Presences::load(&mut *store, clock.clone(), bus.clone(), alarms.clone()).context(kept)?;
    let standing = Standing::load(&mut *store).context(kept)?;
    let book = Book::load(&mut *store).context("cannot read users")?;
    let worker = Worker::new(
        store,
        &settings.storage,
        clock.clone(),
        Arc::new(RecorderStats::default()),
        Some(Box::new(alarms.clone())),
    );
    let recorder = Recorder::inline(worker);
    let schedules = Keeper::new(KeeperParts {
        clock: clock.clone(),
        entropy: Entropy::system(),
        recorder: recorder.clone(),
        limits: settings.schedules.clone(),
    });
    let shared = Arc::new(settings.clone());
    let accounts = Accounts::new(
        book,
        AccountParts {
            settings: Arc::clone(&shared),
            clock: clock.clone(),
            entropy: Entropy::system(),
            registry: registry.clone(),
            recorder: recorder.clone(),
        },
    );
    let admin = Admin::new(AdminParts {
        settings: shared,
        clock,
        registry,
        recorder,
        seal: Arc::new(seal),
        entropy: Entropy::system(),
        islands: None,
        books: Books::default(),
        presences,
        standing,
        alarms,
        schedules,
        bus,
        accounts,
        courier: Arc::new(Post::new(settings, Clock::system())?),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start a runtime")?;
    let actor = Actor::verb(own_uid());
    Ok(runtime.block_on(admin.handle_by(&actor, request)))
}

/// Who runs this process, as the system numbers it.
fn own_uid() -> Option<u32> {
    std::fs::metadata("/proc/self").ok().map(|own| own.uid())
}
