//! A device answers: ACCEPTED, DONE, VALUE, REJECTED.

use std::sync::atomic::Ordering;

use super::{Desk, Lines, Now};
use crate::command::record::Command;
use crate::command::state::{Input, Refusal, State, next};
use crate::command::work::{Deed, Reported};
use crate::ledger::DropReason;
use crate::wire::{Address, Frame, decode_field, kind};

/// An answer, taken apart.
struct Answer {
    input: Input,
    id: i64,
    /// The value reported, or the reason.
    detail: String,
    reading: Option<Reported>,
}

impl Desk {
    /// Takes an answer.
    ///
    /// # Errors
    /// It was not asked for, came already, or cannot be read.
    pub fn answered(
        &mut self,
        from: Address,
        frame: &Frame<'_>,
        now: Now,
        lines: &impl Lines,
    ) -> Result<(), DropReason> {
        let answer = read_answer(frame, now).ok_or(DropReason::BadValue)?;
        let taken = self
            .take_answer(from, answer, now)
            .map_err(|refusal| match refusal {
                Refusal::AlreadyAnswered => DropReason::AlreadyAnswered,
                Refusal::NotAsked | Refusal::TooLate => DropReason::NotAsked,
            });
        if let Err(reason) = taken {
            self.parts
                .stats
                .answers_refused
                .fetch_add(1, Ordering::Relaxed);
            return Err(reason);
        }
        // One with a condition may have waited for this end.
        self.pump(from, now, lines);
        Ok(())
    }

    fn take_answer(&mut self, from: Address, answer: Answer, now: Now) -> Result<(), Refusal> {
        if self.answers_standing(from, &answer) {
            return Ok(());
        }
        let item = self
            .trays
            .get_mut(&from)
            .and_then(|tray| tray.find(answer.id))
            .filter(|item| fits(&item.command, &answer))
            .ok_or(Refusal::NotAsked)?;
        let command = &item.command;
        let state = match next(command.state, answer.input, command.answers()) {
            Ok(state) => state,
            // The device has got it more than once, so it may say the same more than once.
            Err(Refusal::AlreadyAnswered)
                if command.sendings > 1 && says_the_same(command, &answer) =>
            {
                return Ok(());
            }
            Err(refusal) => return Err(refusal),
        };
        if state == command.state {
            return Ok(());
        }
        item.accepted_at = now.at;
        self.enter(from, answer.id, state, &answer.detail, now);
        self.save(from, answer.id, answer.reading, true);
        Ok(())
    }

    /// Whether it answers a standing order that was sent again after a login.
    fn answers_standing(&mut self, from: Address, answer: &Answer) -> bool {
        let holds = self.parts.standing.holds(from, answer.id);
        let mut tray = self.trays.get_mut(&from);
        let open = tray
            .as_mut()
            .and_then(|tray| tray.find(answer.id))
            .is_some_and(|item| item.command.is_open() || item.command.state == State::TimedOut);
        let given = tray.is_some_and(|tray| tray.standing_given.contains(&answer.id));
        if open || !holds && !given {
            return false;
        }
        match answer.input {
            Input::Accept => true,
            // Another one holds by now.
            Input::Reject if !holds => true,
            Input::Reject => {
                log::info!(
                    "standing order rejected device={from} command={} reason={:.100?}",
                    answer.id,
                    answer.detail
                );
                // At once, so that a second rejection finds nothing to take back.
                self.parts.standing.take_back(from, answer.id);
                self.deeds.push(Deed::TakeBack {
                    address: from,
                    command: answer.id,
                });
                true
            }
            _ => false,
        }
    }

    /// Has the state that a command has now stored.
    pub(super) fn save(&mut self, device: Address, id: i64, reading: Option<Reported>, news: bool) {
        if let Some(item) = self.trays.get_mut(&device).and_then(|tray| tray.find(id)) {
            item.saving += 1;
            let command = item.command.clone();
            self.deeds.push(Deed::Save {
                command,
                reading,
                news,
            });
        }
    }
}

/// Whether this answer can be one to that command: VALUE of the sensor to READ, DONE of the actuator to WRITE.
fn fits(command: &Command, answer: &Answer) -> bool {
    let Some(reading) = &answer.reading else {
        return true;
    };
    let named = command
        .fields
        .first()
        .is_some_and(|name| *name == reading.name);
    // DONE names no unit and no time.
    let is_value = reading.at_ms.is_some();
    match command.kind {
        kind::READ => named && is_value,
        kind::WRITE => named && !is_value,
        _ => true,
    }
}

fn says_the_same(command: &Command, answer: &Answer) -> bool {
    let state = match answer.input {
        Input::Reject => State::Rejected,
        _ => State::Succeeded,
    };
    command.state == state && command.detail == answer.detail
}

fn read_answer(frame: &Frame<'_>, now: Now) -> Option<Answer> {
    let texts = frame
        .fields()
        .map(|field| decode_field(field).map(std::borrow::Cow::into_owned))
        .collect::<Option<Vec<_>>>()?;
    let (id, rest) = texts.split_last()?;
    let canonical =
        matches!(id.as_bytes(), [b'1'..=b'9', ..]) && id.bytes().all(|b| b.is_ascii_digit());
    // What no id can be is nobody's.
    let id = canonical.then(|| id.parse().ok()).flatten();
    let id = id.unwrap_or(i64::MAX);
    let (input, detail, reading) = match (frame.kind, rest) {
        (kind::ACCEPTED, []) => (Input::Accept, String::new(), None),
        (kind::REJECTED, [reason]) => (Input::Reject, reason.clone(), None),
        (kind::DONE, [name, value]) => {
            let reading = Reported {
                name: name.clone(),
                value: value.clone(),
                unit: String::new(),
                at_ms: None,
                hub_ms: now.unix_ms,
            };
            (Input::Succeed, value.clone(), Some(reading))
        }
        (kind::VALUE, [name, value, unit, at]) => {
            let reading = Reported {
                name: name.clone(),
                value: value.clone(),
                unit: unit.clone(),
                at_ms: Some(at.parse().ok().filter(|at| *at >= 0)?),
                hub_ms: now.unix_ms,
            };
            (Input::Succeed, value.clone(), Some(reading))
        }
        _ => return None,
    };
    Some(Answer {
        input,
        id,
        detail,
        reading,
    })
}
