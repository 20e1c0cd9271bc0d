//! How the hub is.

use std::sync::atomic::Ordering;

use actix_web::web;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::find::answer;
use super::readings::ask;
use crate::accounts::{Caller, Need};
use crate::admin::{ReadingRequest, ReadingResponse};
use crate::web::at::at;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(show))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/health").get(show).done());
}

#[derive(Serialize, ToSchema)]
struct Health {
    version: &'static str,
    /// Unix milliseconds.
    started_ms: i64,
    now_ms: i64,
    /// The last commit failed.
    storage_failing: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    numbers: Option<Numbers>,
}

/// Of the hub as a whole: for administrators only.
#[derive(Serialize, ToSchema)]
struct Numbers {
    #[schema(required = false)]
    devices_online: usize,
    #[schema(required = false)]
    connections: usize,
    #[schema(required = false)]
    connections_max: usize,
    #[schema(required = false)]
    logins_under_way: usize,
    /// Rows that wait for their commit.
    #[schema(required = false)]
    recorder_queue: usize,
    /// What the last commit took.
    #[schema(required = false)]
    commit_ms: f64,
    #[schema(required = false)]
    database_bytes: u64,
    /// Of these, free for reuse.
    #[schema(required = false)]
    free_bytes: u64,
    #[schema(required = false)]
    log_bytes: u64,
    /// 0: no cap.
    #[schema(required = false)]
    max_bytes: u64,
    /// What the process holds; 0 where the system does not say.
    #[schema(required = false)]
    memory_bytes: u64,
    #[schema(required = false)]
    open_files: usize,
    /// Pages with a live socket.
    #[schema(required = false)]
    browsers: usize,
    /// Bytes that wait to be written to devices.
    #[schema(required = false)]
    outbox_bytes: u64,
}

/// How the hub is; its numbers only for an administrator.
#[utoipa::path(get, path = "/health", tag = "hub",
    responses((status = 200, description = "How it is", body = Health)))]
async fn show(caller: Caller, site: web::Data<Site>) -> Result<web::Json<Health>, Problem> {
    caller.may_somewhere(Need::See)?;
    let parts = &site.parts;
    let numbers = if caller.may_somewhere(Need::Administer).is_ok() {
        Some(numbers(&caller, &site).await?)
    } else {
        None
    };
    Ok(web::Json(Health {
        version: env!("CARGO_PKG_VERSION"),
        started_ms: parts.started_ms,
        now_ms: parts.clock.unix_ms(),
        storage_failing: parts.recorder_stats.failing.load(Ordering::Relaxed),
        numbers,
    }))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds as milliseconds")]
async fn numbers(caller: &Caller, site: &Site) -> Result<Numbers, Problem> {
    // No series comes behind the last number that there can be.
    let asked = ReadingRequest::Stats {
        group: None,
        address: None,
        after: i64::MAX,
    };
    let looked = ask(caller, site, asked).await?;
    let space = answer!(looked, ReadingResponse::Stats { database, .. } => database)?;
    let parts = &site.parts;
    Ok(Numbers {
        devices_online: parts.presences.online(),
        connections: parts.gate.connections(),
        connections_max: parts.gate.max_connections(),
        logins_under_way: parts.gate.logins(),
        recorder_queue: parts.recorder.depth(),
        commit_ms: parts.recorder_stats.commit_us.load(Ordering::Relaxed) as f64 / 1000.0,
        database_bytes: space.database_bytes,
        free_bytes: space.free_bytes,
        log_bytes: space.log_bytes,
        max_bytes: space.max_bytes,
        memory_bytes: resident_bytes(),
        open_files: open_files(),
        browsers: site.live.count(),
        outbox_bytes: parts.budget.used() as u64,
    })
}

/// VmRSS of this process.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|rest| rest.split_ascii_whitespace().next()?.parse().ok());
    kibibytes.unwrap_or(0_u64) * 1024
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
