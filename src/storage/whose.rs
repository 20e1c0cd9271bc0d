//! Whose something is that has a number.

use super::{Driver, Param, StorageError};
use crate::registry::GroupId;

/// What has a number and a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    Alarm,
    Rule,
    Schedule,
    Command,
    Channel,
}

impl Numbered {
    fn table(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Rule => "alarm_rule",
            Self::Schedule => "schedule",
            Self::Command => "command",
            Self::Channel => "channel",
        }
    }

    /// The group of the one with this number; `None`: there is none.
    ///
    /// # Errors
    /// The store failed.
    pub fn group(self, store: &mut dyn Driver, id: i64) -> Result<Option<GroupId>, StorageError> {
        let mut group = None;
        let sql = format!("SELECT group_id FROM {} WHERE id = ?1", self.table());
        store.query(&sql, &[Param::Int(id)], &mut |row| {
            group = Some(GroupId(row.int(0)?));
            Ok(())
        })?;
        Ok(group)
    }
}
