//! Operators of schedules: they make, pause, resume and remove them; as everybody comes to rest all are paused.

use std::rc::Rc;
use std::time::Duration;

use device_hub::admin::{
    NewSchedule, NewTiming, Request, Response, ScheduleRequest, ScheduleResponse,
};
use device_hub::schedule::{Act, Missed};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use crate::lives::HubRef;
use crate::orders::{self, Expiry};
use crate::world::World;

/// Schedules that a run has at most.
const MOST: u64 = 8;

/// Between runs of one that makes up for all that it missed: a wall that is set forth by a day must not bring a flood.
pub const RARE_MS: i64 = 600_000;

pub async fn live(world: Rc<World>) {
    let mut rng = StdRng::seed_from_u64(world.seed ^ 0x5CED);
    let (mut ids, mut made) = (Vec::new(), 0);
    while world.acting() {
        sleep(Duration::from_millis(rng.random_range(100..3000))).await;
        let Some(hub) = world.hub() else {
            continue;
        };
        match rng.random_range(0..10) {
            0..6 if made < MOST => {
                made += 1;
                let new = drawn(&world, &mut rng, made);
                let asked = ScheduleRequest::Add(Box::new(new));
                if let Some(Some(ScheduleResponse::Schedule(info))) = ask(&hub, asked).await {
                    world.count("schedules");
                    ids.push(info.id);
                }
            }
            6 => {
                let pause = |id| {
                    world.paused.borrow_mut().insert(id);
                    ScheduleRequest::Pause { id }
                };
                turn(&hub, &ids, &mut rng, pause).await;
            }
            7 | 8 => turn(&hub, &ids, &mut rng, |id| ScheduleRequest::Resume { id }).await,
            9 => turn(&hub, &ids, &mut rng, |id| ScheduleRequest::Remove { id }).await,
            _ => {}
        }
    }
    while !pause_all(&world).await {
        sleep(Duration::from_millis(200)).await;
    }
}

async fn ask(hub: &HubRef, asked: ScheduleRequest) -> Option<Option<ScheduleResponse>> {
    match hub.admin.handle(Request::Schedule(asked)).await {
        _ if hub.is_off() => None,
        Response::Schedule(answer) => Some(Some(*answer)),
        Response::Done => Some(None),
        Response::Refused { .. } => None,
        other => panic!("{other:?}"),
    }
}

async fn turn(hub: &HubRef, ids: &[i64], rng: &mut StdRng, how: impl Fn(i64) -> ScheduleRequest) {
    if !ids.is_empty() {
        let id = ids[rng.random_range(0..ids.len())];
        ask(hub, how(id)).await;
    }
}

/// Also those of whose making nobody heard.
async fn pause_all(world: &World) -> bool {
    let Some(hub) = world.hub() else {
        return false;
    };
    let listed = ask(
        &hub,
        ScheduleRequest::List {
            group: None,
            part: device_hub::admin::Part::default(),
        },
    )
    .await;
    let Some(Some(ScheduleResponse::Schedules(all))) = listed else {
        return false;
    };
    for schedule in all.iter().filter(|schedule| !schedule.paused) {
        let id = schedule.id;
        if ask(&hub, ScheduleRequest::Pause { id }).await.is_none() {
            return false;
        }
    }
    true
}

fn drawn(world: &World, rng: &mut StdRng, number: u64) -> NewSchedule {
    let order = orders::drawn(world, rng, None);
    let missed = [Missed::Skip, Missed::Once, Missed::All][rng.random_range(0..3)];
    let mut timing = NewTiming {
        zone: "Europe/Madrid".into(),
        ..NewTiming::default()
    };
    match rng.random_range(0..10) {
        _ if missed == Missed::All => timing.every_ms = Some(RARE_MS),
        0..5 => timing.every_ms = Some([2000, 5000][rng.random_range(0..2)]),
        5..9 => timing.cron = Some("*/3 * * * * *".into()),
        // The simulation begins at that hour.
        _ => timing.at = Some(format!("2027-01-15T08:00:{}Z", rng.random_range(10..60))),
    }
    NewSchedule {
        name: format!("plan {number}"),
        group: format!("group-{}", order.group),
        timing,
        missed,
        jitter_ms: 0,
        paused: false,
        act: Act::Command {
            target: order.target,
            kind: order.kind,
            fields: order.fields,
            expires_ms: None,
            expires_in_ms: match order.expiry {
                Expiry::In(ms) => Some(ms.max(500)),
                _ => None,
            },
            never: false,
            condition: String::new(),
        },
    }
}
