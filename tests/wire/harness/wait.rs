//! Waiting for something that has to happen, with a bound.

use std::time::{Duration, Instant};

/// How long anything may take before a test calls it lost: far over what a loaded machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again until `look` finds something; panics with `what` when it never does.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
