//! Health, readiness and metrics over HTTP.

mod alarm_metrics;
mod metrics;
mod server;

pub use server::{Server, WebParts};
