//! On whose behalf something is changed, as the audit log will say it.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Caller, Via};

/// By which way a change came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// A verb of the command line: whoever may open the control socket.
    Verb,
    /// A user's browser.
    Web,
    /// A user's program.
    Token,
    /// The hub by itself: schedules, the demo.
    Hub,
}

impl Through {
    pub fn name(self) -> &'static str {
        match self {
            Self::Verb => "verb",
            Self::Web => "web",
            Self::Token => "token",
            Self::Hub => "hub",
        }
    }
}

/// Who does something.
#[derive(Clone, Debug)]
pub struct Actor {
    pub name: Arc<str>,
    pub through: Through,
    pub from: Option<IpAddr>,
    /// Of a verb and the hub itself: none, and they may everything.
    pub caller: Option<Caller>,
}

impl Actor {
    pub fn hub() -> Self {
        Self {
            name: "hub".into(),
            through: Through::Hub,
            from: None,
            caller: None,
        }
    }

    /// Somebody at the machine, by the number that the system gives the user.
    pub fn verb(uid: Option<u32>) -> Self {
        let name = uid.map_or_else(|| "operator".to_owned(), system_name);
        Self {
            name: name.into(),
            through: Through::Verb,
            from: None,
            caller: None,
        }
    }

    /// `None`: a verb, or the hub itself.
    pub fn user(&self) -> Option<i64> {
        self.caller.as_ref().map(|caller| caller.user)
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self {
            name: Arc::clone(&caller.name),
            through: match caller.via {
                Via::Session(_) => Through::Web,
                Via::Token(..) => Through::Token,
            },
            from: caller.from,
            caller: Some(caller.clone()),
        }
    }
}

/// As /etc/passwd has it; users of a directory service keep their number.
fn system_name(uid: u32) -> String {
    let wanted = uid.to_string();
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == wanted).then(|| name.to_owned())
    });
    found.unwrap_or_else(|| format!("uid {uid}"))
}
