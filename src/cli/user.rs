//! `hub user`

use clap::Subcommand;

use super::output::{json, table, unexpected};
use super::reading::shown;
use crate::accounts::{Link, Role};
use crate::admin::{AddedUser, Request, Response, UserInfo, UserRequest, UserResponse};
use crate::control::request;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::stdout::say;

#[derive(Debug, Subcommand)]
pub(super) enum UserVerb {
    /// Show all users
    #[command(after_help = "Example: hub user list --json")]
    List {
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Make a user, and a link to set the password
    #[command(
        after_help = "Example: hub user add ana --role operator --group greenhouse --group home"
    )]
    Add {
        /// Letters, digits and . _ - @ +
        name: String,
        /// viewer looks; operator acts; group_administrator keeps devices and users; administrator may everything everywhere
        #[arg(long, value_enum)]
        role: Role,
        /// What the user sees; once for each group
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Print a new link to set a user's password; earlier ones work no more
    #[command(after_help = "Example: hub user reset admin")]
    Reset {
        name: String,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Give a user another role
    #[command(after_help = "Example: hub user role ana group_administrator")]
    Role {
        name: String,
        #[arg(value_enum)]
        role: Role,
        /// In place of the groups that the user had
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Give a user other groups, in place of those before
    #[command(after_help = "Example: hub user groups ana greenhouse home")]
    Groups {
        name: String,
        #[arg(required = true)]
        groups: Vec<String>,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// End a user's sessions and let the user in no more
    #[command(after_help = "Example: hub user disable ana")]
    Disable {
        name: String,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Let a disabled user in again
    #[command(after_help = "Example: hub user enable ana")]
    Enable {
        name: String,
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Remove a user, with sessions and tokens
    #[command(after_help = "Example: hub user remove ana")]
    Remove { name: String },
}

pub(super) fn run(settings: &Settings, verb: UserVerb) -> Result<(), Failure> {
    match verb {
        UserVerb::List { json } => list(settings, json),
        UserVerb::Add {
            name,
            role,
            groups,
            json,
        } => add(settings, UserRequest::Add { name, role, groups }, json),
        UserVerb::Reset { name, json } => reset(settings, name, json),
        UserVerb::Role {
            name,
            role,
            groups,
            json,
        } => {
            let groups = (!groups.is_empty()).then_some(groups);
            change(settings, name, Some(role), groups, None, json)
        }
        UserVerb::Groups { name, groups, json } => {
            change(settings, name, None, Some(groups), None, json)
        }
        UserVerb::Disable { name, json } => change(settings, name, None, None, Some(true), json),
        UserVerb::Enable { name, json } => change(settings, name, None, None, Some(false), json),
        UserVerb::Remove { name } => {
            let done = format!("user {name} removed");
            request(settings, Request::User(UserRequest::Remove { name }))?;
            say(done);
            Ok(())
        }
    }
}

fn ask(settings: &Settings, asked: UserRequest) -> Result<UserResponse, Failure> {
    match request(settings, Request::User(asked))? {
        Response::User(answer) => Ok(*answer),
        other => Err(unexpected(&other)),
    }
}

fn strange(answer: &UserResponse) -> Failure {
    Failure::new(format!("the hub gave an unexpected answer: {answer:?}"))
}

fn list(settings: &Settings, as_json: bool) -> Result<(), Failure> {
    match ask(settings, UserRequest::List)? {
        UserResponse::Users(users) if as_json => json(&users),
        UserResponse::Users(users) => {
            table(
                ["user", "role", "groups", "state", "last login"],
                users.iter().map(row),
            );
            Ok(())
        }
        other => Err(strange(&other)),
    }
}

fn row(user: &UserInfo) -> [String; 5] {
    let state = match (user.disabled, user.has_password) {
        (true, _) => "disabled",
        (false, true) => "ok",
        (false, false) => "no password yet",
    };
    let groups = match user.role {
        Role::Administrator => "all".to_owned(),
        _ => user.groups.join(", "),
    };
    [
        user.name.clone(),
        user.role.name().to_owned(),
        groups,
        state.to_owned(),
        user.last_login_ms.map(shown).unwrap_or_default(),
    ]
}

fn add(settings: &Settings, asked: UserRequest, as_json: bool) -> Result<(), Failure> {
    match ask(settings, asked)? {
        UserResponse::Added(added) if as_json => json(&added),
        UserResponse::Added(added) => {
            let AddedUser { user, link } = *added;
            say(format_args!("user {} made", user.name));
            tell_link(&user.name, &link);
            Ok(())
        }
        other => Err(strange(&other)),
    }
}

fn reset(settings: &Settings, name: String, as_json: bool) -> Result<(), Failure> {
    match ask(settings, UserRequest::Reset { name: name.clone() })? {
        UserResponse::Link(link) if as_json => json(&link),
        UserResponse::Link(link) => {
            tell_link(&name, &link);
            Ok(())
        }
        other => Err(strange(&other)),
    }
}

fn tell_link(name: &str, link: &Link) {
    say(format_args!(
        "set the password of {name} at {}\nThe link works once, for 24 hours; hub user reset {name} prints another.",
        link.url
    ));
}

fn change(
    settings: &Settings,
    name: String,
    role: Option<Role>,
    groups: Option<Vec<String>>,
    disabled: Option<bool>,
    as_json: bool,
) -> Result<(), Failure> {
    let asked = UserRequest::Change {
        name,
        role,
        groups,
        disabled,
    };
    match ask(settings, asked)? {
        UserResponse::User(user) if as_json => json(&user),
        UserResponse::User(user) => {
            let [name, role, groups, state, _] = row(&user);
            say(format_args!("user {name}: {role} of {groups}, {state}"));
            Ok(())
        }
        other => Err(strange(&other)),
    }
}
