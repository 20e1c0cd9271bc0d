//! The bounded queue in front of the recorder: async producers, one blocking consumer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::Job;

/// Bounded in rows. Full: producers wait (their sockets are not read), nothing is dropped.
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    capacity: usize,
}

/// What the consumer has in hand.
pub(super) struct Taken {
    pub(super) jobs: Vec<Job>,
    /// When the first of them came that is committed at once.
    pub(super) urgent: Option<Instant>,
}

impl Taken {
    pub(super) fn one(job: Job) -> Self {
        Self {
            jobs: vec![job],
            urgent: None,
        }
    }
}

#[derive(Default)]
struct State {
    /// With the moment at which each came.
    jobs: VecDeque<(Instant, Job)>,
    rows: usize,
    urgent: bool,
    enough: usize,
    /// When the oldest job came that the consumer has in hand.
    in_hand: Option<Instant>,
    waiting: Vec<Waker>,
    closed: bool,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            capacity,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Full is full before the job, not with it: so a queue with room takes any job, and is over its bound by one at most.
    pub(super) fn push(&self, job: Job) -> Result<(), Job> {
        let state = self.lock();
        if state.closed {
            // Dropped: whoever waits for its answer learns that the recorder has stopped.
            return Ok(());
        }
        if state.rows >= self.capacity {
            return Err(job);
        }
        self.put(state, job);
        Ok(())
    }

    /// Takes a job whatever waits.
    pub(super) fn push_anyway(&self, job: Job) {
        let state = self.lock();
        if !state.closed {
            self.put(state, job);
        }
    }

    fn put(&self, mut state: MutexGuard<'_, State>, job: Job) {
        let was_empty = state.jobs.is_empty();
        state.rows += job.rows();
        state.urgent |= job.urgent();
        state.jobs.push_back((Instant::now(), job));
        // In between the consumer sleeps out its window: no wake-up for every job.
        let wake = was_empty || state.urgent || state.rows >= state.enough;
        drop(state);
        if wake {
            self.filled.notify_one();
        }
    }

    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.rows < self.capacity || state.closed {
            return Poll::Ready(());
        }
        if !state
            .waiting
            .last()
            .is_some_and(|last| last.will_wake(cx.waker()))
        {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    pub(super) fn depth(&self) -> usize {
        self.lock().rows
    }

    /// How long the oldest job has been waiting, at most.
    pub(super) fn lag(&self) -> Duration {
        let state = self.lock();
        let oldest = state.in_hand.or(state.jobs.front().map(|(came, _)| *came));
        oldest.map_or(Duration::ZERO, |came| came.elapsed())
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
    }

    /// Whether something came that is not to wait. Readings may: under a full load housekeeping would never come.
    pub(super) fn is_urgent(&self) -> bool {
        let state = self.lock();
        state.urgent || state.closed
    }

    /// Blocks for work, `idle` at most; then for as long as `window` for more of it, unless `rows` are there or some
    /// is urgent. Empty when none came, `None` once closed and empty.
    pub(super) fn take(&self, window: Duration, rows: usize, idle: Duration) -> Option<Taken> {
        let mut state = self.lock();
        state.enough = rows;
        state.in_hand = None;
        let give_up = Instant::now() + idle;
        while state.jobs.is_empty() {
            if state.closed {
                return None;
            }
            let left = give_up.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(Taken {
                    jobs: Vec::new(),
                    urgent: None,
                });
            }
            state = self
                .filled
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        let until = Instant::now() + window;
        while !state.urgent && !state.closed && state.rows < rows {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self
                .filled
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        let (mut taken, mut urgent) = (Vec::new(), None);
        let mut count = 0;
        while count < rows
            && let Some((came, job)) = state.jobs.pop_front()
        {
            state.in_hand.get_or_insert(came);
            count += job.rows();
            if job.urgent() {
                urgent.get_or_insert(came);
            }
            taken.push(job);
        }
        state.rows -= count;
        state.urgent = state.jobs.iter().any(|(_, job)| job.urgent());
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        Some(Taken {
            jobs: taken,
            urgent,
        })
    }
}
