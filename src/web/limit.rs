//! How many requests one caller may make: a burst, and so many a second for long.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Problem;
use crate::accounts::{Caller, Via};
use crate::settings::Web;
use crate::throttle::{Buckets, Rate, network};

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    User(i64),
    Token(i64),
    /// Of those who proved nothing.
    Network(Option<IpAddr>),
}

/// Of all callers.
pub struct Limits(Mutex<Buckets<Whose>>);

impl Limits {
    pub fn new(settings: &Web) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "settings allow a million at most"
        )]
        let rate = Rate {
            size: settings.burst as f64,
            refill: settings.requests_per_second as f64,
        };
        Self(Mutex::new(Buckets::new(rate)))
    }

    /// # Errors
    /// 429, with how long to stay away.
    pub(super) fn spend(
        &self,
        caller: Option<&Caller>,
        from: Option<IpAddr>,
        now: Duration,
    ) -> Result<(), Problem> {
        let whose = match caller.map(|caller| (&caller.via, caller.user)) {
            Some((Via::Session(_), user)) => Whose::User(user),
            Some((Via::Token(id, _), _)) => Whose::Token(*id),
            None => Whose::Network(from.map(network)),
        };
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seconds) = buckets.wait(&whose, now) {
            let detail = format!("Too many requests. Try again in {seconds} seconds.");
            return Err(Problem::throttled(seconds, detail));
        }
        buckets.spend(whose, now);
        Ok(())
    }
}
