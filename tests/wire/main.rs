//! The wire, judged from outside: every test starts the real binary and speaks to it over sockets in bytes.
//!
//! One conversation per test, named as the claim; P-numbers are statements of docs/protocol.md. Nothing sleeps to
//! hope: a test waits for an answer or for a close, and proves silence by an answer to something that it sent later.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod all_outboxes;
mod bad_frames;
mod bad_input;
mod crash;
mod crowd;
mod disk_cap;
mod disk_full;
mod fan_out;
mod flood;
mod frames;
mod gate;
mod groups;
mod guessing;
mod harness;
mod hub_types;
mod import;
mod import_rows;
mod keep_alive;
mod ledger;
mod limits;
mod live_verbs;
mod login_challenge;
mod login_legacy;
mod login_races;
mod login_refusals;
mod login_time;
mod packing;
mod permissions;
mod reading_csv;
mod reading_verbs;
mod readings;
mod retention;
mod rights;
mod settings;
mod slow_reader;
mod stop;
mod stored;
mod takeover;
mod tls;
mod typed_values;
mod vectors;
mod vectors_login;
mod vectors_streams;
mod verbs;
mod web;
