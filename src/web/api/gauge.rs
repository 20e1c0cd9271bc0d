//! What takes long is not done for too many at once: exports and back-tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::web::Problem;

/// At once, in all and for one user.
const MOST: usize = 8;
const MOST_OF_ONE: usize = 2;

/// Who is at it. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Heavy(Arc<Mutex<HashMap<i64, usize>>>);

/// One place, until it is dropped.
pub(super) struct Turn {
    heavy: Heavy,
    user: i64,
}

impl Heavy {
    /// # Errors
    /// Too much is under way, of this user or in all.
    pub(super) fn enter(&self, user: i64) -> Result<Turn, Problem> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = under_way.get(&user).copied().unwrap_or(0);
        if own >= MOST_OF_ONE || under_way.values().sum::<usize>() >= MOST {
            return Err(Problem::busy(
                2,
                "Too many exports and back-tests are under way; try again when one has ended.",
            ));
        }
        under_way.insert(user, own + 1);
        Ok(Turn {
            heavy: self.clone(),
            user,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut under_way = self.heavy.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = under_way.get_mut(&self.user) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                under_way.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_takes_two_places_and_gives_them_back() {
        let heavy = Heavy::default();
        let first = heavy.enter(1).unwrap();
        let _second = heavy.enter(1).unwrap();
        assert!(heavy.enter(1).is_err());
        assert!(heavy.enter(2).is_ok());
        drop(first);
        assert!(heavy.enter(1).is_ok());
    }
}
