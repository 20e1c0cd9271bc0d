//! Connections come in: counted, bounded, and taken through login on the thread that accepted them.

mod accept;
mod gate;
mod tls;

pub use accept::{Listener, bind};
pub use gate::{Gate, Permit, descriptors_allow};
pub use tls::{acceptor, web_config};
