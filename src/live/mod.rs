//! What happens in the hub, told to those that look on: the feed between bus, recorder and routers, and the viewers.
//!
//! It stops at messages: [`web`](crate::web) puts them on sockets. Each piece of news is made JSON once and given to the
//! viewers of its group; what waits for a viewer is bounded, and nobody waits for a viewer. docs/live.md.

mod asked;
mod bell;
mod feed;
mod frames;
mod item;
mod over;
mod pending;
mod recent;
mod tap;
mod viewer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

pub use asked::{Asked, FrameWatch, MOST_DEVICES, ReadingWatch, ToSend};
pub use frames::{FrameLine, Frames};
pub use over::Over;
pub use pending::Out;
pub use recent::{MOST as RECENT, RecentQuery};
pub use tap::Tap;
pub use viewer::{Viewer, Wish};

use crate::accounts::{Accounts, Caller};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::registry::SharedRegistry;
use crate::wire::Limits;
use bell::Bell;
use item::Writer;
use recent::Recent;

/// What the feed works with.
pub struct LiveParts {
    pub clock: Clock,
    pub entropy: Entropy,
    pub registry: SharedRegistry,
    pub bus: Bus,
    pub limits: Limits,
    /// Viewers at most.
    pub most: usize,
}

/// The feed, and everybody who looks on. Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    clock: Clock,
    entropy: Entropy,
    registry: SharedRegistry,
    bus: Bus,
    most: usize,
    writer: Arc<Writer>,
    frames: Frames,
    tap: Tap,
    bell: Bell,
    viewers: Mutex<Arc<Vec<Arc<Viewer>>>>,
    numbers: AtomicU64,
    recent: Recent,
}

/// As many look on as may, or the hub stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no room for another viewer")]
pub struct NoRoom;

impl Live {
    pub fn new(parts: LiveParts) -> Self {
        let bell = Bell::default();
        let writer = Writer {
            registry: parts.registry.clone(),
            limits: parts.limits,
        };
        Self(Arc::new(Inner {
            clock: parts.clock,
            entropy: parts.entropy,
            registry: parts.registry,
            bus: parts.bus,
            most: parts.most,
            writer: Arc::new(writer),
            frames: Frames::new(bell.clone()),
            tap: Tap::new(bell.clone()),
            bell,
            viewers: Mutex::default(),
            numbers: AtomicU64::new(0),
            recent: Recent::default(),
        }))
    }

    /// Starts the feed on a thread of its own: JSON takes no time from devices or requests.
    ///
    /// # Errors
    /// The system gave no thread.
    pub fn start(&self, accounts: Accounts) -> std::io::Result<JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let (live, bus) = (self.clone(), self.0.bus.subscribe());
        std::thread::Builder::new()
            .name("live".into())
            .spawn(move || runtime.block_on(feed::run(live, bus, accounts)))
    }

    pub fn frames(&self) -> Frames {
        self.0.frames.clone()
    }

    pub fn tap(&self) -> Tap {
        self.0.tap.clone()
    }

    /// How many look on.
    pub fn count(&self) -> usize {
        self.viewers().len()
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Vec<Arc<Viewer>>>> {
        self.0
            .viewers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn viewers(&self) -> Arc<Vec<Arc<Viewer>>> {
        Arc::clone(&self.lock())
    }

    /// Another one looks on from now on. [`Live::leave`] has to follow.
    ///
    /// # Errors
    /// As many do as may, or the hub stops.
    pub fn join(&self, caller: Caller) -> Result<Arc<Viewer>, NoRoom> {
        let mut viewers = self.lock();
        if viewers.len() >= self.0.most || self.0.bell.is_stopped() {
            return Err(NoRoom);
        }
        let address = self.0.registry.write().reserve(&self.0.entropy);
        let viewer = Arc::new(Viewer::new(
            caller,
            address,
            self.0.numbers.fetch_add(1, Ordering::Relaxed) + 1,
            Arc::clone(&self.0.writer),
            self.0.frames.clone(),
        ));
        Arc::make_mut(&mut viewers).push(Arc::clone(&viewer));
        Ok(viewer)
    }

    /// It looks on no more. Its proxies have to be gone, or on their way out.
    pub fn leave(&self, viewer: &Arc<Viewer>) {
        let mut viewers = self.lock();
        Arc::make_mut(&mut viewers).retain(|other| !Arc::ptr_eq(other, viewer));
        drop(viewers);
        self.watch(viewer, Wish::default());
        self.0.registry.write().release(viewer.address);
    }

    /// What the viewer wants to see from now on, in place of what it wanted before. The caller checks that it may.
    pub fn watch(&self, viewer: &Viewer, wish: Wish) {
        let (tap, frames) = (&self.0.tap, &self.0.frames);
        tap.watch(wish.devices.iter(), wish.groups.iter());
        if let Some((group, _)) = wish.frames {
            frames.watch(group);
        }
        let earlier = viewer.set_wish(wish);
        tap.unwatch(earlier.devices.iter(), earlier.groups.iter());
        if let Some((group, _)) = earlier.frames {
            frames.unwatch(group);
        }
    }

    /// Ends the sockets of those callers for whom there is a reason.
    pub fn end(&self, reason: impl Fn(&Caller) -> Option<Over>) {
        for viewer in self.viewers().iter() {
            if let Some(over) = reason(&viewer.caller) {
                viewer.end(over);
            }
        }
    }

    /// The hub stops: all sockets end, and no other begins.
    pub fn stop(&self) {
        self.0.bell.stop();
        self.end(|_| Some(Over::Stopping));
    }

    /// What just happened, the newest first: JSON objects.
    pub fn recent(&self, caller: &Caller, query: &RecentQuery) -> Vec<Arc<str>> {
        self.0.recent.list(caller, query)
    }
}
