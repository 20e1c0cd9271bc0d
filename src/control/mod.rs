//! How verbs reach the hub that owns the data directory: a Unix socket of mode 0600, one JSON line each way.
//!
//! Without a running hub the verb takes the directory's lock and opens the database itself.

mod client;
mod data_dir;
mod server;

pub use client::request;
pub use data_dir::{DataDir, Locked};
pub use server::Server;

/// Bytes of a request or an answer at most: half a million imported devices.
const MAX_LINE: u64 = 256 << 20;
