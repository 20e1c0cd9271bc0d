//! Wakes the keeper.

use std::sync::Arc;

use tokio::sync::Notify;

/// Cheap to clone; rung from any thread, heard once however often it was rung.
#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Something waits: call it after the commit.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Returns at once when it was rung since the last time.
    pub async fn heard(&self) {
        self.0.notified().await;
    }
}
