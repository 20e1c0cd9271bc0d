//! The hub as browsers and programs meet it: a real hub in a process of its own, asked over HTTP in bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod audit;
#[allow(dead_code, reason = "what one file of tests does not need another may")]
mod harness;
mod idempotent;
mod limits;
mod live;
mod resources;
mod session;
mod tokens;
mod users;
