//! The one way to print a line for the user.
//!
//! Not `println!`: it panics when the reader went away (`| head`), which is nobody's fault, and when the disk is full,
//! which has to be said with an exit code, since a serial is printed only once.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static FAILED: AtomicBool = AtomicBool::new(false);

/// Prints one line.
pub(crate) fn say(line: impl std::fmt::Display) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        FAILED.store(true, Ordering::Relaxed);
    }
}

/// Whether a line could not be printed though somebody may be waiting for it.
pub(crate) fn failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}
