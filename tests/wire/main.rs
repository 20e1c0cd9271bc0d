//! The wire, judged from outside: every test starts the real binary and speaks to it over sockets in bytes.
//!
//! One conversation per test, named as the claim; P-numbers are statements of docs/protocol.md. Nothing sleeps to
//! hope: a test waits for an answer or for a close, and proves silence by an answer to something that it sent later.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod all_outboxes;
mod bad_commands;
mod bad_frames;
mod bad_input;
mod capabilities;
mod command_answers;
mod command_condition;
mod command_delivery;
mod command_expiry;
mod command_late;
mod command_refusals;
mod command_restart;
mod command_sets;
mod command_unasked;
mod command_verbs;
mod command_wait;
mod crash;
mod crowd;
mod described;
mod device_command;
mod device_refusals;
mod device_repeats;
mod disk_cap;
mod disk_full;
mod event_periods;
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
mod presence;
mod presence_kept;
mod presence_reasons;
mod reading_csv;
mod reading_verbs;
mod readings;
mod reported;
mod retention;
mod rights;
mod schedule_history;
mod schedule_refusals;
mod schedule_restart;
mod schedule_verbs;
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
