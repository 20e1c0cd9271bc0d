//! The one source of time. Nothing else in the hub reads a clock, so a whole hub can run under virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Wall time for people and records, monotonic time for deadlines. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<Source>);

enum Source {
    System {
        start: Instant,
    },
    /// Follows tokio's paused time. The wall may be pushed, as an operator or NTP would.
    Virtual {
        start: tokio::time::Instant,
        wall_ms: AtomicI64,
    },
}

impl Clock {
    pub fn system() -> Self {
        Self(Arc::new(Source::System {
            start: Instant::now(),
        }))
    }

    /// A clock that moves with tokio's (paused) time. Call it inside the runtime.
    pub fn simulated(unix_ms: i64) -> Self {
        Self(Arc::new(Source::Virtual {
            start: tokio::time::Instant::now(),
            wall_ms: AtomicI64::new(unix_ms),
        }))
    }

    /// Time since the clock was made. Never goes back.
    pub fn now(&self) -> Duration {
        match &*self.0 {
            Source::System { start } => start.elapsed(),
            Source::Virtual { start, .. } => start.elapsed(),
        }
    }

    /// Milliseconds since 1970-01-01 UTC. May jump; never used for deadlines.
    pub fn unix_ms(&self) -> i64 {
        match &*self.0 {
            Source::System { .. } => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_millis().try_into().unwrap_or(i64::MAX)),
            Source::Virtual { start, wall_ms } => {
                let run: i64 = start.elapsed().as_millis().try_into().unwrap_or(i64::MAX);
                wall_ms.load(Ordering::Relaxed).saturating_add(run)
            }
        }
    }

    /// Pushes the wall time of a simulated clock; a system clock is left alone.
    pub fn jump_wall(&self, by_ms: i64) {
        if let Source::Virtual { wall_ms, .. } = &*self.0 {
            wall_ms.fetch_add(by_ms, Ordering::Relaxed);
        }
    }
}
