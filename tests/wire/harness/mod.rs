//! A real hub in a process of its own, and clients that speak to it in bytes.
//!
//! Nothing here uses the hub's own code: what a test believes about the wire comes from docs/protocol.md.

mod alarms;
mod client;
mod device;
mod home;
mod hub;
mod login;
mod orders;
mod presence;
pub(crate) mod process;
pub(crate) mod receiver;
mod scenes;
mod stored;
mod wait;
mod web;

pub(crate) use alarms::{GROUP, history, id_of, minute_ago};
pub(crate) use client::Client;
pub(crate) use device::Device;
pub(crate) use home::Home;
pub(crate) use hub::Hub;
pub(crate) use login::{hub_proof, keyed_digest, legacy_digest, legacy_nonce, long_nonce};
pub(crate) use orders::{Command, commands};
pub(crate) use presence::ms;
pub(crate) use process::Finished;
pub(crate) use receiver::Receiver;
pub(crate) use scenes::{controlled, obedient};
pub(crate) use stored::Stored;
pub(crate) use wait::{PATIENCE, eventually};
pub(crate) use web::Metrics;

/// An address that nobody has: the chance that it is drawn is one in two thousand million.
pub(crate) const NOWHERE: u32 = 2_147_483_646;
