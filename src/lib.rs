//! device-hub.

pub mod bench;
pub mod cli;
pub mod login;
pub mod simulate;
pub mod wire;
