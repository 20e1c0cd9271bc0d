//! Commands of earlier runs, until their group's router takes them up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::command::Kept;
use crate::registry::GroupId;

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct WaitingCommands(Arc<Mutex<BTreeMap<GroupId, Vec<Kept>>>>);

impl WaitingCommands {
    pub fn new(commands: Vec<Kept>) -> Self {
        let mut by_group = BTreeMap::<_, Vec<_>>::new();
        for kept in commands {
            let group = kept.command.group;
            by_group.entry(group).or_default().push(kept);
        }
        Self(Arc::new(Mutex::new(by_group)))
    }

    pub fn groups(&self) -> Vec<GroupId> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .copied()
            .collect()
    }

    pub(super) fn take(&self, group: GroupId) -> Vec<Kept> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&group)
            .unwrap_or_default()
    }
}
