//! Why a session ends.

use std::sync::atomic::{AtomicU64, Ordering};

/// The reason in QUIT; those without one say nothing to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// A second login of the same device.
    TakenOver,
    /// The hub stops.
    Shutdown,
    /// Frames to it were dropped for too long.
    SlowReader,
    /// No whole frame, and no answer to ALIVE.
    Silent,
    /// A frame passed the limit.
    FrameTooLong,
    /// Too many protocol errors within a minute.
    ProtocolErrors,
    Disabled,
    Moved,
    Removed,
    SerialRotated,
    /// The device said QUIT.
    Goodbye,
    /// The device closed the connection.
    Closed,
    /// The connection broke.
    Broken,
}

impl EndReason {
    pub const ALL: [Self; 13] = [
        Self::TakenOver,
        Self::Shutdown,
        Self::SlowReader,
        Self::Silent,
        Self::FrameTooLong,
        Self::ProtocolErrors,
        Self::Disabled,
        Self::Moved,
        Self::Removed,
        Self::SerialRotated,
        Self::Goodbye,
        Self::Closed,
        Self::Broken,
    ];

    /// What `0|N|20|...|` says; `None` when nobody would read it.
    pub fn quit(self) -> Option<&'static str> {
        Some(match self {
            Self::TakenOver => "TAKEN_OVER",
            Self::Shutdown => "SHUTDOWN",
            Self::SlowReader => "SLOW_READER",
            Self::Silent => "SILENT",
            Self::FrameTooLong => "FRAME_TOO_LONG",
            Self::ProtocolErrors => "PROTOCOL_ERRORS",
            Self::Disabled => "DISABLED",
            Self::Moved => "MOVED",
            Self::Removed => "REMOVED",
            Self::SerialRotated => "SERIAL_ROTATED",
            Self::Goodbye | Self::Closed | Self::Broken => return None,
        })
    }

    /// For the log and the metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Goodbye => "GOODBYE",
            Self::Closed => "CLOSED",
            Self::Broken => "BROKEN",
            other => other.quit().unwrap_or_default(),
        }
    }
}

/// Sessions ended since the start, by reason.
#[derive(Debug, Default)]
pub struct Endings([AtomicU64; EndReason::ALL.len()]);

impl Endings {
    pub fn count(&self, reason: EndReason) {
        if let Some(counter) = self.0.get(reason as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn get(&self, reason: EndReason) -> u64 {
        self.0
            .get(reason as usize)
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }
}
