//! What just happened, for whoever opens a page now.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::item::Item;
use crate::accounts::{Caller, Need};
use crate::registry::GroupId;

/// Events that are kept in memory.
pub const MOST: usize = 500;

/// The latest events of the hub: neither readings nor frames.
#[derive(Default)]
pub(super) struct Recent(Mutex<VecDeque<Item>>);

/// Which of them are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecentQuery {
    pub group: Option<GroupId>,
    pub device: Option<u32>,
    pub limit: usize,
}

impl Recent {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Item>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, items: &[Item]) {
        let mut recent = self.lock();
        for item in items {
            if recent.len() >= MOST {
                recent.pop_front();
            }
            recent.push_back(item.clone());
        }
    }

    /// The newest first, as far as the caller may see them.
    pub(super) fn list(&self, caller: &Caller, query: &RecentQuery) -> Vec<Arc<str>> {
        let visible = |item: &&Item| match item.group {
            Some(group) => caller.sees(group) && query.group.is_none_or(|wanted| wanted == group),
            None => caller.allows() >= Need::Administer && query.group.is_none(),
        };
        let recent = self.lock();
        let newest = recent.iter().rev().filter(visible);
        let wanted = newest.filter(|item| query.device.is_none() || item.address == query.device);
        wanted
            .take(query.limit)
            .map(|item| Arc::clone(&item.text))
            .collect()
    }
}
