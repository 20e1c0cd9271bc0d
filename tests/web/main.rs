//! The hub as browsers and programs meet it: a real hub in a process of its own, asked over HTTP in bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[allow(
    dead_code,
    unused_imports,
    reason = "what one file of tests does not need another may"
)]
mod harness;
mod live;
mod resources;
mod session;
