//! One attempt at one channel's message, from the database to the receiver and back.

use std::sync::Arc;

use super::courier::{Courier, Parcel, Undelivered, deliver};
use super::letter::{Count, LISTED, Letter};
use super::{Named, Target, Told};
use crate::alarm::Severity;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::recorder::Recorder;
use crate::registry::{GroupId, SealKey, SharedRegistry};
use crate::settings::Settings;
use crate::storage::{
    ChannelRow, Channels, Driver, NotificationCount, Notifications, StorageError, transaction,
};
use crate::wire::Address;

/// What an attempt works with. Cheap to clone.
#[derive(Clone)]
pub(super) struct Office {
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
    pub(super) registry: SharedRegistry,
    pub(super) recorder: Recorder,
    pub(super) seal: Arc<SealKey>,
    pub(super) courier: Arc<dyn Courier>,
    pub(super) hub: Arc<str>,
}

/// How it went.
pub(super) struct Report {
    pub(super) message: ChannelRow,
    /// The note of a delivery, or why there was none.
    pub(super) outcome: Result<String, Undelivered>,
}

/// Rows of a message, as they are read.
struct Contents {
    counts: Vec<NotificationCount>,
    bodies: Vec<String>,
}

impl Office {
    /// `None` when nothing waits, or the channel is gone.
    ///
    /// # Errors
    /// The store failed, and nothing was sent.
    pub(super) async fn attempt(&self, channel: i64) -> Result<Option<Report>, StorageError> {
        let delivery = hex::encode(self.entropy.bytes::<16>());
        let now_ms = self.clock.unix_ms();
        let open = move |store: &mut dyn Driver| {
            transaction(store, |store| {
                Channels::open_message(store, channel, &delivery, now_ms)
            })
        };
        let Some(message) = self.recorder.call(open).await?? else {
            return Ok(None);
        };
        let parcel = self.pack(&message).await?;
        let outcome = match parcel {
            Ok(parcel) => deliver(&*self.courier, &self.settings, &parcel).await,
            Err(undelivered) => Err(undelivered),
        };
        Ok(Some(Report {
            message,
            outcome: outcome.map(|delivered| delivered.note),
        }))
    }

    async fn pack(
        &self,
        message: &ChannelRow,
    ) -> Result<Result<Parcel, Undelivered>, StorageError> {
        let target = match Target::of(message, &self.seal) {
            Ok(target) => target,
            Err(undelivered) => return Ok(Err(undelivered)),
        };
        let (id, range) = (message.id, (message.done_id + 1, message.message_id));
        let contents = self.recorder.read(move |store| {
            Ok(Contents {
                counts: Notifications::counts(store, id, range)?,
                bodies: Notifications::worst(store, id, range, LISTED)?,
            })
        });
        let contents = contents.await?;
        let group = self.registry.read().group_name(GroupId(message.group));
        let now_ms = self.clock.unix_ms();
        let mut letter = Letter::new(&self.hub, &group, &message.name, &message.delivery, now_ms);
        letter.omitted = u64::try_from(message.message_omitted).unwrap_or(0);
        letter.counts = contents.counts.into_iter().filter_map(count).collect();
        letter.listed = self.named(&contents.bodies, &letter.group);
        Ok(Ok(Parcel { target, letter }))
    }

    /// Fills in what people call the group and the devices now.
    fn named(&self, bodies: &[String], group: &str) -> Vec<Told> {
        let registry = self.registry.read();
        let told = bodies.iter().filter_map(|body| {
            let mut told: Told = serde_json::from_str(body).ok()?;
            group.clone_into(&mut told.alarm.group);
            let device = Address::new(told.alarm.address).and_then(|at| registry.device(at));
            told.device = device.map(|device| Named {
                kind: device.kind,
                id: device.id.to_string(),
                name: device.name.to_string(),
            });
            Some(told)
        });
        told.collect()
    }
}

fn count(row: NotificationCount) -> Option<Count> {
    let severity = usize::try_from(row.severity).ok()?;
    Some(Count {
        severity: *Severity::ALL.get(severity)?,
        what: row.what,
        count: u64::try_from(row.count).ok()?,
    })
}
