//! Where each channel stands, as far as the keeper has to know: when it is its turn.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Kind;

/// The first notification after quiet waits so long for its companions.
pub(super) const COMPANIONS: Duration = Duration::from_secs(1);

/// Deliveries under way at once.
pub(super) const SLOTS: usize = 16;

/// Of these, by channels that failed the last time: however many hang, the others have slots.
pub(super) const SLOTS_FOR_FAILING: usize = SLOTS / 2;

/// One channel for which something waits, or did a moment ago. Times are those of [`crate::clock::Clock::now`].
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) kind: Kind,
    /// When the next attempt is due; `None` while there is nothing to send or an attempt is under way.
    pub(super) due: Option<Duration>,
    pub(super) under_way: bool,
    /// Attempts in a row that failed.
    pub(super) failures: u32,
    /// No new message before.
    pub(super) quiet_until: Duration,
    /// The message under way.
    pub(super) message: Option<Trial>,
    seen: bool,
}

/// Since when a message is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    pub(super) message: i64,
    /// The first attempt of this process.
    pub(super) first: Duration,
    /// For how long an earlier process tried it.
    pub(super) before: Duration,
}

impl Standing {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            due: None,
            under_way: false,
            failures: 0,
            quiet_until: Duration::ZERO,
            message: None,
            seen: false,
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Standings(BTreeMap<i64, Standing>);

impl Standings {
    pub(super) fn get(&mut self, id: i64) -> Option<&mut Standing> {
        self.0.get_mut(&id)
    }

    pub(super) fn forget(&mut self, id: i64) {
        self.0.remove(&id);
    }

    /// Takes in for which channels something waits now.
    pub(super) fn look(&mut self, waiting: &[(i64, Kind)], now: Duration) {
        for standing in self.0.values_mut() {
            standing.seen = false;
        }
        for (id, kind) in waiting {
            let standing = self.0.entry(*id).or_insert_with(|| Standing::new(*kind));
            standing.seen = true;
            if standing.due.is_none() && !standing.under_way {
                standing.due = Some((now + COMPANIONS).max(standing.quiet_until));
            }
        }
        for standing in self.0.values_mut().filter(|standing| !standing.seen) {
            standing.due = None;
        }
        // One that was quiet for long enough begins anew.
        self.0.retain(|_, standing| {
            standing.seen || standing.under_way || standing.quiet_until > now
        });
    }

    /// The channel whose turn it is, of those that may have a slot.
    pub(super) fn next_due(&self) -> Option<(i64, Duration)> {
        let under_way = self.under_way(|_| true);
        if under_way >= SLOTS {
            return None;
        }
        let failing = self.under_way(|standing| standing.failures > 0);
        let may = |standing: &Standing| standing.failures == 0 || failing < SLOTS_FOR_FAILING;
        self.0
            .iter()
            .filter(|(_, standing)| may(standing))
            .filter_map(|(id, standing)| Some((*id, standing.due?)))
            .min_by_key(|(_, due)| *due)
    }

    fn under_way(&self, which: impl Fn(&Standing) -> bool) -> usize {
        let standings = self.0.values();
        standings
            .filter(|standing| standing.under_way && which(standing))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    fn waiting(ids: std::ops::Range<i64>) -> Vec<(i64, Kind)> {
        ids.map(|id| (id, Kind::Webhook)).collect()
    }

    #[test]
    fn failing_channels_take_half_of_the_slots_at_most() {
        let mut all = Standings::default();
        all.look(&waiting(0..40), NOW);
        for id in 0..20 {
            all.get(id).unwrap().failures = 1;
        }
        let mut begun = Vec::new();
        while let Some((id, _)) = all.next_due() {
            let standing = all.get(id).unwrap();
            (standing.due, standing.under_way) = (None, true);
            begun.push(id);
        }
        assert_eq!(begun.len(), SLOTS);
        assert_eq!(
            begun.iter().filter(|id| **id < 20).count(),
            SLOTS_FOR_FAILING
        );
    }

    #[test]
    fn the_first_waits_for_companions_and_the_next_for_the_quiet_time() {
        let mut all = Standings::default();
        all.look(&waiting(1..2), NOW);
        all.look(&waiting(1..2), NOW + COMPANIONS / 2);
        assert_eq!(all.next_due(), Some((1, NOW + COMPANIONS)));
        let standing = all.get(1).unwrap();
        (standing.due, standing.quiet_until) = (None, NOW + COMPANIONS * 30);
        all.look(&[], NOW + COMPANIONS);
        assert_eq!(all.next_due(), None);
        all.look(&waiting(1..2), NOW + COMPANIONS * 2);
        assert_eq!(all.next_due(), Some((1, NOW + COMPANIONS * 30)));
        all.look(&[], NOW + COMPANIONS * 30);
        assert!(all.get(1).is_none());
    }
}
