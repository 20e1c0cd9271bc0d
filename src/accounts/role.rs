//! Roles, the scopes of tokens, and what both allow.

use serde::{Deserialize, Serialize};

/// What something asks of whoever does it; each includes those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Reading.
    See,
    /// Commands, answers to alarms, schedules and alarm rules.
    Operate,
    /// Devices, channels, retention and users of a group.
    Manage,
    /// Groups, the hub itself, and whatever concerns several groups.
    Administer,
}

/// What a user is, in all of the user's groups.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[clap(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Acts.
    Operator,
    /// Keeps a customer's devices and users.
    GroupAdministrator,
    /// Everything, in all groups.
    Administrator,
}

impl Role {
    pub const ALL: [Self; 4] = [
        Self::Viewer,
        Self::Operator,
        Self::GroupAdministrator,
        Self::Administrator,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::GroupAdministrator => "group_administrator",
            Self::Administrator => "administrator",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The most that it allows.
    pub fn allows(self) -> Need {
        match self {
            Self::Viewer => Need::See,
            Self::Operator => Need::Operate,
            Self::GroupAdministrator => Need::Manage,
            Self::Administrator => Need::Administer,
        }
    }
}

/// What a token may be used for, within what its owner may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Read,
    Operate,
    Manage,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Operate, Self::Manage];

    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Manage => "manage",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// The most that it allows.
    pub fn allows(self) -> Need {
        match self {
            Self::Read => Need::See,
            Self::Operate => Need::Operate,
            Self::Manage => Need::Manage,
        }
    }
}
