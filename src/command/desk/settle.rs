//! The store has answered.

use super::{Desk, Lines, Now, Reply};
use crate::command::order::{Order, OrderError};
use crate::command::record::Command;
use crate::command::state::{Input, State, next};
use crate::command::work::{Deed, Outcome, Reported};
use crate::storage::StorageError;
use crate::wire::Address;

use super::Ticket;
use super::tray::Item;

impl Desk {
    /// Goes on with what waited for a deed.
    pub fn settled(
        &mut self,
        deed: Deed,
        outcome: Result<Outcome, StorageError>,
        now: Now,
        lines: &impl Lines,
    ) {
        match deed {
            Deed::Insert {
                ticket,
                order,
                commands,
            } => self.inserted(ticket, &order, commands, outcome, now, lines),
            Deed::Send { command, .. } => self.noted_as_sent(command, outcome, now, lines),
            Deed::Save {
                command,
                reading,
                news,
            } => self.saved((command, reading, news), outcome, now, lines),
            // Memory has them already; the next start reads what is stored.
            Deed::Keep { .. } | Deed::TakeBack { .. } => {
                if let Err(error) = outcome {
                    log::warn!("a standing order is not stored error={error}");
                }
            }
        }
    }

    fn inserted(
        &mut self,
        ticket: Ticket,
        order: &Order,
        commands: Vec<Command>,
        outcome: Result<Outcome, StorageError>,
        now: Now,
        lines: &impl Lines,
    ) {
        let Some(pending) = self.pending.remove(&ticket) else {
            return;
        };
        for device in &pending.devices {
            if let Some(tray) = self.trays.get_mut(device) {
                tray.pending = tray.pending.saturating_sub(1);
            }
        }
        self.opened(-i64::try_from(pending.devices.len()).unwrap_or(0));
        let refused = match outcome {
            Ok(Outcome::Repeated(known)) => {
                match pending.reply {
                    Reply::Device(issuer) => self.answer_repeat(issuer, &known, lines),
                    // Nobody waits any more when it cannot be sent.
                    Reply::Verb(reply) => drop(reply.send(Ok(known))),
                }
                return;
            }
            Ok(Outcome::Refused(error)) => Some(error),
            Ok(_) => None,
            Err(error) => Some(OrderError::new("NOT_STORED", error.to_string())),
        };
        if let Some(error) = refused {
            return self.refuse_order(pending.reply, order, &error, lines);
        }
        for command in &commands {
            self.hold(Item::new(command.clone(), now.unix_ms, now));
            self.tell(command, lines);
        }
        if let Reply::Verb(reply) = pending.reply {
            // Nobody waits any more when it cannot be sent.
            let _ = reply.send(Ok(commands));
        }
        for device in pending.devices {
            self.pump(device, now, lines);
        }
    }

    /// The same COMMAND again: the issuer hears how the first one stands.
    pub(super) fn answer_repeat(&self, issuer: Address, known: &[Command], lines: &impl Lines) {
        let mut frames = Vec::new();
        for command in known {
            self.compose_state(command, issuer, &mut frames);
        }
        let _ = lines.write(issuer, &frames);
    }

    /// The database says `sent`: now it is written, or it is not sent after all.
    fn noted_as_sent(
        &mut self,
        sent: Command,
        outcome: Result<Outcome, StorageError>,
        now: Now,
        lines: &impl Lines,
    ) {
        let (device, id) = (sent.address, sent.id);
        let session = lines.session(device);
        let Some(tray) = self.trays.get_mut(&device) else {
            return;
        };
        let in_turn = tray.is_in_turn(id, session, now);
        let Some(item) = tray.find(id) else {
            return;
        };
        item.sending = false;
        match outcome {
            Ok(Outcome::Done) => {}
            Ok(Outcome::Condition(known)) => {
                log::info!("condition does not hold command={id} known={known:?}");
                self.enter_by(device, id, Input::Condition, "CONDITION", now);
                return self.save(device, id, None, true);
            }
            // Taken back or removed meanwhile.
            Ok(_) => return self.drop_item(device, id),
            // Still queued; tried again with the next tick.
            Err(_) => return,
        }
        let expired = item.is_expired(now);
        let mut frame = Vec::new();
        sent.compose(now.unix_ms, &mut frame);
        item.command.sent_ms = sent.sent_ms;
        item.command.sendings = sent.sendings;
        let written = !expired && in_turn && lines.is_clear(device) && lines.write(device, &frame);
        if written {
            item.session = session;
            item.written_at = now.at;
            self.keep_standing(&sent);
            self.enter(device, id, State::Sent, "", now);
            self.tell(&sent, lines);
            return self.pump(device, now, lines);
        }
        item.command.sendings -= 1;
        self.enter(device, id, State::Sent, "", now);
        let input = if expired {
            Input::Expire
        } else {
            Input::NotWritten
        };
        self.enter_by(device, id, input, "", now);
        // What the database says has to be taken back.
        self.save(device, id, None, expired);
    }

    fn saved(
        &mut self,
        (stored, reading, news): (Command, Option<Reported>, bool),
        outcome: Result<Outcome, StorageError>,
        now: Now,
        lines: &impl Lines,
    ) {
        let (device, id) = (stored.address, stored.id);
        let Some(item) = self.trays.get_mut(&device).and_then(|tray| tray.find(id)) else {
            return;
        };
        item.saving = item.saving.saturating_sub(1);
        match outcome {
            // Tried again with the next tick.
            Err(_) => {
                item.unsaved = true;
                item.reported = reading.or(item.reported.take());
                return;
            }
            Ok(Outcome::Gone) => return self.drop_item(device, id),
            Ok(outcome) => {
                if let Outcome::ValueRefused(reason) = outcome {
                    item.command.state = stored.state;
                    item.command.detail.clone_from(&stored.detail);
                    self.refuse(device, reason, id.to_string().as_bytes(), lines);
                }
                if news {
                    self.tell(&stored, lines);
                }
            }
        }
        if stored.state == State::Rejected {
            self.parts.standing.take_back(device, id);
        }
        // What could not be written waits for the next tick: at once it might be stored as sent, and taken back, for ever.
        if stored.state != State::Queued {
            self.pump(device, now, lines);
        }
    }

    /// Lets a command do what the machine says.
    pub(super) fn enter_by(
        &mut self,
        device: Address,
        id: i64,
        input: Input,
        detail: &str,
        now: Now,
    ) {
        let Some(item) = self.trays.get_mut(&device).and_then(|tray| tray.find(id)) else {
            return;
        };
        if let Ok(state) = next(item.command.state, input, item.command.answers())
            && state != item.command.state
        {
            self.enter(device, id, state, detail, now);
        }
    }

    fn drop_item(&mut self, device: Address, id: i64) {
        let Some(tray) = self.trays.get_mut(&device) else {
            return;
        };
        let open = |item: &Item| item.command.id == id && item.command.is_open();
        let by = i64::from(tray.items.iter().any(open));
        tray.items.retain(|item| item.command.id != id);
        self.opened(-by);
    }
}
