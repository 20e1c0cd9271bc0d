//! The time that is known to have passed since a command was issued, whatever the wall clock shows at a start.
//!
//! Ids rise, so what is known of a command happened after all commands of lower ids were issued. Only that counts: a time
//! that a clock far ahead left behind once says nothing of commands that were issued after it was set right.

use super::{ALIVE, ALIVE_COMMAND, Driver, Marks, Param, StorageError};
use crate::command::Command;

/// Times by the id from which down they count, rising as the ids fall.
#[derive(Debug, Default)]
pub(super) struct Past(Vec<(i64, i64)>);

impl Past {
    /// What counts for any of these that has still an expiry to come.
    ///
    /// # Errors
    /// The store failed.
    pub(super) fn load(store: &mut dyn Driver, known: &[Command]) -> Result<Self, StorageError> {
        let mut past = Self::default();
        let waits = |command: &&Command| command.is_open() && command.expires_ms.is_some();
        let Some(first) = known.iter().filter(waits).map(|command| command.id).min() else {
            return Ok(past);
        };
        let mut alive = match Marks::get(store, ALIVE_COMMAND)? {
            Some(id) => Marks::get(store, ALIVE)?.map(|ms| (id, ms)),
            None => None,
        };
        store.query(
            "SELECT id, max(issued_ms, ifnull(sent_ms, issued_ms), ifnull(ended_ms, issued_ms))
             FROM command WHERE id >= ?1 ORDER BY id DESC",
            &[Param::Int(first)],
            &mut |row| {
                let (id, ms) = (row.int(0)?, row.int(1)?);
                if let Some((of, alive_ms)) = alive.take_if(|(of, _)| *of >= id) {
                    past.add(of, alive_ms);
                }
                past.add(id, ms);
                Ok(())
            },
        )?;
        Ok(past)
    }

    /// Ids fall from call to call.
    fn add(&mut self, id: i64, ms: i64) {
        if self.0.last().is_none_or(|(_, latest)| ms > *latest) {
            self.0.push((id, ms));
        }
    }

    /// The latest time since a command was issued, Unix ms; the beginning of time when nothing is known.
    pub(super) fn since(&self, id: i64) -> i64 {
        let counts = self.0.partition_point(|(of, _)| *of >= id);
        let latest = self.0.get(..counts).and_then(<[_]>::last);
        latest.map_or(i64::MIN, |(_, ms)| *ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Issuer, State};
    use crate::registry::GroupId;
    use crate::storage::{Commands, Sqlite};
    use crate::wire::Address;

    /// Issued in the second of its id, for a minute.
    fn command(id: i64) -> Command {
        Command {
            id,
            group: GroupId(1),
            address: Address::new(42).unwrap(),
            kind: 3,
            fields: vec!["vent".into(), "1".into()],
            issuer: Issuer::Operator,
            issuer_msgno: String::new(),
            order_key: String::new(),
            one_of_set: false,
            issued_ms: id * 1000,
            expires_ms: Some(id * 1000 + 60_000),
            condition: String::new(),
            state: State::Queued,
            detail: String::new(),
            sent_ms: None,
            sendings: 0,
            ended_ms: None,
            late: false,
            lapsed: false,
        }
    }

    /// C1.5
    #[test]
    fn a_start_knows_what_has_been_since() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Sqlite::open(&folder.path().join("hub.db")).unwrap();
        let mut add = |id: i64, sent_ms: Option<i64>, ended_ms: Option<i64>| {
            let command = Command {
                sent_ms,
                ended_ms,
                ..command(id)
            };
            Commands::insert(&mut store, &command).unwrap();
        };
        // The clock was far ahead once, before the others were issued.
        add(1, Some(9_000_000_000), Some(9_000_000_000));
        add(2, None, None);
        add(3, Some(70_000), None);
        add(4, None, Some(65_000));
        add(5, None, None);
        let past = |store: &mut Sqlite| -> Vec<_> {
            let open = Commands::open(store, i64::MAX).unwrap();
            let known = open.iter().map(|kept| (kept.command.id, kept.past_ms));
            known.collect()
        };
        assert_eq!(past(&mut store), [(2, 70_000), (3, 70_000), (5, 5000)]);
        // Signs of life count for what had been issued by then.
        Marks::set(&mut store, ALIVE, 90_000).unwrap();
        assert_eq!(past(&mut store), [(2, 70_000), (3, 70_000), (5, 5000)]);
        Marks::set(&mut store, ALIVE_COMMAND, 4).unwrap();
        assert_eq!(past(&mut store), [(2, 90_000), (3, 90_000), (5, 5000)]);
    }

    #[test]
    fn what_was_known_before_a_command_was_issued_does_not_count() {
        let mut past = Past::default();
        for (id, ms) in [(9, 50), (7, 40), (6, 70), (3, 90)] {
            past.add(id, ms);
        }
        let since = [10, 9, 8, 7, 6, 5, 3, 1].map(|id| past.since(id));
        assert_eq!(since, [i64::MIN, 50, 50, 50, 70, 70, 90, 90]);
    }
}
