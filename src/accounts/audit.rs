//! The audit log: who changed what. A line is written after its change was committed, and before whoever asked hears of it.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Accounts, Actor, DAY_MS, Through, User};
use crate::recorder::Work;
use crate::registry::GroupId;
use crate::storage::{Audit, AuditFilter, AuditRow, Driver, Readings, StorageError, transaction};
use crate::throttle::{Buckets, Rate};

/// Bytes of a target or a detail at most.
const TEXT_BYTES: usize = 500;

/// Lines that one look at the log goes through, and looks for one page at most: a rare line is searched for in steps.
const LOOK: i64 = 20_000;
const LOOKS: usize = 20;

/// Failed logins that are written down at once, and a second for long: a flood of them must not fill the disk.
pub(super) const FAILED: Rate = Rate {
    size: 200.0,
    refill: 1.0,
};

/// What was changed, in words without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Such as `device.add`: what, a dot, and the deed.
    pub action: &'static str,
    pub target: String,
    pub detail: String,
    /// What it concerns, by id and name; none: the hub as a whole.
    pub groups: Vec<(i64, String)>,
}

struct Line {
    row: AuditRow,
    reply: oneshot::Sender<Result<(), StorageError>>,
}

impl Work for Line {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        Audit::insert(store, &self.row)
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        // Nobody waits any more when it cannot be sent.
        let _ = self.reply.send(done.map_err(Clone::clone));
    }
}

impl Accounts {
    /// Writes a line, and waits for its commit. Its change is done already: a line that cannot be stored goes to the log
    /// of the hub.
    pub async fn note(&self, actor: &Actor, note: Note) {
        let row = AuditRow {
            id: 0,
            at_ms: self.0.now_ms(),
            actor: actor.name.to_string(),
            via: actor.through.name().to_owned(),
            source: actor.from.map(|from| from.to_string()).unwrap_or_default(),
            action: note.action.to_owned(),
            target: cut(note.target),
            detail: cut(note.detail),
            groups: note.groups,
        };
        let (reply, answer) = oneshot::channel();
        let said = format!("{} {} {:?}", row.actor, row.action, row.target);
        // Handed over before anything is waited for: whoever asked may go away. Requests under way bound these.
        self.0
            .parts
            .recorder
            .submit_bounded(Box::new(Line { row, reply }));
        if let Ok(Err(error)) = answer.await {
            log::error!("not in the audit log: {said} error={error}");
        }
    }

    /// The same for what a user did in a browser, or tried. A name that nobody has is not written down: people type their
    /// password there.
    pub(super) async fn note_user(
        &self,
        user: Option<&User>,
        from: Option<std::net::IpAddr>,
        action: &'static str,
    ) {
        let actor = Actor {
            name: user.map_or_else(|| "unknown".into(), |user| user.name.clone()),
            through: Through::Web,
            from,
            caller: None,
        };
        let groups = user
            .map(|user| self.named(&user.groups))
            .unwrap_or_default();
        let note = Note {
            action,
            target: actor.name.to_string(),
            detail: String::new(),
            groups,
        };
        self.note(&actor, note).await;
    }

    /// Whether there is room for one more failed login in the log.
    pub(super) fn notes_failure(&self) -> bool {
        let now = self.0.parts.clock.now();
        let mut failures = self.0.failures();
        let room = failures.wait(&(), now).is_none();
        if room {
            failures.spend((), now);
        }
        room
    }

    fn named(&self, groups: &BTreeSet<GroupId>) -> Vec<(i64, String)> {
        let registry = self.0.parts.registry.read();
        let named = groups.iter();
        named
            .map(|group| (group.0, registry.group_name(*group).to_string()))
            .collect()
    }

    /// Lines, the newest first, and the `before` of the next page; `filter.least` is not used.
    ///
    /// # Errors
    /// The store failed.
    pub async fn audit(
        &self,
        mut filter: AuditFilter,
    ) -> Result<(Vec<AuditRow>, Option<i64>), StorageError> {
        let recorder = &self.0.parts.recorder;
        let ends = |store: &mut dyn Driver| Ok((Audit::first_id(store)?, Audit::last_id(store)?));
        let (first, last) = recorder.read(ends).await?;
        filter.before = filter.before.min(last.saturating_add(1));
        let wanted = filter.limit;
        let mut found = Vec::new();
        for _ in 0..LOOKS {
            if filter.before <= first {
                return Ok((found, None));
            }
            filter.least = filter.before.saturating_sub(LOOK);
            filter.limit = wanted - i64::try_from(found.len()).unwrap_or(wanted);
            let look = filter.clone();
            let rows = recorder
                .read(move |store| Audit::list(store, &look))
                .await?;
            let full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= filter.limit);
            filter.before = match rows.last() {
                Some(row) if full => row.id,
                _ => filter.least,
            };
            found.extend(rows);
            if full {
                break;
            }
        }
        let more = filter.before > first;
        Ok((found, more.then_some(filter.before)))
    }

    /// Lets go of lines that are too old, in short steps.
    ///
    /// # Errors
    /// The store failed.
    pub async fn purge_audit(&self) -> Result<(), StorageError> {
        let days = i64::try_from(self.0.parts.settings.web.audit_days).unwrap_or(i64::MAX);
        let before = self.0.now_ms().saturating_sub(days.saturating_mul(DAY_MS));
        let step = move |store: &mut dyn Driver| {
            transaction(store, |store| Audit::purge_step(store, before))
        };
        while self.0.parts.recorder.call(step).await?? {
            // Others come in between.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

pub(super) fn failures() -> Buckets<()> {
    Buckets::new(FAILED)
}

fn cut(mut text: String) -> String {
    let mut end = text.len().min(TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}
