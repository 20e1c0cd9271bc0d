//! Somebody who listens to the hub's own news, as a live page would.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use device_hub::bus::Event;
use device_hub::command::{Command, State};
use device_hub::presence::PresenceState;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::power::Power;
use crate::tidings::Tidings;
use crate::world::World;

/// What was told of one command.
#[derive(Debug)]
pub struct Story {
    /// In which life of the hub it was issued, and when.
    pub life: usize,
    pub issued: Duration,
    pub states: Vec<(usize, Duration, State)>,
    pub last: Arc<Command>,
}

pub async fn listen(
    world: Rc<World>,
    power: Arc<Power>,
    mut news: Receiver<Event>,
    mut tidings: Tidings,
) {
    let mut online = BTreeMap::new();
    loop {
        match news.recv().await {
            Ok(Event::Command(command)) => of_command(&world, &power, &command),
            Ok(Event::Alarm(news)) => tidings.heard(&world, &power, &news),
            // What a dead hub thinks of its connections is nobody's business.
            Ok(Event::Presence { .. }) if power.is_off() => {}
            Ok(Event::Presence {
                group,
                address,
                presence,
            }) => {
                let is = presence.state == PresenceState::Online;
                let was = online.insert(address, is).unwrap_or(false);
                assert_ne!(is, was, "device {address} twice in a row {presence:?}");
                world.count(if is { "came online" } else { "went offline" });
                let own = world.hub().map(|hub| {
                    let found = hub.books.find(group, address);
                    found.is_some()
                });
                assert_ne!(own, Some(false), "device {address} in {group:?}");
            }
            // Nobody is to act on these.
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => panic!("the witness missed {missed}"),
            Err(RecvError::Closed) => return,
        }
    }
}

fn of_command(world: &World, power: &Power, command: &Arc<Command>) {
    let now = world.clock.now();
    let mut stories = world.stories.borrow_mut();
    let story = stories.entry(command.id).or_insert_with(|| Story {
        life: power.life,
        issued: now,
        states: Vec::new(),
        last: Arc::clone(command),
    });
    let told = (power.life, now, command.state);
    let before = story.states.last().copied();
    story.states.push(told);
    story.last = Arc::clone(command);
    let fits = match before {
        // What was told at the moment of a kill is not known.
        Some((life, _, before)) if life != power.life => !has_ended(before, command),
        None if power.life > 0 => true,
        before => follows(before.map(|(_, _, state)| state), command.state, command),
    };
    assert!(fits, "{before:?} before {:?}: {story:?}", command.state);
    if command.state == State::Sent {
        in_time(world, story, now, power.life);
    }
}

/// Whether a state may be told after another.
fn follows(before: Option<State>, state: State, command: &Command) -> bool {
    use State::{Accepted, Cancelled, Expired, Queued, Rejected, Sent, Succeeded, TimedOut};
    match state {
        Queued => before.is_none(),
        Sent | Expired | Cancelled => before == Some(Queued),
        Accepted => before == Some(Sent),
        Rejected if command.detail == "CONDITION" && command.sendings == 0 => {
            before == Some(Queued)
        }
        TimedOut => matches!(before, Some(Sent | Accepted)),
        // What the kill of a hub swallowed is not told.
        Succeeded | Rejected => matches!(before, Some(Sent | Accepted | TimedOut)),
    }
}

/// Whether nothing may be told after a state.
fn has_ended(before: State, now: &Command) -> bool {
    use State::{Cancelled, Expired, Rejected, Succeeded, TimedOut};
    match before {
        Succeeded | Rejected | Expired | Cancelled => true,
        TimedOut => !matches!(now.state, Succeeded | Rejected),
        _ => false,
    }
}

/// It is written at this very moment.
fn in_time(world: &World, story: &Story, now: Duration, life: usize) {
    let late = late(world, story, life, now, now);
    assert!(!late, "sent after its expiry: {story:?}");
}

/// Whether what the hub wrote in one of its lives, at some moment of a span, was written too late in any case.
pub fn late(world: &World, story: &Story, life: usize, from: Duration, to: Duration) -> bool {
    let Some(expires) = story.last.expires_ms else {
        return false;
    };
    let walls = world.walls.borrow();
    let (born, wall) = world.births.borrow()[life];
    let (since, left) = if story.life == life {
        (story.issued, expires - story.last.issued_ms)
    } else {
        (born, (expires - wall).max(0))
    };
    let deadline = since + Duration::from_millis(left.unsigned_abs());
    // The hub looks each second, if it is not too busy; once it has seen the expiry, no jump revives the command.
    let seen = walls.passed(expires, since, from, Duration::from_secs(5));
    from >= deadline || walls.earliest(from, to) >= expires || seen
}
