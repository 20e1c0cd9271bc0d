//! Table command.

use super::past::Past;
use super::{Driver, Marks, Param, Row, StorageError};
use crate::command::{Command, Issuer, Kept, State};
use crate::registry::GroupId;
use crate::wire::Address;

/// Name of the mark under which the highest id given out is kept.
const LAST_ID: &str = "command";

/// Ended commands that one step of the clean-up deletes.
const PURGE_ROWS: i64 = 1000;

/// Ended commands that a start remembers at most.
const REMEMBERED: i64 = 10_000;

/// Queries on commands.
pub struct Commands;

/// Which commands a list shows; the newest first.
#[derive(Clone, Debug, Default)]
pub struct CommandFilter {
    /// `None`: all.
    pub groups: Option<Vec<GroupId>>,
    pub address: Option<Address>,
    pub state: Option<State>,
    /// Only those with a lower id.
    pub before: Option<i64>,
    pub limit: i64,
}

const COLUMNS: &str = "id, group_id, address, type, fields, issuer, issuer_msgno, order_key, one_of_set, issued_ms, \
                       expires_ms, condition, state, detail, sent_ms, sendings, ended_ms, late, lapsed";

fn optional(value: Option<i64>) -> Param<'static> {
    value.map_or(Param::Null, Param::Int)
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, StorageError> {
    text.parse()
        .map_err(|_| StorageError::Failed(format!("command cannot be read: {text:?}")))
}

fn read(row: &dyn Row) -> Result<Command, StorageError> {
    let unknown = || StorageError::Failed("command cannot be read".into());
    let number = |column| u32::try_from(row.int(column)?).map_err(|_| unknown());
    Ok(Command {
        id: row.int(0)?,
        group: GroupId(row.int(1)?),
        address: Address::new(number(2)?).ok_or_else(unknown)?,
        kind: number(3)?,
        fields: serde_json::from_str(&row.text(4)?).map_err(|_| unknown())?,
        issuer: parse::<Issuer>(&row.text(5)?)?,
        issuer_msgno: row.text(6)?,
        order_key: row.text(7)?,
        one_of_set: row.int(8)? != 0,
        issued_ms: row.int(9)?,
        expires_ms: row.optional_int(10)?,
        condition: row.text(11)?,
        state: State::from_name(&row.text(12)?).ok_or_else(unknown)?,
        detail: row.text(13)?,
        sent_ms: row.optional_int(14)?,
        sendings: row.int(15)?,
        ended_ms: row.optional_int(16)?,
        late: row.int(17)? != 0,
        lapsed: row.int(18)? != 0,
    })
}

fn select(
    store: &mut dyn Driver,
    rest: &str,
    params: &[Param<'_>],
) -> Result<Vec<Command>, StorageError> {
    let mut commands = Vec::new();
    store.query(
        &format!("SELECT {COLUMNS} FROM command WHERE {rest}"),
        params,
        &mut |row| {
            commands.push(read(row)?);
            Ok(())
        },
    )?;
    Ok(commands)
}

impl Commands {
    /// The highest id that was ever given out; 0 before the first.
    ///
    /// # Errors
    /// The store failed.
    pub fn last_id(store: &mut dyn Driver) -> Result<i64, StorageError> {
        Ok(Marks::get(store, LAST_ID)?.unwrap_or(0))
    }

    /// # Errors
    /// The store failed.
    pub fn insert(store: &mut dyn Driver, command: &Command) -> Result<(), StorageError> {
        let fields = serde_json::to_string(&command.fields)
            .map_err(|error| StorageError::Failed(error.to_string()))?;
        let issuer = command.issuer.to_string();
        store.execute(
            &format!(
                "INSERT INTO command ({COLUMNS}) VALUES
                 (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"
            ),
            &[
                Param::Int(command.id),
                Param::Int(command.group.0),
                Param::Int(command.address.get().into()),
                Param::Int(command.kind.into()),
                Param::Text(&fields),
                Param::Text(&issuer),
                Param::Text(&command.issuer_msgno),
                Param::Text(&command.order_key),
                Param::Int(command.one_of_set.into()),
                Param::Int(command.issued_ms),
                optional(command.expires_ms),
                Param::Text(&command.condition),
                Param::Text(command.state.name()),
                Param::Text(&command.detail),
                optional(command.sent_ms),
                Param::Int(command.sendings),
                optional(command.ended_ms),
                Param::Int(command.late.into()),
                Param::Int(command.lapsed.into()),
            ],
        )?;
        Ok(())
    }

    /// An id is given out: none up to it ever is again.
    ///
    /// # Errors
    /// The store failed.
    pub fn given_out(store: &mut dyn Driver, id: i64) -> Result<(), StorageError> {
        Marks::raise(store, LAST_ID, id)
    }

    /// Writes what changes in the life of a command. False: there is no such command any more.
    ///
    /// # Errors
    /// The store failed.
    pub fn save(store: &mut dyn Driver, command: &Command) -> Result<bool, StorageError> {
        let changed = store.execute(
            "UPDATE command SET state = ?2, detail = ?3, sent_ms = ?4, sendings = ?5, ended_ms = ?6, late = ?7, lapsed = ?8
             WHERE id = ?1",
            &[
                Param::Int(command.id),
                Param::Text(command.state.name()),
                Param::Text(&command.detail),
                optional(command.sent_ms),
                Param::Int(command.sendings),
                optional(command.ended_ms),
                Param::Int(command.late.into()),
                Param::Int(command.lapsed.into()),
            ],
        )?;
        Ok(changed != 0)
    }

    /// # Errors
    /// The store failed.
    pub fn find(store: &mut dyn Driver, id: i64) -> Result<Option<Command>, StorageError> {
        Ok(select(store, "id = ?1", &[Param::Int(id)])?.pop())
    }

    /// # Errors
    /// The store failed.
    pub fn list(
        store: &mut dyn Driver,
        filter: &CommandFilter,
    ) -> Result<Vec<Command>, StorageError> {
        let Some(groups) = &filter.groups else {
            return Self::list_of(store, filter, None);
        };
        // Group by group, each along its index: among the commands of all groups theirs may be rare.
        let mut found = Vec::new();
        for group in groups {
            found.extend(Self::list_of(store, filter, Some(*group))?);
        }
        found.sort_by_key(|command| std::cmp::Reverse(command.id));
        found.truncate(usize::try_from(filter.limit).unwrap_or(0));
        Ok(found)
    }

    fn list_of(
        store: &mut dyn Driver,
        filter: &CommandFilter,
        group: Option<GroupId>,
    ) -> Result<Vec<Command>, StorageError> {
        let mut wheres = vec!["id < ?1".to_owned()];
        let mut params = vec![Param::Int(filter.before.unwrap_or(i64::MAX))];
        let mut add = |column: &str, param| {
            params.push(param);
            wheres.push(format!("{column} = ?{}", params.len()));
        };
        if let Some(group) = group {
            add("group_id", Param::Int(group.0));
        }
        if let Some(address) = filter.address {
            add("address", Param::Int(address.get().into()));
        }
        if let Some(state) = filter.state {
            add("state", Param::Text(state.name()));
            if matches!(state, State::Queued | State::Accepted) {
                // So that the few that are open are looked through, not all.
                wheres.push("ended_ms IS NULL".to_owned());
            }
        }
        params.push(Param::Int(filter.limit));
        let rest = format!(
            "{} ORDER BY id DESC LIMIT ?{}",
            wheres.join(" AND "),
            params.len()
        );
        select(store, &rest, &params)
    }

    /// How many have not ended.
    ///
    /// # Errors
    /// The store failed.
    pub fn count_open(
        store: &mut dyn Driver,
        groups: Option<&[GroupId]>,
    ) -> Result<u64, StorageError> {
        let mut count = 0;
        let sql = "SELECT group_id, count(*) FROM command WHERE ended_ms IS NULL GROUP BY group_id";
        store.query(sql, &[], &mut |row| {
            let group = GroupId(row.int(0)?);
            if groups.is_none_or(|groups| groups.contains(&group)) {
                count += row.int(1)?.cast_unsigned();
            }
            Ok(())
        })?;
        Ok(count)
    }

    /// The commands that an earlier COMMAND with these bytes made, if one of them is open or has not expired; or if `ever`.
    ///
    /// # Errors
    /// The store failed.
    pub fn repeated(
        store: &mut dyn Driver,
        issuer: Issuer,
        order_key: &str,
        ever: bool,
        now_ms: i64,
    ) -> Result<Vec<Command>, StorageError> {
        let issuer = issuer.to_string();
        select(
            store,
            "issuer = ?1 AND order_key = ?2 AND order_key <> '' AND (ended_ms IS NULL OR expires_ms > ?3 OR ?4
                 OR issued_ms IN (SELECT issued_ms FROM command
                     WHERE issuer = ?1 AND order_key = ?2 AND order_key <> '' AND ended_ms IS NULL)) ORDER BY id",
            &[
                Param::Text(&issuer),
                Param::Text(order_key),
                Param::Int(now_ms),
                Param::Int(ever.into()),
            ],
        )
    }

    /// Those that have not ended, and those that ended since: their answers may still come, or come again. With each the
    /// latest time that is known to have been since.
    ///
    /// # Errors
    /// The store failed.
    pub fn open(store: &mut dyn Driver, ended_since_ms: i64) -> Result<Vec<Kept>, StorageError> {
        let mut open = select(store, "ended_ms IS NULL ORDER BY id", &[])?;
        open.extend(select(
            store,
            "ended_ms > ?1 ORDER BY ended_ms DESC LIMIT ?2",
            &[Param::Int(ended_since_ms), Param::Int(REMEMBERED)],
        )?);
        open.sort_by_key(|command| command.id);
        let past = Past::load(store, &open)?;
        let kept = open.into_iter().map(|command| Kept {
            past_ms: past.since(command.id),
            command,
        });
        Ok(kept.collect())
    }

    /// The device is another group's from now on: what was queued is cancelled, of what was sent nobody will hear.
    ///
    /// # Errors
    /// The store failed.
    pub fn leave_group(
        store: &mut dyn Driver,
        address: u32,
        group: i64,
        now_ms: i64,
    ) -> Result<(), StorageError> {
        store
            .execute(
                "UPDATE command SET state = CASE state WHEN 'queued' THEN 'cancelled' ELSE 'timed_out' END,
                     detail = 'MOVED', ended_ms = ?2 WHERE address = ?1 AND group_id = ?3 AND ended_ms IS NULL",
                &[
                    Param::Int(address.into()),
                    Param::Int(now_ms),
                    Param::Int(group),
                ],
            )
            .map(|_| ())
    }

    /// Deletes some commands that ended before a time, but none that a repeat of its COMMAND could still mean. True while
    /// there may be more.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_step(store: &mut dyn Driver, before_ms: i64) -> Result<bool, StorageError> {
        let deleted = store.execute(
            "DELETE FROM command WHERE id IN (SELECT id FROM command WHERE ended_ms < ?1 AND (expires_ms IS NULL OR expires_ms < ?1) LIMIT ?2)",
            &[Param::Int(before_ms), Param::Int(PURGE_ROWS)],
        )?;
        Ok(deleted != 0)
    }
}
