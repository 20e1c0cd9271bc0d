//! The counters of one device in one group, or of one group.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use super::DropReason;

/// A counter that one thread writes and any thread reads. Not a locked instruction: an island's accounts
/// are only ever written on the island's own thread.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Counter {
    fn add(&self, n: u64) {
        self.0.store(self.get().wrapping_add(n), Ordering::Relaxed);
    }

    fn subtract(&self, n: u64) {
        self.0.store(self.get().wrapping_sub(n), Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one device sent, by what became of it, and when it was last heard.
#[derive(Debug, Default)]
pub struct Account {
    received: Counter,
    delivered: Counter,
    answered: Counter,
    dropped: [Counter; DropReason::ALL.len()],
    copies_made: Counter,
    copies_delivered: Counter,
    copies_dropped: Counter,
    /// Of a group: bytes of batches between its sessions and its router.
    queued: Counter,
    connected: AtomicBool,
    last_frame_ms: AtomicU64,
    last_byte_ms: AtomicU64,
    last_byte_unix_ms: AtomicI64,
}

/// The numbers of an account at one moment.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[schema(as = Ledger)]
pub struct Snapshot {
    pub received: u64,
    pub delivered: u64,
    pub answered: u64,
    pub dropped: [u64; DropReason::ALL.len()],
    pub copies_made: u64,
    pub copies_delivered: u64,
    pub copies_dropped: u64,
}

impl Account {
    /// Whole frames that came from the device, good or bad.
    pub fn received(&self, frames: u64) {
        self.received.add(frames);
    }

    pub fn delivered(&self, frames: u64) {
        self.delivered.add(frames);
    }

    pub fn answered(&self, frames: u64) {
        self.answered.add(frames);
    }

    pub fn dropped(&self, reason: DropReason, frames: u64) {
        if let Some(counter) = self.dropped.get(reason as usize) {
            counter.add(frames);
        }
    }

    /// Copies that a fan-out sets out to make.
    pub fn copies_made(&self, copies: u64) {
        self.copies_made.add(copies);
    }

    /// What became of copies: `delivered` reached an outbox, `dropped` did not.
    pub fn copies(&self, delivered: u64, dropped: u64) {
        self.copies_delivered.add(delivered);
        self.copies_dropped.add(dropped);
    }

    /// Frames that an outbox still held when it closed were not delivered after all.
    pub fn undelivered(&self, frames: u64) {
        self.delivered.subtract(frames);
        self.dropped(DropReason::Closed, frames);
    }

    /// The same for copies.
    pub fn undelivered_copies(&self, frames: u64) {
        self.copies_delivered.subtract(frames);
        self.copies_dropped.add(frames);
    }

    /// A batch of so many bytes is on its way to the group's router.
    pub fn queued(&self, bytes: usize) {
        self.queued.add(bytes as u64);
    }

    pub fn dequeued(&self, bytes: usize) {
        self.queued.subtract(bytes as u64);
    }

    pub fn queued_bytes(&self) -> u64 {
        self.queued.get()
    }

    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Notes a whole frame from the device, `now` on the hub's monotonic clock.
    pub fn heard(&self, now: Duration) {
        let ms = now.as_millis().try_into().unwrap_or(u64::MAX);
        self.last_frame_ms.store(ms, Ordering::Relaxed);
    }

    /// Notes bytes from the device, whole frames or not.
    pub fn touched(&self, now: Duration, unix_ms: i64) {
        let ms = now.as_millis().try_into().unwrap_or(u64::MAX);
        self.last_byte_ms.store(ms, Ordering::Relaxed);
        self.last_byte_unix_ms.store(unix_ms, Ordering::Relaxed);
    }

    /// When the last byte came, on the hub's monotonic clock and in Unix milliseconds.
    pub fn last_byte(&self) -> (Duration, i64) {
        (
            Duration::from_millis(self.last_byte_ms.load(Ordering::Relaxed)),
            self.last_byte_unix_ms.load(Ordering::Relaxed),
        )
    }

    /// When the device was last heard, on the hub's monotonic clock.
    pub fn last_heard(&self) -> Duration {
        Duration::from_millis(self.last_frame_ms.load(Ordering::Relaxed))
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            received: self.received.get(),
            delivered: self.delivered.get(),
            answered: self.answered.get(),
            dropped: std::array::from_fn(|i| self.dropped.get(i).map_or(0, Counter::get)),
            copies_made: self.copies_made.get(),
            copies_delivered: self.copies_delivered.get(),
            copies_dropped: self.copies_dropped.get(),
        }
    }
}

impl Snapshot {
    /// Frames received whose fate is not decided yet: those in a batch between session and router.
    /// 0 whenever nothing is under way; anything else then is a frame lost or counted twice.
    pub fn under_way(&self) -> i128 {
        i128::from(self.received)
            - i128::from(self.delivered)
            - i128::from(self.answered)
            - self.dropped.iter().map(|n| i128::from(*n)).sum::<i128>()
    }

    /// The same for the copies of fan-outs.
    pub fn copies_under_way(&self) -> i128 {
        i128::from(self.copies_made)
            - i128::from(self.copies_delivered)
            - i128::from(self.copies_dropped)
    }

    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.delivered += other.delivered;
        self.answered += other.answered;
        for (sum, n) in self.dropped.iter_mut().zip(other.dropped) {
            *sum += n;
        }
        self.copies_made += other.copies_made;
        self.copies_delivered += other.copies_delivered;
        self.copies_dropped += other.copies_dropped;
    }
}
