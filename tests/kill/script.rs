//! The rounds, and the rest after them.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::alarm_checks;
use crate::alarms::RULE;
use crate::device::{Times, Unit};
use crate::harness::{Device, Home, Hub, PATIENCE};
use crate::issuer::Issuer;
use crate::operator::Operator;
use crate::rows::{self, AlarmRow, Row};

const DEVICES: usize = 4;
/// The numbers of the issuers' orders begin at multiples of this; the operator's are below.
const BASE: u64 = 1_000_000;

/// What everybody knows after the last round.
pub(crate) struct End {
    pub(crate) units: Vec<Unit>,
    pub(crate) operator: Operator,
    pub(crate) commands: Vec<Row>,
    /// For each unit the numbers of its events, as often as they are stored.
    pub(crate) stored: Vec<Vec<u64>>,
    pub(crate) alarms: Vec<AlarmRow>,
    /// For each unit the numbers of its ALARMs, and of what the rule watches.
    pub(crate) reports: Vec<Vec<u64>>,
    pub(crate) levels: Vec<Vec<u64>>,
}

pub(crate) fn run(seed: u64, rounds: u64) -> End {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut home = Home::new()
        .set("COMMANDS__ANSWER_SECONDS", "1")
        .set("COMMANDS__ACT_SECONDS", "2")
        .set("ROUTING__THREADS", "2")
        .set("ALARMS__BURST", "30")
        .set("ALARMS__PER_SECOND", "50")
        .set("ALARMS__CHATTER_TIMES", "6")
        .set("ALARMS__CHATTER_SECONDS", "1")
        .set("ALARMS__CALM_SECONDS", "1");
    let mut units = units(&home, &mut rng);
    let rule = [
        "alarm",
        "rule",
        "add",
        RULE,
        "--group",
        "greenhouse",
        "--all",
    ];
    let watched = ["--when", "level > 50", "--local", "off"];
    home.verb(&[&rule[..], &watched].concat()).ok();
    let targets = units.iter().map(|unit| unit.device.address).collect();
    let mut operator = Operator::new(StdRng::seed_from_u64(rng.random()), targets);
    for _ in 0..rounds {
        let moment = Duration::from_millis(rng.random_range(30..900));
        home = round(home.start(), &mut units, &mut operator, moment);
    }
    let home = rest(home.start(), &mut units);
    let of_each = |rows: fn(&Home, &Device) -> Vec<u64>| {
        let rows = units.iter().map(|unit| rows(&home, &unit.device));
        rows.collect()
    };
    End {
        commands: rows::commands(&home),
        stored: of_each(rows::events),
        alarms: rows::alarms(&home).unwrap(),
        reports: of_each(rows::reports),
        levels: of_each(rows::levels),
        units,
        operator,
    }
}

/// Devices that obey, two of which may also order.
fn units(home: &Home, rng: &mut StdRng) -> Vec<Unit> {
    let plain = (0..DEVICES).map(|_| home.add("greenhouse"));
    let control = (0..2).map(|_| home.add_with("greenhouse", &["--rights", "control"]));
    let devices: Vec<_> = plain.chain(control).collect();
    let targets: Vec<u32> = devices.iter().map(|device| device.address).collect();
    let mut base = 0;
    let units = devices.into_iter().enumerate().map(|(i, device)| {
        let issuer = (i >= DEVICES).then(|| {
            base += BASE;
            let others = targets.iter().copied().filter(|t| *t != device.address);
            Issuer::new(StdRng::seed_from_u64(rng.random()), others.collect(), base)
        });
        Unit::new(device, rng.random(), issuer)
    });
    units.collect()
}

/// Everybody at it, until the hub is killed.
fn round(hub: Hub, units: &mut [Unit], operator: &mut Operator, moment: Duration) -> Home {
    let stop = AtomicBool::new(false);
    let times = Times {
        hub: hub.device_port(),
        stop: &stop,
        settle: false,
    };
    thread::scope(|scope| {
        for unit in units {
            let times = &times;
            scope.spawn(move || unit.live(times));
        }
        scope.spawn(|| operator.work(&hub, &stop));
        thread::sleep(moment);
        hub.kill();
        stop.store(true, Ordering::Relaxed);
    });
    hub.crash()
}

/// Nothing new, and nobody away: all that is open ends. Then the hub stops in good order.
fn rest(hub: Hub, units: &mut [Unit]) -> Home {
    let stop = AtomicBool::new(false);
    let times = Times {
        hub: hub.device_port(),
        stop: &stop,
        settle: true,
    };
    let rests: Vec<_> = units.iter().map(|unit| unit.rests.clone()).collect();
    // What each says of alarms does not change any more.
    let raised = alarm_checks::raised(units);
    let is_open = || {
        !rests.iter().all(|rest| rest.load(Ordering::Relaxed))
            || rows::open(&hub).unwrap_or(1) > 0
            || !rows::alarms(&hub).is_ok_and(|alarms| alarm_checks::open_of(&alarms) == raised)
    };
    thread::scope(|scope| {
        for unit in units {
            let times = &times;
            scope.spawn(move || unit.live(times));
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && is_open() {
            thread::sleep(Duration::from_millis(50));
        }
        // What was told last is still on its way to those that listen.
        thread::sleep(Duration::from_millis(200));
        stop.store(true, Ordering::Relaxed);
    });
    hub.stop()
}

impl End {
    fn count(&self, state: &str) -> usize {
        let rows = self.commands.iter();
        rows.filter(|row| row.state == state).count()
    }

    fn sums(&self) -> Vec<(&'static str, usize)> {
        let units = || self.units.iter();
        let told = || units().flat_map(|unit| unit.acts.told.values());
        let orders = units().filter_map(|unit| unit.issuer.as_ref());
        let listeners = units().filter_map(|unit| unit.listener.as_ref());
        vec![
            ("alarms", self.alarms.len()),
            (
                "held alarms",
                self.alarms.iter().filter(|a| a.chattering).count(),
            ),
            ("ALARMs stored", self.reports.iter().map(Vec::len).sum()),
            (
                "ALARMs heard",
                listeners.map(|listener| listener.heard).sum(),
            ),
            (
                "events acknowledged",
                units().map(|u| u.events.stored.len()).sum(),
            ),
            ("orders by verb", self.operator.ordered.len()),
            ("orders by COMMAND", orders.map(|i| i.orders.len()).sum()),
            ("commands", self.commands.len()),
            ("acts", told().filter(|told| told.acted()).count()),
            ("repeats", told().map(|told| told.repeats as usize).sum()),
            ("succeeded", self.count("succeeded")),
            ("rejected", self.count("rejected")),
            ("expired", self.count("expired")),
            ("timed out", self.count("timed_out")),
            ("cancelled", self.count("cancelled")),
        ]
    }

    /// A run in which nothing happened proves nothing.
    pub(crate) fn assert_that_it_tried(&self, rounds: u64) {
        for (what, sum) in self.sums() {
            let rare = matches!(what, "cancelled" | "timed out");
            assert!(sum > 0 || rare || rounds < 20, "no {what}");
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = self
            .sums()
            .into_iter()
            .map(|(what, sum)| format!("{sum} {what}"));
        f.write_str(&sums.collect::<Vec<_>>().join(", "))
    }
}
