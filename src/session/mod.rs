//! One connected device: an actor that owns its socket, checks what comes in and writes what goes out.
//!
//! Its frames for other devices go to the router of its group; its own readings go to the recorder.

mod actor;
mod alarm;
mod budget;
mod check;
mod describe;
mod end;
mod inbound;
mod link;
mod outbox;
mod pump;
mod refusal;
mod refusals;

pub use actor::{End, Session, SessionParts};
pub use alarm::AlarmLine;
pub use budget::Budget;
pub(crate) use check::{Sender, compose};
pub use end::{EndReason, Endings};
pub use link::{Departed, Departing, Link};
pub use outbox::{Outbox, Push, Source};
pub use refusal::{refuse, refuse_parts};
pub use refusals::Refusals;
