//! A whole hub and hundreds of devices in one thread under virtual time, with faults from a seed.
//!
//! `SIM_SEED=7 cargo test --test simulation` repeats one seed; `SIM_SEEDS=5000` runs more of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub
)]

mod alarm_checks;
mod attacker;
mod checks;
mod command_checks;
mod device;
mod disk;
mod faults;
mod held;
mod hub_answers;
mod issuer;
mod known_checks;
mod listener;
mod lives;
mod measured;
mod operator;
mod orders;
mod outcome;
mod panel;
mod planner;
mod plans;
mod power;
mod presence;
mod reader;
mod refused_answers;
mod register;
mod ruler;
mod rules;
mod run;
mod schedule_checks;
mod servant;
mod session;
mod source_checks;
mod takeover;
mod tidings;
mod told_checks;
mod view_checks;
mod walls;
mod witness;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use outcome::{EXPECTED, Outcome};
use run::run;

/// Seeds in all, over the tests below.
const SEEDS: u64 = 200;
/// Tests that share them, so that cores do too.
const SHARES: u64 = 4;

fn seeds(share: u64) -> Vec<u64> {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    if let Some(seed) = number("SIM_SEED") {
        return if share == 0 { vec![seed] } else { Vec::new() };
    }
    let count = number("SIM_SEEDS").unwrap_or(SEEDS);
    (1..=count).filter(|seed| seed % SHARES == share).collect()
}

fn run_aloud(seed: u64) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| run(seed))).unwrap_or_else(|panic| {
        eprintln!(
            "seed {seed} failed; repeat it with SIM_SEED={seed} cargo test --test simulation"
        );
        resume_unwind(panic)
    })
}

fn run_share(share: u64) {
    let mut sum = Outcome::default();
    let seeds = seeds(share);
    for seed in &seeds {
        sum.add(&run_aloud(*seed));
    }
    eprintln!("{} seeds: {sum:?}", seeds.len());
    if seeds.len() >= 10 {
        for what in EXPECTED {
            assert!(sum.of(what) > 0, "no {what} in {} seeds", seeds.len());
        }
    }
}

#[test]
fn nothing_crosses_gets_lost_or_stuck_first_quarter() {
    run_share(0);
}

#[test]
fn nothing_crosses_gets_lost_or_stuck_second_quarter() {
    run_share(1);
}

#[test]
fn nothing_crosses_gets_lost_or_stuck_third_quarter() {
    run_share(2);
}

#[test]
fn nothing_crosses_gets_lost_or_stuck_last_quarter() {
    run_share(3);
}

#[test]
fn a_seed_gives_the_same_run_again() {
    assert_eq!(run(4711), run(4711));
    assert_ne!(run(4711).trace, run(4712).trace);
}
