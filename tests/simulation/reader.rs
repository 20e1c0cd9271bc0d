//! What must hold at every frame that a device reads.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::plans::Receipt;
use crate::world::World;

/// Looks at what one device reads.
pub struct Reader<'a> {
    pub world: &'a World,
    pub me: usize,
    pub newest: &'a mut BTreeMap<u32, (u64, u64)>,
    /// The life of the hub at the other end.
    pub life: usize,
    /// Nothing waited for this device then: what it reads now was written since.
    pub idle_at: Duration,
}

/// What a frame means for the device's own life.
#[derive(Default)]
pub struct Read {
    pub answer: String,
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
        if fields[2] == "30" {
            let raiser = fields[0].parse().unwrap();
            assert_eq!(fields[1], me.address.to_string(), "{fields:?}");
            let mut listener = self.world.listeners[self.me].borrow_mut();
            return listener.told(self.world, self.me, raiser, fields);
        }
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
                answer: format!("{}|0|22|\x04", me.address),
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
                self.stored(fields[3].parse().unwrap());
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
            "50" => {
                self.error(fields);
                Read::default()
            }
            "41" => {
                let mut issuer = self.world.issuers[self.me].borrow_mut();
                issuer.told(self.world, self.me, &fields[3..]);
                Read::default()
            }
            // The clock is the hub's, and nobody's order that could be told from it.
            "80" => Read::default(),
            "6" => {
                let mut listener = self.world.listeners[self.me].borrow_mut();
                listener.accepted(self.world, fields[3]);
                Read::default()
            }
            "1" | "3" | "27" | "31" | "32" | "60" | "81" | "2000" => Read {
                answer: self.order(fields),
                ..Read::default()
            },
            other => panic!("the hub sends type {other}"),
        }
    }

    fn order(&self, fields: &[&str]) -> String {
        let receipt = Receipt {
            id: fields[fields.len() - 1].parse().unwrap(),
            kind: fields[2].parse().unwrap(),
            fields: fields[3..].iter().map(|&f| f.to_owned()).collect(),
            life: self.life,
            from: self.idle_at,
            to: self.world.clock.now(),
        };
        let mut answer = String::new();
        let me = self.world.devices[self.me].address.get();
        self.world.diaries[self.me]
            .borrow_mut()
            .ordered(self.world, me, receipt, &mut answer);
        answer
    }
}
