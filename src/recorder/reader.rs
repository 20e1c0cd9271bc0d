//! A second connection that only reads, on a thread of its own: no query holds up a commit.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::hold::{Hold, Watched};
use super::stopped;
use crate::storage::{Driver, StorageError, Store};

/// Queries that wait; who asks further ones waits with them outside.
const WAITING: usize = 64;

type Look = Box<dyn FnOnce(&mut dyn Driver) + Send>;

pub(super) struct Reader(Mutex<Option<mpsc::Sender<Look>>>);

impl Reader {
    pub(super) fn start(
        mut store: Store,
        hold: Arc<Hold>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (sender, mut waiting) = mpsc::channel::<Look>(WAITING);
        let thread = std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || {
                let _guard = crate::hub::EndsProcessOnPanic("reader");
                while let Some(look) = waiting.blocking_recv() {
                    // While the log is to be cut nothing new is looked at.
                    hold.wait();
                    look(&mut Watched::new(&mut *store, &hold));
                }
            })?;
        Ok((Self(Mutex::new(Some(sender))), thread))
    }

    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let sender = self.lock().clone().ok_or_else(stopped)?;
        let (reply, answer) = oneshot::channel();
        let run: Look = Box::new(move |store| {
            // Nobody waits any more when the answer cannot be sent.
            let _ = reply.send(look(store, work));
        });
        sender.send(run).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Lets the thread answer what waits and end.
    pub(super) fn close(&self) {
        self.lock().take();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Look>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `work` on one state of the store: what is being packed meanwhile is seen once, in one place.
pub(super) fn look<T>(
    store: &mut dyn Driver,
    work: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    store.execute("BEGIN", &[])?;
    let seen = work(store);
    store.rollback();
    seen
}
