//! Whoever asks for something, proven, and what that one may.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Need, Role, Scope};
use crate::registry::GroupId;

/// How a caller was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// A browser's session, by its number.
    Session(i64),
    /// An API token, by its number, with its scope.
    Token(i64, Scope),
}

/// A proven user, for the length of one request or one live socket.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: i64,
    pub name: Arc<str>,
    pub role: Role,
    /// `None`: all groups, those to come included.
    pub groups: Option<Arc<BTreeSet<GroupId>>>,
    pub via: Via,
    pub from: Option<IpAddr>,
}

/// Why something is not for this caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It is another group's: to be answered like what there is not.
    Unseen,
    /// It may be seen, but not this.
    Forbidden,
}

impl Caller {
    /// The most that this caller may, in groups that it sees.
    pub fn allows(&self) -> Need {
        let role = self.role.allows();
        match self.via {
            Via::Session(_) => role,
            Via::Token(_, scope) => role.min(scope.allows()),
        }
    }

    pub fn sees(&self, group: GroupId) -> bool {
        self.groups
            .as_ref()
            .is_none_or(|groups| groups.contains(&group))
    }

    /// # Errors
    /// `Unseen` for a group that is not the caller's, `Forbidden` for what it may not do there.
    pub fn may(&self, need: Need, group: GroupId) -> Result<(), Denied> {
        if !self.sees(group) {
            return Err(Denied::Unseen);
        }
        self.may_somewhere(need)
    }

    /// What concerns no single group.
    ///
    /// # Errors
    /// `Forbidden` when no group of the caller's would allow it.
    pub fn may_somewhere(&self, need: Need) -> Result<(), Denied> {
        if self.allows() >= need {
            Ok(())
        } else {
            Err(Denied::Forbidden)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, groups: Option<&[i64]>, via: Via) -> Caller {
        let groups = groups.map(|ids| Arc::new(ids.iter().map(|id| GroupId(*id)).collect()));
        Caller {
            user: 1,
            name: "ana".into(),
            role,
            groups,
            via,
            from: None,
        }
    }

    #[test]
    fn another_group_is_unseen_whatever_the_role_there() {
        let ana = caller(Role::GroupAdministrator, Some(&[1]), Via::Session(1));
        assert_eq!(ana.may(Need::Manage, GroupId(1)), Ok(()));
        assert_eq!(ana.may(Need::See, GroupId(2)), Err(Denied::Unseen));
        assert_eq!(
            ana.may(Need::Administer, GroupId(1)),
            Err(Denied::Forbidden)
        );
    }

    #[test]
    fn a_token_never_widens_its_owner() {
        let operate = Via::Token(1, Scope::Operate);
        let boss = caller(Role::Administrator, None, operate.clone());
        assert_eq!(boss.may(Need::Operate, GroupId(7)), Ok(()));
        assert_eq!(boss.may(Need::Manage, GroupId(7)), Err(Denied::Forbidden));
        let viewer = caller(Role::Viewer, Some(&[1]), operate);
        assert_eq!(
            viewer.may(Need::Operate, GroupId(1)),
            Err(Denied::Forbidden)
        );
    }
}
