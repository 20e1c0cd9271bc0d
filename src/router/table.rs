//! Who is connected in the group, and where a frame goes. Plain: no actor, no clock, no socket.

use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use rustc_hash::FxHashMap;

use super::batch::{Batch, To};
use super::errands::Errand;
use super::sight::Watch;
use super::viewer::Proxy;
use crate::ledger::{Account, DropReason};
use crate::registry::{Device, GroupId};
use crate::session::{EndReason, Outbox, Push, Session, Source, refuse};
use crate::wire::{Address, EOT, Frame, Limits, parse};

/// One connected device.
pub struct Member {
    pub device: Arc<Device>,
    /// Tells sessions of one device apart.
    pub number: u64,
    pub outbox: Arc<Outbox>,
    pub account: Arc<Account>,
    pub session: Addr<Session>,
    /// When ALIVE was asked and not answered yet.
    pub asked: Option<Duration>,
    /// Since when frames to it are dropped.
    pub slow_since: Option<Duration>,
}

/// The members of one group.
pub struct Table {
    /// Dense, so that a fan-out walks memory in order.
    pub(super) members: Vec<Member>,
    index: FxHashMap<Address, usize>,
    pub(super) labels: FxHashMap<Box<str>, Vec<Address>>,
    pub(super) limits: Limits,
    pub(super) watch: Watch,
    pub(super) group: GroupId,
    /// Of viewers.
    pub(super) proxies: FxHashMap<Address, Proxy>,
    /// Where the fan-out (or the answers to a run of DEVICES) that is under way goes on.
    pub(super) cursor: usize,
    pub(super) reached: u64,
    /// Frames for the desk.
    pub(super) errands: Vec<Errand>,
}

/// How far a call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Done,
    /// The budget of deliveries is spent: others come first.
    More,
}

impl Table {
    pub fn new(group: GroupId, limits: Limits, watch: Watch) -> Self {
        Self {
            members: Vec::new(),
            index: FxHashMap::default(),
            labels: FxHashMap::default(),
            limits,
            watch,
            group,
            proxies: FxHashMap::default(),
            cursor: 0,
            reached: 0,
            errands: Vec::new(),
        }
    }

    pub fn member(&self, address: Address) -> Option<&Member> {
        self.index
            .get(&address)
            .and_then(|at| self.members.get(*at))
    }

    pub(super) fn addresses(&self) -> Vec<Address> {
        self.members
            .iter()
            .map(|member| member.device.address)
            .collect()
    }

    /// Adds a member; gives back the one of an earlier session, which has to end.
    pub fn join(&mut self, member: Member) -> Option<Member> {
        let address = member.device.address;
        let earlier = self.leave(address, None, EndReason::TakenOver);
        member.account.set_connected(true);
        self.watch.joined(address, &member.device.name);
        for label in &member.device.labels {
            self.labels.entry(label.clone()).or_default().push(address);
        }
        self.index.insert(address, self.members.len());
        self.members.push(member);
        earlier
    }

    /// Removes a member; with a number, only that session: a late goodbye never removes a successor.
    pub fn leave(
        &mut self,
        address: Address,
        number: Option<u64>,
        reason: EndReason,
    ) -> Option<Member> {
        let at = *self.index.get(&address)?;
        if number.is_some_and(|number| self.members.get(at).is_none_or(|m| m.number != number)) {
            return None;
        }
        self.index.remove(&address);
        let member = self.members.swap_remove(at);
        if let Some(moved) = self.members.get(at) {
            self.index.insert(moved.device.address, at);
        }
        for label in &member.device.labels {
            if let Some(carriers) = self.labels.get_mut(label) {
                carriers.retain(|carrier| *carrier != address);
                if carriers.is_empty() {
                    self.labels.remove(label);
                }
            }
        }
        member.account.set_connected(false);
        self.watch.left(address, reason);
        Some(member)
    }

    /// Routes the runs of a batch that are not done, for at most `budget` deliveries.
    pub(super) fn route(&mut self, batch: &mut Batch, budget: &mut usize) -> Progress {
        let current = self
            .member(batch.from)
            .is_some_and(|sender| sender.number == batch.number)
            || self.is_from_viewer(batch);
        while let Some((run, frames)) = batch.next() {
            if *budget == 0 {
                return Progress::More;
            }
            let (count, to) = (run.frames, run.to.clone());
            if !current {
                // It may have ended in the middle of its own fan-out.
                (self.cursor, self.reached) = (0, 0);
                batch.count(|account| account.dropped(DropReason::TakenOver, count));
            } else {
                let progress = match to {
                    To::Hub => self.answer(batch, frames, budget),
                    To::Device(address) => self.unicast(batch, address, frames, count),
                    To::Everyone => self.fan_out(batch, None, frames, count, budget),
                    To::Label(label) => self.fan_out(batch, Some(&label), frames, count, budget),
                };
                if progress == Progress::More {
                    return progress;
                }
            }
            *budget = budget.saturating_sub(1);
            batch.done += 1;
        }
        Progress::Done
    }

    fn unicast(&self, batch: &Batch, to: Address, frames: &[u8], count: u64) -> Progress {
        let Some(member) = self.member(to) else {
            self.elsewhere(batch, Some(to), frames, count);
            return Progress::Done;
        };
        match member.outbox.push(frames, Source::Device(&batch.account)) {
            Push::Taken => batch.count(|account| account.delivered(count)),
            Push::Closed => self.elsewhere(batch, None, frames, count),
            Push::Full(taken) => {
                let (rest, lost) = cut_off(frames, taken);
                batch.count(|account| account.delivered(count - lost));
                self.refuse(batch, rest, lost, DropReason::Busy);
            }
        }
        Progress::Done
    }

    /// "Not here" is decided in this one place. Today that is a viewer, or NO_DEVICE; a sibling island or another hub
    /// would be asked from here. `to`: of frames for one device.
    pub(super) fn elsewhere(&self, batch: &Batch, to: Option<Address>, frames: &[u8], count: u64) {
        let told = to.and_then(|to| self.tell_viewer(batch, to, frames, count));
        if told.is_none() {
            self.refuse(batch, frames, count, DropReason::NoDevice);
        }
    }

    /// Drops frames and tells their sender why, one answer for each. Errors are never answered.
    pub(super) fn refuse(&self, batch: &Batch, frames: &[u8], count: u64, reason: DropReason) {
        batch.count(|account| account.dropped(reason, count));
        let Some(sender) = self.member(batch.from) else {
            return self.refuse_viewer(batch.from, frames, reason);
        };
        let mut answers = Vec::new();
        for frame in self.frames(frames).filter(|frame| !frame.is_error()) {
            refuse(
                &mut answers,
                batch.from,
                reason.name(),
                &frame,
                self.limits.frame_bytes,
            );
        }
        if !answers.is_empty() {
            // A sender that floods and does not read misses answers, not frames of others.
            let _ = sender.outbox.push(&answers, Source::Hub);
        }
    }

    /// The frames of a run again, for the rare paths that look into them.
    pub(super) fn frames<'a>(&self, run: &'a [u8]) -> impl Iterator<Item = Frame<'a>> + use<'a> {
        let limits = self.limits;
        run.split(|byte| *byte == EOT)
            .filter(|bytes| !bytes.is_empty())
            .filter_map(move |bytes| parse(bytes, &limits).ok())
    }
}

/// The newest frames of a run, of which an outbox took only so many bytes, and their number.
pub(super) fn cut_off(frames: &[u8], taken: usize) -> (&[u8], u64) {
    let rest = frames.get(taken..).unwrap_or_default();
    (rest, memchr::memchr_iter(EOT, rest).count() as u64)
}
