//! Notification channels: whom the alarms of a group are told to.
//!
//! Nothing here takes the turn of changes: a channel concerns no device, and the schema refuses what must not be.

use super::notify_request::{
    AddChannel, AddedChannel, ChannelInfo, ChannelTo, DeadLetterInfo, NotifyRequest,
    NotifyResponse, TestedChannel,
};
use super::{Admin, AdminError, Response};
use crate::alarm::Severity;
use crate::notify::{Letter, Parcel, Target, addresses, check_secret, deliver, hub_name, url};
use crate::refusal::Refused;
use crate::registry::{GroupId, valid_name};
use crate::storage::{
    ChannelRow, Channels, DeadLetter, DeadLetters, Driver, NewChannel, Notifications, StorageError,
    transaction,
};

impl Admin {
    pub(super) async fn notify(&self, asked: NotifyRequest) -> Result<Response, AdminError> {
        let answer = match asked {
            NotifyRequest::Add(channel) => self.add_channel(channel).await?,
            NotifyRequest::List { group } => self.list_channels(group.as_deref()).await?,
            NotifyRequest::Test { group, name } => self.test_channel(&group, name).await?,
            NotifyRequest::Remove { group, name } => {
                return self.remove_channel(&group, name).await;
            }
        };
        Ok(Response::Notify(Box::new(answer)))
    }

    async fn add_channel(&self, asked: AddChannel) -> Result<NotifyResponse, AdminError> {
        let group = self.group(&asked.group)?;
        if asked.name.is_empty() || !valid_name(&asked.name) {
            return Err(AdminError::refused(
                "a channel needs a name of at most 128 bytes without control characters",
            ));
        }
        let (kind, target, secret) = self.target_of(asked.to)?;
        let parts = self.parts();
        let most = i64::try_from(parts.settings.notify.channels).unwrap_or(i64::MAX);
        let new = NewChannel {
            group: group.0,
            name: asked.name.clone(),
            kind,
            target: target.clone(),
            severity: asked.severity as i64,
            created_ms: parts.clock.unix_ms(),
        };
        let (seal, entropy, sealed) = (parts.seal.clone(), parts.entropy.clone(), secret.clone());
        let made = parts.recorder.call(move |store| {
            transaction(store, |store| {
                if Channels::named(store, new.group, &new.name)?.is_some() {
                    return Ok(Err(Taken::Name));
                }
                if Channels::count(store, new.group)? >= most {
                    return Ok(Err(Taken::Room));
                }
                let id = Channels::insert(store, &new)?;
                if let Some(secret) = sealed {
                    Channels::set_secret(store, id, &seal.seal_channel(id, &secret, &entropy))?;
                }
                Ok(Ok(id))
            })
        });
        let id = made.await??.map_err(|taken| {
            let (group, name) = (&asked.group, &asked.name);
            match taken {
                Taken::Name => {
                    let hint =
                        format!("remove it first with: hub notify remove {name} --group {group}");
                    let text = format!("group {group} has a channel {name} already");
                    Refused::conflict(text).hint(hint)
                }
                Taken::Room => Refused::conflict(format!(
                    "group {group} has {most} channels, as many as notify.channels allows"
                )),
            }
        })?;
        Ok(NotifyResponse::Added(AddedChannel {
            id,
            group: asked.group,
            name: asked.name,
            kind: kind.to_owned(),
            target,
            severity: asked.severity,
            secret,
        }))
    }

    /// Kind, target as it is stored, and the secret.
    fn target_of(
        &self,
        to: ChannelTo,
    ) -> Result<(&'static str, String, Option<String>), AdminError> {
        match to {
            ChannelTo::Webhook { url: typed, secret } => {
                let target = url(&typed).map_err(AdminError::refused)?;
                let secret = match secret {
                    Some(secret) => check_secret(secret).map_err(AdminError::refused)?,
                    None => hex::encode(self.parts().entropy.bytes::<32>()),
                };
                Ok(("webhook", target, Some(secret)))
            }
            ChannelTo::Email { addresses: typed } => {
                if self.parts().settings.mail.host.is_empty() {
                    return Err(AdminError::conflict(
                        "no mail server is set: put host and from into the section [mail] of Settings.toml (hub config --documented shows its keys) and start the hub again",
                    ));
                }
                let to = addresses(&typed).map_err(AdminError::refused)?;
                Ok(("email", to.join(","), None))
            }
        }
    }

    async fn list_channels(&self, group: Option<&str>) -> Result<NotifyResponse, AdminError> {
        let group = group
            .map(|name| self.group(name).map(|id| id.0))
            .transpose()?;
        let read = self.parts().recorder.read(move |store| {
            let mut found = Vec::new();
            for row in Channels::all(store, group)? {
                let letters = DeadLetters::of(store, row.id)?;
                found.push((row, letters));
            }
            Ok(found)
        });
        let rows = read.await?;
        let registry = self.parts().registry.read();
        let shown = rows.into_iter().map(|(row, letters)| {
            let group = registry.group_name(GroupId(row.group)).to_string();
            info(row, letters, group)
        });
        Ok(NotifyResponse::Channels(shown.collect()))
    }

    async fn test_channel(&self, group: &str, name: String) -> Result<NotifyResponse, AdminError> {
        let row = self.channel(group, name).await?;
        let parts = self.parts();
        let hub = hub_name(&parts.settings.notify);
        let delivery = hex::encode(parts.entropy.bytes::<16>());
        let mut letter = Letter::new(&hub, group, &row.name, &delivery, parts.clock.unix_ms());
        letter.test = true;
        let outcome = match Target::of(&row, &parts.seal) {
            Ok(target) => {
                let parcel = Parcel { target, letter };
                deliver(&*parts.courier, &parts.settings, &parcel).await
            }
            Err(undelivered) => Err(undelivered),
        };
        Ok(NotifyResponse::Tested(match outcome {
            Ok(delivered) => TestedChannel {
                delivered: true,
                reason: delivered.note,
            },
            Err(undelivered) => TestedChannel {
                delivered: false,
                reason: undelivered.reason,
            },
        }))
    }

    async fn remove_channel(&self, group: &str, name: String) -> Result<Response, AdminError> {
        let id = self.channel(group, name).await?.id;
        self.commit(move |store| Channels::remove(store, id))
            .await?;
        self.purge_notifications(&[id]).await?;
        Ok(Response::Done)
    }

    async fn channel(&self, group: &str, name: String) -> Result<ChannelRow, AdminError> {
        let id = self.group(group)?.0;
        let wanted = name.clone();
        let found = self
            .parts()
            .recorder
            .read(move |store| Channels::named(store, id, &wanted))
            .await?;
        found.ok_or_else(|| {
            AdminError::not_found(
                format!("group {group} has no channel {name}"),
                format!("hub notify list --group {group} shows all"),
            )
        })
    }

    /// Deletes what waited for channels that are gone, in short steps, so that nobody else waits for long.
    pub(super) async fn purge_notifications(&self, channels: &[i64]) -> Result<(), AdminError> {
        for channel in channels {
            let channel = *channel;
            let step = move |store: &mut dyn Driver| -> Result<bool, StorageError> {
                transaction(store, |store| Notifications::purge_step(store, channel))
            };
            while self.parts().recorder.call(step).await?? {}
        }
        Ok(())
    }
}

/// Why there is no room for a channel.
enum Taken {
    Name,
    Room,
}

fn info(row: ChannelRow, letters: Vec<DeadLetter>, group: String) -> ChannelInfo {
    let state = match (row.failing_since_ms, row.last_sent_ms) {
        (Some(_), _) => "failing",
        (None, Some(_)) => "ok",
        (None, None) => "new",
    };
    let letters: Vec<_> = letters
        .into_iter()
        .map(|letter| DeadLetterInfo {
            at_ms: letter.at_ms,
            notifications: letter.to_id - letter.from_id + 1,
            delivery: letter.delivery,
            reason: letter.reason,
        })
        .collect();
    let severity = usize::try_from(row.severity).ok();
    ChannelInfo {
        id: row.id,
        group,
        name: row.name,
        kind: row.kind,
        target: row.target,
        severity: severity
            .and_then(|at| Severity::ALL.get(at).copied())
            .unwrap_or_default(),
        created_ms: row.created_ms,
        state: state.to_owned(),
        failing_since_ms: row.failing_since_ms,
        last_error: row.last_error,
        last_sent_ms: row.last_sent_ms,
        waiting: row.last_id - row.done_id,
        omitted: row.omitted + message_omitted(row.message_id, row.done_id, row.message_omitted),
        sent: row.sent,
        dead: letters.iter().map(|letter| letter.notifications).sum(),
        dead_letters: letters,
    }
}

/// What the message under way will say was left out.
fn message_omitted(message_id: i64, done_id: i64, omitted: i64) -> i64 {
    if message_id > done_id { omitted } else { 0 }
}
