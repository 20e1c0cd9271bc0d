//! A legacy nonce that came with a right digest.

use tokio::sync::oneshot;

use super::Work;
use crate::storage::{Driver, Nonces, Readings, StorageError};
use crate::wire::Address;

/// Remembers it; the answer is false for a repeat.
pub(super) struct NonceWork {
    address: Address,
    nonce: String,
    keep: u32,
    fresh: bool,
    reply: oneshot::Sender<Result<bool, StorageError>>,
}

impl NonceWork {
    pub(super) fn new(
        address: Address,
        nonce: String,
        keep: u32,
        reply: oneshot::Sender<Result<bool, StorageError>>,
    ) -> Self {
        Self {
            address,
            nonce,
            keep,
            fresh: false,
            reply,
        }
    }
}

impl Work for NonceWork {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        self.fresh = Nonces::remember(store, self.address.get(), &self.nonce, self.keep)?;
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        // Nobody waits any more when it cannot be sent.
        let _ = self.reply.send(match done {
            Ok(()) => Ok(self.fresh),
            Err(error) => Err(error.clone()),
        });
    }
}
