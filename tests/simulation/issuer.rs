//! A device with `control` that orders by COMMAND, and asks again until it has read a final state (C3.3).

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::orders::{self, Expiry};
use crate::plans::CLOCK_SET;
use crate::world::World;

/// One order, and what its issuer was told of it.
#[derive(Debug)]
pub struct Ordered {
    pub frame: String,
    pub kind: u32,
    /// `None`: a set.
    pub target: Option<u32>,
    /// It names its expiry: sent again, it is never a second order.
    pub names_expiry: bool,
    /// By device: the latest state and detail.
    pub told: BTreeMap<u32, (String, String)>,
    pub refused: Option<String>,
}

#[derive(Debug, Default)]
pub struct Issuer {
    /// By msgno.
    pub orders: BTreeMap<u64, Ordered>,
    /// In which session, and when, it asked last about all that has no final state.
    pub asked: (u64, Duration),
}

/// How far a state is on its way; nothing goes back.
fn rank(state: &str, kind: u32) -> u8 {
    match state {
        "QUEUED" => 0,
        "SENT" if kind == CLOCK_SET => 4,
        "SENT" => 1,
        "ACCEPTED" => 2,
        "TIMED_OUT" => 3,
        "SUCCEEDED" | "REJECTED" | "EXPIRED" | "CANCELLED" => 4,
        other => panic!("a state {other}"),
    }
}

impl Ordered {
    pub fn is_final(&self) -> bool {
        let ended = |(state, _): &(String, String)| rank(state, self.kind) >= 3;
        let refused = self.refused.as_deref();
        match refused {
            Some("BUSY" | "NOT_STORED") => false,
            Some(_) => true,
            None => !self.told.is_empty() && self.told.values().all(ended),
        }
    }
}

impl Issuer {
    /// A new order, or an old one once more.
    pub fn order(&mut self, world: &World, me: usize, rng: &mut StdRng) -> String {
        if !self.orders.is_empty() && rng.random_bool(0.2) {
            let again = self
                .orders
                .values()
                .nth(rng.random_range(0..self.orders.len()));
            let again = again.unwrap();
            // Without an expiry of its own it could be a new order by now.
            if again.names_expiry {
                world.count("orders sent again");
                return again.frame.clone();
            }
        }
        let device = &world.devices[me];
        let drawn = orders::drawn(world, rng, Some(me));
        let msgno = self.orders.len() as u64 + 1;
        let expires = match drawn.expiry {
            Expiry::In(ms) => (world.clock.unix_ms() + ms).to_string(),
            _ => String::new(),
        };
        let mut fields = drawn.fields.join("|");
        if !fields.is_empty() {
            fields.push('|');
        }
        let frame = format!(
            "{}|0|40|{}|{}|{expires}|{fields}c{msgno}|\x04",
            device.address, drawn.target, drawn.kind
        );
        world.count("devices' orders");
        self.orders.insert(
            msgno,
            Ordered {
                frame: frame.clone(),
                kind: drawn.kind,
                target: drawn.target.parse().ok(),
                names_expiry: !expires.is_empty(),
                told: BTreeMap::new(),
                refused: None,
            },
        );
        frame
    }

    /// What has no final state yet goes out again; with `all` also what can only be the same order.
    pub fn again(&self, world: &World, all: bool) -> String {
        let open = |order: &&Ordered| !order.is_final() || all && order.names_expiry;
        let frames: Vec<_> = self.orders.values().filter(open).collect();
        for _ in &frames {
            world.count("orders sent again");
        }
        frames.iter().map(|order| order.frame.as_str()).collect()
    }

    /// `41|STATE|detail|(device|)msgno`
    pub fn told(&mut self, world: &World, me: usize, fields: &[&str]) {
        let (state, detail) = (fields[0], fields[1]);
        let group = world.devices[me].group;
        let order = self.of(fields[fields.len() - 1], fields);
        let device = match (order.target, fields) {
            (Some(target), [_, _, _]) => target,
            (None, [_, _, device, _]) => device.parse().unwrap(),
            _ => panic!("{fields:?} for {order:?}"),
        };
        assert_eq!(
            world.group_of.get(&device),
            Some(&group),
            "{fields:?} for {order:?}"
        );
        if let Some((before, earlier)) = order.told.get(&device) {
            let (from, to) = (rank(before, order.kind), rank(state, order.kind));
            let same = before == state && earlier == detail;
            let on = from < to || from == to && from < 4;
            let fits = same || on || !order.names_expiry;
            assert!(fits, "{fields:?} after {before} {earlier}: {order:?}");
        }
        order.refused = None;
        let told = (state.to_owned(), detail.to_owned());
        order.told.insert(device, told);
    }

    /// `50|ERROR|reason|0|msgno`
    pub fn refused(&mut self, world: &World, reason: &str, msgno: &str) {
        world.count("orders refused");
        let order = self.of(msgno, &[reason]);
        // A repeat that the hub is too busy to answer says nothing of the first; and without an expiry of its own it may
        // have been a new order, which is refused though the first was taken.
        let taken = !order.told.is_empty();
        let fits = !taken || reason == "BUSY" || !order.names_expiry;
        assert!(fits, "{reason} of an order that was taken: {order:?}");
        if !taken || reason != "BUSY" {
            order.refused = Some(reason.to_owned());
        }
    }

    fn of(&mut self, msgno: &str, fields: &[&str]) -> &mut Ordered {
        let number = msgno.strip_prefix('c').and_then(|n| n.parse().ok());
        let order = number.and_then(|number: u64| self.orders.get_mut(&number));
        order.unwrap_or_else(|| panic!("{fields:?} of an order that was never given"))
    }
}
