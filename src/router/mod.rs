//! The router of one customer group: it knows the addresses of its group and no others, so nothing can cross.
//!
//! [`Table`] decides, [`Router`] is its doorman.

mod actor;
mod batch;
mod devices;
mod fanout;
mod sight;
mod sweep;
mod table;

pub use actor::{Admit, Expel, Gone, Retire, Router, RouterParts, StopGroup};
pub use batch::{Batch, Run, To};
pub use sight::{Sight, Watch};
pub use table::{Member, Table};
