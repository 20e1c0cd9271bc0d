//! Whose something is, before it is asked for on somebody's behalf.

use super::Admin;
use crate::registry::GroupId;
use crate::storage::{Driver, Numbered, StorageError};

impl Admin {
    /// The group of an alarm, rule, schedule, command or channel; `None`: there is none of this number.
    ///
    /// # Errors
    /// The store failed.
    pub async fn whose(&self, what: Numbered, id: i64) -> Result<Option<GroupId>, StorageError> {
        let look = move |store: &mut dyn Driver| what.group(store, id);
        self.parts().recorder.call(look).await?
    }
}
