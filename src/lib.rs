//! device-hub: the server that keeps sensors and actuators together, for several customers at once.

pub mod admin;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod control;
pub mod demo;
pub mod entropy;
pub mod hub;
pub mod island;
pub mod ledger;
pub mod listener;
pub mod login;
pub mod recorder;
pub mod registry;
pub mod router;
pub mod session;
pub mod settings;
pub mod simulate;
pub mod storage;
pub mod web;
pub mod wire;
