//! What must hold when everything has come to rest: sums balance, nothing waits, what was acknowledged is stored.

use std::collections::BTreeMap;

use device_hub::ledger::Snapshot;
use device_hub::storage::{Driver, Param};

use crate::outcome::Outcome;
use crate::world::World;

/// Everything is over: the sums balance, nothing waits, what was acknowledged is stored.
pub fn at_rest(world: &World) -> Outcome {
    let hub = world.hub().unwrap();
    assert_eq!(hub.gate.connections(), 0, "connections stay open");
    assert_eq!(hub.budget.used(), 0, "bytes stay in closed outboxes");
    let mut parts: BTreeMap<_, Snapshot> = BTreeMap::new();
    for ((group, address), snapshot) in hub.books.devices() {
        balanced(&format!("device {address}"), &snapshot);
        parts.entry(group).or_default().add(&snapshot);
    }
    for (group, snapshot) in hub.books.groups() {
        balanced(&format!("{group:?}"), &snapshot);
        assert_eq!(
            snapshot,
            parts.remove(&group).unwrap_or_default(),
            "parts and whole of {group:?}"
        );
    }
    world.tally(&hub);
    let mut seen = world.seen.borrow().clone();
    // A fanned-out frame counts as delivered once and as a copy for each receiver.
    assert!(
        world.received.get() <= seen.of("delivered") + seen.of("copies"),
        "devices read more than was delivered"
    );
    let stored = stored(world);
    for number in world.acknowledged.borrow().iter() {
        assert!(
            stored.contains_key(number),
            "acknowledged but not stored: {number:?}"
        );
    }
    for (number, count) in &stored {
        assert_eq!(*count, 1, "stored twice: {number:?}");
        assert!(
            world.sent_events.borrow().contains(number),
            "stored but never sent: {number:?}"
        );
    }
    seen.more("stored", stored.len() as u64);
    seen
}

fn balanced(whose: &str, snapshot: &Snapshot) {
    assert_eq!(
        snapshot.under_way(),
        0,
        "the ledger of {whose} does not balance: {snapshot:?}"
    );
    assert_eq!(
        snapshot.copies_under_way(),
        0,
        "the copies of {whose} do not balance: {snapshot:?}"
    );
}

fn stored(world: &World) -> BTreeMap<(u32, i64), u64> {
    let mut rows = BTreeMap::new();
    let mut disk = world.disk.lock();
    disk.query(
        "SELECT series.address, reading.msgno FROM reading JOIN series ON series.id = reading.series
         WHERE reading.msgno > ?1",
        &[Param::Int(0)],
        &mut |row| {
            let address = u32::try_from(row.int(0)?).unwrap();
            *rows.entry((address, row.int(1)?)).or_default() += 1;
            Ok(())
        },
    )
    .unwrap();
    rows
}
