//! What waits to be written to one device: bounded in bytes, newest dropped when full.
//!
//! The router and the recorder put frames in, the session writes them out. Frames are copied in, so what is held
//! is within a small factor of what is counted: a slice of a shared buffer would pin the whole buffer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::Budget;
use crate::ledger::Account;
use crate::router::Watch;
use crate::wire::EOT;

/// On whose account frames wait, so that they can be taken off it if they are never written.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    Hub,
    Device(&'a Arc<Account>),
    Copy(&'a Arc<Account>),
}

/// What became of a push. Frames are taken from the front; the rest is the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    Taken,
    /// Only this many bytes, whole frames, were taken: the outbox is full.
    Full(usize),
    /// The session has ended.
    Closed,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// Bytes at the front that are written already.
    written: usize,
    marks: VecDeque<Mark>,
    waker: Option<Waker>,
    /// The last word is in: nothing is taken any more, what waits is still written.
    finished: bool,
    closed: bool,
    overflowed: bool,
}

/// Where in `bytes` the frames of one source end. Frames of the hub itself have none.
struct Mark {
    end: usize,
    account: Option<Arc<Account>>,
    copy: bool,
}

/// See the module.
pub struct Outbox {
    state: Mutex<State>,
    limit: usize,
    budget: Arc<Budget>,
    group: Arc<Account>,
    /// Sees what the hub itself says; not in tests.
    watch: Option<Watch>,
}

/// Bytes of each outbox outside the common bound: what other devices leave unread must not keep a healthy one
/// from its login, its keep-alive and its answers.
const RESERVE: usize = 4096;

/// Written bytes at the front of a busy outbox that are worth moving the rest for.
const COMPACT_BYTES: usize = 64 * 1024;

impl Outbox {
    pub fn new(limit: usize, budget: Arc<Budget>, group: Arc<Account>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            limit,
            budget,
            group,
            watch: None,
        })
    }

    /// The same, seen by those that watch the group.
    pub fn watched(
        limit: usize,
        budget: Arc<Budget>,
        group: Arc<Account>,
        watch: Watch,
    ) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            limit,
            budget,
            group,
            watch: Some(watch),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes whole frames (each with its EOT), as many as fit, and wakes the session.
    pub fn push(&self, frames: &[u8], source: Source<'_>) -> Push {
        let mut state = self.lock();
        if state.closed || state.finished {
            return Push::Closed;
        }
        let waiting = state.bytes.len() - state.written;
        let mut taken = frames.len();
        if waiting + taken > self.limit || !self.take(waiting, taken) {
            taken = self.fitting(waiting, frames);
            // A device for which nothing waits is not a slow reader, whatever others leave unread.
            state.overflowed |= waiting + taken > 0;
            if taken == 0 {
                return Push::Full(0);
            }
        }
        state
            .bytes
            .extend_from_slice(frames.get(..taken).unwrap_or_default());
        state.mark(source);
        if waiting == 0
            && let Some(waker) = &state.waker
        {
            waker.wake_by_ref();
        }
        drop(state);
        if let (Source::Hub, Some(watch)) = (source, &self.watch) {
            watch.said(frames.get(..taken).unwrap_or_default());
        }
        if taken == frames.len() {
            Push::Taken
        } else {
            Push::Full(taken)
        }
    }

    fn take(&self, waiting: usize, bytes: usize) -> bool {
        if waiting + bytes <= RESERVE {
            self.budget.take_anyway(bytes);
            return true;
        }
        self.budget.take(bytes)
    }

    /// The longest prefix of whole frames that fits, into the outbox or at least into its reserve; its bytes are
    /// taken from the budget.
    fn fitting(&self, waiting: usize, frames: &[u8]) -> usize {
        let whole_in = |room: usize| {
            let fit = frames.get(..room).unwrap_or(frames);
            memchr::memrchr(EOT, fit).map_or(0, |at| at + 1)
        };
        let room = self.limit.saturating_sub(waiting);
        let reserve = room.min(RESERVE.saturating_sub(waiting));
        [room, reserve]
            .into_iter()
            .map(whole_in)
            .find(|whole| *whole > 0 && self.take(waiting, *whole))
            .unwrap_or(0)
    }

    /// Hands what waits to `write` until it is all written or `write` says that the socket is full.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn drain<E>(
        &self,
        waker: &Waker,
        mut write: impl FnMut(&[u8]) -> Result<Option<usize>, E>,
    ) -> Result<bool, E> {
        let mut state = self.lock();
        if !state
            .waker
            .as_ref()
            .is_some_and(|known| known.will_wake(waker))
        {
            state.waker = Some(waker.clone());
        }
        let before = state.written;
        let mut outcome = Ok(true);
        while state.written < state.bytes.len() {
            match write(state.bytes.get(state.written..).unwrap_or_default()) {
                Ok(Some(n)) => state.written += n,
                Ok(None) => {
                    outcome = Ok(false);
                    break;
                }
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        let progress = state.written - before;
        self.budget.give_back(progress);
        state.settle(self.limit, progress > 0);
        outcome
    }

    /// True while frames are being dropped because the device reads too slowly.
    pub fn overflowed(&self) -> bool {
        self.lock().overflowed
    }

    /// Bytes that wait.
    pub fn waiting(&self) -> usize {
        let state = self.lock();
        state.bytes.len() - state.written
    }

    /// True once nothing is taken any more.
    pub fn is_closed(&self) -> bool {
        let state = self.lock();
        state.closed || state.finished
    }

    /// Takes the last word and nothing after it; what waits is still written. The last word passes the bounds
    /// (it is a few bytes, once a session), but not behind frames that the device would never get to.
    pub fn finish(&self, last_word: &[u8]) {
        if self.waiting() + last_word.len() > self.limit {
            self.drop_unbegun();
        }
        let mut state = self.lock();
        if state.closed || std::mem::replace(&mut state.finished, true) {
            return;
        }
        self.budget.take_anyway(last_word.len());
        state.bytes.extend_from_slice(last_word);
        state.mark(Source::Hub);
        if let Some(waker) = &state.waker {
            waker.wake_by_ref();
        }
        drop(state);
        if let Some(watch) = &self.watch {
            watch.said(last_word);
        }
    }

    /// Drops every frame that has not begun to be written: what is said last must not queue behind them.
    pub fn drop_unbegun(&self) {
        let mut state = self.lock();
        let rest = state.bytes.get(state.written..).unwrap_or_default();
        let begun = if state.written == 0 || state.at_boundary() {
            0
        } else {
            memchr::memchr(EOT, rest).map_or(rest.len(), |at| at + 1)
        };
        let keep = state.written + begun;
        self.take_off_accounts(&state, keep);
        self.budget.give_back(state.bytes.len() - keep);
        state.bytes.truncate(keep);
        state.cut_marks(keep);
    }

    /// Ends it: nothing more is taken, and what still waits goes back off its senders' accounts as dropped.
    pub fn close(&self) {
        let mut state = self.lock();
        if std::mem::replace(&mut state.closed, true) {
            return;
        }
        let written = state.written;
        self.take_off_accounts(&state, written);
        self.budget.give_back(state.bytes.len() - written);
        let waker = state.waker.take();
        *state = State {
            closed: true,
            ..State::default()
        };
        drop(state);
        drop(waker);
    }

    fn take_off_accounts(&self, state: &State, from: usize) {
        let mut start = from;
        for mark in &state.marks {
            if mark.end <= start {
                continue;
            }
            let rest = state.bytes.get(start..mark.end).unwrap_or_default();
            let frames = memchr::memchr_iter(EOT, rest).count() as u64;
            start = mark.end;
            let Some(account) = &mark.account else {
                continue;
            };
            for account in [account, &self.group] {
                if mark.copy {
                    account.undelivered_copies(frames);
                } else {
                    account.undelivered(frames);
                }
            }
        }
    }
}

impl State {
    fn mark(&mut self, source: Source<'_>) {
        let end = self.bytes.len();
        let (account, copy) = match source {
            Source::Hub => (None, false),
            Source::Device(account) => (Some(account), false),
            Source::Copy(account) => (Some(account), true),
        };
        if let Some(last) = self.marks.back_mut()
            && last.copy == copy
            && last.account.as_ref().map(Arc::as_ptr) == account.map(Arc::as_ptr)
        {
            last.end = end;
            return;
        }
        self.marks.push_back(Mark {
            end,
            account: account.cloned(),
            copy,
        });
    }

    /// Forgets marks behind `keep`; one that spans it ends there.
    fn cut_marks(&mut self, keep: usize) {
        while let Some(last) = self.marks.pop_back() {
            let start = self.marks.back().map_or(self.written, |mark| mark.end);
            if start < keep {
                self.marks.push_back(Mark {
                    end: last.end.min(keep),
                    ..last
                });
                return;
            }
        }
    }

    fn at_boundary(&self) -> bool {
        self.written
            .checked_sub(1)
            .and_then(|last| self.bytes.get(last))
            == Some(&EOT)
    }

    /// After a write: forgets what is written. An outbox that is empty holds no memory.
    fn settle(&mut self, limit: usize, progress: bool) {
        if self.written == self.bytes.len() {
            self.bytes = Vec::new();
            self.marks = VecDeque::new();
            self.written = 0;
            self.overflowed = false;
            return;
        }
        // Only a device that reads is no slow reader any more: one that merely writes turns the pump as well.
        if progress && self.bytes.len() - self.written < limit / 2 {
            self.overflowed = false;
        }
        while self
            .marks
            .front()
            .is_some_and(|mark| mark.end <= self.written)
        {
            self.marks.pop_front();
        }
        if self.written >= COMPACT_BYTES && self.written * 2 >= self.bytes.len() {
            // A begun frame needs the byte before it, by which drop_unbegun knows that it has begun.
            let gone = self.written - 1;
            self.bytes.drain(..gone);
            for mark in &mut self.marks {
                mark.end -= gone;
            }
            self.written = 1;
        }
        // What a slow reader once filled must not stay allocated behind the few bytes that it leaves.
        let (held, waiting) = (self.bytes.capacity(), self.bytes.len());
        if held > COMPACT_BYTES && held / 4 > waiting {
            self.bytes.shrink_to(waiting * 2);
        }
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
