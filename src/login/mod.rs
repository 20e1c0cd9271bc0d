//! Who is this? One async function with a deadline, before there is an actor.

pub mod digest;
mod door;
mod incoming;
mod lines;
mod stats;
mod strangers;
mod throttle;

pub use door::{Door, DoorParts};
pub(crate) use door::{busy, refused};
pub use stats::{LoginStats, Outcome};
pub use strangers::{Claim, StrangerInfo, Strangers, Unproven};
