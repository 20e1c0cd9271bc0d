//! The states of a command and what leads from one to the next. Plain: no clock, no store, no socket.

use serde::{Deserialize, Serialize};

use crate::wire::kind;

/// Where a command stands; docs/commands.md says what each claims.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommandState)]
pub enum State {
    Queued,
    Sent,
    Accepted,
    Succeeded,
    Rejected,
    Expired,
    Cancelled,
    TimedOut,
}

impl State {
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Sent,
        Self::Accepted,
        Self::Succeeded,
        Self::Rejected,
        Self::Expired,
        Self::Cancelled,
        Self::TimedOut,
    ];

    /// As the database, the verbs and the metrics say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Succeeded => "succeeded",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// As COMMAND_STATE says it.
    pub fn on_the_wire(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sent => "SENT",
            Self::Accepted => "ACCEPTED",
            Self::Succeeded => "SUCCEEDED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
            Self::TimedOut => "TIMED_OUT",
        }
    }

    /// Whether a command of this sort has ended in this state.
    pub fn is_end(self, answers: Answers) -> bool {
        match self {
            Self::Queued | Self::Accepted => false,
            Self::Sent => answers == Answers::None,
            _ => true,
        }
    }
}

/// What a device answers to a type of command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// VALUE, DONE or REJECTED, perhaps ACCEPTED before.
    Result,
    /// ACCEPTED or REJECTED: there is nothing to report.
    Acceptance,
    /// Nothing.
    None,
}

impl Answers {
    pub fn to(kind: u32) -> Self {
        match kind {
            kind::BLINK | kind::EVENT_SET | kind::ALARM_SET | kind::ALARM_STOP => Self::Acceptance,
            kind::CLOCK_SET => Self::None,
            _ => Self::Result,
        }
    }
}

/// What can happen to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It is about to be written; `sent` is committed.
    Send,
    /// It was committed as sent, but could not be written.
    NotWritten,
    /// Its time is over, and it was not written.
    Expire,
    /// Its condition does not hold.
    Condition,
    /// Its issuer takes it back.
    Cancel,
    /// ACCEPTED came.
    Accept,
    /// VALUE or DONE came.
    Succeed,
    /// REJECTED came.
    Reject,
    /// Its answer did not come.
    TimeOut,
}

impl Input {
    pub const ALL: [Self; 9] = [
        Self::Send,
        Self::NotWritten,
        Self::Expire,
        Self::Condition,
        Self::Cancel,
        Self::Accept,
        Self::Succeed,
        Self::Reject,
        Self::TimeOut,
    ];
}

/// Why an input changes nothing and has to be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is an answer, and nobody asked.
    NotAsked,
    /// It is an answer, and there was one already.
    AlreadyAnswered,
    /// It can be taken back no more.
    TooLate,
}

impl Refusal {
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotAsked => "NOT_ASKED",
            Self::AlreadyAnswered => "ALREADY_ANSWERED",
            Self::TooLate => "TOO_LATE",
        }
    }
}

/// The state that follows; the same one when the input changes nothing.
///
/// # Errors
/// The input has to be refused.
pub fn next(state: State, input: Input, answers: Answers) -> Result<State, Refusal> {
    use State::{Accepted, Cancelled, Expired, Queued, Rejected, Sent, Succeeded, TimedOut};
    match input {
        Input::Send if state == Queued => Ok(Sent),
        Input::NotWritten if state == Sent => Ok(Queued),
        Input::Expire if matches!(state, Queued | Sent) => Ok(Expired),
        Input::Condition if state == Queued => Ok(Rejected),
        Input::TimeOut if matches!(state, Sent | Accepted) && !state.is_end(answers) => {
            Ok(TimedOut)
        }
        // What the hub itself does is never refused; elsewhere it means nothing.
        Input::Send | Input::NotWritten | Input::Expire | Input::Condition | Input::TimeOut => {
            Ok(state)
        }
        Input::Cancel => match state {
            Queued | Cancelled => Ok(Cancelled),
            _ => Err(Refusal::TooLate),
        },
        Input::Accept | Input::Succeed | Input::Reject => {
            let answer = match (input, answers) {
                (_, Answers::None) | (Input::Succeed, Answers::Acceptance) => {
                    return Err(Refusal::NotAsked);
                }
                (Input::Accept, Answers::Result) => Accepted,
                (Input::Reject, _) => Rejected,
                _ => Succeeded,
            };
            match state {
                Queued | Expired | Cancelled => Err(Refusal::NotAsked),
                Sent | Accepted => Ok(answer),
                // It is at it, late; nobody knows yet whether it will do it.
                TimedOut if answer == Accepted => Ok(TimedOut),
                TimedOut => Ok(answer),
                Succeeded | Rejected => Err(Refusal::AlreadyAnswered),
            }
        }
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
