//! The router actor: the doorman of its [`Table`]. It waits for nothing.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use actix::fut::ActorFuture;
use actix::prelude::*;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::sight::{Sight, Watch};
use super::sweep::Patience;
use super::table::{Progress, Table};
use super::waiting::WaitingCommands;
use crate::alarm::Alarms;
use crate::clock::Clock;
use crate::command::desk::DeskParts;
use crate::command::{Desk, DeskLimits, Now};
use crate::ledger::{Account, Books};
use crate::live::Frames;
use crate::presence::Presences;
use crate::recorder::Recorder;
use crate::registry::{GroupId, SharedRegistry};
use crate::session::{Budget, End, EndReason, Endings, Refusals};
use crate::settings::{Settings, size};
use crate::wire::{Address, Limits};

/// Deliveries after which the other actors of the island get their turn.
const TURN: usize = 10_000;

/// What every router of a hub is made of.
#[derive(Clone)]
pub struct RouterParts {
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub registry: SharedRegistry,
    pub recorder: Recorder,
    pub books: Books,
    pub budget: Arc<Budget>,
    pub watcher: Option<mpsc::Sender<Sight>>,
    /// Where the frames of groups that viewers watch go.
    pub frames: Frames,
    pub endings: Arc<Endings>,
    pub presences: Presences,
    pub desk: DeskParts,
    pub alarms: Alarms,
    /// Commands of earlier runs that have not ended, by group; each router takes its own.
    pub waiting: WaitingCommands,
    /// End the process if a router panics. Off where a test wants to see the panic itself.
    pub panic_ends_process: bool,
}

/// One customer group's router.
pub struct Router {
    pub(super) group: GroupId,
    pub(super) parts: RouterParts,
    pub(super) group_account: Arc<Account>,
    pub(super) limits: Limits,
    patience: Patience,
    pub(super) table: Table,
    pub(super) desk: Desk,
    pub(super) refusals: Refusals,
    /// Subscribers that had no room for an ALARM.
    pub(super) missed: BTreeSet<Address>,
    pub(super) watch: Watch,
    /// Deliveries left in this turn.
    turn: usize,
    pub(super) sessions: u64,
    pub(super) stopping: bool,
}

impl Router {
    pub fn new(group: GroupId, parts: RouterParts) -> Self {
        let devices = &parts.settings.devices;
        let limits = Limits {
            frame_bytes: size(devices.max_frame_bytes),
            fields: size(devices.max_fields),
        };
        let patience = Patience {
            alive: Duration::from_secs(devices.alive_seconds),
            grace: Duration::from_secs(devices.alive_grace_seconds),
            slow_reader: Duration::from_secs(devices.slow_reader_seconds),
        };
        let group_account = parts.books.group(group);
        let name = parts.registry.read().group_name(group);
        let watch = Watch::new(&name, parts.watcher.clone(), parts.frames.line(group));
        let desk_limits = DeskLimits::new(&parts.settings, limits);
        let mut desk = Desk::new(group, desk_limits, parts.desk.clone());
        let now = Now {
            at: parts.clock.now(),
            unix_ms: parts.clock.unix_ms(),
        };
        for kept in parts.waiting.take(group) {
            desk.take_up(kept, now);
        }
        Self {
            group,
            group_account: Arc::clone(&group_account),
            limits,
            patience,
            table: Table::new(group, limits, watch.clone()),
            desk,
            refusals: Refusals::default(),
            missed: BTreeSet::new(),
            watch,
            turn: TURN,
            sessions: 0,
            stopping: false,
            parts,
        }
    }

    /// A frame of a viewer. It is none for the desk.
    pub(super) fn route(&mut self, batch: &mut Batch) -> Progress {
        let progress = self.table.route(batch, &mut self.turn);
        if self.turn == 0 {
            return Progress::More;
        }
        progress
    }

    fn end(&mut self, address: Address, reason: EndReason, ended: Option<mpsc::Sender<()>>) {
        if let Some(member) = self.table.leave(address, None, reason) {
            self.parts
                .presences
                .left(self.group, address, reason, &self.parts.recorder);
            // `do_send` passes the mailbox's bound, but a session is told its end once: it has just left the table.
            member.session.do_send(End { reason, ended });
        }
    }
}

impl Actor for Router {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(size(self.parts.settings.routing.mailbox));
        ctx.run_interval(self.patience.interval(), |_, ctx| {
            // Through the mailbox, which stands still while a fan-out is split: the table must not change under it.
            let _ = ctx.address().try_send(Sweep);
        });
    }
}

/// The router reminds itself to look at every member.
#[derive(Message)]
#[rtype(result = "()")]
struct Sweep;

impl Handler<Sweep> for Router {
    type Result = ();

    fn handle(&mut self, _: Sweep, ctx: &mut Self::Context) {
        let now = self.parts.clock.now();
        for (address, reason) in self.table.sweep(now, &self.patience) {
            log::info!(
                "session has to end device={address} reason={}",
                reason.name()
            );
            self.end(address, reason, None);
        }
        self.catch_up_slow();
        let now = self.now();
        self.desk.tick(now, &self.table);
        self.carry_out(&ctx.address());
    }
}

impl Drop for Router {
    /// Nobody restarts an actor that panicked, and a hub without a router is worse than none.
    fn drop(&mut self) {
        if self.parts.panic_ends_process {
            crate::hub::EndsProcessOnPanic::check("router");
        }
    }
}

impl Handler<Batch> for Router {
    type Result = ();

    fn handle(&mut self, mut batch: Batch, ctx: &mut Self::Context) {
        let progress = self.table.route(&mut batch, &mut self.turn);
        self.run_errands(&ctx.address());
        if progress == Progress::More || self.turn == 0 {
            ctx.wait(Rest::of(batch));
        }
    }
}

/// The rest of a batch, after the other actors had their turn. The mailbox waits meanwhile, so order holds.
pub(super) struct Rest {
    batch: Batch,
    yielded: bool,
}

impl Rest {
    pub(super) fn of(batch: Batch) -> Self {
        Self {
            batch,
            yielded: false,
        }
    }
}

impl ActorFuture<Router> for Rest {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        router: &mut Router,
        ctx: &mut Context<Router>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        if self.yielded {
            router.turn = TURN;
            let progress = router.table.route(&mut self.batch, &mut router.turn);
            router.run_errands(&ctx.address());
            if progress == Progress::Done {
                return Poll::Ready(());
            }
        }
        self.yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A session is gone; it says so itself as it is dropped.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Gone {
    pub address: Address,
    pub number: u64,
    pub reason: EndReason,
}

impl Handler<Gone> for Router {
    type Result = ();

    fn handle(&mut self, gone: Gone, _: &mut Self::Context) {
        let left = self
            .table
            .leave(gone.address, Some(gone.number), gone.reason);
        if left.is_some() {
            let (presences, recorder) = (&self.parts.presences, &self.parts.recorder);
            presences.left(self.group, gone.address, gone.reason, recorder);
        }
    }
}

/// A verb changed the device: its session has to end. `ended` is dropped when the connection is closed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Expel {
    pub address: Address,
    pub reason: EndReason,
    pub ended: mpsc::Sender<()>,
}

impl Handler<Expel> for Router {
    type Result = ();

    fn handle(&mut self, expel: Expel, _: &mut Self::Context) {
        self.end(expel.address, expel.reason, Some(expel.ended));
    }
}

/// The hub stops, or the group is removed: every session ends and no other is admitted.
#[derive(Message)]
#[rtype(result = "()")]
pub struct StopGroup {
    pub reason: EndReason,
    pub ended: mpsc::Sender<()>,
}

impl Handler<StopGroup> for Router {
    type Result = ();

    fn handle(&mut self, stop: StopGroup, _: &mut Self::Context) {
        self.stopping = true;
        for address in self.table.addresses() {
            self.end(address, stop.reason, Some(stop.ended.clone()));
        }
    }
}

/// The group is removed; it has no devices any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Retire;

impl Handler<Retire> for Router {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        self.stopping = true;
        ctx.stop();
    }
}
