//! A hub in a process of its own, and browsers that speak to it. Nothing here uses the hub's own code.

mod browser;
mod http;
mod hub;

pub(crate) use browser::Browser;
pub(crate) use http::{Ask, Reply};
pub(crate) use hub::{Hub, PASSWORD, token_of};

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again until the answer is yes.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
