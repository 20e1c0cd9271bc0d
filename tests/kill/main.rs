//! `kill -9` at random moments, under a load of numbered events, commands and alarms.
//!
//! Devices report and obey, with faults of their own: they stay away, come back, take themselves over, answer late or not
//! at all. What they remember outlives every kill, as a real device's flash does; the hub has its data directory. After the
//! last round everything comes to rest, and then what the devices, the issuers and the database say is compared.
//!
//! KILL_ROUNDS and KILL_SEED change the run. The seed decides what is drawn; the moments are the machine's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod acts;
mod alarm_checks;
mod alarms;
mod checks;
mod detects;
mod device;
mod events;
#[path = "../wire/harness/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "the wire tests use the rest of their harness"
)]
mod harness;
mod issuer;
mod link;
mod operator;
mod rows;
mod script;

use std::env;

/// A2.1, A2.6, A3.1, A3.2, A3.5, A4.2, P5.3, P5.4, C1.2, C1.5, C2.1 to C2.4, C2.7, C2.10, C3.3
#[test]
fn nothing_is_lost_or_done_twice_however_often_the_hub_is_killed() {
    let number = |key: &str| env::var(key).ok().and_then(|text| text.parse().ok());
    let rounds = number("KILL_ROUNDS").unwrap_or(30);
    let seed = number("KILL_SEED").unwrap_or_else(rand::random);
    eprintln!("to run it again: KILL_SEED={seed} KILL_ROUNDS={rounds}");
    let end = script::run(seed, rounds);
    eprintln!("{end}");
    let broken = checks::all(&end);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    end.assert_that_it_tried(rounds);
}
