//! Frames for the hub that need the table: DEVICES is answered here, the others are the desk's.

use super::batch::Batch;
use super::errands::Errand;
use super::table::{Member, Progress, Table};
use crate::session::Source;
use crate::wire::{Address, FrameWriter, escape, kind};

/// Deliveries that a frame for the desk counts for.
const ERRAND: usize = 20;

impl Table {
    /// Answers the frames of a run that are for the hub and need the table. Each costs as many deliveries as it
    /// names members.
    pub(super) fn answer(&mut self, batch: &Batch, frames: &[u8], budget: &mut usize) -> Progress {
        for frame in self.frames(frames).skip(self.cursor) {
            if *budget == 0 {
                return Progress::More;
            }
            self.cursor += 1;
            if frame.kind != kind::DEVICES {
                *budget = budget.saturating_sub(ERRAND);
                self.errands.push(Errand::new(batch, &frame));
                continue;
            }
            *budget = budget.saturating_sub(self.members.len());
            let answer = self.devices(batch.from, frame.msgno());
            if let Some(asker) = self.member(batch.from) {
                // One that does not read its answers misses them.
                let _ = asker.outbox.push(&answer, Source::Hub);
            }
            batch.count(|account| account.answered(1));
        }
        self.cursor = 0;
        Progress::Done
    }

    /// `0|asker|500|address:type:id:name|...|msgno|`, in as many frames as the limits ask for.
    fn devices(&self, asker: Address, msgno: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        let mut members = self.members.iter().map(entry).peekable();
        while members.peek().is_some() {
            let room = self.limits.frame_bytes.saturating_sub(msgno.len() + 32);
            let mut entries = Vec::new();
            let mut bytes = 0;
            // Three leading fields and msgno are fields too.
            while entries.len() + 4 < self.limits.fields
                && let Some(entry) =
                    members.next_if(|entry| entries.is_empty() || bytes + entry.len() < room)
            {
                bytes += entry.len() + 1;
                entries.push(entry);
            }
            let frame = FrameWriter::new(&mut answer, 0, asker.get(), kind::DEVICES);
            entries
                .iter()
                .fold(frame, |frame, entry| frame.as_sent(entry))
                .as_sent(msgno)
                .end();
        }
        answer
    }
}

/// `address:type:id:name`; a `:` in the name travels as %3A.
fn entry(member: &Member) -> Vec<u8> {
    let device = &member.device;
    let mut entry = format!("{}:{}:{}:", device.address, device.kind, device.id).into_bytes();
    for (at, part) in device.name.split(':').enumerate() {
        if at > 0 {
            entry.extend_from_slice(b"%3A");
        }
        escape(&mut entry, part);
    }
    entry
}
