//! Viewers in the group: each has a proxy with an address of its own, by which devices and the hub answer it.
//!
//! A proxy is no member: it is not in DEVICES and gets no broadcast. What is for it is found where nobody else is
//! found ([`Table::elsewhere`]), so devices pay nothing for it; what it says goes the way of a session's batch.

use std::sync::Arc;

use actix::prelude::*;

use super::Router;
use super::actor::Rest;
use super::batch::{Batch, Run, To};
use super::table::{Progress, Table, cut_off};
use crate::ledger::{Account, DropReason};
use crate::registry::GroupId;
use crate::session::refuse;
use crate::wire::{Address, Frame};

/// Whoever hears what is for a proxy.
pub trait Listens: Send + Sync {
    /// Takes whole frames, each with its EOT, as many from the front as have room; answers how many bytes it took.
    fn hear(&self, group: GroupId, frames: &[u8]) -> usize;
}

/// A viewer in the group.
pub(super) struct Proxy {
    /// Tells viewers of one address apart.
    number: u64,
    listener: Arc<dyn Listens>,
    account: Arc<Account>,
}

impl Table {
    /// Whether it is from a viewer's proxy that is still there.
    pub(super) fn is_from_viewer(&self, batch: &Batch) -> bool {
        let proxy = self.proxies.get(&batch.from);
        proxy.is_some_and(|proxy| proxy.number == batch.number)
    }

    /// Frames for a proxy, counted like those for a device. `None`: there is none with that address.
    pub(super) fn tell_viewer(
        &self,
        batch: &Batch,
        to: Address,
        frames: &[u8],
        count: u64,
    ) -> Option<()> {
        let proxy = self.proxies.get(&to)?;
        let taken = proxy.listener.hear(self.group, frames);
        let (rest, lost) = cut_off(frames, taken);
        batch.count(|account| account.delivered(count - lost));
        if lost > 0 {
            self.refuse(batch, rest, lost, DropReason::Busy);
        }
        Some(())
    }

    /// The hub's own word to a proxy.
    pub(super) fn answer_viewer(&self, to: Address, frames: &[u8]) {
        if let Some(proxy) = self.proxies.get(&to) {
            // One that does not read its answers misses them.
            let taken = proxy.listener.hear(self.group, frames);
            self.watch.said(frames.get(..taken).unwrap_or_default());
        }
    }

    /// The answers to frames that were refused, for a viewer that sent them.
    pub(super) fn refuse_viewer(&self, to: Address, frames: &[u8], reason: DropReason) {
        if !self.proxies.contains_key(&to) {
            return;
        }
        let mut answers = Vec::new();
        let answered = self
            .frames(frames)
            .filter(|frame: &Frame<'_>| !frame.is_error());
        for frame in answered {
            let max = self.limits.frame_bytes;
            refuse(&mut answers, to, reason.name(), &frame, max);
        }
        self.answer_viewer(to, &answers);
    }
}

/// A viewer wants to be reached in this group. Sent by its socket, before the first that it says.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Attach {
    pub address: Address,
    pub number: u64,
    pub listener: Arc<dyn Listens>,
}

impl Handler<Attach> for Router {
    type Result = ();

    fn handle(&mut self, attach: Attach, _: &mut Context<Self>) {
        let proxy = Proxy {
            number: attach.number,
            listener: attach.listener,
            account: Arc::default(),
        };
        self.table.proxies.insert(attach.address, proxy);
    }
}

/// The viewer is gone.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Detach {
    pub address: Address,
    pub number: u64,
}

impl Handler<Detach> for Router {
    type Result = ();

    fn handle(&mut self, detach: Detach, _: &mut Context<Self>) {
        let proxies = &mut self.table.proxies;
        let same = |proxy: &Proxy| proxy.number == detach.number;
        if proxies.get(&detach.address).is_some_and(same) {
            proxies.remove(&detach.address);
        }
    }
}

/// One frame of a viewer, checked, with its last `|` and EOT.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Spoken {
    pub from: Address,
    pub number: u64,
    pub to: To,
    pub bytes: Vec<u8>,
}

impl Handler<Spoken> for Router {
    type Result = ();

    fn handle(&mut self, spoken: Spoken, ctx: &mut Context<Self>) {
        let Some(proxy) = self.table.proxies.get(&spoken.from) else {
            return;
        };
        let (account, group) = (Arc::clone(&proxy.account), Arc::clone(&self.group_account));
        let mut batch = Batch::new(spoken.from, spoken.number, 0, account, group);
        batch.count(|account| account.received(1));
        if let Some(frame) = spoken.bytes.strip_suffix(&[crate::wire::EOT]) {
            self.watch.passed(frame);
        }
        batch.runs.push(Run {
            to: spoken.to,
            end: spoken.bytes.len(),
            frames: 1,
        });
        batch.bytes = spoken.bytes;
        let progress = self.route(&mut batch);
        if progress == Progress::More {
            ctx.wait(Rest::of(batch));
        }
    }
}
