//! A run from its beginning to its end.

use std::rc::Rc;
use std::time::Duration;

use actix::System;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::{sleep, timeout};

use crate::outcome::Outcome;
use crate::world::{Stage, World};
use crate::{
    alarm_checks, attacker, checks, command_checks, device, known_checks, operator, planner,
    presence, register, ruler, schedule_checks, source_checks, told_checks, view_checks,
};

/// Virtual seconds in which devices act, and in which they then come to rest.
const ACT: Duration = Duration::from_secs(60);
const REST: Duration = Duration::from_secs(60);
/// In which every command has to end by itself, before the wall clock helps.
const END: Duration = Duration::from_secs(40);

/// Runs one seed to its end and checks it.
pub fn run(seed: u64) -> Outcome {
    let system = System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
    });
    system.block_on(async move {
        let world = register::build(seed).await;
        let alarm = Rc::clone(&world);
        tokio::select! {
            biased;
            () = alarm.alarm.notified() => panic!("a task of seed {seed} failed, as said above"),
            outcome = whole(world) => outcome,
        }
    })
}

async fn whole(world: Rc<World>) -> Outcome {
    let mut tasks: Vec<_> = (0..world.devices.len())
        .map(|index| world.spawn(device::live(Rc::clone(&world), index)))
        .collect();
    tasks.push(world.spawn(attacker::live(Rc::clone(&world))));
    tasks.push(world.spawn(operator::live(Rc::clone(&world))));
    tasks.push(world.spawn(ruler::live(Rc::clone(&world))));
    tasks.push(world.spawn(planner::live(Rc::clone(&world))));
    tasks.push(world.spawn(presence::audit(Rc::clone(&world))));
    let clock = world.spawn(jumping_wall_clock(Rc::clone(&world)));
    let outages = world.spawn(Rc::clone(&world).outages());
    sleep(ACT).await;
    world.stage.set(Stage::Settling);
    outages.await.unwrap();
    world.running.borrow().as_ref().unwrap().power.steady();
    clock.await.unwrap();
    settle(&world).await;
    told_checks::unasked(&world, ACT);
    // Somebody sets the clock right: readings of devices with a clock of their own are refused no more.
    world.jump_wall(world.right_time() - world.clock.unix_ms());
    world.confirmed.set(world.clock.now());
    world.stage.set(Stage::Confirming);
    sleep(REST / 6).await;
    source_checks::at_rest(&world);
    view_checks::at_rest(&world);
    alarm_checks::at_rest(&world);
    schedule_checks::at_rest(&world);
    told_checks::at_rest(&world);
    known_checks::at_rest(&world).await;
    world.stage.set(Stage::Leaving);
    // The devices end by themselves, after each has had a last LOOPBACK answered.
    for task in tasks {
        timeout(REST * 4, task)
            .await
            .expect("a device is stuck")
            .unwrap();
    }
    let hub = world.hub().unwrap();
    timeout(REST, hub.stop_sessions())
        .await
        .expect("the hub cannot stop");
    presence::at_rest(&world);
    command_checks::at_rest(&world);
    checks::at_rest(&world)
}

/// Every command ends, once its time is over and devices answer.
async fn settle(world: &Rc<World>) {
    let begun = world.clock.now();
    let mut helped = false;
    loop {
        sleep(Duration::from_secs(5)).await;
        let open = command_checks::open(world);
        let waited = world.clock.now() - begun;
        if open.is_empty() && waited >= END * 3 / 4 {
            return;
        }
        // Restarted on a wall that was set back, the hub knows of an expiry only by that wall.
        if waited >= END && !helped {
            helped = true;
            world.jump_wall(4_000_000_000);
        }
        if waited >= END * 2 {
            command_checks::fail(world, open[0], "it does not end");
        }
    }
}

/// Somebody sets the wall clock, hours forth and back. Nothing may hang on it but what records say, and expiries.
async fn jumping_wall_clock(world: Rc<World>) {
    let mut rng = StdRng::seed_from_u64(world.seed ^ 0xC10C);
    while world.acting() {
        sleep(Duration::from_millis(rng.random_range(1000..20_000))).await;
        // Now and then by seconds only: some expiries are then past, and others not.
        let most = if rng.random_bool(0.5) {
            86_400_000
        } else {
            5000
        };
        world.jump_wall(rng.random_range(-most..most));
    }
}
