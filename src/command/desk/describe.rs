//! A device says what it has: DESCRIBE.

use super::{Desk, Lines};
use crate::capability::Capability;
use crate::command::work::Deed;
use crate::ledger::DropReason;
use crate::wire::{Address, Frame};

/// Descriptions of one device that may wait for their commit.
const UNDER_WAY: usize = 8;

impl Desk {
    /// Takes a description; the first of a session replaces what the device said before.
    ///
    /// # Errors
    /// It cannot be read, or too many wait for their commit.
    pub fn described(
        &mut self,
        from: Address,
        frame: &Frame<'_>,
        lines: &impl Lines,
    ) -> Result<(), DropReason> {
        let said = frame
            .fields()
            .map(Capability::parse)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|wrong| {
                log::info!("description refused device={from}: {wrong}");
                DropReason::BadValue
            })?;
        let session = lines.session(from);
        let tray = self.trays.entry(from).or_default();
        if tray.describing >= UNDER_WAY {
            return Err(DropReason::Busy);
        }
        tray.describing += 1;
        let replace = tray.described_in != session;
        tray.described_in = session;
        self.deeds.push(Deed::Describe {
            address: from,
            said,
            replace,
            msgno: frame.msgno().to_vec(),
        });
        Ok(())
    }
}
