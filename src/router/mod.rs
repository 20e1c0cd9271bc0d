//! The router of one customer group: it knows the addresses of its group and no others, so nothing can cross.
//!
//! [`Table`] decides, [`Router`] is its doorman; what devices are told to do is on the group's [`Desk`](crate::command::Desk).

mod actor;
mod admit;
mod batch;
mod devices;
mod errands;
mod fanout;
mod say;
mod sight;
mod sweep;
mod table;
mod viewer;
mod waiting;

pub use actor::{Expel, Gone, Retire, Router, RouterParts, StopGroup};
pub use admit::Admit;
pub use batch::{Batch, Run, To};
pub use errands::{Cancel, Forget, Issue};
pub use say::{Hand, Say};
pub use sight::{Sight, Watch};
pub use table::{Member, Table};
pub use viewer::{Attach, Detach, Listens, Spoken};
pub use waiting::WaitingCommands;
