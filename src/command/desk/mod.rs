//! The open commands of one group's devices. Plain: it is told what happens and what time it is, writes through
//! [`Lines`], and leaves what has to be stored as [`Deed`]s for whoever drives it.

mod answers;
mod issue;
mod pump;
mod settle;
mod tick;
mod tray;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::order::Expiry;
use super::record::{Command, Issuer, Kept};
use super::standing::Standing;
use super::state::State;
use super::stats::CommandStats;
use super::work::Deed;
use crate::bus::{Bus, Event};
use crate::registry::GroupId;
use crate::session::refuse_parts;
use crate::settings::{Settings, size};
use crate::wire::{Address, FrameWriter, Limits, kind};

use issue::Pending;
pub use issue::{Reply, named};
pub use tick::CancelError;
use tray::{Item, Tray};

/// The connections of the group's devices.
pub trait Lines {
    /// Which session the device has, if it is connected.
    fn session(&self, device: Address) -> Option<u64>;
    /// Whether it reads what it gets: a command must not wait in an outbox until it is late.
    fn is_clear(&self, device: Address) -> bool;
    /// Whole frames; false when they were not taken.
    fn write(&self, device: Address, frames: &[u8]) -> bool;
}

/// The time, on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Monotonic, for deadlines.
    pub at: Duration,
    pub unix_ms: i64,
}

/// Tells orders that are not committed yet apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

/// Bounds and times of a desk.
#[derive(Clone, Debug)]
pub struct DeskLimits {
    /// Open commands of a device at most.
    queue: usize,
    /// Open commands of the group at most.
    group_queue: usize,
    default_expiry_ms: i64,
    answer: Duration,
    act: Duration,
    frames: Limits,
}

impl DeskLimits {
    pub fn new(settings: &Settings, frames: Limits) -> Self {
        let commands = &settings.commands;
        let seconds_ms = |seconds: u64| i64::try_from(seconds * 1000).unwrap_or(i64::MAX);
        Self {
            queue: size(commands.queue),
            group_queue: size(commands.group_queue),
            default_expiry_ms: seconds_ms(commands.expire_seconds),
            answer: Duration::from_secs(commands.answer_seconds),
            act: Duration::from_secs(commands.act_seconds),
            frames,
        }
    }
}

/// What every desk of a hub shares.
#[derive(Clone, Default)]
pub struct DeskParts {
    /// The highest id given out.
    pub ids: Arc<AtomicI64>,
    pub standing: Standing,
    pub stats: Arc<CommandStats>,
    pub bus: Bus,
}

/// See the module.
pub struct Desk {
    group: GroupId,
    limits: DeskLimits,
    parts: DeskParts,
    trays: FxHashMap<Address, Tray>,
    pending: FxHashMap<Ticket, Pending>,
    tickets: u64,
    /// Open commands, and those about to be.
    open: usize,
    deeds: Vec<Deed>,
}

impl Desk {
    pub fn new(group: GroupId, limits: DeskLimits, parts: DeskParts) -> Self {
        Self {
            group,
            limits,
            parts,
            trays: FxHashMap::default(),
            pending: FxHashMap::default(),
            tickets: 0,
            open: 0,
            deeds: Vec::new(),
        }
    }

    /// Takes up a command of an earlier run. Its expiry is judged by the wall clock, or by what is known of the past, should
    /// that be later: a hub that was killed has forgotten how long it waited.
    pub fn take_up(&mut self, kept: Kept, now: Now) {
        let start_ms = kept.past_ms.max(now.unix_ms);
        self.hold(Item::new(kept.command, start_ms, now));
    }

    fn hold(&mut self, item: Item) {
        self.opened(i64::from(item.command.is_open()));
        let tray = self.trays.entry(item.command.address).or_default();
        tray.items.push_back(item);
    }

    /// What has to be stored now; each is settled with [`Desk::settled`] in this order.
    pub fn take_deeds(&mut self) -> Vec<Deed> {
        std::mem::take(&mut self.deeds)
    }

    /// A device of the group has a new session.
    pub fn joined(&mut self, device: Address, now: Now, lines: &impl Lines) {
        if self.trays.contains_key(&device) || !self.parts.standing.of(device).is_empty() {
            self.pump(device, now, lines);
        }
    }

    /// The device asks what waits for it.
    pub fn polled(&mut self, device: Address, now: Now, lines: &impl Lines) {
        self.joined(device, now, lines);
    }

    /// The device is not this group's any more; the database knows. What was queued is cancelled, of what was sent nobody
    /// will hear.
    pub fn forget(&mut self, device: Address, why: &str, now: Now, lines: &impl Lines) {
        let Some(tray) = self.trays.remove(&device) else {
            return;
        };
        self.opened(-i64::try_from(tray.open() - tray.pending).unwrap_or(0));
        if tray.pending > 0 {
            // Their orders are settled later, and find a new tray.
            self.trays.entry(device).or_default().pending = tray.pending;
        }
        for mut item in tray.items.into_iter().filter(|item| item.command.is_open()) {
            let state = match item.command.state {
                State::Queued => State::Cancelled,
                _ => State::TimedOut,
            };
            item.command.enter(state, why, now.unix_ms);
            self.tell(&item.command, lines);
        }
    }

    fn opened(&mut self, by: i64) {
        self.open = self
            .open
            .saturating_add_signed(isize::try_from(by).unwrap_or(0));
        self.parts
            .stats
            .open
            .fetch_add(by, std::sync::atomic::Ordering::Relaxed);
    }

    /// Lets a command enter a state. Nobody is told before that is stored.
    fn enter(&mut self, device: Address, id: i64, state: State, detail: &str, now: Now) {
        let Some(item) = self.trays.get_mut(&device).and_then(|tray| tray.find(id)) else {
            return;
        };
        let was_open = item.command.is_open();
        item.entered_at = now.at;
        item.command.enter(state, detail, now.unix_ms);
        let by = i64::from(item.command.is_open()) - i64::from(was_open);
        self.opened(by);
    }

    /// Its issuer and the subscribers hear of the state that a command has, now that it is stored.
    fn tell(&self, command: &Command, lines: &impl Lines) {
        self.parts.stats.entered(command.state);
        self.parts
            .bus
            .tell(Event::Command(Arc::new(command.clone())));
        self.tell_issuer(command, lines);
    }

    fn tell_issuer(&self, command: &Command, lines: &impl Lines) {
        if let Issuer::Device(issuer) = command.issuer {
            let mut frame = Vec::new();
            self.compose_state(command, issuer, &mut frame);
            // An issuer that is away or reads too slowly asks again with the same COMMAND.
            let _ = lines.write(issuer, &frame);
        }
    }

    /// `0|issuer|41|STATE|detail|(device|)msgno|`
    fn compose_state(&self, command: &Command, issuer: Address, out: &mut Vec<u8>) {
        let (address, msgno) = (command.address.get(), command.issuer_msgno.as_bytes());
        let whole = FrameWriter::new(out, 0, issuer.get(), kind::COMMAND_STATE)
            .text(command.state.on_the_wire())
            .text(&command.detail);
        let whole = if command.one_of_set {
            whole.number(address)
        } else {
            whole
        };
        whole.as_sent(msgno).end();
    }

    fn refuse(&self, to: Address, reason: &str, msgno: &[u8], lines: &impl Lines) {
        let mut frame = Vec::new();
        refuse_parts(
            &mut frame,
            to,
            reason,
            b"0",
            msgno,
            self.limits.frames.frame_bytes,
        );
        let _ = lines.write(to, &frame);
    }

    /// For tests and checks: every command that is held.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.trays
            .values()
            .flat_map(|tray| tray.items.iter().map(|item| &item.command))
    }
}

/// The expiry that a device's COMMAND gives.
fn expiry(field: &str) -> Option<Expiry> {
    if field.is_empty() {
        return Some(Expiry::Default);
    }
    let digits = field.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| field.parse().ok().map(Expiry::At)).flatten()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
