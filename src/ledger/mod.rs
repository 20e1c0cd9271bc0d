//! The frame ledger: every frame received is counted once, and the sums always balance.
//!
//! received = delivered + answered + dropped, and for the copies of fan-outs made = delivered + dropped.
//! Only a batch between session and router is between the two sides: [`Snapshot::under_way`].

mod account;
mod books;

pub use account::{Account, Snapshot};
pub use books::Books;

/// Why a frame was dropped; also the reason that its sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// No such device in the sender's group, or nobody carries the label.
    NoDevice,
    /// The origin is not the session's own address.
    BadOrigin,
    /// A rule of syntax, or a type that only the hub may send.
    BadFrame,
    /// The device's rights do not reach that far.
    NoRight,
    /// The receiver's outbox is full.
    Busy,
    /// The receiver's session ended before the frame was written.
    Closed,
    /// The hub gives this type no meaning.
    UnknownType,
    /// A reading whose value cannot be kept.
    BadValue,
    /// The frame came from a session that another login had already replaced.
    TakenOver,
    /// An answer that nobody asked for.
    NotAsked,
    /// An answer to what was answered already.
    AlreadyAnswered,
    /// A COMMAND whose expiry is past.
    Expired,
}

impl DropReason {
    pub const ALL: [Self; 12] = [
        Self::NoDevice,
        Self::BadOrigin,
        Self::BadFrame,
        Self::NoRight,
        Self::Busy,
        Self::Closed,
        Self::UnknownType,
        Self::BadValue,
        Self::TakenOver,
        Self::NotAsked,
        Self::AlreadyAnswered,
        Self::Expired,
    ];

    /// As the wire and the metrics say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoDevice => "NO_DEVICE",
            Self::BadOrigin => "BAD_ORIGIN",
            Self::BadFrame => "BAD_FRAME",
            Self::NoRight => "NO_RIGHT",
            Self::Busy => "BUSY",
            Self::Closed => "CLOSED",
            Self::UnknownType => "UNKNOWN_TYPE",
            Self::BadValue => "BAD_VALUE",
            Self::TakenOver => "TAKEN_OVER",
            Self::NotAsked => "NOT_ASKED",
            Self::AlreadyAnswered => "ALREADY_ANSWERED",
            Self::Expired => "EXPIRED",
        }
    }

    /// Counted against the session: too many within a minute end it.
    pub fn is_protocol_error(self) -> bool {
        matches!(self, Self::BadFrame | Self::BadOrigin)
    }
}
