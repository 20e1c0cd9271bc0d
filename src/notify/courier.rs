//! Who carries a message: the real one speaks HTTP and SMTP, tests and simulations have their own.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{Kind, Letter, Target};
use crate::settings::Settings;

/// Characters of a reason that are kept.
const REASON: usize = 300;

/// A message and where it goes.
pub struct Parcel {
    pub target: Target,
    pub letter: Letter,
}

/// It is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// What the operator should know all the same: addresses that the mail server refused. Mostly empty.
    pub note: String,
}

/// It is not there, as far as we know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Undelivered {
    pub reason: String,
    pub again: Again,
}

/// Whether another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Later,
    /// The receiver asked for this pause.
    After(Duration),
    /// The same message would be refused again.
    Never,
}

impl Undelivered {
    pub fn new(reason: impl Into<String>, again: Again) -> Self {
        Self {
            reason: bounded(&reason.into()),
            again,
        }
    }

    pub fn later(reason: impl Into<String>) -> Self {
        Self::new(reason, Again::Later)
    }
}

impl Delivered {
    pub fn with_note(note: &str) -> Self {
        Self {
            note: bounded(note),
        }
    }
}

/// Reasons come from other programs, and go into logs and lists: one short line.
fn bounded(reason: &str) -> String {
    super::words::line(reason).chars().take(REASON).collect()
}

pub type Delivering<'a> = Pin<Box<dyn Future<Output = Result<Delivered, Undelivered>> + Send + 'a>>;

/// Makes one attempt. It need not watch the time: whoever calls does.
pub trait Courier: Send + Sync {
    /// # Errors
    /// Why it is not there, and whether to try again.
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> Delivering<'a>;
}

/// One attempt, under the time that the settings give it.
///
/// # Errors
/// Why it is not there, and whether to try again.
pub async fn deliver(
    courier: &dyn Courier,
    settings: &Settings,
    parcel: &Parcel,
) -> Result<Delivered, Undelivered> {
    let seconds = match parcel.target.kind() {
        Kind::Webhook => settings.notify.timeout_seconds,
        Kind::Email => settings.mail.timeout_seconds,
    };
    let attempt = tokio::time::timeout(Duration::from_secs(seconds), courier.deliver(parcel));
    attempt.await.unwrap_or_else(|_| {
        Err(Undelivered::later(format!(
            "no answer within {seconds} seconds"
        )))
    })
}
