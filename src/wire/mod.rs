//! The native protocol as bytes: addresses, frames, and the one encoder that composes them.
//!
//! Stops at syntax: what a frame means is decided by the session and the router.

mod address;
mod clock_set;
mod escape;
mod frame;
pub mod kind;
mod splitter;

pub(crate) use address::parse_canonical;
pub use address::{Address, Dest};
pub use clock_set::clock_set;
pub use escape::{FrameWriter, Number, decode_field, escape};
pub use frame::{BadFrame, Frame, Limits, parse, salvage};
pub use splitter::{Split, Splitter};

/// End of transmission: the byte that ends every frame.
pub const EOT: u8 = 0x04;
/// The byte between two fields.
pub const SEPARATOR: u8 = b'|';
