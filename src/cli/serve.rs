//! `hub serve`: the real hub, its sockets around it, and its orderly end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix::prelude::*;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::clock::Clock;
use crate::control::{DataDir, Locked, Server as ControlServer};
use crate::entropy::Entropy;
use crate::failure::{Context as _, Failure};
use crate::hub::{Hub, HubParts, Recording};
use crate::island::Placement;
use crate::listener::{Gate, Listener, acceptor, bind, descriptors_allow, web_config};
use crate::notify::Post;
use crate::presence::Alive;
use crate::recorder::Recorder;
use crate::router::Sight;
use crate::schedule::wake_each_second;
use crate::settings::{Settings, listen_address, optional_listen_address, size};
use crate::stdout::say;
use crate::storage::{Alarms, Commands, Driver, Idempotency, ScheduleRuns, transaction};
use crate::web::{KEPT_MS, Server as WebServer, Site, WebParts};

/// How often the hub writes down that it lives, while a device is online.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// How long notifications under way may take when the hub stops.
const NOTIFICATIONS: Duration = Duration::from_secs(1);

/// Descriptors that the web listener takes beside its connections.
const WEB_DESCRIPTORS: usize = 16;

/// A hub with all its sockets.
pub struct Running {
    hub: Hub,
    listeners: Vec<Listener>,
    control: ControlServer,
    web: Option<WebServer>,
    parts: Arc<WebParts>,
    /// `ready: devices on ADDRESS, web on ADDRESS, tls on ADDRESS`
    pub ready: String,
    pub devices: std::net::SocketAddr,
    _lock: Locked,
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// The hub could not start; the message says what to do.
pub fn run_serve(settings: Settings) -> Result<(), Failure> {
    start_log(&settings);
    System::new().block_on(async move {
        let grace = Duration::from_secs(settings.shutdown_seconds);
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for signals")?;
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
        let running = Running::start(settings, None)?;
        say(format_args!("{}", running.ready));
        if let Some(link) = running.first_link().await {
            // Not into the log: whoever reads that is not who may take the hub.
            say(format_args!(
                "first start: set the administrator's password at {link} (works once, for 24 hours; hub user reset NAME prints another)"
            ));
        }
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if running.stop(grace).await {
            Ok(())
        } else {
            Err(Failure::new(
                "the stop was cut short; the log names the phase, shutdown_seconds is its time",
            ))
        }
    })
}

/// Log lines go to standard error; RUST_LOG overrides the setting.
pub(super) fn start_log(settings: &Settings) {
    // What libraries say of each start and stop helps nobody.
    let quiet = format!(
        "{},refinery_core=warn,actix_server=warn,reqwest=warn,hyper_util=warn,rustls=warn,tokio_cron_scheduler=warn",
        settings.log
    );
    let env = env_logger::Env::default().default_filter_or(quiet);
    // A second start in one process keeps the first logger.
    let _ = env_logger::Builder::from_env(env).try_init();
}

impl Running {
    /// Starts everything, in order. Call it inside an actix system.
    ///
    /// # Errors
    /// The hub could not start; the message says what to do.
    pub fn start(
        settings: Settings,
        watcher: Option<mpsc::Sender<Sight>>,
    ) -> Result<Self, Failure> {
        let data_dir = DataDir::open(&settings.data_dir)?;
        let lock = data_dir.try_lock()?.ok_or_else(|| {
            Failure::new(format!(
                "another hub (or a verb) holds {}; stop it, or set HUB_DATA_DIR to another folder",
                data_dir.path().display()
            ))
        })?;
        let plain = bind(listen_address(&settings.devices.listen).map_err(Failure::usage)?)?;
        let over_tls =
            optional_listen_address(&settings.devices.tls_listen).map_err(Failure::usage)?;
        let over_tls = match over_tls {
            Some(address) => Some((bind(address)?, acceptor(&settings, data_dir.path())?)),
            None => None,
        };
        let web_address = optional_listen_address(&settings.web.listen).map_err(Failure::usage)?;
        let web_tls = (web_address.is_some() && settings.web.tls == "on")
            .then(|| web_config(&settings, data_dir.path()))
            .transpose()?;
        let entropy = Entropy::system();
        let (store, seal) = data_dir.open_store(&lock, &entropy)?;
        let busy = settings.devices.busy_seconds;
        let placement = Placement::Arbiters(arbiters(settings.routing.threads));
        // After the islands' threads, whose descriptors it counts.
        let gate = gate(&settings);
        let clock = Clock::system();
        let courier = Arc::new(Post::new(&settings, clock.clone())?);
        let hub = Hub::start(HubParts {
            placement,
            settings,
            clock,
            entropy,
            store,
            seal,
            recording: Recording::Thread,
            gate: gate.clone(),
            courier,
            watcher,
        })?;
        let admin = hub.admin.clone();
        actix::spawn(async move {
            // A hub that was killed in the middle of a removal.
            if let Err(error) = admin.purge().await {
                log::warn!("readings of removed devices not deleted error={error}");
            }
        });
        hub.tend();
        let schedules = hub.schedules.clone();
        actix::spawn(async move {
            if let Err(error) = wake_each_second(schedules).await {
                // The keeper ticks by itself.
                log::warn!("no scheduler error={error}");
            }
        });
        show_signs_of_life(&hub);
        let control = ControlServer::start(&data_dir.socket(), hub.admin.clone())?;
        let parts = WebParts::of(&hub);
        let site = Site::of(&hub, &parts);
        let feed = web_address.map(|_| hub.live.start(hub.accounts.clone()));
        feed.transpose().context("cannot start the live feed")?;
        let web = web_address
            .map(|address| WebServer::start(address, site, web_tls))
            .transpose()?;

        let devices = plain
            .local_addr()
            .context("cannot read the listening address")?;
        let mut ready = format!("ready: devices on {devices}");
        if let Some(web) = &web {
            hub.accounts.web_listens(web.address);
            ready.push_str(&format!(", web on {}", web.address));
        }
        let mut listeners = Vec::new();
        let doing = "cannot accept connections";
        listeners.push(
            Listener::start(plain, gate.clone(), Arc::clone(&hub.door), None, busy)
                .context(doing)?,
        );
        if let Some((socket, acceptor)) = over_tls {
            let address = socket
                .local_addr()
                .context("cannot read the listening address")?;
            ready.push_str(&format!(", tls on {address}"));
            let door = Arc::clone(&hub.door);
            listeners
                .push(Listener::start(socket, gate, door, Some(acceptor), busy).context(doing)?);
        }
        parts.ready.store(true, Ordering::Relaxed);
        log::info!("{ready}");
        Ok(Self {
            hub,
            listeners,
            control,
            web,
            parts,
            ready,
            devices,
            _lock: lock,
        })
    }

    /// While no administrator has a password and there is a web listener: where to set one.
    pub async fn first_link(&self) -> Option<String> {
        self.web.as_ref()?;
        match self.hub.accounts.first_link().await {
            Ok(link) => link.map(|link| link.url),
            Err(error) => {
                log::error!("no link for the first administrator error={error}");
                None
            }
        }
    }

    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    pub fn web_address(&self) -> Option<std::net::SocketAddr> {
        self.web.as_ref().map(|web| web.address)
    }

    /// Stops everything in reverse, under one grace period; names the phase that did not finish. True when all did.
    pub async fn stop(mut self, grace: Duration) -> bool {
        log::info!("stopping");
        let until = Instant::now() + grace;
        let mut whole = true;
        self.parts.ready.store(false, Ordering::Relaxed);
        self.listeners.iter().for_each(Listener::stop);
        self.hub.live.stop();
        if timeout_at(until, self.hub.stop_sessions()).await.is_err() {
            whole = false;
            log::warn!("sessions did not end in time seconds={}", grace.as_secs());
        }
        self.control.stop();
        // They are kept: nobody waits for a receiver that hangs.
        let within = NOTIFICATIONS.min(until.saturating_duration_since(Instant::now()));
        self.hub.notifier.stop(within).await;
        // A plain thread: the runtime would wait for one of its own even when the grace is over.
        let (flushed, done) = oneshot::channel();
        std::thread::spawn(move || {
            self.hub.stop_recorder();
            self.hub.islands.stop_threads();
            let _ = flushed.send(());
        });
        if timeout_at(until, done).await.is_err() {
            whole = false;
            log::warn!(
                "storage was not flushed in time seconds={}",
                grace.as_secs()
            );
        }
        if let Some(web) = &self.web
            && timeout_at(until, web.stop()).await.is_err()
        {
            whole = false;
            log::warn!(
                "web listener did not end in time seconds={}",
                grace.as_secs()
            );
        }
        log::info!("stopped");
        whole
    }
}

/// Writes down now and then that the hub lives, so that after a crash the next start knows since when it was down; and
/// lets go of commands and runs that ended long ago.
fn show_signs_of_life(hub: &Hub) {
    let (clock, recorder, presences) = (
        hub.clock.clone(),
        hub.recorder.clone(),
        hub.presences.clone(),
    );
    let days = |days: u64| i64::try_from(days * 86_400_000).unwrap_or(i64::MAX);
    let keep_ms = days(hub.settings.commands.keep_days);
    let keep_runs_ms = days(hub.settings.schedules.keep_days);
    let alarm_days = hub.settings.alarms.keep_days;
    let accounts = hub.accounts.clone();
    actix::spawn(async move {
        loop {
            if let Err(error) = accounts.expire().await {
                log::warn!("sessions that are over were not deleted error={error}");
            }
            if let Err(error) = accounts.purge_audit().await {
                log::warn!("old lines of the audit log were not deleted error={error}");
            }
            if presences.online() > 0 {
                recorder.submit_bounded(Box::new(Alive::new(presences.clone(), clock.unix_ms())));
            }
            let before = clock.unix_ms().saturating_sub(keep_ms);
            let purge = move |store: &mut dyn Driver| Commands::purge_step(store, before);
            while matches!(recorder.call(purge).await, Ok(Ok(true))) {}
            let before = clock.unix_ms().saturating_sub(keep_runs_ms);
            let purge = move |store: &mut dyn Driver| ScheduleRuns::purge_step(store, before);
            while matches!(recorder.call(purge).await, Ok(Ok(true))) {}
            let before = clock.unix_ms().saturating_sub(KEPT_MS);
            let purge = move |store: &mut dyn Driver| Idempotency::purge_step(store, before);
            while matches!(recorder.call(purge).await, Ok(Ok(true))) {}
            purge_alarms(&recorder, alarm_days, clock.unix_ms()).await;
            tokio::time::sleep(SIGN_OF_LIFE).await;
        }
    });
}

/// Lets go of alarms that were cleared long ago.
async fn purge_alarms(recorder: &Recorder, keep_days: u64, now_ms: i64) {
    let keep_ms = i64::try_from(keep_days.saturating_mul(86_400_000)).unwrap_or(i64::MAX);
    let before = now_ms.saturating_sub(keep_ms);
    let purge = move |store: &mut dyn Driver| {
        transaction(store, |store| Alarms::purge_step(store, before, now_ms))
    };
    while matches!(recorder.call(purge).await, Ok(Ok(true))) {}
}

fn gate(settings: &Settings) -> Gate {
    let web = match settings.web.listen.as_str() {
        "off" => 0,
        _ => size(settings.web.max_connections) + WEB_DESCRIPTORS,
    };
    // On a machine that allows few, devices come first.
    let allowed = descriptors_allow();
    let allowed = allowed.saturating_sub(web.min(allowed / 4));
    let wanted = size(settings.devices.max_connections);
    let connections = if wanted == 0 {
        allowed
    } else {
        wanted.min(allowed)
    };
    Gate::new(connections, size(settings.devices.max_logins))
}

fn arbiters(threads: u64) -> Vec<Arbiter> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = usize::try_from(threads)
        .ok()
        .filter(|n| *n > 0)
        .unwrap_or(cores);
    (0..threads).map(|_| Arbiter::new()).collect()
}
