//! Wakes the feed when something came for it, once however much came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Bell(Arc<Inner>);

#[derive(Default)]
struct Inner {
    notify: Notify,
    stopped: AtomicBool,
}

impl Bell {
    pub(super) fn ring(&self) {
        self.0.notify.notify_one();
    }

    pub(super) async fn rung(&self) {
        self.0.notify.notified().await;
    }

    /// The hub stops.
    pub(super) fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
        self.ring();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }
}
