//! The hub over HTTP: health, readiness and metrics for programs, the API, and the dashboard for people.

mod alarm_metrics;
mod api;
mod assets;
mod at;
mod body;
mod caller;
mod console;
mod csv;
mod faults;
mod finish;
mod guard;
mod idempotency;
mod limit;
mod live;
mod metrics;
mod openapi;
mod origin;
mod page;
mod problem;
mod security;
mod server;
mod site;

pub(crate) use idempotency::KEPT_MS;
pub use limit::Limits;
pub use problem::{Fault, Problem};
pub use server::{Server, WebParts};
pub use site::Site;
