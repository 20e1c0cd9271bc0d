//! Health, readiness and metrics over HTTP.

mod metrics;
mod server;

pub use server::{Server, WebParts};
