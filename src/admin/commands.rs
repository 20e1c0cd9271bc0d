//! Commands of operators.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::{Admin, AdminError, CommandInfo, CommandQuery, Response, SendOrder};
use crate::accounts::{Accounts, Actor};
use crate::bus::Event;
use crate::command::desk::{CancelError, DeskParts, named};
use crate::command::{
    Command, Condition, Desk, DeskLimits, Expiry, Issuer, Now, Order, OrderError, State, insert,
};
use crate::refusal::{RefusalKind, Refused};
use crate::registry::{Device, GroupId};
use crate::router::{Cancel, Forget, Issue};
use crate::settings::size;
use crate::storage::{CommandFilter, Commands, Driver, transaction};
use crate::wire::{Address, Dest, Limits};

/// Commands that one list shows at most.
const MAX_LISTED: u32 = 10_000;

/// How long a wait may take at most.
const MAX_WAIT: Duration = Duration::from_secs(3600);

impl Admin {
    pub(super) async fn send_command(
        &self,
        actor: &Actor,
        asked: SendOrder,
    ) -> Result<Response, AdminError> {
        let (group, targets) = self.targets(&asked)?;
        if !asked.condition.is_empty() {
            asked
                .condition
                .parse::<Condition>()
                .map_err(AdminError::refused)?;
        }
        let order = Order {
            to_set: asked.target.starts_with(['@', '*']),
            targets,
            kind: asked.kind,
            fields: asked.fields,
            issuer: actor.user().map_or(Issuer::Operator, Issuer::User),
            issuer_msgno: String::new(),
            order_key: String::new(),
            expires: match (asked.expires_ms, asked.expires_in_ms) {
                (Some(at), _) => Expiry::At(at),
                (None, Some(ms)) => Expiry::In(ms),
                (None, None) if asked.never => Expiry::Never,
                (None, None) => Expiry::Default,
            },
            condition: asked.condition,
        };
        let router = self
            .parts()
            .islands
            .as_ref()
            .map(|islands| islands.router(group));
        let commands = match router {
            Some(router) => {
                let router = router.ok_or_else(AdminError::stopping)?;
                let (reply, answer) = oneshot::channel();
                let sent = router.send(Issue { order, reply }).await;
                let gone = || AdminError::stopping();
                sent.map_err(|_| gone())?;
                answer.await.map_err(|_| gone())??
            }
            None => self.store_order(group, order).await?,
        };
        Ok(Response::Commands(self.infos(&commands)))
    }

    fn targets(&self, asked: &SendOrder) -> Result<(GroupId, Vec<Address>), AdminError> {
        let target = Dest::parse(asked.target.as_bytes()).ok_or_else(|| {
            AdminError::refused(format!(
                "{:?} is no target: give a device's address, @label or *",
                asked.target
            ))
        })?;
        let named_group = asked
            .group
            .as_deref()
            .map(|name| self.group(name))
            .transpose()?;
        let group = match target {
            Dest::Hub => return Err(AdminError::refused("0 is the hub itself: no target")),
            Dest::Device(address) => {
                let device = self.device(address.get())?;
                if named_group.is_some_and(|group| group != device.group) {
                    return Err(AdminError::refused(format!(
                        "device {address} is in another group"
                    )));
                }
                device.group
            }
            Dest::Everyone | Dest::Label(_) => named_group.ok_or_else(|| {
                Refused::invalid("a label or * needs its group").hint("--group NAME")
            })?,
        };
        let targets = named(&self.parts().registry, group, target, None);
        if targets.is_empty() {
            return Err(AdminError::refused(format!(
                "no device of the group carries {}",
                asked.target
            )));
        }
        Ok((group, targets))
    }

    /// Without a running hub: the commands wait for its start.
    async fn store_order(&self, group: GroupId, order: Order) -> Result<Vec<Command>, AdminError> {
        let parts = self.parts();
        let now = Now {
            at: parts.clock.now(),
            unix_ms: parts.clock.unix_ms(),
        };
        let devices = &parts.settings.devices;
        let frames = Limits {
            frame_bytes: size(devices.max_frame_bytes),
            fields: size(devices.max_fields),
        };
        let limits = DeskLimits::new(&parts.settings, frames);
        let max_names = size(parts.settings.storage.max_sensors);
        let stored = parts
            .recorder
            .call(move |store| {
                let waiting = Commands::open(store, now.unix_ms)?;
                let last_id = Commands::last_id(store)?;
                let parts = DeskParts {
                    ids: Arc::new(AtomicI64::new(last_id)),
                    ..DeskParts::default()
                };
                let mut desk = Desk::new(group, limits, parts);
                let own = waiting
                    .into_iter()
                    .filter(|kept| kept.command.group == group);
                own.for_each(|kept| desk.take_up(kept, now));
                transaction(store, |store| {
                    desk.take_alone(order, now, |order, commands| {
                        insert(store, order, commands, max_names, now.unix_ms)
                    })
                })
            })
            .await??;
        Ok(stored?)
    }

    pub(super) async fn list_commands(&self, query: CommandQuery) -> Result<Response, AdminError> {
        let filter = CommandFilter {
            groups: self.groups_asked(query.group.as_deref(), &query.within)?,
            address: query
                .device
                .map(|address| self.device(address))
                .transpose()?
                .map(|d| d.address),
            state: query.state,
            before: query.before,
            limit: query.limit.clamp(1, MAX_LISTED).into(),
        };
        let commands = self
            .parts()
            .recorder
            .read(move |store| Commands::list(store, &filter))
            .await?;
        Ok(Response::Commands(self.infos(&commands)))
    }

    pub(super) async fn show_command(&self, id: i64) -> Result<Response, AdminError> {
        let command = self.find_command(id).await?;
        Ok(Response::Command(Box::new(self.info_of(&command))))
    }

    async fn find_command(&self, id: i64) -> Result<Command, AdminError> {
        let found = self
            .parts()
            .recorder
            .call(move |store| Commands::find(store, id))
            .await??;
        found.ok_or_else(|| {
            AdminError::not_found(
                format!("no command {id}"),
                "hub command list shows the latest",
            )
        })
    }

    pub(super) async fn cancel_command(&self, id: i64) -> Result<Response, AdminError> {
        let command = self.find_command(id).await?;
        if command.state != State::Queued {
            return Err(too_late(&command));
        }
        let router = self
            .parts()
            .islands
            .as_ref()
            .and_then(|islands| islands.router(command.group));
        let device = command.address;
        match router {
            Some(router) => match router.send(Cancel { device, id }).await {
                // What the store says in a moment decides.
                Ok(Ok(()) | Err(CancelError::Ended)) => {}
                Ok(Err(CancelError::TooLate(now))) => return Err(too_late(&now)),
                Err(_) => return Err(AdminError::stopping()),
            },
            None => self.cancel_alone(command).await?,
        }
        // Behind the change in the recorder's queue.
        let now = self.find_command(id).await?;
        if now.state != State::Cancelled {
            return Err(too_late(&now));
        }
        Ok(Response::Command(Box::new(self.info_of(&now))))
    }

    async fn cancel_alone(&self, mut command: Command) -> Result<(), AdminError> {
        if command.state == State::Queued && command.is_open() {
            command.enter(State::Cancelled, "", self.parts().clock.unix_ms());
            self.commit(move |store| Commands::save(store, &command).map(|_| ()))
                .await?;
        }
        Ok(())
    }

    pub(super) async fn wait_for_commands(
        &self,
        ids: &[i64],
        seconds: u64,
    ) -> Result<Response, AdminError> {
        let mut news = self.parts().bus.subscribe();
        let until = Instant::now() + Duration::from_secs(seconds).min(MAX_WAIT);
        loop {
            let commands = self.find_commands(ids).await?;
            let mut open: HashSet<_> = commands
                .iter()
                .filter(|command| command.is_open())
                .map(|command| command.id)
                .collect();
            // Nothing changes without a running hub.
            if open.is_empty() || self.parts().islands.is_none() || Instant::now() >= until {
                return Ok(Response::Commands(self.infos(&commands)));
            }
            while !open.is_empty() {
                match timeout_at(until, news.recv()).await {
                    Ok(Ok(Event::Command(command))) if !command.is_open() => {
                        open.remove(&command.id);
                    }
                    Ok(Ok(_)) => {}
                    // News were missed, or the time is over: the database knows.
                    Ok(Err(_)) | Err(_) => break,
                }
            }
        }
    }

    async fn find_commands(&self, ids: &[i64]) -> Result<Vec<Command>, AdminError> {
        let wanted = ids.to_vec();
        let find = move |store: &mut dyn Driver| {
            let found = wanted.iter().map(|id| Commands::find(store, *id));
            found.collect::<Result<Vec<_>, _>>()
        };
        let found = self.parts().recorder.read(find).await?;
        // One that is gone was removed with its device.
        Ok(found.into_iter().flatten().collect())
    }

    /// The device is another group's, or nobody's: its old desk lets go of its commands.
    pub(super) fn forget_commands(&self, device: &Device, why: &'static str) {
        if let Some(router) = self
            .parts()
            .islands
            .as_ref()
            .and_then(|islands| islands.running(device.group))
        {
            router.do_send(Forget {
                device: device.address,
                why,
            });
        }
    }

    fn infos(&self, commands: &[Command]) -> Vec<CommandInfo> {
        commands
            .iter()
            .map(|command| self.info_of(command))
            .collect()
    }

    /// With its group, and the user who gave it, by name.
    pub fn info_of(&self, command: &Command) -> CommandInfo {
        let group = self.parts().registry.read().group_name(command.group);
        CommandInfo::named(command, &group, &self.parts().accounts)
    }
}

impl CommandInfo {
    /// A user who issued it by name.
    pub fn named(command: &Command, group: &str, accounts: &Accounts) -> Self {
        let mut info = Self::new(command, group);
        if let Issuer::User(id) = command.issuer
            && let Some(user) = accounts.read().user(id)
        {
            info.issuer = user.name.to_string();
        }
        info
    }

    pub fn new(command: &Command, group: &str) -> Self {
        Self {
            id: command.id,
            group: group.to_owned(),
            address: command.address.get(),
            kind: command.kind,
            fields: command.fields.clone(),
            issuer: command.issuer.to_string(),
            issued_ms: command.issued_ms,
            expires_ms: command.expires_ms,
            condition: command.condition.clone(),
            state: command.state,
            detail: command.detail.clone(),
            sent_ms: command.sent_ms,
            sendings: command.sendings,
            ended_ms: command.ended_ms,
            late: command.late,
        }
    }
}

impl From<OrderError> for AdminError {
    fn from(error: OrderError) -> Self {
        let kind = match error.reason {
            "BUSY" => RefusalKind::Busy,
            "NOT_STORED" => RefusalKind::Storage,
            _ => RefusalKind::Invalid,
        };
        Refused::new(kind, error.to_string()).into()
    }
}

fn too_late(command: &Command) -> AdminError {
    AdminError::conflict(format!(
        "command {} is {} and cannot be cancelled any more: only a queued command can",
        command.id,
        command.state.name().replace('_', " ")
    ))
}
