//! Operators of alarms: rules come and go, alarms are acknowledged, shelved, and cleared by force.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use device_hub::admin::{AlarmQuery, AlarmRequest, AlarmResponse, Request, Response};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use crate::lives::HubRef;
use crate::rules;
use crate::world::World;

/// Rules that a run has at most.
const MOST: usize = 24;

/// How a rule stands, as operators were told; unsure when nobody answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Enabled(bool),
    Removed,
    Unsure,
}

/// What operators know.
#[derive(Debug, Default)]
pub struct Book {
    /// Of every rule that was ever asked for.
    pub names: BTreeSet<String>,
    pub rules: BTreeMap<i64, Told>,
    /// Who was told that they have acknowledged an alarm.
    pub acked: BTreeMap<i64, String>,
    /// Until when somebody was told that it is shelved; `None`: not any more, or unsure.
    pub shelved: BTreeMap<i64, Option<i64>>,
    pub forced: BTreeSet<i64>,
    acks: u64,
}

pub async fn live(world: Rc<World>) {
    let mut rng = StdRng::seed_from_u64(world.seed ^ 0xA1A2);
    while world.acting() {
        sleep(Duration::from_millis(rng.random_range(50..1200))).await;
        let Some(hub) = world.hub() else {
            continue;
        };
        match rng.random_range(0..100) {
            0..35 => add(&world, &hub, &mut rng).await,
            35..55 => set_enabled(&world, &hub, &mut rng).await,
            55..62 => remove(&world, &hub, &mut rng).await,
            _ => handle_alarm(&world, &hub, &mut rng).await,
        }
    }
}

/// `None`: it was refused, or nobody answers any more.
async fn ask(hub: &HubRef, asked: AlarmRequest) -> Option<Option<AlarmResponse>> {
    match hub.admin.handle(Request::Alarm(asked)).await {
        _ if hub.is_off() => None,
        Response::Alarm(answer) => Some(Some(*answer)),
        Response::Done => Some(None),
        Response::Refused { .. } => None,
        other => panic!("{other:?}"),
    }
}

async fn add(world: &World, hub: &HubRef, rng: &mut StdRng) {
    if world.book.borrow().rules.len() >= MOST {
        return;
    }
    let new = rules::drawn(world, rng);
    let enabled = new.enabled;
    // Before it is sent: a hub that is killed may have stored it.
    world.book.borrow_mut().names.insert(new.name.clone());
    let answer = ask(hub, AlarmRequest::RuleAdd(new)).await;
    if let Some(Some(AlarmResponse::Rule(rule))) = answer {
        world.count("rules");
        let mut book = world.book.borrow_mut();
        book.rules.insert(rule.id, Told::Enabled(enabled));
    }
}

fn pick(world: &World, rng: &mut StdRng) -> Option<i64> {
    let book = world.book.borrow();
    let there = book
        .rules
        .iter()
        .filter(|(_, told)| **told != Told::Removed);
    let ids: Vec<_> = there.map(|(id, _)| *id).collect();
    (!ids.is_empty()).then(|| ids[rng.random_range(0..ids.len())])
}

async fn set_enabled(world: &World, hub: &HubRef, rng: &mut StdRng) {
    let Some(id) = pick(world, rng) else { return };
    let was = world.book.borrow_mut().rules.insert(id, Told::Unsure);
    let enabled = was != Some(Told::Enabled(true));
    let by = "olga".to_owned();
    let asked = AlarmRequest::RuleSetEnabled { id, enabled, by };
    if let Some(Some(AlarmResponse::Rule(rule))) = ask(hub, asked).await {
        assert_eq!(rule.enabled, enabled, "{rule:?}");
        world.count("rules turned");
        let told = Told::Enabled(enabled);
        world.book.borrow_mut().rules.insert(id, told);
    }
}

async fn remove(world: &World, hub: &HubRef, rng: &mut StdRng) {
    let Some(id) = pick(world, rng) else { return };
    world.book.borrow_mut().rules.insert(id, Told::Unsure);
    let by = "olga".to_owned();
    if ask(hub, AlarmRequest::RuleRemove { id, by })
        .await
        .is_some()
    {
        world.count("rules removed");
        world.book.borrow_mut().rules.insert(id, Told::Removed);
    }
}

async fn handle_alarm(world: &World, hub: &HubRef, rng: &mut StdRng) {
    let query = AlarmQuery {
        open: rng.random_bool(0.8),
        limit: 20,
        ..AlarmQuery::default()
    };
    let Some(Some(AlarmResponse::Alarms(listed))) = ask(hub, AlarmRequest::List(query)).await
    else {
        return;
    };
    if listed.is_empty() {
        return;
    }
    let id = listed[rng.random_range(0..listed.len())].id;
    match rng.random_range(0..10) {
        0..5 => acknowledge(world, hub, id).await,
        5..8 => shelve(world, hub, id, rng).await,
        _ => {
            let (by, note) = ("olga".into(), "gone".into());
            let asked = AlarmRequest::Clear { id, by, note };
            if ask(hub, asked).await.is_some() {
                world.count("alarms cleared by force");
                world.book.borrow_mut().forced.insert(id);
            }
        }
    }
}

async fn acknowledge(world: &World, hub: &HubRef, id: i64) {
    let by = {
        let mut book = world.book.borrow_mut();
        book.acks += 1;
        format!("operator {}", book.acks)
    };
    let asked = AlarmRequest::Ack {
        id,
        by: by.clone(),
        note: String::new(),
    };
    if let Some(Some(AlarmResponse::Alarm(alarm))) = ask(hub, asked).await {
        assert_eq!(alarm.acked_by, by, "{alarm:?}");
        let before = world.book.borrow_mut().acked.insert(id, by);
        assert_eq!(before, None, "{alarm:?} was acknowledged before");
        world.count("acknowledged");
    }
}

async fn shelve(world: &World, hub: &HubRef, id: i64, rng: &mut StdRng) {
    let on = rng.random_bool(0.7);
    let until_ms = if on {
        world.clock.unix_ms() + 60_000
    } else {
        0
    };
    world.book.borrow_mut().shelved.insert(id, None);
    let asked = AlarmRequest::Shelve {
        id,
        until_ms,
        by: "olga".into(),
        note: String::new(),
    };
    if ask(hub, asked).await.is_some() {
        let until = on.then_some(until_ms);
        world.book.borrow_mut().shelved.insert(id, until);
    }
}
