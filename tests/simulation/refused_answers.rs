//! Answers of a device that the hub does not take: only those that nobody asked for, and second ones.

use crate::plans::Plan;
use crate::servant::Diary;
use crate::world::World;

impl Diary {
    /// The hub does not take an answer. It may be so only if it was not asked for, or was given before.
    pub fn refused(&mut self, world: &World, me: u32, reason: &str, id: &str) {
        let id: i64 = id.parse().unwrap();
        let fits = match reason {
            "NOT_ASKED" => self.unasked.contains(&id) || self.is_forgotten(world, me, id),
            "ALREADY_ANSWERED" => {
                self.plans.get(&id) == Some(&Plan::Twice) || self.unasked.contains(&id)
            }
            // A value that a described device cannot have.
            _ => return,
        };
        assert!(
            fits,
            "device {me} answered {id} honestly and is told {reason}: {:?} {:?}",
            self.story(id),
            world.stories.borrow().get(&id)
        );
        world.count(match reason {
            "NOT_ASKED" => "NOT_ASKED",
            _ => "ALREADY_ANSWERED",
        });
    }

    /// What ended before a restart is remembered by the wall clock, which may have jumped; and of what ended only the
    /// latest 16 of a device are.
    fn is_forgotten(&self, world: &World, me: u32, id: i64) -> bool {
        let stories = world.stories.borrow();
        let life = |id: &i64| stories.get(id)?.states.last().map(|(life, _, _)| *life);
        let of_device = stories.range(id + 1..).map(|(_, story)| &story.last);
        let later = of_device.filter(|last| last.address.get() == me && !last.is_open());
        life(&id) != Some(world.life()) || later.count() >= 16
    }

    /// The newest order that it has not done, and never will.
    pub fn unanswered(&self) -> Option<i64> {
        let silent = |plan: &Plan| *plan == Plan::Silent { does: false };
        let found = self.plans.iter().rev().find(|(_, plan)| silent(plan));
        found.map(|(id, _)| *id)
    }

    /// All that it knows of one order, for people.
    pub fn story(&self, id: i64) -> String {
        let receipts: Vec<_> = self.receipts.iter().filter(|r| r.id == id).collect();
        let acts: Vec<_> = self.acts.iter().filter(|(acted, _)| *acted == id).collect();
        let (plan, said) = (self.plans.get(&id), self.said.get(&id));
        format!("plan {plan:?}, said {said:?}, acts {acts:?}, receipts {receipts:?}")
    }
}
