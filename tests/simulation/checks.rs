//! What must hold: at every frame that a device reads, and when everything has come to rest.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use device_hub::ledger::{DropReason, Snapshot};
use device_hub::session::EndReason;
use device_hub::storage::Param;

use crate::world::{Outcome, World};

/// Looks at what one device reads.
pub struct Reader<'a> {
    pub world: &'a World,
    pub me: usize,
    pub newest: &'a mut BTreeMap<u32, (u64, u64)>,
}

/// What a frame means for the device's own life.
#[derive(Default)]
pub struct Read {
    pub answer: Option<Vec<u8>>,
    pub quit: bool,
    pub last_word: bool,
}

impl Reader<'_> {
    pub fn read(&mut self, frame: &[u8]) -> Read {
        self.trace(frame);
        let text = std::str::from_utf8(frame).expect("the hub sends text");
        let body = text
            .strip_suffix('|')
            .expect("the hub writes the last separator");
        let fields: Vec<&str> = body.split('|').collect();
        match fields[0] {
            "0" => self.hub_says(&fields),
            _ => {
                self.peer_says(&fields);
                Read::default()
            }
        }
    }

    fn trace(&self, frame: &[u8]) {
        let mut hasher = DefaultHasher::new();
        let mut seen = self.world.seen.borrow_mut();
        (seen.trace, self.me, frame).hash(&mut hasher);
        seen.trace = hasher.finish();
    }

    /// Data of a peer: of this group, for this device, genuine, and in the order sent.
    fn peer_says(&mut self, fields: &[&str]) {
        let me = &self.world.devices[self.me];
        let [origin, dest, "1000", group, claimed, epoch, sequence] = fields else {
            panic!(
                "device {} of group {} reads {fields:?}",
                me.address, me.group
            );
        };
        let sender: u32 = origin.parse().unwrap();
        assert_eq!(
            self.world.group_of[&sender], me.group,
            "a frame of another group: {fields:?}"
        );
        assert_eq!(
            group.parse::<usize>().unwrap(),
            me.group,
            "a frame of another group: {fields:?}"
        );
        assert_eq!(origin, claimed, "an origin that is not the sender's");
        let for_me = match dest.strip_prefix('@') {
            Some(label) => sender != me.address.get() && me.labels.iter().any(|l| l == label),
            None if *dest == "*" => sender != me.address.get(),
            None => *dest == me.address.to_string(),
        };
        assert!(for_me, "device {} reads a frame for {dest}", me.address);
        let number = (epoch.parse().unwrap(), sequence.parse().unwrap());
        let newest = self.newest.entry(sender).or_default();
        assert!(
            number > *newest,
            "out of order or twice: {number:?} after {newest:?} from {sender}"
        );
        *newest = number;
        self.world.received.set(self.world.received.get() + 1);
    }

    fn hub_says(&mut self, fields: &[&str]) -> Read {
        let me = &self.world.devices[self.me];
        assert_eq!(
            fields[1],
            me.address.to_string(),
            "a frame of the hub for someone else"
        );
        match fields[2] {
            "22" => Read {
                answer: Some(format!("{}|0|22|\x04", me.address).into_bytes()),
                ..Read::default()
            },
            "20" => {
                self.quit(fields[3]);
                Read {
                    quit: true,
                    ..Read::default()
                }
            }
            "7" => {
                let number = (me.address.get(), fields[3].parse().unwrap());
                assert!(
                    self.world.sent_events.borrow().contains(&number),
                    "STORED of what was never sent"
                );
                self.world.acknowledged.borrow_mut().insert(number);
                Read::default()
            }
            "500" => {
                for entry in &fields[3..fields.len() - 1] {
                    let address: u32 = entry.split(':').next().unwrap().parse().unwrap();
                    assert_eq!(
                        self.world.group_of[&address], me.group,
                        "DEVICES names another group's"
                    );
                }
                Read::default()
            }
            "50" if fields[3] == "last-word" => Read {
                last_word: true,
                ..Read::default()
            },
            "50" | "80" => Read::default(),
            other => panic!("the hub sends type {other}"),
        }
    }

    fn quit(&self, reason: &str) {
        let expected = ["TAKEN_OVER", "SLOW_READER", "SILENT", "PROTOCOL_ERRORS"];
        assert!(
            expected.contains(&reason),
            "the hub ends a session with {reason}"
        );
    }
}

/// Everything is over: the sums balance, nothing waits, what was acknowledged is stored.
pub async fn at_rest(world: &World) -> Outcome {
    let hub = &world.hub;
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
    let total = hub.books.total();
    // A fanned-out frame counts as delivered once and as a copy for each receiver.
    assert!(
        world.received.get() <= total.delivered + total.copies_delivered,
        "devices read more than was delivered"
    );
    let stored = stored(world).await;
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
    let of = |reason: DropReason| total.dropped[reason as usize];
    Outcome {
        delivered: total.delivered,
        copies: total.copies_delivered,
        no_device: of(DropReason::NoDevice),
        bad_origin: of(DropReason::BadOrigin),
        busy: of(DropReason::Busy),
        closed: of(DropReason::Closed),
        stored: stored.len() as u64,
        taken_over: hub.endings.get(EndReason::TakenOver),
        slow_readers: hub.endings.get(EndReason::SlowReader),
        silent: hub.endings.get(EndReason::Silent),
        ..world.seen.borrow().clone()
    }
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

async fn stored(world: &World) -> BTreeMap<(u32, i64), u64> {
    let rows = world.hub.recorder.call(|store| {
        let mut rows = BTreeMap::new();
        store
            .query(
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
    });
    rows.await.unwrap()
}
