//! What must hold of schedules at rest: no due time made two orders, none ran before its time, and none that was to be
//! made up for is missing (docs/schedules.md, section 3).

use std::collections::BTreeMap;

use device_hub::command::{Command, Issuer};
use device_hub::storage::Driver;

use crate::command_checks::stored;
use crate::planner::RARE_MS;
use crate::world::World;

/// A run as it is stored.
#[derive(Debug)]
struct Row {
    begun_ms: i64,
    outcome: String,
    commands: i64,
}

pub fn at_rest(world: &World) {
    let mut ordered: BTreeMap<(i64, i64), Vec<Command>> = BTreeMap::new();
    for command in stored(world).into_values() {
        let Issuer::Schedule(id) = command.issuer else {
            continue;
        };
        let (of, due) = command.order_key.split_once('@').unwrap();
        assert_eq!(of, id.to_string(), "{command:?}");
        let due: i64 = due.parse().unwrap();
        assert!(command.issued_ms >= due, "before its time: {command:?}");
        ordered.entry((id, due)).or_default().push(command);
    }
    let (runs, there) = (runs(world), schedules(world));
    for (key, commands) in &ordered {
        let devices: Vec<_> = commands.iter().map(|command| command.address).collect();
        for (number, device) in devices.iter().enumerate() {
            let twice = devices[..number].contains(device);
            assert!(!twice, "{key:?} made twice {commands:?}");
        }
        // Its history goes with a schedule that is removed.
        let Some(missed) = there.get(&key.0) else {
            continue;
        };
        let Some(run) = runs.get(key) else {
            panic!("no run of {key:?} ({missed}) made {commands:?}");
        };
        assert_eq!(run.commands, devices.len() as i64, "{key:?} {run:?}");
        assert_eq!(run.outcome, "ordered", "{key:?} {run:?} made {commands:?}");
    }
    for (key, run) in &runs {
        assert!(run.begun_ms >= key.1, "before its time: {key:?} {run:?}");
        assert_ne!(run.outcome, "running", "{key:?} {run:?} never ends");
        let made = ordered.contains_key(key);
        assert_eq!(made, run.outcome == "ordered", "{key:?} {run:?}");
        world.count(if made {
            "runs"
        } else {
            "runs without an order"
        });
    }
    made_up_for(world, &runs, &there);
}

fn runs(world: &World) -> BTreeMap<(i64, i64), Row> {
    let mut runs = BTreeMap::new();
    world
        .disk
        .lock()
        .query(
            "SELECT schedule, due_ms, begun_ms, outcome, commands FROM schedule_run",
            &[],
            &mut |row| {
                let key = (row.int(0)?, row.int(1)?);
                let run = Row {
                    begun_ms: row.int(2)?,
                    outcome: row.text(3)?,
                    commands: row.int(4)?,
                };
                runs.insert(key, run);
                Ok(())
            },
        )
        .unwrap();
    runs
}

/// Their policy for runs that were missed, by id.
fn schedules(world: &World) -> BTreeMap<i64, String> {
    let mut there = BTreeMap::new();
    world
        .disk
        .lock()
        .query("SELECT id, missed FROM schedule", &[], &mut |row| {
            there.insert(row.int(0)?, row.text(1)?);
            Ok(())
        })
        .unwrap();
    there
}

/// Those that make up for all that they missed have no gap, whatever was killed, as long as nobody paused them.
fn made_up_for(world: &World, runs: &BTreeMap<(i64, i64), Row>, there: &BTreeMap<i64, String>) {
    let paused = world.paused.borrow();
    let all = there.iter().filter(|(_, missed)| *missed == "all");
    for id in all.map(|(id, _)| *id).filter(|id| !paused.contains(id)) {
        let due = runs.range((id, i64::MIN)..=(id, i64::MAX));
        let due: Vec<_> = due.map(|((_, due), _)| *due).collect();
        for pair in due.windows(2) {
            assert_eq!(
                pair[1] - pair[0],
                RARE_MS,
                "schedule {id} left out a run: {due:?}"
            );
            world.count("runs made up for");
        }
    }
}
