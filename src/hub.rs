//! Composes the whole hub, in order, and stops it in reverse.
//!
//! `serve`, `demo` and the simulation tests all start this hub: only clock, randomness, placement, store and
//! where connections come from differ.

use std::net::IpAddr;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use crate::accounts::{AccountParts, Accounts, Book};
use crate::admin::{Admin, AdminParts};
use crate::alarm::{AlarmParts, Alarms, Outlet, give_rules, keep_time};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::command::desk::DeskParts;
use crate::command::{CommandStats, Standing};
use crate::entropy::Entropy;
use crate::failure::{Context, Failure};
use crate::island::{Islands, Placement};
use crate::ledger::Books;
use crate::listener::Gate;
use crate::live::{Live, LiveParts};
use crate::login::{Door, DoorParts, Strangers};
use crate::notify::{Bell, Courier, Notifier, NotifierParts, NotifyStats};
use crate::presence::Presences;
use crate::recorder::{Recorder, RecorderStats, Worker};
use crate::registry::{Registry, SealKey, SharedRegistry};
use crate::router::{RouterParts, Sight, WaitingCommands};
use crate::schedule::{self, Keeper, KeeperParts};
use crate::session::{Budget, Departing, EndReason, Endings};
use crate::settings::{Settings, size};
use crate::storage::{Commands, Store};
use crate::wire::Limits;

/// What a hub is made of; each part may be the real one or a simulated one.
pub struct HubParts {
    pub settings: Settings,
    pub clock: Clock,
    pub entropy: Entropy,
    pub store: Store,
    pub seal: SealKey,
    pub placement: Placement,
    pub recording: Recording,
    pub gate: Gate,
    /// Takes notifications out.
    pub courier: Arc<dyn Courier>,
    /// Told what happens in the groups, if somebody watches.
    pub watcher: Option<mpsc::Sender<Sight>>,
}

/// Where the recorder works.
pub enum Recording {
    Thread,
    /// On the caller's thread, at once: under virtual time.
    Inline,
}

/// How long the answer to a command that timed out is still taken.
const LATE_ANSWERS_MS: i64 = 3_600_000;

/// A running hub, without its sockets.
pub struct Hub {
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub gate: Gate,
    pub door: Arc<Door>,
    pub islands: Islands,
    pub books: Books,
    pub budget: Arc<Budget>,
    pub endings: Arc<Endings>,
    pub recorder: Recorder,
    pub recorder_stats: Arc<RecorderStats>,
    pub command_stats: Arc<CommandStats>,
    pub presences: Presences,
    pub alarms: Alarms,
    pub schedules: Keeper,
    pub registry: SharedRegistry,
    pub bus: Bus,
    pub accounts: Accounts,
    pub live: Live,
    pub strangers: Strangers,
    pub admin: Admin,
    pub notifier: Notifier,
    pub notify_stats: Arc<NotifyStats>,
    thread: Option<JoinHandle<()>>,
    tasks: Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

impl Hub {
    /// Loads what the store holds and makes everything ready for connections.
    ///
    /// # Errors
    /// The store cannot be read, or the system gave no thread.
    pub fn start(parts: HubParts) -> Result<Self, Failure> {
        let HubParts {
            settings,
            clock,
            entropy,
            mut store,
            seal,
            placement,
            recording,
            gate,
            courier,
            watcher,
        } = parts;
        let settings = Arc::new(settings);
        let seal = Arc::new(seal);
        let registry = Registry::load(&mut *store).context("cannot read groups and devices")?;
        let registry = SharedRegistry::new(registry);
        let bus = Bus::default();
        let bell = Bell::default();
        let alarms = Alarms::new(AlarmParts {
            settings: settings.alarms.clone(),
            clock: clock.clone(),
            registry: registry.clone(),
            bus: bus.clone(),
            bell: bell.clone(),
            notifications: settings.notify.queue,
        });
        let kept = "cannot read what is kept of devices";
        let presences = Presences::load(&mut *store, clock.clone(), bus.clone(), alarms.clone())
            .context(kept)?;
        alarms.start(&mut *store).context("cannot read alarms")?;
        let standing = Standing::load(&mut *store).context(kept)?;
        let book = Book::load(&mut *store).context("cannot read users")?;
        let late = clock.unix_ms().saturating_sub(LATE_ANSWERS_MS);
        let waiting = Commands::open(&mut *store, late).context("cannot read commands")?;
        let last_id = Commands::last_id(&mut *store).context("cannot read commands")?;
        let waiting = WaitingCommands::new(waiting);
        let live = Live::new(LiveParts {
            clock: clock.clone(),
            entropy: entropy.clone(),
            registry: registry.clone(),
            bus: bus.clone(),
            limits: Limits {
                frame_bytes: size(settings.devices.max_frame_bytes),
                fields: size(settings.devices.max_fields),
            },
            most: size(settings.web.max_browsers),
        });
        let command_stats = Arc::new(CommandStats::default());
        let recorder_stats = Arc::new(RecorderStats::default());
        let worker = Worker::new(
            store,
            &settings.storage,
            clock.clone(),
            Arc::clone(&recorder_stats),
            Some(Box::new(alarms.clone())),
        )
        .with_witness(live.tap().witness());
        let (recorder, thread) = match recording {
            Recording::Inline => (Recorder::inline(worker), None),
            Recording::Thread => Recorder::start(worker, &settings.storage)
                .map(|(recorder, thread)| (recorder, Some(thread)))
                .context("cannot start the recorder")?,
        };
        let schedules = Keeper::new(KeeperParts {
            clock: clock.clone(),
            entropy: entropy.clone(),
            recorder: recorder.clone(),
            limits: settings.schedules.clone(),
        });
        let accounts = Accounts::new(
            book,
            AccountParts {
                settings: Arc::clone(&settings),
                clock: clock.clone(),
                entropy: entropy.clone(),
                registry: registry.clone(),
                recorder: recorder.clone(),
            },
        );
        let books = Books::default();
        let budget = Budget::new(size(settings.devices.all_outboxes_bytes));
        let endings = Arc::new(Endings::default());
        let panic_ends_process = matches!(placement, Placement::Arbiters(_));
        let islands = Islands::new(
            placement,
            RouterParts {
                settings: Arc::clone(&settings),
                clock: clock.clone(),
                registry: registry.clone(),
                recorder: recorder.clone(),
                books: books.clone(),
                budget: Arc::clone(&budget),
                watcher,
                frames: live.frames(),
                endings: Arc::clone(&endings),
                presences: presences.clone(),
                desk: DeskParts {
                    ids: Arc::new(AtomicI64::new(last_id)),
                    standing: standing.clone(),
                    stats: Arc::clone(&command_stats),
                    bus: bus.clone(),
                },
                alarms: alarms.clone(),
                waiting: waiting.clone(),
                panic_ends_process,
            },
        );
        alarms.connect(Some(Outlet {
            islands: islands.clone(),
        }));
        // Their commands expire whether a device logs in or not.
        for group in waiting.groups() {
            islands.router(group);
        }
        let strangers = Strangers::new(clock.clone(), entropy.clone(), bus.clone());
        let door = Arc::new(Door::new(DoorParts {
            settings: Arc::clone(&settings),
            clock: clock.clone(),
            entropy: entropy.clone(),
            registry: registry.clone(),
            seal: Arc::clone(&seal),
            recorder: recorder.clone(),
            islands: islands.clone(),
            strangers: strangers.clone(),
        }));
        let notify_stats = Arc::new(NotifyStats::default());
        let notifier = Notifier::start(NotifierParts {
            settings: Arc::clone(&settings),
            clock: clock.clone(),
            entropy: entropy.clone(),
            registry: registry.clone(),
            recorder: recorder.clone(),
            seal: Arc::clone(&seal),
            courier: Arc::clone(&courier),
            bell,
            stats: Arc::clone(&notify_stats),
        });
        let admin = Admin::new(AdminParts {
            settings: Arc::clone(&settings),
            clock: clock.clone(),
            registry: registry.clone(),
            recorder: recorder.clone(),
            seal,
            entropy,
            islands: Some(islands.clone()),
            books: books.clone(),
            presences: presences.clone(),
            standing,
            alarms: alarms.clone(),
            schedules: schedules.clone(),
            bus: bus.clone(),
            accounts: accounts.clone(),
            courier,
        });
        Ok(Self {
            settings,
            clock,
            gate,
            door,
            islands,
            books,
            budget,
            endings,
            recorder,
            recorder_stats,
            command_stats,
            presences,
            alarms,
            schedules,
            registry,
            bus,
            accounts,
            live,
            strangers,
            admin,
            notifier,
            notify_stats,
            thread,
            tasks: Mutex::default(),
        })
    }

    /// Takes a connection that is not from a listener through login, as a listener would.
    pub async fn accept(&self, io: Box<dyn Departing>, peer: IpAddr) {
        match self.gate.enter() {
            Some(permit) => {
                self.door
                    .enter(io, peer, permit, self.door.deadline())
                    .await
            }
            None => self.door.stats.count(crate::login::Outcome::Busy),
        }
    }

    /// Starts what the hub does by itself: call it in an actix system, once it accepts connections.
    pub fn tend(&self) {
        let (alarms, recorder) = (self.alarms.clone(), self.recorder.clone());
        let (registry, islands) = (self.registry.clone(), self.islands.clone());
        let tasks = [
            actix::spawn(keep_time(alarms.clone(), recorder.clone())),
            actix::spawn(give_rules(alarms, recorder, registry, islands)),
        ];
        self.tasks().extend(tasks);
        let schedules = schedule::keep(self.schedules.clone(), self.admin.clone());
        self.tasks().extend(schedules);
    }

    fn tasks(&self) -> MutexGuard<'_, Vec<tokio::task::JoinHandle<()>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every session: QUIT, SHUTDOWN, and what waits in its outbox before it.
    pub async fn stop_sessions(&self) {
        self.schedules.stop();
        self.islands.stop(EndReason::Shutdown).await;
    }

    /// Commits what waits for the recorder and ends its thread.
    pub fn stop_recorder(&mut self) {
        self.recorder.close();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the recorder ended in panic");
        }
    }
}

impl Drop for Hub {
    /// What it does by itself ends with it.
    fn drop(&mut self) {
        self.tasks().drain(..).for_each(|task| task.abort());
        self.alarms.connect(None);
    }
}

/// While it lives on a thread that panics, the process ends with a reason: a hub whose router or recorder is
/// gone would accept devices and lose what they say.
pub struct EndsProcessOnPanic(pub &'static str);

impl EndsProcessOnPanic {
    /// Ends the process if this thread is panicking.
    pub fn check(part: &str) {
        if std::thread::panicking() {
            log::error!(
                "the {part} panicked; ending the hub, so that whoever watches it starts it again"
            );
            std::process::exit(70);
        }
    }
}

impl Drop for EndsProcessOnPanic {
    fn drop(&mut self) {
        Self::check(self.0);
    }
}
