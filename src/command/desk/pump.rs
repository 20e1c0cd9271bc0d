//! What waits for a device goes out: standing orders, repeats, then what is queued, in the order of ids.

use std::sync::atomic::Ordering;

use super::tray::Item;
use super::{Desk, Lines, Now};
use crate::command::Condition;
use crate::command::record::Command;
use crate::command::state::{Input, State, next};
use crate::command::work::Deed;
use crate::wire::{Address, FrameWriter};

impl Desk {
    /// Gives a connected device what it has not got yet in this session.
    pub(super) fn pump(&mut self, device: Address, now: Now, lines: &impl Lines) {
        let Some(session) = lines.session(device) else {
            return;
        };
        if !lines.is_clear(device) {
            return;
        }
        self.write_standing(device, session, now, lines);
        self.repeat(device, session, now, lines);
        self.expire_queued(device, now);
        self.send_queued(device, session, now);
    }

    fn write_standing(&mut self, device: Address, session: u64, now: Now, lines: &impl Lines) {
        let tray = self.trays.entry(device).or_default();
        if tray.standing_in == Some(session) {
            return;
        }
        let (mut frames, mut given) = (Vec::new(), Vec::new());
        for order in self.parts.standing.of(device) {
            // One whose command is repeated goes out with it.
            let repeated = tray
                .find(order.command)
                .is_some_and(|item| item.command.is_open() && !item.is_expired(now));
            if !repeated {
                given.push(order.command);
                let frame = FrameWriter::new(&mut frames, 0, device.get(), order.kind);
                let fields = order.fields.iter();
                let whole = fields.fold(frame, |frame, field| frame.text(field));
                whole.number(order.command).end();
            }
        }
        if frames.is_empty() || lines.write(device, &frames) {
            tray.standing_in = Some(session);
            tray.standing_given = given;
        }
    }

    /// In a new session, once more what was sent and has no final answer.
    fn repeat(&mut self, device: Address, session: u64, now: Now, lines: &impl Lines) {
        let Some(tray) = self.trays.get_mut(&device) else {
            return;
        };
        let known = &self.parts.standing;
        let newest = tray.newest_standing();
        let (mut repeated, mut lapsed) = (Vec::new(), Vec::new());
        for item in &mut tray.items {
            if item.command.state == State::Queued {
                // A hub that was killed may know of a later one as sent: this one goes first all the same.
                break;
            }
            if item.session == Some(session) {
                continue;
            }
            if !item.is_under_way() || item.is_expired(now) {
                // What goes out next passes it by; first that is stored, for the next start may find a clock that revives it.
                lapsed.extend(item.lapse());
                if item.may_come_back() {
                    break;
                }
                continue;
            }
            let standing = item.command.standing();
            let id = item.command.id;
            if standing.is_some_and(|order| {
                // One that has ended is known from what holds only.
                let last = known.last(device, &order);
                last.is_some_and(|last| last > id)
                    || newest.get(&(order.kind, order.name)) != Some(&id)
            }) {
                // A later one was sent: the device would go back to this. Its answer may still come.
                item.session = Some(session);
                item.written_at = now.at;
                continue;
            }
            let mut frame = Vec::new();
            item.command.compose(now.unix_ms, &mut frame);
            if !lines.write(device, &frame) {
                break;
            }
            item.session = Some(session);
            item.written_at = now.at;
            item.accepted_at = now.at;
            item.command.sent_ms = Some(now.unix_ms);
            item.command.sendings += 1;
            item.saving += 1;
            repeated.push(item.command.clone());
        }
        self.parts
            .stats
            .repeated
            .fetch_add(repeated.len() as u64, Ordering::Relaxed);
        for command in repeated {
            log::debug!("command repeated id={} device={device}", command.id);
            self.keep_standing(&command);
            self.deeds.push(quiet(command));
        }
        self.deeds.extend(lapsed.into_iter().map(quiet));
    }

    /// What a device was given holds, and is given to it again at each login. Not before: one that is taken back while it
    /// waits must not come up again.
    pub(super) fn keep_standing(&mut self, given: &Command) {
        if let Some(order) = given.standing() {
            self.parts.standing.set(given.address, order.clone());
            self.deeds.push(Deed::Keep {
                address: given.address,
                order,
            });
        }
    }

    pub(super) fn expire_queued(&mut self, device: Address, now: Now) {
        let Some(tray) = self.trays.get(&device) else {
            return;
        };
        let late = |item: &&Item| {
            item.command.state == State::Queued && !item.sending && item.is_expired(now)
        };
        let ids: Vec<_> = tray
            .items
            .iter()
            .filter(late)
            .map(|i| i.command.id)
            .collect();
        for id in ids {
            self.enter_by(device, id, Input::Expire, "", now);
            self.save(device, id, None, true);
        }
    }

    /// Has the database note that queued commands are sent; they are written once it has.
    fn send_queued(&mut self, device: Address, session: u64, now: Now) {
        let Some(tray) = self.trays.get_mut(&device) else {
            return;
        };
        let mut earlier_open = false;
        for item in &mut tray.items {
            let unrepeated = item.is_under_way() && item.session != Some(session);
            if unrepeated && !item.is_expired(now) {
                // It could not be written again yet; and nothing overtakes it.
                return;
            }
            if item.command.state != State::Queued || item.sending {
                earlier_open |= item.command.is_open();
                continue;
            }
            if item.unsaved || item.saving > 0 {
                // The database does not know yet that it is queued again.
                return;
            }
            let condition: Option<Condition> = item.command.condition.parse().ok();
            if condition.is_some() && earlier_open {
                // It is judged by what those before it leave behind; and nothing overtakes it.
                return;
            }
            let Ok(sent) = next(State::Queued, Input::Send, item.command.answers()) else {
                return;
            };
            item.sending = true;
            earlier_open = true;
            let mut command = item.command.clone();
            command.enter(sent, "", now.unix_ms);
            command.sent_ms = Some(now.unix_ms);
            command.sendings += 1;
            self.deeds.push(Deed::Send { command, condition });
        }
    }
}

/// Nobody is told.
fn quiet(command: Command) -> Deed {
    Deed::Save {
        command,
        reading: None,
        news: false,
    }
}
