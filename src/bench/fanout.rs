//! Fan-out: one device sends to all others of its group; the next fan-out leaves when one has reached everyone.

use std::collections::VecDeque;

use super::client::Destination;
use super::meter::{Figures, Meter, Span};
use super::payload::Stamp;
use super::swarm::{DRAIN_NANOS, LOGINS_AT_ONCE, LONGEST_WAIT, Swarm};
use super::target::{Need, Server};
use crate::failure::Failure;

/// Connection 0 sends.
const SENDER: usize = 0;
const TOPIC: &str = "everyone";

#[derive(Clone, Copy, Debug)]
pub(super) struct Fanout {
    pub(super) receivers: usize,
    /// Fan-outs under way at once.
    pub(super) window: usize,
    pub(super) body: usize,
    pub(super) span: Span,
}

impl Fanout {
    pub(super) fn need(&self) -> Need {
        Need {
            connections: self.receivers + 1,
            group_of: |_, _| 0,
            groups: 1,
        }
    }

    pub(super) fn run(&self, server: &Server) -> Result<Figures, Failure> {
        let plans: Vec<_> = (0..=self.receivers)
            .map(|conn| server.plan(conn, (conn != SENDER).then(|| TOPIC.into())))
            .collect();
        let mut swarm = Swarm::new(server, self.body)?;
        swarm.connect(&plans, LOGINS_AT_ONCE)?;
        let to = Destination {
            address: None,
            topic: TOPIC.into(),
        };
        swarm.aim(SENDER, &to);
        let mut load = Load {
            next: vec![0; self.receivers + 1],
            under_way: VecDeque::with_capacity(self.window),
            complete: 0,
            receivers: self.receivers,
            body: self.body,
            meter: Meter::new(server.pid, swarm.now(), self.span),
        };
        while load.meter.goes_on(swarm.now())? {
            load.fill(&mut swarm, self.window)?;
            swarm.turn(LONGEST_WAIT, &mut |conn, body, now| {
                load.arrived(conn, body, now)
            })?;
        }
        load.drain(&mut swarm)?;
        load.meter.finish()
    }
}

struct Load {
    /// The sequence that each receiver expects next, by connection.
    next: Vec<u64>,
    /// Copies done of each fan-out under way; the first is fan-out `complete`.
    under_way: VecDeque<usize>,
    complete: u64,
    receivers: usize,
    body: usize,
    meter: Meter,
}

impl Load {
    fn fill(&mut self, swarm: &mut Swarm<'_>, window: usize) -> Result<(), Failure> {
        if self.under_way.len() >= window {
            return Ok(());
        }
        let nanos = swarm.now();
        while self.under_way.len() < window {
            let stamp = Stamp {
                sender: SENDER as u32,
                sequence: self.sent(),
                nanos,
            };
            swarm.send(SENDER, &stamp);
            self.under_way.push_back(0);
        }
        swarm.flush(SENDER)
    }

    fn sent(&self) -> u64 {
        self.complete + self.under_way.len() as u64
    }

    fn arrived(&mut self, conn: usize, body: &[u8], now: u64) {
        let Some(next) = self.next.get_mut(conn) else {
            return;
        };
        let before = *next;
        let stamp = Stamp::read(body, self.body);
        self.meter.arrived(stamp, SENDER as u32, next, now);
        // A copy that was lost is as done as one that arrived: the fan-out must not wait for it.
        let done = before.saturating_sub(self.complete)..next.saturating_sub(self.complete);
        let skipped = usize::try_from(done.start).unwrap_or(usize::MAX);
        let count = usize::try_from(done.end - done.start).unwrap_or(usize::MAX);
        for copies in self.under_way.iter_mut().skip(skipped).take(count) {
            *copies += 1;
        }
        while self.under_way.front() == Some(&self.receivers) {
            self.under_way.pop_front();
            self.complete += 1;
        }
    }

    /// Waits for what is under way; what does not come is lost.
    fn drain(&mut self, swarm: &mut Swarm<'_>) -> Result<(), Failure> {
        let deadline = swarm.now() + DRAIN_NANOS;
        while !self.under_way.is_empty() && swarm.now() < deadline {
            swarm.turn(LONGEST_WAIT, &mut |conn, body, now| {
                self.arrived(conn, body, now)
            })?;
        }
        let sent = self.sent();
        let lost = self
            .next
            .iter()
            .skip(1)
            .map(|next| sent.saturating_sub(*next))
            .sum();
        self.meter.add_lost(lost);
        Ok(())
    }
}
