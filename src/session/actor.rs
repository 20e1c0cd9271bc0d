//! The session actor: who it is, how it starts, how it is told to end.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix::dev::Request;
use actix::prelude::*;
use tokio::sync::mpsc;

use super::alarm::AlarmLine;
use super::check::Sender;
use super::describe::Descriptions;
use super::pump::Pump;
use super::{EndReason, Endings, Link, Outbox};
use crate::clock::Clock;
use crate::ledger::Account;
use crate::recorder::{ReadingBatch, Recorder};
use crate::registry::Device;
use crate::router::{Batch, Gone, Router, Watch};
use crate::wire::{FrameWriter, Limits, Splitter, kind};

/// Messages that may wait for a session: it is only ever sent one [`End`].
const MAILBOX: usize = 1;

/// A session that ends waits this long at most for the device to take what waits for it and the last word,
/// and then as long again for the device to close its side.
pub(super) const LAST_WORD: Duration = Duration::from_secs(1);

/// What the router gives a new session.
pub struct SessionParts {
    pub link: Box<dyn Link>,
    pub device: Arc<Device>,
    /// Tells this session from an earlier or later one of the same device.
    pub number: u64,
    pub outbox: Arc<Outbox>,
    pub account: Arc<Account>,
    pub group_account: Arc<Account>,
    pub router: Addr<Router>,
    pub recorder: Recorder,
    pub clock: Clock,
    pub limits: Limits,
    pub alarms: AlarmLine,
    pub max_errors: usize,
    pub max_text: usize,
    pub max_capabilities: usize,
    /// Bytes in the group's batches over which this session waits for the router.
    pub max_queued: u64,
    /// Bytes that came behind the login.
    pub leftover: Vec<u8>,
    /// How long what waits may take to be written when the hub stops.
    pub drain: Duration,
    pub watch: Watch,
    pub endings: Arc<Endings>,
    /// Given back when the connection is closed.
    pub permit: crate::listener::Permit,
}

/// One connected device.
pub struct Session {
    pub(super) link: Box<dyn Link>,
    pub(super) device: Arc<Device>,
    pub(super) number: u64,
    pub(super) sender: Sender,
    pub(super) outbox: Arc<Outbox>,
    pub(super) account: Arc<Account>,
    group_account: Arc<Account>,
    pub(super) router: Addr<Router>,
    pub(super) recorder: Recorder,
    pub(super) clock: Clock,
    pub(super) splitter: Splitter,
    pub(super) leftover: Vec<u8>,
    /// While one of these is set a queue behind the session is full, and the socket is not read.
    pub(super) router_full: Option<Pin<Box<Request<Router, Batch>>>>,
    pub(super) recorder_full: Option<ReadingBatch>,
    pub(super) ending: Option<EndReason>,
    /// Our side of the connection is closed.
    pub(super) shut: bool,
    /// Bytes read and thrown away since.
    pub(super) discarded: usize,
    /// When the latest protocol errors happened.
    pub(super) errors: Vec<Duration>,
    pub(super) max_errors: usize,
    pub(super) max_text: usize,
    pub(super) max_capabilities: usize,
    pub(super) descriptions: Descriptions,
    pub(super) alarms: AlarmLine,
    pub(super) max_queued: u64,
    drain: Duration,
    /// Ends the session though the device has not taken what waits.
    pub(super) last_call: Option<SpawnHandle>,
    /// Dropped when the connection is closed: whoever ended the session waits for that.
    ended: Option<mpsc::Sender<()>>,
    pub(super) watch: Watch,
    endings: Arc<Endings>,
    _permit: crate::listener::Permit,
}

impl Session {
    pub fn new(parts: SessionParts) -> Self {
        let sender = Sender {
            origin: parts.device.address.to_string().into_bytes().into(),
            rights: parts.device.rights,
            limits: parts.limits,
        };
        Self {
            link: parts.link,
            device: parts.device,
            number: parts.number,
            sender,
            outbox: parts.outbox,
            account: parts.account,
            group_account: parts.group_account,
            router: parts.router,
            recorder: parts.recorder,
            clock: parts.clock,
            splitter: Splitter::default(),
            leftover: parts.leftover,
            router_full: None,
            recorder_full: None,
            ending: None,
            shut: false,
            discarded: 0,
            errors: Vec::new(),
            max_errors: parts.max_errors,
            max_text: parts.max_text,
            max_capabilities: parts.max_capabilities,
            descriptions: Descriptions::default(),
            alarms: parts.alarms,
            max_queued: parts.max_queued,
            drain: parts.drain,
            last_call: None,
            ended: None,
            watch: parts.watch,
            endings: parts.endings,
            _permit: parts.permit,
        }
    }

    /// The router hears at once, with the reason; and once more as the session is dropped, should its mailbox be full now.
    /// Full or gone then: it finds the closed outbox at its next sweep.
    fn say_gone(&self, reason: EndReason) {
        let _ = self.router.try_send(Gone {
            address: self.device.address,
            number: self.number,
            reason,
        });
    }

    /// Counts on the device's account and on its group's.
    pub(super) fn count(&self, on: impl Fn(&Account)) {
        on(&self.account);
        on(&self.group_account);
    }

    pub(super) fn new_batch(&self, read: usize) -> Batch {
        Batch::new(
            self.device.address,
            self.number,
            read,
            Arc::clone(&self.account),
            Arc::clone(&self.group_account),
        )
    }

    /// Says the last word and lets the pump write it out. The first reason stays.
    pub(super) fn begin_end(&mut self, reason: EndReason, ctx: &mut Context<Self>) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(reason);
        self.say_gone(reason);
        let mut last_word = Vec::new();
        if let Some(text) = reason.quit() {
            FrameWriter::new(&mut last_word, 0, self.device.address.get(), kind::QUIT)
                .text(text)
                .end();
        }
        if reason == EndReason::SlowReader {
            self.outbox.drop_unbegun();
        }
        // From here on a peer's frame is for nobody, and its sender is told so.
        let patience = if reason == EndReason::Shutdown {
            self.finish_after_commit(last_word, ctx);
            self.drain
        } else {
            self.outbox.finish(&last_word);
            LAST_WORD
        };
        self.last_call = Some(ctx.run_later(patience, |_, ctx| ctx.stop()));
    }

    /// The hub stops: the device still hears that what it reported before is stored. It has left the router's
    /// table, so no peer's frame comes in between.
    fn finish_after_commit(&self, last_word: Vec<u8>, ctx: &mut Context<Self>) {
        let recorder = self.recorder.clone();
        let committed = async move {
            // The recorder answers what it was given before it comes to this. An error: it has stopped.
            let _ = recorder.call(|_| ()).await;
        };
        let finish = move |(), session: &mut Self, _: &mut Context<Self>| {
            session.outbox.finish(&last_word);
        };
        ctx.spawn(committed.into_actor(self).map(finish));
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.spawn(Pump);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.outbox.close();
        let reason = self.ending.unwrap_or(EndReason::Broken);
        self.endings.count(reason);
        self.say_gone(reason);
        let address = self.device.address;
        log::info!("session ended device={address} reason={}", reason.name());
    }
}

/// The router tells the session to say why and close. `ended` is dropped once the connection is closed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct End {
    pub reason: EndReason,
    pub ended: Option<mpsc::Sender<()>>,
}

impl Handler<End> for Session {
    type Result = ();

    fn handle(&mut self, message: End, ctx: &mut Self::Context) {
        self.ended = message.ended;
        self.begin_end(message.reason, ctx);
    }
}
