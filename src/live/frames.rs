//! The raw frames of groups that somebody watches, on their way from sessions and routers to the feed.
//!
//! A group that nobody watches costs one relaxed load a frame, and what the hub says itself nothing but a branch.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::bell::Bell;
use crate::registry::GroupId;
use crate::wire::EOT;

/// Frames that may wait for the feed; further ones are counted as missed.
const MOST: usize = 4096;

/// Their bytes.
const MOST_BYTES: usize = 4 << 20;

/// All groups' frames. Cheap to clone.
#[derive(Clone, Default)]
pub struct Frames(Arc<Inner>);

#[derive(Default)]
struct Inner {
    watchers: Mutex<FxHashMap<GroupId, Arc<AtomicUsize>>>,
    inbox: Mutex<Inbox>,
    /// Tells frames apart, over all groups.
    number: AtomicU64,
    bell: Bell,
}

/// What came since the feed last looked.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) seen: Vec<Seen>,
    bytes: usize,
    pub(super) missed: FxHashMap<GroupId, u64>,
}

/// One frame, without its EOT.
pub(super) struct Seen {
    pub(super) group: GroupId,
    pub(super) number: u64,
    pub(super) bytes: Box<[u8]>,
}

impl Frames {
    pub(super) fn new(bell: Bell) -> Self {
        Self(Arc::new(Inner {
            bell,
            ..Inner::default()
        }))
    }

    /// The line of one group.
    pub fn line(&self, group: GroupId) -> FrameLine {
        let mut watchers = lock(&self.0.watchers);
        FrameLine {
            group,
            watchers: Arc::clone(watchers.entry(group).or_default()),
            frames: self.clone(),
        }
    }

    pub(super) fn watch(&self, group: GroupId) {
        self.line(group).watchers.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn unwatch(&self, group: GroupId) {
        self.line(group).watchers.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn next_number(&self) -> u64 {
        self.0.number.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn take(&self) -> Inbox {
        std::mem::take(&mut *lock(&self.0.inbox))
    }

    fn put<'a>(&self, group: GroupId, frames: impl Iterator<Item = &'a [u8]>) {
        let mut inbox = lock(&self.0.inbox);
        let was_empty = inbox.seen.is_empty() && inbox.missed.is_empty();
        for bytes in frames {
            if inbox.seen.len() >= MOST || inbox.bytes + bytes.len() > MOST_BYTES {
                *inbox.missed.entry(group).or_default() += 1;
                continue;
            }
            inbox.bytes += bytes.len();
            let number = self.next_number();
            inbox.seen.push(Seen {
                group,
                number,
                bytes: bytes.into(),
            });
        }
        drop(inbox);
        if was_empty {
            self.0.bell.ring();
        }
    }
}

/// One group's way to those that watch its frames. Cheap to clone.
#[derive(Clone)]
pub struct FrameLine {
    group: GroupId,
    watchers: Arc<AtomicUsize>,
    frames: Frames,
}

impl FrameLine {
    pub fn is_watched(&self) -> bool {
        self.watchers.load(Ordering::Relaxed) > 0
    }

    /// Takes whole frames, each with its EOT or one without.
    pub fn tell(&self, frames: &[u8]) {
        let each = frames.split(|byte| *byte == EOT);
        self.frames
            .put(self.group, each.filter(|bytes| !bytes.is_empty()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_counted() {
        let frames = Frames::default();
        let line = frames.line(GroupId(1));
        assert!(!line.is_watched());
        frames.watch(GroupId(1));
        assert!(line.is_watched());
        (0..MOST + 3).for_each(|_| line.tell(b"42|17|1000|x|"));
        let inbox = frames.take();
        assert_eq!(inbox.seen.len(), MOST);
        assert_eq!(inbox.missed.get(&GroupId(1)), Some(&3));
        line.tell(b"42|17|1000|x|\x0442|17|1000|y|\x04");
        assert_eq!(frames.take().seen.len(), 2);
        frames.unwatch(GroupId(1));
        assert!(!line.is_watched());
    }
}
