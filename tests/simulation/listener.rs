//! A device that subscribes to alarms of its group, and what it thinks is raised there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::panel::OWN_NAMES;
use crate::world::World;

/// After which it asks again.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was on its way as it unsubscribed still comes.
const ON_THE_WAY: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Wish {
    msgno: String,
    name: String,
    subscribe: bool,
    frame: String,
    said: Duration,
}

#[derive(Debug, Default)]
pub struct Listener {
    pub names: BTreeSet<String>,
    /// One at a time, until it is answered.
    wish: Option<Wish>,
    /// By raiser and name: raised or not, and when it heard so.
    pub view: BTreeMap<(u32, String), (bool, Duration)>,
    /// When it unsubscribed from something last.
    left: Option<Duration>,
    made: u64,
}

impl Listener {
    pub fn wish(&mut self, world: &World, me: usize, rng: &mut StdRng) -> String {
        if self.wish.is_some() {
            return String::new();
        }
        let names = ["*", OWN_NAMES[0], OWN_NAMES[1], "h0", "h1", "h2"];
        let name = names[rng.random_range(0..names.len())].to_owned();
        let subscribe = !self.names.contains(&name) || rng.random_bool(0.3);
        self.made += 1;
        let (msgno, kind) = (format!("s{}", self.made), if subscribe { 33 } else { 34 });
        let frame = format!("{}|0|{kind}|{name}|{msgno}|\x04", world.devices[me].address);
        world.count("subscriptions");
        self.wish = Some(Wish {
            msgno,
            name,
            subscribe,
            frame: frame.clone(),
            said: world.clock.now(),
        });
        frame
    }

    pub fn is_waiting(&self) -> bool {
        self.wish.is_some()
    }

    /// What has no answer yet; it is asked at the begin of each session.
    pub fn again(&mut self, world: &World, begins: bool, out: &mut String) {
        let now = world.clock.now();
        if let Some(wish) = &mut self.wish
            && (begins || now - wish.said >= PATIENCE)
        {
            wish.said = now;
            out.push_str(&wish.frame);
        }
    }

    /// ACCEPTED by the hub.
    pub fn accepted(&mut self, world: &World, msgno: &str) {
        let Some(wish) = self.wish.take_if(|wish| wish.msgno == msgno) else {
            let number = msgno.strip_prefix('s').and_then(|n| n.parse::<u64>().ok());
            assert!(
                number.is_some_and(|n| n <= self.made),
                "ACCEPTED of {msgno}"
            );
            return;
        };
        if wish.subscribe {
            self.names.insert(wish.name);
            return;
        }
        self.names.remove(&wish.name);
        self.left = Some(world.clock.now());
        let names = self.names.clone();
        self.view
            .retain(|(_, name), _| names.contains("*") || names.contains(name));
    }

    /// `50|ERROR|reason|0|msgno`: nothing is lost, it asks again.
    pub fn refused(&self, reason: &str) {
        let expected = ["BUSY", "NOT_STORED"];
        assert!(
            expected.contains(&reason),
            "a subscription is refused {reason}"
        );
    }

    pub fn wants(&self, name: &str) -> bool {
        self.names.contains("*") || self.names.contains(name)
    }

    /// `raiser|me|30|alarm|sensor|value|STATE|at|msgno`
    pub fn told(&mut self, world: &World, me: usize, raiser: u32, fields: &[&str]) {
        let [_, _, _, name, _, _, state, _, msgno] = fields else {
            panic!("{fields:?}");
        };
        let known = &world.devices[me];
        assert_eq!(
            world.group_of[&raiser], known.group,
            "device {} hears of another group's alarm: {fields:?}",
            known.address
        );
        if raiser == known.address.get() {
            // What the hub finds on its readings is news to it, what it has said is not.
            let panel = world.panels[me].borrow();
            let number: i64 = msgno.parse().unwrap();
            let own = panel.stored.contains_key(&number) || panel.unstored.contains_key(&number);
            assert!(!own, "device {raiser} gets its own report back: {fields:?}");
            return;
        }
        world.count("alarms told");
        let now = world.clock.now();
        let asked = self.wish.as_ref().map(|wish| wish.name.as_str());
        if !self.wants(name) && asked != Some(name) && asked != Some("*") {
            let late = self.left.is_some_and(|left| now - left < ON_THE_WAY);
            assert!(late, "device {} never asked for {fields:?}", known.address);
            return;
        }
        let raised = match *state {
            "RAISED" => true,
            "CLEARED" => false,
            other => panic!("an alarm is {other}"),
        };
        self.view
            .insert((raiser, (*name).to_owned()), (raised, now));
    }
}
