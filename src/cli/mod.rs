//! The verbs of the `hub` binary, one file each.

mod failure;

pub use failure::{Context, Failure};
