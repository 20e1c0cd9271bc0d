//! DESCRIBE: the device says what it has.
//!
//! It goes to the recorder like the readings, and before those of the same read: what the device reports next is judged
//! by what it says now.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{Outbox, Source, refuse_parts};
use crate::alarm::Alarms;
use crate::capability::{self, Capability};
use crate::ledger::DropReason;
use crate::recorder::Work;
use crate::storage::{Capabilities, Driver, Readings, Said, StorageError};
use crate::wire::{Address, Frame};

/// Descriptions of one session that may wait for their commit.
const UNDER_WAY: usize = 8;

/// What a session remembers of its descriptions.
#[derive(Default)]
pub(super) struct Descriptions(Arc<State>);

#[derive(Default)]
struct State {
    under_way: AtomicUsize,
    /// The next one adds to the last; otherwise it replaces what the device said before.
    adds: AtomicBool,
}

impl Descriptions {
    /// Takes a description; it still has to be handed to the recorder.
    ///
    /// # Errors
    /// It cannot be read, or too many wait for their commit.
    pub(super) fn take(
        &self,
        frame: &Frame<'_>,
        device: Address,
        max: usize,
        outbox: &Arc<Outbox>,
        alarms: &Alarms,
    ) -> Result<Description, DropReason> {
        let said = frame
            .fields()
            .map(Capability::parse)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|wrong| {
                log::debug!("description refused device={device}: {wrong}");
                DropReason::BadValue
            })?;
        if self.0.under_way.load(Ordering::Relaxed) >= UNDER_WAY {
            return Err(DropReason::Busy);
        }
        self.0.under_way.fetch_add(1, Ordering::Relaxed);
        Ok(Description {
            device,
            said,
            adds: self.0.adds.swap(true, Ordering::Relaxed),
            max,
            msgno: frame.msgno().to_vec(),
            refused: None,
            is_new: false,
            outbox: Arc::clone(outbox),
            session: Arc::clone(&self.0),
            alarms: alarms.clone(),
        })
    }
}

/// One description on its way into the database.
pub(super) struct Description {
    device: Address,
    said: Vec<Capability>,
    adds: bool,
    max: usize,
    msgno: Vec<u8>,
    refused: Option<&'static str>,
    /// It said something else before.
    is_new: bool,
    outbox: Arc<Outbox>,
    session: Arc<State>,
    alarms: Alarms,
}

impl Work for Description {
    fn perform(
        &mut self,
        store: &mut dyn Driver,
        readings: &mut Readings,
    ) -> Result<(), StorageError> {
        let address = self.device.get();
        let by = capability::Source::Device;
        match Capabilities::describe(store, address, by, &self.said, !self.adds, self.max)? {
            Said::New => {
                self.is_new = true;
                readings.forget_device(address);
                self.alarms.described(store, self.device)?;
            }
            Said::Before => {}
            Said::TooMuch => self.refused = Some("TOO_MANY_SENSORS"),
        }
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        self.session.under_way.fetch_sub(1, Ordering::Relaxed);
        let reason = match (done, self.refused) {
            (Ok(()), None) => {
                if self.is_new {
                    self.alarms.tell_described(self.device);
                }
                return;
            }
            (Ok(()), Some(reason)) => reason,
            (Err(_), _) => "NOT_STORED",
        };
        if !self.adds {
            // It was to replace what was said before: now the next one does.
            self.session.adds.store(false, Ordering::Relaxed);
        }
        let mut frame = Vec::new();
        // The last field of the frame in question came from a frame within the limit.
        refuse_parts(
            &mut frame,
            self.device,
            reason,
            b"0",
            &self.msgno,
            usize::MAX,
        );
        let _ = self.outbox.push(&frame, Source::Hub);
    }

    fn is_urgent(&self) -> bool {
        false
    }
}
