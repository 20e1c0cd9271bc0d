//! Customer groups.

use super::{Admin, AdminError, GroupInfo, Response, Within};
use crate::bus::Change;
use crate::registry::{GroupId, valid_name};
use crate::session::EndReason;
use crate::storage::{Channels, Driver, Groups, transaction};

impl Admin {
    pub(super) async fn add_group(&self, name: String) -> Result<Response, AdminError> {
        check_group_name(&name)?;
        if self.parts().registry.read().group_named(&name).is_some() {
            return Err(AdminError::conflict(format!("group {name} exists already")));
        }
        self.make_group(&name).await?;
        Ok(Response::Done)
    }

    pub(super) async fn make_group(&self, name: &str) -> Result<GroupId, AdminError> {
        let wanted = name.to_owned();
        let id = self
            .parts()
            .recorder
            .call(move |store| transaction(store, |store| Groups::insert(store, &wanted)))
            .await??;
        self.parts().registry.write().put_group(GroupId(id), name);
        self.tell_group(GroupId(id), name, Change::Added);
        Ok(GroupId(id))
    }

    pub(super) fn list_groups(&self) -> Vec<GroupInfo> {
        let registry = self.parts().registry.read();
        registry
            .groups()
            .map(|(id, name)| GroupInfo {
                name: name.to_string(),
                devices: registry.count_in(id),
            })
            .collect()
    }

    pub(super) async fn remove_group(&self, name: &str) -> Result<Response, AdminError> {
        let id = self.group(name)?;
        let devices = self.parts().registry.read().count_in(id);
        if devices > 0 {
            return Err(AdminError::conflict(format!(
                "group {name} has {devices} devices; remove them or move them to another group first"
            )));
        }
        let remove = move |store: &mut dyn Driver| {
            let channels = Channels::all(store, Some(id.0))?;
            Groups::remove(store, id.0).map(|()| channels)
        };
        let channels = self.with_schedules(id, remove).await?;
        self.parts().registry.write().remove_group(id);
        let (alarms, recorder) = (&self.parts().alarms, &self.parts().recorder);
        alarms.group_removed(recorder, id).await?;
        self.parts().accounts.group_removed(id).await?;
        if let Some(islands) = &self.parts().islands {
            islands.remove(id);
        }
        self.tell_group(id, name, Change::Removed);
        let channels: Vec<_> = channels.iter().map(|channel| channel.id).collect();
        if let Err(error) = self.purge_notifications(&channels).await {
            // The group is gone; what waited to be told of it goes within the hour.
            log::warn!("notifications of a removed group not deleted yet error={error}");
        }
        Ok(Response::Done)
    }

    pub(super) fn group(&self, name: &str) -> Result<GroupId, AdminError> {
        self.parts()
            .registry
            .read()
            .group_named(name)
            .ok_or_else(|| AdminError::no_group(name))
    }

    /// The one that is named, or those within which a list is asked for; `None`: all.
    pub(super) fn groups_asked(
        &self,
        named: Option<&str>,
        within: &Within,
    ) -> Result<Option<Vec<GroupId>>, AdminError> {
        match (named, within) {
            (Some(name), _) => Ok(Some(vec![self.group(name)?])),
            (None, Some(within)) => Ok(Some(within.iter().copied().collect())),
            (None, None) => Ok(None),
        }
    }

    pub(super) async fn end_session(
        &self,
        group: GroupId,
        address: crate::wire::Address,
        reason: EndReason,
    ) {
        if let Some(islands) = &self.parts().islands {
            islands.expel(group, address, reason).await;
        }
    }
}

pub(super) fn check_group_name(name: &str) -> Result<(), AdminError> {
    if name.is_empty() || !valid_name(name) {
        return Err(AdminError::refused(
            "a group's name is 1 to 128 bytes of text without control characters",
        ));
    }
    Ok(())
}
