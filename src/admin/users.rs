//! Users: what [`crate::accounts`] decides, with groups by name.

use std::collections::BTreeSet;

use super::user_request::{AddedUser, UserInfo, UserRequest, UserResponse};
use super::{Admin, AdminError, Response};
use crate::accounts::{
    AccountError, Actor, Caller, NewUser, Purpose, User, UserChange, may_manage, may_see,
};
use crate::registry::GroupId;

impl Admin {
    pub(super) async fn user(
        &self,
        actor: &Actor,
        asked: UserRequest,
    ) -> Result<Response, AdminError> {
        let accounts = &self.parts().accounts;
        let by = actor.caller.clone();
        may_manage(by.as_ref())?;
        let answer = match asked {
            UserRequest::List => UserResponse::Users(self.list_users(by.as_ref())),
            UserRequest::Show { name } => {
                let user = self.seen_user(by.as_ref(), &name)?;
                UserResponse::User(Box::new(self.user_info(by.as_ref(), &user)))
            }
            UserRequest::Add { name, role, groups } => {
                let groups = self.named_groups(by.as_ref(), &groups)?;
                let new = NewUser { name, role, groups };
                let user = accounts.add_user(by.clone(), new).await?;
                let link = accounts.link(user.id, Purpose::Password).await?;
                let user = self.user_info(by.as_ref(), &user);
                UserResponse::Added(Box::new(AddedUser { user, link }))
            }
            UserRequest::Change {
                name,
                role,
                groups,
                disabled,
            } => {
                let id = self.seen_user(by.as_ref(), &name)?.id;
                let groups = groups
                    .map(|names| self.named_groups(by.as_ref(), &names))
                    .transpose()?;
                let change = UserChange {
                    role,
                    groups,
                    disabled,
                };
                let user = accounts.change_user(by.clone(), id, change).await?;
                UserResponse::User(Box::new(self.user_info(by.as_ref(), &user)))
            }
            UserRequest::Reset { name } => {
                let id = self.seen_user(by.as_ref(), &name)?.id;
                UserResponse::Link(accounts.reset(by, id).await?)
            }
            UserRequest::Remove { name } => {
                let id = self.seen_user(by.as_ref(), &name)?.id;
                accounts.remove_user(by, id).await?;
                return Ok(Response::Done);
            }
        };
        Ok(Response::User(Box::new(answer)))
    }

    fn list_users(&self, by: Option<&Caller>) -> Vec<UserInfo> {
        let book = self.parts().accounts.read();
        let seen = book.users().filter(|user| may_see(by, user));
        seen.map(|user| self.user_info(by, user)).collect()
    }

    fn seen_user(
        &self,
        by: Option<&Caller>,
        name: &str,
    ) -> Result<std::sync::Arc<User>, AdminError> {
        let book = self.parts().accounts.read();
        let found = book.named(name).filter(|user| may_see(by, user)).cloned();
        found.ok_or_else(|| match by {
            Some(_) => AccountError::Unknown.into(),
            None => AdminError::refused(format!("no user {name}; hub user list shows all")),
        })
    }

    /// Groups that are not the caller's are answered as unknown ones.
    fn named_groups(
        &self,
        by: Option<&Caller>,
        names: &[String],
    ) -> Result<BTreeSet<GroupId>, AdminError> {
        let find = |name: &String| {
            let id = self.group(name)?;
            if by.is_none_or(|by| by.sees(id)) {
                Ok(id)
            } else {
                Err(AdminError::no_group(name))
            }
        };
        names.iter().map(find).collect()
    }

    fn user_info(&self, by: Option<&Caller>, user: &User) -> UserInfo {
        let registry = self.parts().registry.read();
        let seen = user.groups.iter();
        let seen = seen.filter(|group| by.is_none_or(|by| by.sees(**group)));
        UserInfo {
            id: user.id,
            name: user.name.to_string(),
            role: user.role,
            groups: seen
                .map(|group| registry.group_name(*group).to_string())
                .collect(),
            disabled: user.disabled,
            has_password: user.has_password(),
            created_ms: user.created_ms,
            last_login_ms: user.last_login_ms,
        }
    }
}
