//! One command, and who issued it.

use std::fmt;
use std::str::FromStr;

use super::state::{Answers, State};
use crate::registry::GroupId;
use crate::storage::StandingOrder;
use crate::wire::{Address, FrameWriter, clock_set, kind};

/// On whose behalf a device is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Issuer {
    /// By a verb: whoever may open the control socket.
    Operator,
    /// By the web, with the user's number.
    User(i64),
    /// By COMMAND.
    Device(Address),
    /// An alarm rule that the device is to keep itself.
    Rule(i64),
    /// A schedule, when its time came.
    Schedule(i64),
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::User(id) => write!(f, "user {id}"),
            Self::Device(address) => write!(f, "device {address}"),
            Self::Rule(id) => write!(f, "rule {id}"),
            Self::Schedule(id) => write!(f, "schedule {id}"),
        }
    }
}

impl FromStr for Issuer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "operator" {
            return Ok(Self::Operator);
        }
        let (who, number) = text.split_once(' ').unwrap_or((text, ""));
        let issuer = match who {
            "device" => Address::parse(number.as_bytes()).map(Self::Device),
            "user" => number.parse().ok().map(Self::User),
            "rule" => number.parse().ok().map(Self::Rule),
            "schedule" => number.parse().ok().map(Self::Schedule),
            _ => None,
        };
        issuer.ok_or_else(|| format!("unknown issuer {text:?}"))
    }
}

/// A command of an earlier run of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub command: Command,
    /// The latest time, Unix ms, that is known to have been since it was issued: a wall clock that shows less was set back.
    pub past_ms: i64,
}

/// A command as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Also the msgno under which the device gets it.
    pub id: i64,
    pub group: GroupId,
    pub address: Address,
    pub kind: u32,
    /// Texts, unescaped.
    pub fields: Vec<String>,
    pub issuer: Issuer,
    /// The msgno of a device's COMMAND, as it was sent.
    pub issuer_msgno: String,
    /// What makes a repeat of a device's COMMAND a repeat; empty for other issuers.
    pub order_key: String,
    /// One of an order to a set.
    pub one_of_set: bool,
    pub issued_ms: i64,
    /// `None`: never.
    pub expires_ms: Option<i64>,
    /// Empty: none.
    pub condition: String,
    pub state: State,
    /// The value reported, or the reason.
    pub detail: String,
    /// When it was sent last.
    pub sent_ms: Option<i64>,
    pub sendings: i64,
    pub ended_ms: Option<i64>,
    /// The answer came after the time-out.
    pub late: bool,
    /// It was sent, is past its expiry, and others went out after it: it is not sent again.
    pub lapsed: bool,
}

impl Command {
    pub fn answers(&self) -> Answers {
        Answers::to(self.kind)
    }

    pub fn is_open(&self) -> bool {
        self.ended_ms.is_none()
    }

    /// Enters a state. `ended_ms` follows from it.
    pub fn enter(&mut self, state: State, detail: impl Into<String>, now_ms: i64) {
        self.late |= self.state == State::TimedOut && state != State::TimedOut;
        self.state = state;
        self.detail = detail.into();
        self.ended_ms = state.is_end(self.answers()).then_some(now_ms);
    }

    /// Appends the frame for the device (C1.4).
    pub fn compose(&self, now_ms: i64, out: &mut Vec<u8>) {
        if self.kind == kind::CLOCK_SET {
            return clock_set(out, self.address, now_ms);
        }
        let mut frame = FrameWriter::new(out, 0, self.address.get(), self.kind);
        for field in &self.fields {
            frame = frame.text(field);
        }
        if self.kind == kind::WRITE {
            frame = match self.expires_ms {
                Some(expires) => frame.number(expires),
                None => frame.text(""),
            };
        }
        frame.number(self.id).end();
    }

    /// The actuator and the value of a WRITE.
    pub fn wanted(&self) -> Option<(&str, &str)> {
        match self.fields.as_slice() {
            [actuator, value] if self.kind == kind::WRITE => Some((actuator, value)),
            _ => None,
        }
    }

    /// What of it is given again at each login, or ends what was; `None` for other types.
    pub fn standing(&self) -> Option<StandingOrder> {
        let name = self.fields.first()?;
        let (kind, ends) = match self.kind {
            kind::EVENT_SET => (self.kind, self.fields.get(1)?.parse() == Ok(0_i64)),
            kind::ALARM_SET => (self.kind, false),
            kind::ALARM_STOP => (kind::ALARM_SET, true),
            _ => return None,
        };
        Some(StandingOrder {
            kind,
            name: name.clone(),
            fields: if ends {
                Vec::new()
            } else {
                self.fields.clone()
            },
            command: self.id,
        })
    }
}
