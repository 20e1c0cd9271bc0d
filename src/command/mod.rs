//! Commands: what somebody has a device do, from the order to an end that does not lie (docs/commands.md).
//!
//! [`Order`] is what is asked, with the rules of what may be asked. [`Command`] is what became of it for one device,
//! [`state`] the machine of its states. The [`Desk`] of a group holds the open commands of its devices: plain, driven by
//! the group's router, which gives it frames and time and carries out its [`Deed`]s on the store.

mod condition;
pub mod desk;
mod order;

mod record;
mod standing;
pub mod state;
mod stats;
mod work;

pub use condition::Condition;
pub use desk::{Desk, DeskLimits, Lines, Now, Reply};
pub use order::{Expiry, Order, OrderError};
pub use record::{Command, Issuer, Kept};
pub use standing::Standing;
pub use state::State;
pub use stats::CommandStats;
pub use work::{Deed, DeskWork, Outcome, insert};
