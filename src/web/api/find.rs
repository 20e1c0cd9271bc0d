//! Whom something belongs to, and whether the caller may. What the caller may not see is answered like what there
//! is not.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;
use utoipa::IntoParams;

use crate::accounts::{Actor, Caller, Need};
use crate::admin::{Part, Request, Response};
use crate::registry::{Device, GroupId};
use crate::storage::Numbered;
use crate::web::page::{Limit, Place};
use crate::web::{Problem, Site};
use crate::wire::{Address, Dest};

/// The answer in the one form that the request has; another would be a fault of the hub's.
macro_rules! answer {
    ($response:expr, $pattern:pat => $value:expr) => {
        match $response {
            $pattern => Ok($value),
            other => Err($crate::web::api::find::strange(&other)),
        }
    };
}
pub(super) use answer;

pub(super) fn strange(other: &impl std::fmt::Debug) -> Problem {
    log::error!("an answer of another kind than asked for answer={other:.200?}");
    Problem::internal()
}

/// Which page of what is numbered.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfGroup {
    /// Only of this group.
    pub(super) group: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    limit: Option<Limit>,
}

impl Site {
    /// The part of a list that is asked for, and how much of it is a page.
    ///
    /// # Errors
    /// The group that is named is none, or not the caller's; or no page begins there.
    pub(super) fn part(&self, caller: &Caller, query: &OfGroup) -> Result<(Limit, Part), Problem> {
        caller.may_somewhere(Need::See)?;
        if let Some(name) = &query.group {
            self.group(caller, Need::See, name)?;
        }
        let limit = query.limit.unwrap_or_default();
        let part = Part {
            after: Place::number(query.cursor.as_deref())?.unwrap_or(0),
            limit: Some(limit.and_one()),
            within: caller.groups.clone(),
        };
        Ok((limit, part))
    }

    /// Has the service layer do something on behalf of the caller.
    ///
    /// # Errors
    /// It was refused.
    pub(super) async fn ask(&self, caller: &Caller, asked: Request) -> Result<Response, Problem> {
        let done = self.admin.carry_out(&Actor::from(caller), asked).await;
        done.map_err(Problem::from)
    }

    /// A group by name.
    ///
    /// # Errors
    /// There is none, or it is not the caller's; or the caller may not do that there.
    pub(super) fn group(
        &self,
        caller: &Caller,
        need: Need,
        name: &str,
    ) -> Result<GroupId, Problem> {
        let group = self.registry.read().group_named(name);
        let group = group.ok_or_else(Problem::not_found)?;
        caller.may(need, group)?;
        Ok(group)
    }

    /// The groups that a list is of: the one that is named, or all that the caller sees, in their order.
    ///
    /// # Errors
    /// The named one is none, or not the caller's.
    pub(super) fn groups(
        &self,
        caller: &Caller,
        named: Option<&str>,
    ) -> Result<Vec<GroupId>, Problem> {
        caller.may_somewhere(Need::See)?;
        if let Some(name) = named {
            return Ok(vec![self.group(caller, Need::See, name)?]);
        }
        let registry = self.registry.read();
        let all = registry.groups().map(|(id, _)| id);
        Ok(all.filter(|id| caller.sees(*id)).collect())
    }

    /// Names of the groups that the caller sees; `None`: all.
    pub(super) fn visible(&self, caller: &Caller) -> Option<HashSet<Arc<str>>> {
        caller.groups.as_ref()?;
        let registry = self.registry.read();
        let seen = registry.groups().filter(|(id, _)| caller.sees(*id));
        Some(seen.map(|(_, name)| Arc::clone(name)).collect())
    }

    /// A device by address.
    ///
    /// # Errors
    /// There is none, or it is not the caller's; or the caller may not do that with it.
    pub(super) fn device(
        &self,
        caller: &Caller,
        need: Need,
        address: u32,
    ) -> Result<Arc<Device>, Problem> {
        let address = Address::new(address).ok_or_else(Problem::not_found)?;
        let device = self.registry.read().device(address).cloned();
        let device = device.ok_or_else(Problem::not_found)?;
        caller.may(need, device.group)?;
        Ok(device)
    }

    /// An alarm, rule, schedule, command or channel by number; answers its group.
    ///
    /// # Errors
    /// There is none, or it is not the caller's; or the caller may not do that with it; or the store failed.
    pub(super) async fn numbered(
        &self,
        caller: &Caller,
        need: Need,
        what: Numbered,
        id: i64,
    ) -> Result<GroupId, Problem> {
        let group = self.admin.whose(what, id).await?;
        let group = group.ok_or_else(Problem::not_found)?;
        caller.may(need, group)?;
        Ok(group)
    }

    /// Of a target (an address, `@label`, `*`) that names one device: it has to be one of the group.
    ///
    /// # Errors
    /// There is no such device in the group.
    pub(super) fn target_in(&self, group: GroupId, target: &str) -> Result<(), Problem> {
        match Dest::parse(target.as_bytes()) {
            Some(Dest::Device(address)) => {
                let registry = self.registry.read();
                let device = registry.device(address).filter(|d| d.group == group);
                device.map(|_| ()).ok_or_else(Problem::not_found)
            }
            // Everything else names nobody, or only devices of the group; the service layer says what is wrong.
            _ => Ok(()),
        }
    }
}
