//! The real courier.

use std::sync::OnceLock;
use std::time::Duration;

use super::courier::{Courier, Delivering, Parcel};
use super::mail::Mailer;
use super::resolve::Resolver;
use super::webhook::Webhooks;
use super::{Target, trust};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::settings::Settings;

/// Speaks HTTP and SMTP. Works inside any tokio runtime that has its timers and sockets enabled.
pub struct Post {
    webhooks: Webhooks,
    mailer: Mailer,
}

impl Post {
    /// # Errors
    /// The file of trusted authorities cannot be read.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, Failure> {
        let trusted = trust::file(&settings.notify.trust_file)?;
        let resolver = Resolver::default();
        Ok(Self {
            webhooks: Webhooks {
                clock,
                connect: Duration::from_secs(settings.notify.connect_seconds),
                trusted: trusted.clone(),
                resolver: resolver.clone(),
                client: OnceLock::new(),
            },
            mailer: Mailer {
                settings: settings.mail.clone(),
                trusted,
                resolver,
                tls: OnceLock::new(),
            },
        })
    }
}

impl Courier for Post {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> Delivering<'a> {
        match &parcel.target {
            Target::Webhook { url, secret } => {
                Box::pin(self.webhooks.deliver(url, secret, &parcel.letter))
            }
            Target::Email { to } => Box::pin(self.mailer.deliver(to, &parcel.letter)),
        }
    }
}

#[cfg(test)]
#[path = "post_tests.rs"]
mod tests;
