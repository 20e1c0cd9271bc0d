//! Making room when the files come near their cap: commands over their share first, then packs, oldest first.

use super::{FAILED_PAUSE, Keeper, LOG_PAUSE, ORDER};
use crate::readings::DAY_MS;
use crate::storage::{Driver, Layer, Readings, Step, StorageError};

impl Keeper {
    /// One step towards more room. False: there is none to be had.
    pub(super) fn relieve(
        &mut self,
        store: &mut dyn Driver,
        readings: &mut Readings,
    ) -> Result<bool, StorageError> {
        if self.relieve_commands(store)? {
            return Ok(true);
        }
        if let Some(least) = self.squeezing {
            let due = self.due(Some(least));
            match readings.pack_step(store, &mut self.packing.after, due)? {
                Step::Packed(rows) => self.count_packed(rows),
                Step::Passed => {}
                Step::Finished => self.squeezing = None,
            }
            return Ok(true);
        }
        let wall_ms = self.clock.unix_ms();
        for ((layer, days), walk) in ORDER.into_iter().zip(&mut self.evictions) {
            // Today's go too in the end, and those whose device's clock is ahead.
            let before = if days == 0 {
                i64::MAX
            } else {
                wall_ms - days * DAY_MS
            };
            let Some(packs) = Readings::evict_step(store, layer, before, walk)? else {
                continue;
            };
            if packs > 0 {
                readings.evicted();
                self.stats.count_evicted(layer, packs);
                self.log_evicted(layer, packs);
                self.squeezed = false;
            }
            return Ok(true);
        }
        // What is in no pack cannot go: even small ones are made, once.
        self.squeezed = !self.squeezed;
        self.squeezing = self.squeezed.then_some(1);
        Ok(self.squeezed)
    }

    /// Commands have a share: those of one device do not push out the readings of others.
    fn relieve_commands(&mut self, store: &mut dyn Driver) -> Result<bool, StorageError> {
        let now = self.clock.now();
        if self.commands_over == 0 && now >= self.commands_due {
            self.commands_due = now + FAILED_PAUSE;
            self.commands_over = Readings::commands_over(store, self.disk.max_bytes / 8)?;
            if self.commands_over > 0 {
                log::warn!(
                    "disk nearly full, ended commands deleted count={} max_bytes={}",
                    self.commands_over,
                    self.disk.max_bytes
                );
            }
        }
        if self.commands_over == 0 {
            return Ok(false);
        }
        let gone = Readings::evict_commands(store, self.commands_over)?;
        let left = self.commands_over - i64::try_from(gone).unwrap_or(i64::MAX);
        self.commands_over = if gone == 0 { 0 } else { left.max(0) };
        // It may be that more are over than could be counted.
        if self.commands_over == 0 {
            self.commands_due = now;
        }
        Ok(gone > 0)
    }

    /// A line a minute at most.
    fn log_evicted(&mut self, layer: Layer, packs: usize) {
        if let Some(count) = self.evicted.get_mut(layer as usize) {
            *count += packs;
        }
        let now = self.clock.now();
        if now < self.next_log {
            return;
        }
        self.next_log = now + LOG_PAUSE;
        let [raw, minutes, hours] = std::mem::take(&mut self.evicted);
        log::warn!(
            "disk nearly full, oldest data deleted packs_raw={raw} packs_minutes={minutes} packs_hours={hours} \
             max_bytes={}; set storage.max_bytes higher or retention shorter",
            self.disk.max_bytes
        );
    }
}
