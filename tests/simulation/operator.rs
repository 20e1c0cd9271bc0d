//! Operators: they order by the service layer, as the verbs do, and take some of it back.

use std::rc::Rc;
use std::time::Duration;

use device_hub::admin::{CommandInfo, Request, Response, SendOrder};
use device_hub::command::State;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use crate::lives::HubRef;
use crate::orders::{self, Expiry};
use crate::world::World;

pub async fn live(world: Rc<World>) {
    let mut rng = StdRng::seed_from_u64(world.seed ^ 0x0BE4);
    let mut newest = 0;
    while world.acting() {
        sleep(Duration::from_millis(rng.random_range(1..500))).await;
        let Some(hub) = world.hub() else {
            continue;
        };
        let asked = draw(&world, &mut rng);
        let past = asked.expires_in_ms.is_some_and(|ms| ms <= 0);
        let taken = match hub.admin.handle(Request::CommandSend(asked.clone())).await {
            // Nobody is there to hear a dead hub's answer.
            _ if hub.is_off() => continue,
            Response::Commands(taken) => taken,
            Response::Refused { .. } => continue,
            other => panic!("{other:?}"),
        };
        assert!(!past, "{asked:?} is taken as {taken:?}");
        for command in &taken {
            assert_eq!(command.state, State::Queued, "{command:?}");
            assert_eq!(Some(&command.group), asked.group.as_ref(), "{command:?}");
            assert!(command.id > newest, "{command:?} after {newest}");
            newest = command.id;
        }
        if rng.random_bool(0.3) {
            let one = taken[rng.random_range(0..taken.len())].clone();
            let after = Duration::from_millis(rng.random_range(0..1500));
            world.spawn(take_back(Rc::clone(&world), hub, one, after));
        }
    }
}

fn draw(world: &World, rng: &mut StdRng) -> SendOrder {
    let drawn = orders::drawn(world, rng, None);
    let condition = match rng.random_range(0..100) {
        0..8 => "a = 3",
        8..16 => "a != 3",
        16..24 => "t < 20",
        _ => "",
    };
    SendOrder {
        target: drawn.target,
        group: Some(format!("group-{}", drawn.group)),
        kind: drawn.kind,
        fields: drawn.fields,
        expires_ms: None,
        expires_in_ms: match drawn.expiry {
            Expiry::In(ms) => Some(ms),
            _ => None,
        },
        never: matches!(drawn.expiry, Expiry::Never),
        condition: condition.to_owned(),
    }
}

async fn take_back(world: Rc<World>, hub: HubRef, command: CommandInfo, after: Duration) {
    sleep(after).await;
    let answer = hub.admin.handle(Request::CommandCancel { id: command.id });
    match answer.await {
        _ if hub.is_off() => {}
        Response::Command(now) => {
            assert_eq!(now.state, State::Cancelled, "{now:?}");
            world.cancelled.borrow_mut().insert(now.id);
        }
        Response::Refused { .. } => world.count("cancelled too late"),
        other => panic!("{other:?}"),
    }
}
