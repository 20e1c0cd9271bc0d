//! Connections without messages: what one costs in memory while idle, and what its login costs in CPU time.

use std::time::Duration;

use super::procfs::{CpuTime, Memory};
use super::swarm::{LONGEST_WAIT, Swarm};
use super::target::{Need, Server};
use crate::failure::Failure;

/// Memory counts as settled when it moved by less than this part of itself ...
const SETTLED_PART: u64 = 500;
/// ... from one look to the next, so many times in a row.
const SETTLED_LOOKS: usize = 3;
const LOOK_EVERY_NANOS: u64 = 500_000_000;
const SETTLE_NANOS: u64 = 15_000_000_000;
/// Logins before those that count: code pages and tables that only the first ones touch.
const WARM_UP_LOGINS: usize = 200;

#[derive(Clone, Copy, Debug)]
pub(super) struct Idle {
    pub(super) connections: usize,
    pub(super) at_once: usize,
}

/// Memory of the server without and with the connections.
pub(super) struct IdleFigures {
    pub(super) before: Memory,
    pub(super) after: Memory,
}

impl Idle {
    pub(super) fn need(&self) -> Need {
        in_one_group(self.connections)
    }

    pub(super) fn run(&self, server: &Server) -> Result<IdleFigures, Failure> {
        let mut swarm = Swarm::new(server, 0)?;
        let before = settled(&mut swarm, server.pid)?;
        let plans: Vec<_> = (0..self.connections)
            .map(|conn| server.plan(conn, Some(format!("p{conn}"))))
            .collect();
        swarm.connect(&plans, self.at_once)?;
        let after = settled(&mut swarm, server.pid)?;
        Ok(IdleFigures { before, after })
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Logins {
    pub(super) logins: usize,
    pub(super) at_once: usize,
}

pub(super) struct LoginFigures {
    pub(super) server_nanos: u64,
    pub(super) seconds: f64,
}

impl Logins {
    pub(super) fn need(&self) -> Need {
        in_one_group(self.logins + WARM_UP_LOGINS)
    }

    /// Each device logs in once and stays, so that no session's end is counted as login.
    pub(super) fn run(&self, server: &Server) -> Result<LoginFigures, Failure> {
        let plans: Vec<_> = (0..self.logins + WARM_UP_LOGINS)
            .map(|conn| server.plan(conn, None))
            .collect();
        let (warm_up, counted) = plans.split_at_checked(WARM_UP_LOGINS).unwrap_or_default();
        let mut swarm = Swarm::new(server, 0)?;
        swarm.connect(warm_up, self.at_once)?;
        let (cpu, start) = (CpuTime::of(server.pid)?, swarm.now());
        swarm.connect(counted, self.at_once)?;
        let (end, spent) = (swarm.now(), CpuTime::of(server.pid)?.since(&cpu));
        Ok(LoginFigures {
            server_nanos: spent,
            seconds: (end - start) as f64 / 1e9,
        })
    }
}

fn in_one_group(connections: usize) -> Need {
    Need {
        connections,
        group_of: |_, _| 0,
        groups: 1,
    }
}

/// The server's memory once it no longer moves, or after a bounded wait. The connections stay served meanwhile.
fn settled(swarm: &mut Swarm<'_>, pid: u32) -> Result<Memory, Failure> {
    let deadline = swarm.now() + SETTLE_NANOS;
    let mut last = Memory::of(pid)?;
    let mut calm = 0;
    while calm < SETTLED_LOOKS && swarm.now() < deadline {
        let look = swarm.now() + LOOK_EVERY_NANOS;
        while swarm.now() < look {
            let left = Duration::from_nanos(look.saturating_sub(swarm.now()));
            swarm.turn(left.min(LONGEST_WAIT), &mut |_, _, _| {})?;
        }
        let memory = Memory::of(pid)?;
        let moved = memory.resident.abs_diff(last.resident);
        calm = if moved <= memory.resident / SETTLED_PART {
            calm + 1
        } else {
            0
        };
        last = memory;
    }
    Ok(last)
}
