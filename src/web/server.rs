//! The web listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, web};
use tokio_rustls::rustls::ServerConfig;

use super::guard::is_administrator;
use super::origin::is_local;
use super::{Problem, Site, api, assets, metrics, security};
use crate::alarm::Alarms;
use crate::clock::Clock;
use crate::command::CommandStats;
use crate::failure::{Context, Failure};
use crate::hub::Hub;
use crate::ledger::Books;
use crate::listener::Gate;
use crate::login::Door;
use crate::notify::NotifyStats;
use crate::presence::Presences;
use crate::recorder::{Recorder, RecorderStats};
use crate::schedule::ScheduleStats;
use crate::session::{Budget, Endings};
use crate::settings::size;
use crate::storage::Readings;

/// What the pages read. All of it may be read from any thread.
pub struct WebParts {
    pub(super) clock: Clock,
    /// Unix milliseconds.
    pub(super) started_ms: i64,
    pub(super) gate: Gate,
    pub(super) door: Arc<Door>,
    pub(super) books: Books,
    pub(super) budget: Arc<Budget>,
    pub(super) endings: Arc<Endings>,
    pub(super) recorder: Recorder,
    pub(super) command_stats: Arc<CommandStats>,
    pub(super) schedule_stats: Arc<ScheduleStats>,
    pub(super) presences: Presences,
    pub(super) alarms: Alarms,
    pub(super) recorder_stats: Arc<RecorderStats>,
    pub(super) notify_stats: Arc<NotifyStats>,
    /// False before the listeners are up and once the hub stops.
    pub ready: AtomicBool,
}

impl WebParts {
    pub fn of(hub: &Hub) -> Arc<Self> {
        Arc::new(Self {
            clock: hub.clock.clone(),
            started_ms: hub.clock.unix_ms(),
            gate: hub.gate.clone(),
            door: Arc::clone(&hub.door),
            books: hub.books.clone(),
            budget: Arc::clone(&hub.budget),
            endings: Arc::clone(&hub.endings),
            recorder: hub.recorder.clone(),
            command_stats: Arc::clone(&hub.command_stats),
            schedule_stats: hub.schedules.stats(),
            presences: hub.presences.clone(),
            alarms: hub.alarms.clone(),
            recorder_stats: Arc::clone(&hub.recorder_stats),
            notify_stats: Arc::clone(&hub.notify_stats),
            ready: AtomicBool::new(false),
        })
    }
}

/// How long a probe of the store may take.
const PROBE: Duration = Duration::from_secs(2);

impl WebParts {
    /// Tries the store after a failure: behind a balancer that obeys readyz no reading would come to try it.
    async fn store_works(&self) -> bool {
        let now = self.clock.unix_ms();
        let probe = self.recorder.call(move |store| Readings::probe(store, now));
        let works = matches!(tokio::time::timeout(PROBE, probe).await, Ok(Ok(Ok(()))));
        self.recorder_stats.failing.store(!works, Ordering::Relaxed);
        works
    }
}

/// Threads for requests: one, so that browsers never take the core that devices need.
const WORKERS: usize = 1;

/// How long a request's head may take to come. Longer than browsers keep a connection that they opened in advance (Chromium: 60 s):
/// one that is answered 408 in the moment of its first use takes that for the answer to its request.
const REQUEST_HEAD: Duration = Duration::from_secs(120);

/// Seconds that requests under way may take when the hub stops.
const GRACE_SECONDS: u64 = 2;

/// The running web listener.
pub struct Server {
    handle: ServerHandle,
    pub address: SocketAddr,
}

impl Server {
    /// `tls`: HTTPS instead of HTTP.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn start(
        address: SocketAddr,
        site: Arc<Site>,
        tls: Option<ServerConfig>,
    ) -> Result<Self, Failure> {
        let parts = web::Data::from(Arc::clone(&site.parts));
        let max_connections = size(site.settings.web.max_connections);
        let site = web::Data::from(site);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(parts.clone())
                .app_data(site.clone())
                .wrap(security::headers())
                .configure(assets::routes)
                .route("/healthz", web::get().to(healthz))
                .route("/readyz", web::get().to(readyz))
                .route("/metrics", web::get().to(metrics_page))
                .configure(api::routes)
        })
        .workers(WORKERS)
        .max_connections(max_connections)
        .client_request_timeout(REQUEST_HEAD)
        .shutdown_timeout(GRACE_SECONDS)
        .disable_signals();
        let bound = match tls {
            Some(config) => server.bind_rustls_0_23(address, config),
            None => server.bind(address),
        };
        let server = bound.context(format!(
            "cannot listen on {address}; is another hub running? web.listen = \"off\" does without"
        ))?;
        let address = server.addrs().first().copied().unwrap_or(address);
        let server = server.run();
        let handle = server.handle();
        actix::spawn(async move {
            if let Err(error) = server.await {
                log::error!("web listener ended error={error}");
            }
        });
        Ok(Self { handle, address })
    }

    pub async fn stop(&self) {
        self.handle.stop(true).await;
    }
}

/// The process answers.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

/// Devices can log in and what they report is stored.
async fn readyz(request: HttpRequest, parts: web::Data<WebParts>) -> HttpResponse {
    let mut reasons = Vec::new();
    if !parts.ready.load(Ordering::Relaxed) {
        reasons.push("starting or stopping");
    }
    if parts.recorder_stats.failing.load(Ordering::Relaxed) && !parts.store_works().await {
        reasons.push("storage failed at the last commit");
    }
    if reasons.is_empty() {
        HttpResponse::Ok().body("ready\n")
    } else if !is_local(&request) {
        HttpResponse::ServiceUnavailable().body("not ready\n")
    } else {
        HttpResponse::ServiceUnavailable().body(format!("not ready: {}\n", reasons.join(", ")))
    }
}

/// For programs on this machine, and for administrators: names of groups and devices are in it.
async fn metrics_page(
    request: HttpRequest,
    site: web::Data<Site>,
    parts: web::Data<WebParts>,
) -> HttpResponse {
    if !is_local(&request) && !is_administrator(&request, &site) {
        return Problem::forbidden(
            "Metrics are for programs on the hub's own machine, and for administrators.",
        )
        .error_response();
    }
    match metrics::page(&parts) {
        Ok(page) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(page),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
