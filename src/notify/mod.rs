//! Notifications: people are told of alarms, by webhooks and e-mail.
//!
//! ```text
//! alarm's transaction --enqueue--> notification (table) --Bell--> keeper --Letter--> Courier: webhook | mail
//! ```
//!
//! What is to be told is committed together with the alarm. The keeper, one task, gathers it into messages and sends them;
//! nothing here is ever waited for by a device, a router or the recorder. Which alarms there are is not decided here.

mod attempt;
mod backoff;
mod bell;
mod courier;
mod enqueue;
mod keeper;
mod letter;
mod mail;
mod post;
mod resolve;
mod standing;
mod stats;
mod target;
mod told;
mod trust;
mod webhook;
mod words;

pub use bell::Bell;
pub use courier::{Again, Courier, Delivered, Delivering, Parcel, Undelivered, deliver};
pub use enqueue::enqueue;
pub use keeper::{Notifier, NotifierParts};
pub use letter::{Count, Letter};
pub use post::Post;
pub use stats::{KindStats, NotifyStats};
pub use target::{Kind, Target, address, addresses, check_secret, is_loopback, url};
pub use told::{Named, Told};

#[cfg(test)]
mod rig;

/// The name of this hub in messages.
pub fn hub_name(settings: &crate::settings::Notify) -> String {
    if !settings.hub_name.is_empty() {
        return settings.hub_name.clone();
    }
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host = host.trim();
    if host.is_empty() { "hub" } else { host }.to_owned()
}
