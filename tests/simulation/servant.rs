//! How a device carries out what the hub orders: well, late, not at all, or with words that are not true.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use device_hub::command::State;

use crate::held::measure;
use crate::plans::{
    ALARM_SET, BLINK, CLOCK_READ, EVENT_SET, OWN, Plan, READ, Receipt, WRITE, acts, holds, plan,
};
use crate::witness::Story;
use crate::world::World;

/// What a device knows over all its sessions, as in a memory of its own.
#[derive(Debug, Default)]
pub struct Diary {
    pub receipts: Vec<Receipt>,
    pub acts: Vec<(i64, Duration)>,
    pub plans: BTreeMap<i64, Plan>,
    /// What it said last to each.
    pub said: BTreeMap<i64, String>,
    /// Ids that it answered though nobody had asked it.
    pub unasked: BTreeSet<i64>,
    /// Of this session: sensor, period and id.
    pub periods: BTreeMap<String, (i64, i64)>,
    pub later: Vec<(Duration, Receipt)>,
    /// The highest id acted on: all that a device has to remember (C2.4).
    mark: i64,
    newest_of_session: i64,
}

impl Diary {
    pub fn logged_in(&mut self) {
        self.newest_of_session = 0;
        self.periods.clear();
    }

    /// An order of the hub: `kind`, then fields with the id last. Adds what it says to that.
    pub fn ordered(&mut self, world: &World, me: u32, receipt: Receipt, out: &mut String) {
        let (id, kind) = (receipt.id, receipt.kind);
        let known = self.plans.contains_key(&id);
        if !holds(kind) {
            assert!(
                id > self.newest_of_session,
                "device {me}: {receipt:?} behind {}",
                self.newest_of_session
            );
            self.newest_of_session = id;
        }
        if acts(kind) {
            assert!(
                known || id > self.mark,
                "device {me} takes {receipt:?} for a repeat, behind {}: {:?} {:?} births {:?}",
                self.mark,
                self.receipts,
                world.stories.borrow().get(&id),
                world.births.borrow()
            );
            self.mark = id.max(self.mark);
        }
        self.receipts.push(receipt.clone());
        self.hold(world, me, &receipt);
        if known {
            world.count(match kind {
                EVENT_SET => "periods sent again",
                ALARM_SET => "rules sent again",
                _ => "repeated",
            });
            if self.plans[&id] == Plan::Reject {
                self.let_go(world, me, &receipt);
            }
            if let Some(said) = self.said.get(&id) {
                out.push_str(said);
            }
            return;
        }
        let plan = plan(world, me, &receipt);
        self.plans.insert(id, plan);
        match plan {
            Plan::Later(ms, accepts) => {
                let due = world.clock.now() + Duration::from_millis(ms);
                self.later.push((due, receipt));
                if accepts && kind != BLINK && !holds(kind) {
                    self.say(id, format!("{me}|0|6|{id}|\x04"), out);
                }
            }
            Plan::Reject => self.reject(world, me, &receipt, "FAULT", out),
            _ => self.do_it(world, me, &receipt, out),
        }
    }

    /// What was put off and is due now.
    pub fn tick(&mut self, world: &World, me: u32, out: &mut String) {
        let now = world.clock.now();
        let (due, later) = std::mem::take(&mut self.later)
            .into_iter()
            .partition(|(at, _)| *at <= now || !world.acting());
        self.later = later;
        let due: Vec<(Duration, Receipt)> = due;
        for (_, receipt) in due {
            self.do_it(world, me, &receipt, out);
        }
    }

    fn say(&mut self, id: i64, words: String, out: &mut String) {
        out.push_str(&words);
        self.said.insert(id, words);
    }

    fn reject(
        &mut self,
        world: &World,
        me: u32,
        receipt: &Receipt,
        reason: &str,
        out: &mut String,
    ) {
        let id = receipt.id;
        self.let_go(world, me, receipt);
        self.say(id, format!("{me}|0|5|{reason}|{id}|\x04"), out);
    }

    fn do_it(&mut self, world: &World, me: u32, receipt: &Receipt, out: &mut String) {
        let id = receipt.id;
        let wall = world.clock.unix_ms();
        let plan = self.plans[&id];
        if receipt.kind == WRITE
            && let Ok(expires) = receipt.fields[2].parse::<i64>()
            && wall >= expires
        {
            world.count("device said expired");
            return self.reject(world, me, receipt, "EXPIRED", out);
        }
        if acts(receipt.kind) && !matches!(plan, Plan::Lie | Plan::Silent { does: false }) {
            self.acts.push((id, world.clock.now()));
            world.count("carried out");
        }
        if let Plan::Silent { .. } = plan {
            return;
        }
        let fields = &receipt.fields;
        let words = match receipt.kind {
            READ => format!("2|{}|{}", fields[0], measure(world, me, id)),
            CLOCK_READ => format!("2|clock|{wall}|ms|{wall}"),
            WRITE => format!("4|{}|{}", fields[0], fields[1]),
            OWN => "4|x|1".to_owned(),
            _ => "6".to_owned(),
        };
        self.say(id, format!("{me}|0|{words}|{id}|\x04"), out);
        match plan {
            Plan::Twice => out.push_str(&self.said[&id].clone()),
            Plan::Stranger => self.meddle(world, me, id, out),
            _ => {}
        }
    }

    /// Answers for a neighbour, or what it has not got yet, or what does not exist.
    fn meddle(&mut self, world: &World, me: u32, id: i64, out: &mut String) {
        let stories = world.stories.borrow();
        let mut latest = stories.iter().rev();
        let own = |story: &Story| story.last.address.get() == me;
        let other = match id % 3 {
            0 => latest.find(|(_, story)| !own(story)).map(|(id, _)| *id),
            1 => latest
                .find(|(other, story)| {
                    **other != id && own(story) && story.last.state == State::Queued
                })
                .map(|(id, _)| *id),
            _ => Some(id + 1_000_000),
        };
        if let Some(other) = other {
            self.unasked.insert(other);
            out.push_str(&format!("{me}|0|4|a|9|{other}|\x04"));
        }
    }
}
