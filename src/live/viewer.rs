//! One viewer, as the feed, the routers and its socket see it: what it may see, what it watches, what waits for it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use rustc_hash::FxHashSet;

use super::frames::{Frames, Seen};
use super::item::{FrameItem, Item, Writer};
use super::over::Over;
use super::pending::{Gathered, Out, Pending};
use crate::accounts::{Caller, Need};
use crate::registry::GroupId;
use crate::router::Listens;
use crate::wire::{Address, EOT};

/// Frames to its proxy that may wait to be turned into JSON; devices are told BUSY beyond.
const MOST_HEARD: usize = 500;

/// Their bytes.
const MOST_HEARD_BYTES: usize = 64 * 1024;

/// What a viewer wants to see beside the news of its groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Their readings.
    pub devices: FxHashSet<Address>,
    /// The readings of all their devices.
    pub groups: BTreeSet<GroupId>,
    /// The frames of a group, or those from and to one of its devices.
    pub frames: Option<(GroupId, Option<Address>)>,
}

/// See the module. Dropped when its socket is gone.
pub struct Viewer {
    pub caller: Caller,
    /// Of its proxies, the same in each group.
    pub address: Address,
    /// Tells its proxies from those of an earlier viewer.
    pub number: u64,
    state: Mutex<State>,
    writer: Arc<Writer>,
    frames: Frames,
}

#[derive(Default)]
struct State {
    pending: Pending,
    wish: Wish,
    /// Where it has a proxy.
    attached: FxHashSet<GroupId>,
    heard: VecDeque<Seen>,
    heard_bytes: usize,
    waker: Option<Waker>,
    /// It may be sent nothing but the last word until its browser has taken what it was sent.
    blocked: bool,
}

impl Viewer {
    pub(super) fn new(
        caller: Caller,
        address: Address,
        number: u64,
        writer: Arc<Writer>,
        frames: Frames,
    ) -> Self {
        Self {
            caller,
            address,
            number,
            state: Mutex::default(),
            writer,
            frames,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether news of this group are for it; `None`: for administrators.
    pub(super) fn sees(&self, group: Option<GroupId>) -> bool {
        match group {
            Some(group) => self.caller.sees(group),
            None => self.caller.allows() >= Need::Administer,
        }
    }

    pub(super) fn wish(&self) -> Wish {
        self.lock().wish.clone()
    }

    pub(super) fn set_wish(&self, wish: Wish) -> Wish {
        std::mem::replace(&mut self.lock().wish, wish)
    }

    /// It has a proxy in the group from now on. False: it has one already.
    pub fn attach(&self, group: GroupId) -> bool {
        self.lock().attached.insert(group)
    }

    pub(super) fn share(&self, gathered: &Arc<Gathered>) {
        self.lock().pending.share(gathered);
    }

    pub(super) fn add(&self, item: &Item) {
        self.lock().pending.add(item);
    }

    pub(super) fn lose(&self) {
        self.lock().pending.lose();
    }

    pub(super) fn miss(&self, frames: u64) {
        self.lock().pending.miss(frames);
    }

    /// A frame of the group whose frames it watches.
    pub(super) fn watched(&self, frame: &FrameItem) {
        let mut state = self.lock();
        let wanted = match state.wish.frames {
            Some((group, device)) if group == frame.group => device
                .is_none_or(|device| frame.from == device.get() || frame.to == Some(device.get())),
            _ => false,
        };
        // It hears by itself what is for its proxy.
        let heard = frame.to == Some(self.address.get()) && state.attached.contains(&frame.group);
        if wanted && !heard && !state.pending.frame(Arc::clone(&frame.text)) {
            state.pending.miss(1);
        }
    }

    /// An answer to what it asked.
    pub fn reply(&self, text: String) {
        self.lock().pending.reply(text);
        self.wake();
    }

    /// Its socket has to end.
    pub fn end(&self, over: Over) {
        self.lock().pending.end(over);
        self.wake();
    }

    /// Wakes its socket, if something waits that it does not know of.
    pub(super) fn wake(&self) {
        let mut state = self.lock();
        let nothing = state.pending.is_empty() && state.heard.is_empty();
        if nothing || state.blocked && !state.pending.is_over() {
            return;
        }
        // Once: the socket leaves another one when it has taken everything.
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// It may be sent more again.
    pub fn resume(&self) {
        let mut state = self.lock();
        state.blocked = false;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The next message. `credit`: whether more than the last word may be sent now.
    pub fn poll_next(&self, cx: &mut Context<'_>, now_ms: i64, credit: bool) -> Poll<Out> {
        let mut state = self.lock();
        state.blocked = !credit;
        if !credit && !state.pending.is_over() {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        while let Some(seen) = state.heard.pop_front() {
            state.heard_bytes -= seen.bytes.len();
            let frame = self.writer.frame(&seen, now_ms);
            if frame.is_some_and(|frame| !state.pending.frame(frame.text)) {
                state.pending.miss(1);
            }
        }
        match state.pending.take(now_ms) {
            Some(out) => Poll::Ready(out),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Listens for Viewer {
    fn hear(&self, group: GroupId, frames: &[u8]) -> usize {
        let mut state = self.lock();
        if state.pending.is_over() {
            return 0;
        }
        let mut taken = 0;
        for frame in frames.split_inclusive(|byte| *byte == EOT) {
            let room = MOST_HEARD_BYTES.saturating_sub(state.heard_bytes);
            if state.heard.len() >= MOST_HEARD || frame.len() > room {
                break;
            }
            taken += frame.len();
            let bytes = frame.strip_suffix(&[EOT]).unwrap_or(frame);
            state.heard_bytes += bytes.len();
            let number = self.frames.next_number();
            state.heard.push_back(Seen {
                group,
                number,
                bytes: bytes.into(),
            });
        }
        drop(state);
        self.wake();
        taken
    }
}
