//! What the hub knows of devices: what is wanted, what was reported, and which periods hold (docs/commands.md, C4).

use std::collections::BTreeMap;

use device_hub::admin::{CapabilitiesInfo, Request, Response};
use device_hub::command::{Command, State};
use device_hub::storage::StandingOrders;
use device_hub::wire::kind;

use crate::command_checks::stored;
use crate::plans::{OWN, WRITE};
use crate::presence::There;
use crate::world::World;

pub async fn at_rest(world: &World) {
    let hub = world.hub().unwrap();
    let all = stored(world);
    let mut kept: BTreeMap<u32, BTreeMap<String, (i64, i64)>> = BTreeMap::new();
    StandingOrders::each(&mut *world.disk.lock(), |address, order| {
        if order.kind == kind::EVENT_SET && !order.fields.is_empty() {
            let period = order.fields[1].parse().unwrap();
            let of_device = kept.entry(address).or_default();
            of_device.insert(order.name, (period, order.command));
        }
    })
    .unwrap();
    for (index, known) in world.devices.iter().enumerate() {
        let address = known.address.get();
        let asked = hub.admin.handle(Request::DeviceCapabilities { address });
        let Response::Capabilities(info) = asked.await else {
            panic!("no capabilities of {address}");
        };
        let writes: Vec<_> = all
            .values()
            .filter(|command| command.address == known.address && command.kind == WRITE)
            .filter(|command| command.fields[0] == "a")
            .collect();
        wanted(world, &info, &writes);
        // A device that answers what it has not got yet says DONE of the actuator to whatever comes then.
        let meddled = |command: &&Command| {
            let own = command.address == known.address && command.kind == OWN;
            own && command.state == State::Succeeded && command.detail == "9"
        };
        let meddled: Vec<_> = all.values().filter(meddled).collect();
        reported(world, &info, &writes, &meddled);
        let stored = kept.remove(&address).unwrap_or_default();
        periods(world, index, &info, &stored);
    }
}

/// Desired is the value of the latest WRITE, with the state of that command.
fn wanted(world: &World, info: &CapabilitiesInfo, writes: &[&Command]) {
    let actuator = info.actuators.iter().find(|actuator| actuator.name == "a");
    let desired = actuator.and_then(|actuator| actuator.desired.as_ref());
    let desired = desired.map(|d| (d.value.clone(), d.command, d.state.clone()));
    let last = writes.last().map(|command| {
        let state = command.state.name().to_owned();
        (command.fields[1].clone(), command.id, state)
    });
    assert_eq!(desired, last, "desired of device {}", info.address);
    world
        .seen
        .borrow_mut()
        .more("desired compared", u64::from(last.is_some()));
}

/// Reported is what the newest DONE said, at the hub's time.
fn reported(world: &World, info: &CapabilitiesInfo, writes: &[&Command], meddled: &[&Command]) {
    let done = || writes.iter().filter(|w| w.state == State::Succeeded);
    let newest = done().filter_map(|write| write.ended_ms).max();
    let may: Vec<_> = done()
        .filter(|write| write.ended_ms == newest)
        .map(|write| write.detail.clone())
        .collect();
    let actuator = info.actuators.iter().find(|actuator| actuator.name == "a");
    let reported = actuator.and_then(|actuator| actuator.reported.as_ref());
    let fits = match reported {
        Some(known) => {
            let then = |command: &&Command| command.ended_ms == Some(known.at_ms);
            may.contains(&known.value.to_string()) && Some(known.at_ms) == newest
                || known.value.to_string() == "9" && meddled.iter().any(then)
        }
        None => may.is_empty(),
    };
    assert!(
        fits,
        "device {} reported {reported:?} and said {may:?} at {newest:?}",
        info.address
    );
    world
        .seen
        .borrow_mut()
        .more("reported compared", u64::from(reported.is_some()));
}

/// The periods that the hub says hold are those in its store, and those that the device has got in this session.
fn periods(
    world: &World,
    index: usize,
    info: &CapabilitiesInfo,
    stored: &BTreeMap<String, (i64, i64)>,
) {
    let events = info.events.iter();
    let held: BTreeMap<_, _> = events
        .map(|event| (event.sensor.clone(), (event.period_ms, event.command)))
        .collect();
    let diary = world.diaries[index].borrow();
    let about = |id: i64| {
        let stories = world.stories.borrow();
        format!("{:?} {}", stories.get(&id), diary.story(id))
    };
    let ids = held
        .values()
        .chain(stored.values())
        .chain(diary.periods.values());
    let all: Vec<_> = ids.map(|(_, id)| about(*id)).collect();
    let whose = format!(
        "of device {}: {all:#?} births {:?}",
        info.address,
        world.births.borrow()
    );
    assert_eq!(&held, stored, "periods held and stored {whose}");
    if world.standings[index].there.get() == There::Yes {
        assert_eq!(held, diary.periods, "periods held and got {whose}");
    }
}
