//! What waits for one viewer: the newest of each thing, every frame of its watch, both bounded. Plain: no actor, no thread.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::item::{Item, Key};
use super::over::Over;

/// Things of which news may wait for a viewer; over it they are all let go, and it is told to read again.
const MOST_ITEMS: usize = 1000;

/// Frames that may wait for it; the newest are counted as missed.
const MOST_FRAMES: usize = 1000;

/// Their bytes, as JSON.
const MOST_FRAME_BYTES: usize = 256 * 1024;

/// Answers to what it asked that may wait: whoever asks without reading is too slow.
const MOST_REPLIES: usize = 64;

/// Bytes from which on a message takes no further item.
const FULL: usize = 16 * 1024;

/// Items of one gather, for all viewers with the same groups.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) items: Vec<Item>,
    now_ms: i64,
    /// The message that says all of them, made when the first viewer can take it whole.
    text: OnceLock<Arc<str>>,
}

impl Gathered {
    pub(super) fn new(items: Vec<Item>, now_ms: i64) -> Self {
        Self {
            items,
            now_ms,
            text: OnceLock::new(),
        }
    }

    fn bytes(&self) -> usize {
        self.items.iter().map(|item| item.text.len() + 1).sum()
    }

    fn text(&self) -> Arc<str> {
        let texts = self.items.iter().map(|item| &item.text);
        let make = || compose(self.now_ms, texts).into();
        Arc::clone(self.text.get_or_init(make))
    }
}

/// What is sent next.
#[derive(Debug, PartialEq, Eq)]
pub enum Out {
    Text(Arc<str>),
    /// The last word; nothing follows it.
    Over(Over),
}

#[derive(Default)]
pub(super) struct Pending {
    /// All that waits, as long as it is one gather.
    fresh: Option<Arc<Gathered>>,
    newest: FxHashMap<Key, (u64, Arc<str>)>,
    next: u64,
    frames: VecDeque<Arc<str>>,
    frame_bytes: usize,
    missed: u64,
    replies: VecDeque<String>,
    lost: bool,
    over: Option<Over>,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.fresh.is_none()
            && self.newest.is_empty()
            && self.frames.is_empty()
            && self.missed == 0
            && self.replies.is_empty()
            && !self.lost
            && self.over.is_none()
    }

    /// News that it shares with others.
    pub(super) fn share(&mut self, gathered: &Arc<Gathered>) {
        if self.is_empty() && gathered.items.len() <= MOST_ITEMS {
            self.fresh = Some(Arc::clone(gathered));
            return;
        }
        self.spill();
        gathered.items.iter().for_each(|item| self.put(item));
    }

    /// News of its own watch.
    pub(super) fn add(&mut self, item: &Item) {
        self.spill();
        self.put(item);
    }

    fn spill(&mut self) {
        if let Some(fresh) = self.fresh.take() {
            fresh.items.iter().for_each(|item| self.put(item));
        }
    }

    fn put(&mut self, item: &Item) {
        if self.lost {
            // It reads again whatever comes until it hears so.
            return;
        }
        if self.newest.len() >= MOST_ITEMS && !self.newest.contains_key(&item.key) {
            return self.lose();
        }
        self.next += 1;
        let newest = (self.next, Arc::clone(&item.text));
        self.newest.insert(item.key.clone(), newest);
    }

    /// News did not reach it.
    pub(super) fn lose(&mut self) {
        self.fresh = None;
        self.newest = FxHashMap::default();
        self.lost = true;
    }

    /// False: there is no room for it.
    pub(super) fn frame(&mut self, text: Arc<str>) -> bool {
        if self.frames.len() >= MOST_FRAMES || self.frame_bytes + text.len() > MOST_FRAME_BYTES {
            return false;
        }
        self.frame_bytes += text.len();
        self.frames.push_back(text);
        true
    }

    pub(super) fn miss(&mut self, frames: u64) {
        self.missed += frames;
    }

    /// An answer to what it asked.
    pub(super) fn reply(&mut self, text: String) {
        if self.replies.len() >= MOST_REPLIES {
            return self.end(Over::TooSlow);
        }
        self.replies.push_back(text);
    }

    /// The first reason stays.
    pub(super) fn end(&mut self, over: Over) {
        self.over.get_or_insert(over);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// The next message, if something waits.
    pub(super) fn take(&mut self, now_ms: i64) -> Option<Out> {
        if let Some(over) = self.over {
            *self = Self {
                over: Some(over),
                ..Self::default()
            };
            return Some(Out::Over(over));
        }
        if let Some(reply) = self.replies.pop_front() {
            return Some(Out::Text(reply.into()));
        }
        if std::mem::take(&mut self.lost) {
            return Some(Out::Text(r#"{"t":"resync"}"#.into()));
        }
        if let Some(fresh) = self.fresh.take_if(|fresh| fresh.bytes() <= FULL) {
            return Some(Out::Text(fresh.text()));
        }
        self.spill();
        if self.newest.is_empty() && self.frames.is_empty() {
            // What was left out is the newest: it is told behind what was kept.
            let missed = std::mem::take(&mut self.missed);
            let told = || Out::Text(format!(r#"{{"t":"missed","frames":{missed}}}"#).into());
            return (missed > 0).then(told);
        }
        Some(Out::Text(self.compose(now_ms)))
    }

    /// News first, then frames, as many as one message takes.
    fn compose(&mut self, now_ms: i64) -> Arc<str> {
        let mut waiting: Vec<_> = self.newest.drain().collect();
        waiting.sort_unstable_by_key(|(_, (number, _))| *number);
        let (mut texts, mut bytes) = (Vec::new(), 0);
        let mut waiting = waiting.into_iter();
        while bytes < FULL
            && let Some((_, (_, text))) = waiting.next()
        {
            bytes += text.len();
            texts.push(text);
        }
        self.newest.extend(waiting);
        while bytes < FULL
            && let Some(text) = self.frames.pop_front()
        {
            bytes += text.len();
            self.frame_bytes -= text.len();
            texts.push(text);
        }
        if self.newest.is_empty() {
            // A burst must not stay allocated.
            self.newest = FxHashMap::default();
        }
        if self.frames.is_empty() {
            self.frames = VecDeque::new();
        }
        compose(now_ms, texts.iter()).into()
    }
}

/// `{"t":"news","now_ms":N,"items":[...]}`
fn compose<'a>(now_ms: i64, texts: impl Iterator<Item = &'a Arc<str>>) -> String {
    let mut message = format!(r#"{{"t":"news","now_ms":{now_ms},"items":["#);
    for (at, text) in texts.enumerate() {
        // Writing into a string cannot fail.
        let _ = write!(message, "{}{text}", if at > 0 { "," } else { "" });
    }
    message.push_str("]}");
    message
}

#[cfg(test)]
#[path = "pending_tests.rs"]
mod tests;
