//! What a device was told of its orders is what became of them (docs/commands.md, section 3).

use std::collections::BTreeMap;
use std::time::Duration;

use device_hub::command::{Command, Issuer, State};

use crate::command_checks::{fail, stored};
use crate::issuer::Ordered;
use crate::presence::There;
use crate::world::World;

/// Whoever has been there and awake since, and asked then, was told of each end without asking again.
pub fn unasked(world: &World, since: Duration) {
    let awake = since + Duration::from_secs(3);
    for (index, issuer) in world.issuers.iter().enumerate() {
        let (standing, issuer) = (&world.standings[index], issuer.borrow());
        let there = standing.there.get() == There::Yes && issuer.asked.0 == standing.epoch.get();
        if there && issuer.asked.1 <= awake {
            for order in issuer.orders.values() {
                let who = world.devices[index].address;
                // Told that nothing was taken, and to ask again: whoever does not is told nothing more.
                let declined = order.refused.is_some() && order.told.is_empty();
                assert!(
                    order.is_final() || declined,
                    "device {who} waits for the end of {order:?}"
                );
            }
        }
    }
}

pub fn at_rest(world: &World) {
    let all = stored(world);
    for (index, issuer) in world.issuers.iter().enumerate() {
        let me = Issuer::Device(world.devices[index].address);
        let mut made: BTreeMap<&str, Vec<&Command>> = BTreeMap::new();
        for command in all.values().filter(|command| command.issuer == me) {
            made.entry(&command.issuer_msgno).or_default().push(command);
        }
        for (msgno, order) in &issuer.borrow().orders {
            let commands = made.remove(format!("c{msgno}").as_str());
            of_order(world, order, &commands.unwrap_or_default());
        }
        assert!(made.is_empty(), "nobody ordered {made:?}");
    }
}

fn of_order(world: &World, order: &Ordered, commands: &[&Command]) {
    assert!(order.is_final(), "no end of {order:?}: {commands:?}");
    if order.refused.is_some() && order.told.is_empty() {
        assert!(commands.is_empty(), "{order:?} made {commands:?}");
    }
    let mut by_device: BTreeMap<u32, Vec<&Command>> = BTreeMap::new();
    for command in commands {
        by_device
            .entry(command.address.get())
            .or_default()
            .push(command);
    }
    for (device, commands) in &by_device {
        for pair in commands.windows(2) {
            once(world, order, pair[0], pair[1]);
        }
        let told = order.told.get(device);
        let is_told = |command: &Command| {
            let (state, detail) = told?;
            let same = *state == command.state.on_the_wire() && *detail == command.detail;
            // What comes after the time-out is told only while the issuer is there.
            let late = command.late && state == "TIMED_OUT" && !order.names_expiry;
            let asked_in_vain = order.refused.is_some();
            (same || late || asked_in_vain).then_some(())
        };
        // Of an order that names no expiry its issuer may not have read that it was taken once more.
        if !commands.iter().any(|command| is_told(command).is_some()) {
            let what = format!("its issuer was told otherwise: {order:?}");
            fail(world, commands[0].id, &what);
        }
    }
    for device in order.told.keys() {
        assert!(
            by_device.contains_key(device),
            "{order:?} made {commands:?}"
        );
    }
}

/// One order has become two commands: that is right only if the first was over, and the order named no expiry.
fn once(world: &World, order: &Ordered, first: &Command, second: &Command) {
    let stories = world.stories.borrow();
    let over = |state: State| state.is_end(first.answers());
    let ended = stories.get(&first.id).map(|story| {
        let end = story.states.iter().find(|(_, _, state)| over(*state));
        end.map(|(_, at, _)| *at)
    });
    let issued = stories.get(&second.id).map(|story| story.issued);
    let fits = match (ended, issued) {
        (Some(Some(ended)), Some(issued)) => ended <= issued,
        // A kill swallowed the news.
        _ => world.life() > 0,
    };
    drop(stories);
    if order.names_expiry || !fits {
        fail(
            world,
            second.id,
            &format!("{} was the same order: {order:?}", first.id),
        );
    }
}
