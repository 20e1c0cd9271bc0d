//! Requests about users and their answers, as JSON on the control socket.

use serde::{Deserialize, Serialize};

use crate::accounts::{Link, Role};

/// What may be asked about users, each by name.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum UserRequest {
    List,
    Show {
        name: String,
    },
    Add {
        name: String,
        role: Role,
        groups: Vec<String>,
    },
    /// `None` stays as it is.
    Change {
        name: String,
        role: Option<Role>,
        groups: Option<Vec<String>>,
        disabled: Option<bool>,
    },
    /// A new one-time link to set the password.
    Reset {
        name: String,
    },
    Remove {
        name: String,
    },
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", content = "is", rename_all = "snake_case")]
pub enum UserResponse {
    Users(Vec<UserInfo>),
    User(Box<UserInfo>),
    Added(Box<AddedUser>),
    Link(Link),
}

/// A user, as far as whoever asks may see it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserInfo {
    pub id: i64,
    pub name: String,
    pub role: Role,
    /// By name; of an administrator: none, and all are meant.
    pub groups: Vec<String>,
    pub disabled: bool,
    pub has_password: bool,
    pub created_ms: i64,
    pub last_login_ms: Option<i64>,
}

/// A user that was made, with the link to set the first password: it is shown once.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddedUser {
    pub user: UserInfo,
    pub link: Link,
}
