//! The storage writer: one thread that owns the store and commits in batches.
//!
//! Sessions hand over their own readings; logins their legacy nonces; verbs whole pieces of work. Whoever needs
//! durability hears back after the commit, never before.

mod batch;
mod durations;
mod hold;
mod keeper;
mod nonce;
mod queue;
mod reader;
mod stats;
mod wall;
mod work;
mod worker;

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

pub use batch::ReadingBatch;
pub(crate) use batch::canonical_msgno;
pub use durations::Durations;
pub use stats::RecorderStats;
pub use work::Work;
pub use worker::Worker;

use crate::clock::Clock;
use crate::session::Outbox;
use crate::settings::{Storage, size};
use crate::storage::{Driver, Readings, StorageError};
use crate::wire::Address;
use nonce::NonceWork;
use queue::{Queue, Taken};
use reader::Reader;

/// A piece of work on the store.
type Task = Box<dyn FnOnce(&mut dyn Driver, &mut Readings) + Send>;

/// Rows that a task writes in one transaction, about: an import's page.
const TASK_ROWS: usize = 1000;

/// Work for the recorder.
pub enum Job {
    /// A session's readings; STORED goes to its outbox.
    Readings {
        batch: ReadingBatch,
        outbox: Arc<Outbox>,
    },
    /// Work that shares the commit of what waits.
    Work(Box<dyn Work>),
    /// Anything else, in transactions of its own. Answers through what it captured.
    Task(Task),
    /// A device is gone or moved: what is remembered about its series is stale.
    Forget,
}

impl Job {
    fn rows(&self) -> usize {
        match self {
            Job::Readings { batch, .. } => batch.len(),
            _ => 1,
        }
    }

    /// Rows of the store that it may write, about.
    fn writes(&self) -> usize {
        match self {
            Job::Readings { batch, .. } => batch.rows(),
            Job::Work(_) => 8,
            Job::Task(_) => TASK_ROWS,
            Job::Forget => 0,
        }
    }

    /// Committed at once, taking along what waits.
    fn urgent(&self) -> bool {
        match self {
            Job::Readings { .. } => false,
            Job::Work(work) => work.is_urgent(),
            Job::Task(_) | Job::Forget => true,
        }
    }
}

/// A handle on the recorder. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    mode: Arc<Mode>,
    clock: Clock,
}

enum Mode {
    Thread {
        queue: Queue,
        /// `None` where the store has no second connection.
        reader: Option<Reader>,
    },
    /// Runs each job where it is handed over: in simulations (paused time would jump while a thread worked)
    /// and for verbs without a running hub.
    Inline(Box<Mutex<Worker>>),
}

impl Recorder {
    /// Starts the writer thread.
    ///
    /// # Errors
    /// The system gave no thread.
    pub fn start(worker: Worker, settings: &Storage) -> std::io::Result<(Self, JoinHandle<()>)> {
        let reader = worker.reader().map_err(std::io::Error::other)?;
        let (reader, reading) = reader
            .map(|store| Reader::start(store, worker.hold()))
            .transpose()?
            .unzip();
        let recorder = Self {
            clock: worker.clock(),
            mode: Arc::new(Mode::Thread {
                queue: Queue::new(size(settings.queue_rows)),
                reader,
            }),
        };
        let window = Duration::from_millis(settings.batch_millis);
        let rows = size(settings.batch_rows).min(worker.most_rows());
        let handle = recorder.clone();
        let thread = std::thread::Builder::new()
            .name("recorder".into())
            .spawn(move || {
                let _guard = crate::hub::EndsProcessOnPanic("recorder");
                handle.work(worker, window, rows, reading);
            })?;
        Ok((recorder, thread))
    }

    pub fn inline(worker: Worker) -> Self {
        Self {
            clock: worker.clock(),
            mode: Arc::new(Mode::Inline(Box::new(Mutex::new(worker)))),
        }
    }

    fn work(
        &self,
        mut worker: Worker,
        window: Duration,
        rows: usize,
        reading: Option<JoinHandle<()>>,
    ) {
        let Mode::Thread { queue, .. } = &*self.mode else {
            return;
        };
        let mut idle = Duration::ZERO;
        while let Some(taken) = queue.take(window, rows, idle) {
            worker.run(taken);
            idle = worker.tidy(&|| queue.is_urgent());
        }
        // The last connection to close is the one that may write: it leaves no log behind.
        if reading.is_some_and(|thread| thread.join().is_err()) {
            log::error!("the reader ended in panic");
        }
    }

    /// Hands a job over; gives it back when the queue is full.
    ///
    /// # Errors
    /// The job itself: wait with [`Recorder::poll_room`] and try again.
    pub fn try_submit(&self, job: Job) -> Result<(), Job> {
        match &*self.mode {
            Mode::Thread { queue, .. } => queue.push(job),
            Mode::Inline(worker) => {
                worker
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .run(Taken::one(job));
                Ok(())
            }
        }
    }

    /// Hands work over though the queue may be full: for senders that bound what they have under way themselves.
    pub fn submit_bounded(&self, work: Box<dyn Work>) {
        match &*self.mode {
            Mode::Thread { queue, .. } => queue.push_anyway(Job::Work(work)),
            Mode::Inline(_) => {
                let _ = self.try_submit(Job::Work(work));
            }
        }
    }

    /// Ready when the queue has room.
    pub fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &*self.mode {
            Mode::Thread { queue, .. } => queue.poll_room(cx),
            Mode::Inline(_) => Poll::Ready(()),
        }
    }

    pub async fn submit(&self, job: Job) {
        let mut job = Some(job);
        poll_fn(|cx| {
            while let Some(next) = job.take() {
                match self.try_submit(next) {
                    Ok(()) => return Poll::Ready(()),
                    Err(back) => {
                        job = Some(back);
                        if self.poll_room(cx).is_pending() {
                            return Poll::Pending;
                        }
                    }
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Runs `work` on the store and waits for its answer.
    ///
    /// # Errors
    /// The recorder has stopped.
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Driver) -> T + Send + 'static,
    ) -> Result<T, StorageError> {
        self.with_readings(move |store, _| work(store)).await
    }

    /// The same with what the recorder knows of series: for work that stores readings, or that changes what a device
    /// may report. Work that rolls a transaction back makes it forget.
    ///
    /// # Errors
    /// The recorder has stopped.
    pub async fn with_readings<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Driver, &mut Readings) -> T + Send + 'static,
    ) -> Result<T, StorageError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Task(Box::new(move |store, readings| {
            // Nobody waits any more when the answer cannot be sent.
            let _ = reply.send(work(store, readings));
        })))
        .await;
        answer.await.map_err(|_| stopped())
    }

    /// Runs `work`, which only reads, on one state of the store, and holds up no commit meanwhile. It must be short:
    /// the log cannot be cut while it looks.
    ///
    /// # Errors
    /// The store failed, or has stopped.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        match &*self.mode {
            Mode::Thread {
                reader: Some(reader),
                ..
            } => reader.call(work).await,
            _ => self.call(|store| reader::look(store, work)).await?,
        }
    }

    /// Remembers a legacy nonce, durably. False: it was used before.
    ///
    /// # Errors
    /// The store failed: the login must not be granted.
    pub async fn remember_nonce(
        &self,
        address: Address,
        nonce: String,
        keep: u32,
    ) -> Result<bool, StorageError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Work(Box::new(NonceWork::new(
            address, nonce, keep, reply,
        ))))
        .await;
        answer.await.map_err(|_| stopped())?
    }

    /// The hub's clock, Unix milliseconds.
    pub fn unix_ms(&self) -> i64 {
        self.clock.unix_ms()
    }

    /// Rows that wait for their commit.
    pub fn depth(&self) -> usize {
        match &*self.mode {
            Mode::Thread { queue, .. } => queue.depth(),
            Mode::Inline(_) => 0,
        }
    }

    /// How long the oldest of them has been waiting, at most.
    pub fn lag(&self) -> Duration {
        match &*self.mode {
            Mode::Thread { queue, .. } => queue.lag(),
            Mode::Inline(_) => Duration::ZERO,
        }
    }

    /// Lets the thread finish what it has and end.
    pub fn close(&self) {
        if let Mode::Thread { queue, reader } = &*self.mode {
            queue.close();
            if let Some(reader) = reader {
                reader.close();
            }
        }
    }
}

fn stopped() -> StorageError {
    StorageError::Failed("the recorder has stopped".into())
}
