//! People and programs that use the hub: who they are, and what each may do in which group.

mod caller;
mod role;

pub use caller::{Caller, Denied, Via};
pub use role::{Need, Role, Scope};
