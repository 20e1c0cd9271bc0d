//! Commands of earlier runs, until their group's router takes them up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::command::Command;
use crate::registry::GroupId;

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct WaitingCommands(Arc<Mutex<BTreeMap<GroupId, Vec<Command>>>>);

impl WaitingCommands {
    pub fn new(commands: Vec<Command>) -> Self {
        let mut by_group = BTreeMap::<_, Vec<_>>::new();
        for command in commands {
            by_group.entry(command.group).or_default().push(command);
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

    pub(super) fn take(&self, group: GroupId) -> Vec<Command> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&group)
            .unwrap_or_default()
    }
}
