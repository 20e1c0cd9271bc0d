//! `*` and `@label`: one run to every other member, or to those that carry a label.

use super::batch::Batch;
use super::table::{Progress, Table, cut_off};
use crate::session::{Push, Source};

impl Table {
    /// Copies a run to its receivers, from where the budget ended last time.
    pub(super) fn fan_out(
        &mut self,
        batch: &Batch,
        label: Option<&str>,
        frames: &[u8],
        count: u64,
        budget: &mut usize,
    ) -> Progress {
        let total = match label {
            None => self.members.len(),
            Some(label) => self.labels.get(label).map_or(0, Vec::len),
        };
        while self.cursor < total {
            if *budget == 0 {
                return Progress::More;
            }
            *budget = budget.saturating_sub(usize::try_from(count).unwrap_or(usize::MAX));
            let at = self.cursor;
            self.cursor += 1;
            self.reached += u64::from(self.copy_to(batch, label, at, frames, count));
        }
        let reached = std::mem::take(&mut self.reached);
        self.cursor = 0;
        if reached == 0 {
            self.elsewhere(batch, None, frames, count);
        } else {
            batch.count(|account| account.delivered(count));
        }
        Progress::Done
    }

    /// Copies the run to the receiver at a position. False for the sender itself.
    fn copy_to(
        &self,
        batch: &Batch,
        label: Option<&str>,
        at: usize,
        frames: &[u8],
        count: u64,
    ) -> bool {
        let member = match label {
            None => self.members.get(at),
            Some(label) => self
                .labels
                .get(label)
                .and_then(|carriers| carriers.get(at))
                .and_then(|carrier| self.member(*carrier)),
        };
        let Some(member) = member.filter(|member| member.device.address != batch.from) else {
            return false;
        };
        batch.count(|account| account.copies_made(count));
        let lost = match member.outbox.push(frames, Source::Copy(&batch.account)) {
            Push::Taken => 0,
            Push::Closed => count,
            Push::Full(taken) => cut_off(frames, taken).1,
        };
        batch.count(|account| account.copies(count - lost, lost));
        true
    }
}
