//! What must hold of every command, once all is over: what the database says of it, what its device knows of it, and
//! what was told (docs/commands.md, sections 1 and 2).

use std::collections::BTreeMap;

use device_hub::command::{Command, State};
use device_hub::storage::{CommandFilter, Commands};

use crate::plans::{CLOCK_SET, Plan, Receipt, acts};
use crate::servant::Diary;
use crate::witness;
use crate::world::World;

/// All commands, by id.
pub fn stored(world: &World) -> BTreeMap<i64, Command> {
    let filter = CommandFilter {
        limit: 1_000_000,
        ..CommandFilter::default()
    };
    let all = Commands::list(&mut *world.disk.lock(), &filter).unwrap();
    all.into_iter()
        .map(|command| (command.id, command))
        .collect()
}

pub fn open(world: &World) -> Vec<i64> {
    let all = Commands::open(&mut *world.disk.lock(), i64::MAX).unwrap();
    all.iter().map(|kept| kept.command.id).collect()
}

/// Ends the run with all that is known of a command.
pub fn fail(world: &World, id: i64, what: &str) -> ! {
    let stored = stored(world);
    let row = stored.get(&id);
    let diary = row.map(|row| {
        let index = world.index_of(row.address.get());
        world.diaries[index].borrow().story(id)
    });
    panic!(
        "command {id}: {what}\n stored {row:?}\n told {:?}\n device: {diary:?}\n births {:?}",
        world.stories.borrow().get(&id),
        world.births.borrow()
    );
}

pub fn at_rest(world: &World) {
    let all = stored(world);
    for (index, diary) in world.diaries.iter().enumerate() {
        let address = world.devices[index].address;
        for receipt in &diary.borrow().receipts {
            let command = all.get(&receipt.id);
            let own = command.is_some_and(|command| command.address == address);
            if !own {
                panic!("device {address} got {receipt:?}, which is {command:?}");
            }
            received(world, command.unwrap(), receipt);
        }
    }
    for (id, command) in &all {
        let index = world.index_of(command.address.get());
        let diary = world.diaries[index].borrow();
        if let Some(what) = ended_badly(command, &diary) {
            drop(diary);
            fail(world, *id, what);
        }
        as_told(world, command);
        count(world, command, &diary);
    }
    for id in world.cancelled.borrow().iter() {
        if all[id].state != State::Cancelled {
            fail(world, *id, "an operator was told that it is cancelled");
        }
    }
}

/// What a device got is the command as it was ordered, and came in time.
fn received(world: &World, command: &Command, receipt: &Receipt) {
    let same = command.kind == receipt.kind
        && receipt.fields.starts_with(&command.fields)
        && world.group_of[&command.address.get()] == group(world, command);
    if !same {
        fail(world, command.id, "the device got something else");
    }
    let stories = world.stories.borrow();
    let Some(story) = stories.get(&command.id) else {
        return;
    };
    // A period is sent again for as long as it holds.
    let again = command.standing().is_some();
    let late = witness::late(world, story, receipt.life, receipt.from, receipt.to);
    if late && !again {
        drop(stories);
        fail(world, command.id, "it was sent after its expiry");
    }
}

/// The group that it was ordered in, as the world counts them.
fn group(world: &World, command: &Command) -> usize {
    let running = world.running.borrow();
    let registry = running.as_ref().unwrap();
    let info = registry.hub.books.find(command.group, command.address);
    match info {
        Some(_) => world.group_of[&command.address.get()],
        None => usize::MAX,
    }
}

/// What the device knows, and the state does not allow.
fn ended_badly(command: &Command, diary: &Diary) -> Option<&'static str> {
    let id = command.id;
    let got = diary.receipts.iter().any(|receipt| receipt.id == id);
    let done = diary.acts.iter().filter(|(act, _)| *act == id).count();
    let plan = diary.plans.get(&id).copied();
    let never = match command.state {
        State::Expired | State::Cancelled => true,
        State::Rejected => command.detail == "CONDITION",
        _ => false,
    };
    let lies = matches!(plan, Some(Plan::Lie)) || diary.unasked.contains(&id);
    match command.state {
        _ if done > 1 => Some("it was carried out twice"),
        _ if got && never => Some("it was sent after all"),
        _ if command.is_open() => Some("it has not ended"),
        _ if got && command.sendings == 0 => Some("it was sent, and the database does not know"),
        State::Succeeded if acts(command.kind) && done == 0 && !lies => {
            Some("it succeeded, and was not done")
        }
        State::Succeeded | State::Rejected if lies => None,
        State::Succeeded | State::Rejected if !never && !diary.said.contains_key(&id) => {
            Some("the device never said so")
        }
        State::Rejected if done > 0 => Some("it was rejected, and done"),
        State::Succeeded if !said(diary, id, &command.detail) => Some("the device said otherwise"),
        State::Sent if command.kind != CLOCK_SET => Some("sent is not its end"),
        _ => None,
    }
}

fn said(diary: &Diary, id: i64, detail: &str) -> bool {
    let said = diary.said.get(&id);
    said.is_some_and(|said| detail.is_empty() || said.contains(&format!("|{detail}|")))
}

/// What the bus said last is what the database says, unless the hub was killed between the two.
fn as_told(world: &World, command: &Command) {
    let stories = world.stories.borrow();
    let last = stories
        .get(&command.id)
        .and_then(|story| story.states.last());
    let killed_since = last.is_none_or(|(life, _, _)| *life < world.life());
    let same = last.is_some_and(|(_, _, state)| *state == command.state);
    if !same && !killed_since {
        drop(stories);
        fail(world, command.id, "subscribers were told otherwise");
    }
}

fn count(world: &World, command: &Command, diary: &Diary) {
    world.count("commands");
    world.count(command.state.name());
    if command.late {
        world.count("late");
    }
    if command.detail == "CONDITION" {
        world.count("CONDITION");
    }
    if !command.condition.is_empty() && diary.plans.contains_key(&command.id) {
        world.count("conditions held");
    }
}
