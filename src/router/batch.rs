//! What a session hands to its router: the frames of one read, cut into runs of one destination.

use std::sync::Arc;

use actix::Message;
use smallvec::SmallVec;

use crate::ledger::{Account, DropReason};
use crate::wire::{Address, Dest};

/// Where a run goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// The router itself answers.
    Hub,
    Device(Address),
    Everyone,
    Label(Arc<str>),
}

impl To {
    /// Whether this is where a frame with that destination goes; without allocating.
    pub fn is(&self, dest: Dest<'_>) -> bool {
        match (self, dest) {
            (Self::Hub, Dest::Hub) | (Self::Everyone, Dest::Everyone) => true,
            (Self::Device(ours), Dest::Device(theirs)) => *ours == theirs,
            (Self::Label(ours), Dest::Label(theirs)) => **ours == *theirs,
            _ => false,
        }
    }
}

impl From<Dest<'_>> for To {
    fn from(dest: Dest<'_>) -> Self {
        match dest {
            Dest::Hub => Self::Hub,
            Dest::Device(address) => Self::Device(address),
            Dest::Everyone => Self::Everyone,
            Dest::Label(label) => Self::Label(label.into()),
        }
    }
}

/// Neighbouring frames with the same destination.
#[derive(Debug)]
pub struct Run {
    pub to: To,
    /// Where the run ends in the batch's bytes; it begins where the one before ends.
    pub end: usize,
    pub frames: u64,
}

/// Checked frames of one session, each with its last `|` and EOT. Sent by the session after a read.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Batch {
    pub from: Address,
    /// Which session of the device.
    pub number: u64,
    pub bytes: Vec<u8>,
    pub runs: SmallVec<[Run; 1]>,
    /// Runs that are routed.
    pub done: usize,
    /// Bytes that it counts for while it waits.
    held: usize,
    pub account: Arc<Account>,
    pub group_account: Arc<Account>,
}

impl Batch {
    /// `read`: bytes of the read that it is cut from, a good guess of its own size.
    pub fn new(
        from: Address,
        number: u64,
        read: usize,
        account: Arc<Account>,
        group_account: Arc<Account>,
    ) -> Self {
        // A read may lack the optional last `|` of its frames.
        let bytes = Vec::with_capacity(read + 16);
        group_account.queued(bytes.capacity());
        Self {
            from,
            number,
            held: bytes.capacity(),
            bytes,
            runs: SmallVec::new(),
            done: 0,
            account,
            group_account,
        }
    }

    /// The next run that is not routed yet, with its bytes.
    pub fn next(&self) -> Option<(&Run, &[u8])> {
        let run = self.runs.get(self.done)?;
        let start = self
            .done
            .checked_sub(1)
            .and_then(|i| self.runs.get(i))
            .map_or(0, |run| run.end);
        Some((run, self.bytes.get(start..run.end).unwrap_or_default()))
    }

    pub fn count(&self, on: impl Fn(&Account)) {
        on(&self.account);
        on(&self.group_account);
    }
}

impl Drop for Batch {
    /// A batch that no router will take any more (its group is gone, the hub stops) is dropped frames.
    fn drop(&mut self) {
        let left: u64 = self.runs.iter().skip(self.done).map(|run| run.frames).sum();
        if left > 0 {
            self.count(|account| account.dropped(DropReason::Closed, left));
        }
        self.group_account.dequeued(self.held);
    }
}
