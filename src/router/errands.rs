//! What the router does for the group's commands: it gives the [`Desk`] frames, time and connections, and has stored
//! what the desk leaves.

use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::Router;
use super::batch::Batch;
use super::table::Table;
use crate::command::{
    Command, Deed, DeskWork, Lines, Now, Order, OrderError, Outcome, Reply, desk::CancelError,
};
use crate::ledger::{Account, DropReason};
use crate::session::{Push, Source, refuse};
use crate::settings::size;
use crate::storage::StorageError;
use crate::wire::{Address, Frame, kind, parse};

/// A frame for the desk.
pub(super) struct Errand {
    from: Address,
    number: u64,
    bytes: Vec<u8>,
    account: Arc<Account>,
    group_account: Arc<Account>,
}

impl Errand {
    pub(super) fn new(batch: &Batch, frame: &Frame<'_>) -> Self {
        Self {
            from: batch.from,
            number: batch.number,
            bytes: frame.bytes.to_vec(),
            account: Arc::clone(&batch.account),
            group_account: Arc::clone(&batch.group_account),
        }
    }

    fn count(&self, on: impl Fn(&Account)) {
        on(&self.account);
        on(&self.group_account);
    }
}

/// Bytes that may wait for a device which still counts as reading.
const CLEAR_BYTES: usize = 4096;

impl Lines for Table {
    fn session(&self, device: Address) -> Option<u64> {
        self.member(device).map(|member| member.number)
    }

    fn is_clear(&self, device: Address) -> bool {
        // A session that has ended by itself stays in the table until the router hears of it.
        self.member(device).is_some_and(|member| {
            member.outbox.waiting() <= CLEAR_BYTES && !member.outbox.is_closed()
        })
    }

    fn write(&self, device: Address, frames: &[u8]) -> bool {
        self.member(device)
            .is_some_and(|member| member.outbox.push(frames, Source::Hub) == Push::Taken)
    }
}

impl Router {
    pub(super) fn now(&self) -> Now {
        Now {
            at: self.parts.clock.now(),
            unix_ms: self.parts.clock.unix_ms(),
        }
    }

    /// Gives the desk what came for it.
    pub(super) fn run_errands(&mut self, router: &Addr<Self>) {
        if self.table.errands.is_empty() {
            return;
        }
        let now = self.now();
        for errand in std::mem::take(&mut self.table.errands) {
            // The session may have been replaced since.
            if self.table.session(errand.from) != Some(errand.number) {
                errand.count(|account| account.dropped(DropReason::TakenOver, 1));
                continue;
            }
            let Ok(frame) = parse(&errand.bytes, &self.limits) else {
                continue;
            };
            match self.errand(errand.from, &frame, now) {
                Ok(()) => errand.count(|account| account.answered(1)),
                Err(reason) => {
                    errand.count(|account| account.dropped(reason, 1));
                    self.refuse_errand(errand.from, reason, &frame);
                }
            }
        }
        self.carry_out(router);
    }

    fn errand(&mut self, from: Address, frame: &Frame<'_>, now: Now) -> Result<(), DropReason> {
        match frame.kind {
            kind::POLL => self.desk.polled(from, now, &self.table),
            kind::COMMAND => {
                let registry = &self.parts.registry;
                let (desk, table) = (&mut self.desk, &self.table);
                desk.commanded(from, frame, registry, now, table)?;
            }
            _ => self.desk.answered(from, frame, now, &self.table)?,
        }
        Ok(())
    }

    fn refuse_errand(&mut self, from: Address, reason: DropReason, frame: &Frame<'_>) {
        self.refusals
            .note(self.parts.clock.now(), from, reason.name(), frame.kind);
        let mut answer = Vec::new();
        let max = self.limits.frame_bytes;
        refuse(&mut answer, from, reason.name(), frame, max);
        let _ = self.table.write(from, &answer);
    }

    /// Has stored what the desk leaves; it hears of each in this order.
    pub(super) fn carry_out(&mut self, router: &Addr<Self>) {
        for deed in self.desk.take_deeds() {
            let router = router.clone();
            let max_names = size(self.parts.settings.storage.max_sensors);
            let settled = move |deed, outcome| {
                // Past the mailbox's bound: the desk bounds what it has under way.
                router.do_send(Settled { deed, outcome });
            };
            let work = DeskWork::new(deed, max_names, self.parts.clock.unix_ms(), settled);
            self.parts.recorder.submit_bounded(Box::new(work));
        }
    }
}

/// The recorder has done what the desk wanted stored.
#[derive(Message)]
#[rtype(result = "()")]
struct Settled {
    deed: Deed,
    outcome: Result<Outcome, StorageError>,
}

impl Handler<Settled> for Router {
    type Result = ();

    fn handle(&mut self, settled: Settled, ctx: &mut Context<Self>) {
        let now = self.now();
        self.desk
            .settled(settled.deed, settled.outcome, now, &self.table);
        self.carry_out(&ctx.address());
    }
}

/// An operator's order. Answered once it is committed, or refused.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Issue {
    pub order: Order,
    pub reply: oneshot::Sender<Result<Vec<Command>, OrderError>>,
}

impl Handler<Issue> for Router {
    type Result = ();

    fn handle(&mut self, issue: Issue, ctx: &mut Context<Self>) {
        let (now, reply) = (self.now(), Reply::Verb(issue.reply));
        // One may have been moved since the order was read.
        let registry = self.parts.registry.read();
        let here = |address: &Address| {
            registry
                .device(*address)
                .is_some_and(|d| d.group == self.group)
        };
        let all_here = issue.order.targets.iter().all(here);
        drop(registry);
        if !all_here {
            let moved = OrderError::new(
                "NO_DEVICE",
                "a device has left the group just now; try again",
            );
            if let Reply::Verb(reply) = reply {
                // Nobody waits any more when it cannot be sent.
                let _ = reply.send(Err(moved));
            }
            return;
        }
        self.desk.issue(issue.order, reply, now, &self.table);
        self.carry_out(&ctx.address());
    }
}

/// Takes a queued command back. The change is on its way to the store when the answer comes.
#[derive(Message)]
#[rtype(result = "Result<(), CancelError>")]
pub struct Cancel {
    pub device: Address,
    pub id: i64,
}

impl Handler<Cancel> for Router {
    type Result = Result<(), CancelError>;

    fn handle(&mut self, cancel: Cancel, ctx: &mut Context<Self>) -> Self::Result {
        let now = self.now();
        let done = self.desk.cancel(cancel.device, cancel.id, now);
        self.carry_out(&ctx.address());
        done
    }
}

/// The device is another group's, or nobody's, from now on; the database knows.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Forget {
    pub device: Address,
    pub why: &'static str,
}

impl Handler<Forget> for Router {
    type Result = ();

    fn handle(&mut self, forget: Forget, _: &mut Context<Self>) {
        let now = self.now();
        self.desk
            .forget(forget.device, forget.why, now, &self.table);
    }
}
