//! The commands of one device.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::Now;
use crate::command::record::Command;
use crate::command::state::State;
use crate::command::work::Reported;

/// Ended commands that are remembered for second answers.
const REMEMBERED: usize = 16;

/// Timed-out commands that are remembered for late answers.
const UNANSWERED: usize = 1000;

/// How long, at most; on the monotonic clock, so that a wall clock which is set forth forgets nothing.
pub(super) const REMEMBERED_FOR: Duration = Duration::from_secs(3600);

/// A command and what only this process knows of it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) command: Command,
    /// The commit that makes it sent is under way.
    pub(super) sending: bool,
    /// The commit of its state failed, perhaps of a value with it.
    pub(super) unsaved: bool,
    /// Commits of its state that are under way.
    pub(super) saving: usize,
    pub(super) reported: Option<Reported>,
    /// In which session it was written, and when.
    pub(super) session: Option<u64>,
    pub(super) written_at: Duration,
    pub(super) accepted_at: Duration,
    /// When it came to the state that it has.
    pub(super) entered_at: Duration,
    /// The expiry on the monotonic clock, so that a wall clock which is set back revives nothing.
    deadline: Option<Duration>,
    /// It was past its expiry once: a clock that goes back does not revive it.
    lapsed: Cell<bool>,
}

impl Item {
    /// `wall_ms`: the time by which its expiry is judged now; that of the clock, unless it is known to be later.
    pub(super) fn new(command: Command, wall_ms: i64, now: Now) -> Self {
        let left = command.expires_ms.map(|expires| {
            let left = expires.saturating_sub(wall_ms).max(0);
            Duration::from_millis(left.unsigned_abs())
        });
        Self {
            lapsed: Cell::new(command.lapsed),
            command,
            sending: false,
            unsaved: false,
            saving: 0,
            reported: None,
            session: None,
            written_at: now.at,
            accepted_at: now.at,
            entered_at: now.at,
            deadline: left.map(|left| now.at.saturating_add(left)),
        }
    }

    /// Past its expiry on either clock.
    pub(super) fn is_expired(&self, now: Now) -> bool {
        let by_wall = self.command.expires_ms.is_some_and(|at| now.unix_ms >= at);
        let by_span = self.deadline.is_some_and(|deadline| now.at >= deadline);
        self.lapsed.set(self.lapsed.get() || by_wall || by_span);
        self.lapsed.get()
    }

    /// Others go out before it from now on, if it is under way. What has to be stored for that.
    pub(super) fn lapse(&mut self) -> Option<Command> {
        if !self.is_under_way() || self.command.lapsed {
            return None;
        }
        self.command.lapsed = true;
        self.saving += 1;
        Some(self.command.clone())
    }

    /// The database does not know yet what became of it, and a start would send it.
    pub(super) fn may_come_back(&self) -> bool {
        (self.unsaved || self.saving > 0) && self.command.state != State::Succeeded
    }

    /// Sent or accepted, and no answer yet.
    pub(super) fn is_under_way(&self) -> bool {
        self.command.is_open() && matches!(self.command.state, State::Sent | State::Accepted)
    }
}

/// In the order of their ids.
#[derive(Debug, Default)]
pub(super) struct Tray {
    pub(super) items: VecDeque<Item>,
    /// Commands whose order is not committed yet.
    pub(super) pending: usize,
    /// The session that was given the standing orders.
    pub(super) standing_in: Option<u64>,
    /// The commands whose orders it was given then: their answers may come when others hold already.
    pub(super) standing_given: Vec<i64>,
}

impl Tray {
    pub(super) fn find(&mut self, id: i64) -> Option<&mut Item> {
        // Ids rise along the tray.
        let at = self
            .items
            .binary_search_by_key(&id, |item| item.command.id)
            .ok()?;
        self.items.get_mut(at)
    }

    /// Whether nothing that has to be written before it is still to be written in this session: a device that
    /// remembers only the highest id would take what comes later for a repeat.
    pub(super) fn is_in_turn(&self, id: i64, session: Option<u64>, now: Now) -> bool {
        let earlier = self.items.iter().take_while(|item| item.command.id < id);
        !earlier.into_iter().any(|item| {
            item.command.state == State::Queued
                || item.session != session
                    && (item.is_under_way() && !item.is_expired(now) || item.may_come_back())
        })
    }

    /// By kind and name, the latest standing order that was sent.
    pub(super) fn newest_standing(&self) -> BTreeMap<(u32, String), i64> {
        let sent = |item: &&Item| item.command.sendings > 0 && item.command.state != State::Queued;
        let standing = self.items.iter().filter(sent).filter_map(|item| {
            let order = item.command.standing()?;
            Some(((order.kind, order.name), item.command.id))
        });
        // Ids rise along the tray: the last of a name stays.
        standing.collect()
    }

    pub(super) fn open(&self) -> usize {
        let open = self.items.iter().filter(|item| item.command.is_open());
        open.count() + self.pending
    }

    /// Lets go of what ended long ago. False when nothing is left.
    pub(super) fn tidy(&mut self, session: Option<u64>, now: Now) -> bool {
        let stored = |item: &Item| !item.unsaved && item.saving == 0;
        let ended = |item: &Item| item.command.ended_ms.is_some() && stored(item);
        let timed_out = |item: &Item| item.command.state == State::TimedOut;
        let surplus = |late: bool, most: usize| {
            let items = self.items.iter();
            let all = items.filter(|item| ended(item) && timed_out(item) == late);
            all.count().saturating_sub(most)
        };
        let (mut answered, mut unanswered) =
            (surplus(false, REMEMBERED), surplus(true, UNANSWERED));
        self.items.retain(|item| {
            let old = now.at > item.entered_at.saturating_add(REMEMBERED_FOR);
            let surplus = if timed_out(item) {
                &mut unanswered
            } else {
                &mut answered
            };
            if !ended(item) || *surplus == 0 && !old {
                return true;
            }
            *surplus = surplus.saturating_sub(1);
            false
        });
        // Which session was given its standing orders is known as long as it lasts.
        let given = self.standing_in.is_some() && self.standing_in == session;
        !self.items.is_empty() || self.pending > 0 || given
    }
}
