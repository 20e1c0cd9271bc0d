//! Pairs: device 2i sends to device 2i + 1, either with so many messages in flight, or at a fixed rate.

use std::time::Duration;

use super::client::Destination;
use super::meter::{Figures, Meter, Span};
use super::pace::{Schedule, Ticker};
use super::payload::Stamp;
use super::swarm::{DRAIN_NANOS, LOGINS_AT_ONCE, LONGEST_WAIT, Swarm};
use super::target::{Need, Server};
use crate::failure::Failure;

/// Messages under way in all at a fixed rate; more means that the server does not keep up, and memory is bounded.
const MAX_IN_FLIGHT: u64 = 500_000;
/// The finest pacing that a sleeping thread can keep.
const FINEST_TICK: Duration = Duration::from_micros(50);

/// What makes a pair send.
#[derive(Clone, Copy, Debug)]
pub(super) enum Drive {
    /// A pair never has more messages under way than this, and always as many.
    Window(u64),
    /// Messages a second of all pairs together, evenly spaced, whatever the server does.
    Rate(u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Pairs {
    pub(super) pairs: usize,
    pub(super) groups: usize,
    pub(super) drive: Drive,
    pub(super) body: usize,
    pub(super) span: Span,
}

impl Pairs {
    pub(super) fn need(&self) -> Need {
        Need {
            connections: self.pairs * 2,
            group_of: |number, groups| number / 2 % groups,
            groups: self.groups,
        }
    }

    pub(super) fn run(&self, server: &Server) -> Result<Figures, Failure> {
        let mut swarm = self.connect(server)?;
        let schedule = match self.drive {
            Drive::Rate(rate) => Some(Schedule::new(swarm.now(), rate)),
            Drive::Window(_) => None,
        };
        let _ticker = match schedule {
            Some(schedule) => {
                let gap = Duration::from_nanos(schedule.due(1) - schedule.due(0));
                let period = gap.clamp(FINEST_TICK, LONGEST_WAIT);
                Some(Ticker::start(swarm.waker()?, period))
            }
            None => None,
        };
        let meter = Meter::new(server.pid, swarm.now(), self.span);
        let mut load = Load::new(self, meter);
        while load.meter.goes_on(swarm.now())? {
            match (self.drive, schedule) {
                (Drive::Window(window), _) => load.fill(&mut swarm, window),
                (Drive::Rate(_), Some(schedule)) => load.send_due(&mut swarm, schedule)?,
                (Drive::Rate(_), None) => {}
            }
            load.flush(&mut swarm)?;
            swarm.turn(LONGEST_WAIT, &mut |conn, body, now| {
                load.arrived(conn, body, now)
            })?;
        }
        load.drain(&mut swarm)?;
        load.meter.finish()
    }

    fn connect<'a>(&self, server: &'a Server) -> Result<Swarm<'a>, Failure> {
        let topic = |pair: usize| format!("p{pair}");
        let plans: Vec<_> = (0..self.pairs * 2)
            .map(|conn| server.plan(conn, (conn % 2 == 1).then(|| topic(conn / 2))))
            .collect();
        let mut swarm = Swarm::new(server, self.body)?;
        swarm.connect(&plans, LOGINS_AT_ONCE)?;
        for pair in 0..self.pairs {
            let to = Destination {
                address: server.device(pair * 2 + 1),
                topic: topic(pair),
            };
            swarm.aim(pair * 2, &to);
        }
        Ok(swarm)
    }
}

#[derive(Clone, Default)]
struct Pair {
    sent: u64,
    /// The sequence that the receiver expects next.
    next: u64,
    /// Stands in `active`.
    active: bool,
}

impl Pair {
    /// A server that makes up later messages than were sent must not make this negative.
    fn under_way(&self) -> u64 {
        self.sent.saturating_sub(self.next)
    }
}

struct Load {
    pairs: Vec<Pair>,
    /// Pairs that may send, or have something to flush; so that no turn looks at all pairs.
    active: Vec<usize>,
    sent: u64,
    body: usize,
    meter: Meter,
}

impl Load {
    fn new(shape: &Pairs, meter: Meter) -> Self {
        let active = matches!(shape.drive, Drive::Window(_));
        let pair = Pair {
            active,
            ..Pair::default()
        };
        Self {
            pairs: vec![pair; shape.pairs],
            active: (0..if active { shape.pairs } else { 0 }).collect(),
            sent: 0,
            body: shape.body,
            meter,
        }
    }

    fn arrived(&mut self, conn: usize, body: &[u8], now: u64) {
        let number = conn / 2;
        let Some(pair) = self.pairs.get_mut(number) else {
            return;
        };
        let stamp = Stamp::read(body, self.body);
        self.meter
            .arrived(stamp, number as u32, &mut pair.next, now);
        if !pair.active {
            pair.active = true;
            self.active.push(number);
        }
    }

    /// Each active pair sends until its window is full; stamped just before the write.
    fn fill(&mut self, swarm: &mut Swarm<'_>, window: u64) {
        for &number in &self.active {
            let Some(pair) = self.pairs.get_mut(number) else {
                continue;
            };
            let nanos = swarm.now();
            while pair.under_way() < window {
                send(swarm, number, pair, nanos);
            }
        }
    }

    fn send_due(&mut self, swarm: &mut Swarm<'_>, schedule: Schedule) -> Result<(), Failure> {
        let due = schedule.count(swarm.now());
        let count = self.pairs.len() as u64;
        while self.sent < due {
            let number = (self.sent % count) as usize;
            if let Some(pair) = self.pairs.get_mut(number) {
                send(swarm, number, pair, schedule.due(self.sent));
                if !pair.active {
                    pair.active = true;
                    self.active.push(number);
                }
            }
            self.sent += 1;
        }
        if self.under_way() > MAX_IN_FLIGHT {
            return Err(Failure::new(
                "the server does not keep up with this --rate: lower it",
            ));
        }
        Ok(())
    }

    fn flush(&mut self, swarm: &mut Swarm<'_>) -> Result<(), Failure> {
        for number in self.active.drain(..) {
            if let Some(pair) = self.pairs.get_mut(number) {
                pair.active = false;
                swarm.flush(number * 2)?;
            }
        }
        Ok(())
    }

    /// Waits for what is under way; what does not come is lost.
    fn drain(&mut self, swarm: &mut Swarm<'_>) -> Result<(), Failure> {
        let deadline = swarm.now() + DRAIN_NANOS;
        while self.under_way() > 0 && swarm.now() < deadline {
            swarm.turn(LONGEST_WAIT, &mut |conn, body, now| {
                self.arrived(conn, body, now)
            })?;
        }
        let lost = self.under_way();
        self.meter.add_lost(lost);
        Ok(())
    }

    fn under_way(&self) -> u64 {
        self.pairs.iter().map(Pair::under_way).sum()
    }
}

fn send(swarm: &mut Swarm<'_>, number: usize, pair: &mut Pair, nanos: u64) {
    let stamp = Stamp {
        sender: number as u32,
        sequence: pair.sent,
        nanos,
    };
    swarm.send(number * 2, &stamp);
    pair.sent += 1;
}
