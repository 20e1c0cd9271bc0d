//! Time passes: expiry, time-outs, and what could not be stored or written before. And taking back.

use super::{Desk, Lines, Now};
use crate::command::record::Command;
use crate::command::state::{Input, Refusal, State, next};
use crate::wire::Address;

use super::tray::Item;

impl Desk {
    /// Looks at every open command. Call it each second or so.
    pub fn tick(&mut self, now: Now, lines: &impl Lines) {
        let mut due = Vec::new();
        for (device, tray) in &self.trays {
            let session = lines.session(*device);
            for item in &tray.items {
                if let Some(input) = self.due(item, session, now) {
                    due.push((*device, item.command.id, input));
                }
            }
        }
        for (device, id, input) in due {
            if let Some(input) = input {
                self.enter_by(device, id, input, "", now);
            }
            let reported = self.trays.get_mut(&device).and_then(|tray| {
                let item = tray.find(id)?;
                item.unsaved = false;
                item.reported.take()
            });
            self.save(device, id, reported, true);
        }
        let waiting = self.trays.iter().filter(|(_, tray)| !tray.items.is_empty());
        let devices: Vec<_> = waiting.map(|(device, _)| *device).collect();
        for device in devices {
            self.expire_queued(device, now);
            self.pump(device, now, lines);
        }
        self.trays
            .retain(|device, tray| tray.tidy(lines.session(*device), now));
    }

    /// What the time does to a command. `Some(None)`: only its state has to be stored again.
    fn due(&self, item: &Item, session: Option<u64>, now: Now) -> Option<Option<Input>> {
        if item.unsaved && item.saving == 0 {
            return Some(None);
        }
        if !item.command.is_open() || item.sending {
            return None;
        }
        let expired = item.is_expired(now);
        let late = match item.command.state {
            State::Sent => now.at >= item.written_at.saturating_add(self.limits.answer),
            State::Accepted => now.at >= item.accepted_at.saturating_add(self.limits.act),
            // What is queued expires below, connected or not.
            _ => return None,
        };
        // While the device may still act, nothing is said: until the expiry, or until its session breaks.
        let over = match item.command.expires_ms {
            Some(_) => expired,
            None => item.session.is_some() && item.session == session,
        };
        (late && over).then_some(Some(Input::TimeOut))
    }

    /// Takes a queued command back.
    ///
    /// # Errors
    /// It is on its way, or has ended.
    pub fn cancel(&mut self, device: Address, id: i64, now: Now) -> Result<(), CancelError> {
        let item = self
            .trays
            .get_mut(&device)
            .and_then(|tray| tray.find(id))
            .ok_or(CancelError::Ended)?;
        if item.sending {
            return Err(CancelError::TooLate(Box::new(item.command.clone())));
        }
        match next(item.command.state, Input::Cancel, item.command.answers()) {
            Ok(State::Cancelled) if item.command.state != State::Cancelled => {
                self.enter_by(device, id, Input::Cancel, "", now);
                self.save(device, id, None, true);
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(Refusal::TooLate | Refusal::NotAsked | Refusal::AlreadyAnswered) => {
                Err(CancelError::TooLate(Box::new(item.command.clone())))
            }
        }
    }
}

/// Why a command was not taken back.
#[derive(Debug)]
pub enum CancelError {
    /// The desk does not hold it: it ended long ago.
    Ended,
    TooLate(Box<Command>),
}
