//! What the recorder does with the jobs it took: one transaction, then the answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{Job, ReadingBatch};
use crate::clock::Clock;
use crate::session::{Outbox, Source, refuse_parts};
use crate::settings::{Storage, size};
use crate::storage::{Driver, Readings, Refusal, StorageError, Store, transaction};
use crate::wire::{FrameWriter, kind};

/// Counters of the recorder, for the metrics.
#[derive(Debug, Default)]
pub struct RecorderStats {
    pub stored: AtomicU64,
    pub repeated: AtomicU64,
    pub refused: AtomicU64,
    pub not_stored: AtomicU64,
    pub commits: AtomicU64,
    /// Microseconds that the last commit took, inserts included.
    pub commit_us: AtomicU64,
    pub failing: AtomicBool,
}

/// Owns the store. Plain: the thread around it only waits.
pub struct Worker {
    store: Store,
    readings: Readings,
    clock: Clock,
    stats: Arc<RecorderStats>,
}

#[derive(Default)]
struct Counts {
    stored: u64,
    repeated: u64,
    refused: u64,
}

impl Worker {
    pub fn new(store: Store, settings: &Storage, clock: Clock, stats: Arc<RecorderStats>) -> Self {
        Self {
            store,
            readings: Readings::new(size(settings.max_sensors)),
            clock,
            stats,
        }
    }

    /// Stores readings and nonces in one transaction and answers them; then runs the tasks, each on its own.
    pub fn run(&mut self, jobs: Vec<Job>) {
        let (mut durable, mut tasks) = (Vec::new(), Vec::new());
        for job in jobs {
            match job {
                Job::Readings { .. } | Job::Work(_) => durable.push(job),
                Job::Task(task) => tasks.push(Some(task)),
                Job::Forget => tasks.push(None),
            }
        }
        if !durable.is_empty() {
            self.commit(durable);
        }
        for task in tasks {
            match task {
                Some(task) => task(&mut *self.store),
                None => self.readings.forget(),
            }
        }
    }

    fn commit(&mut self, mut jobs: Vec<Job>) {
        let began = self.clock.now();
        let mut counts = Counts::default();
        let readings = &mut self.readings;
        let done = transaction(&mut *self.store, |store| {
            // The jobs stay whole until the commit has held: a failure answers each of them.
            jobs.iter_mut()
                .map(|job| perform(store, readings, job, &mut counts))
                .collect()
        });
        let took = self.clock.now().saturating_sub(began);
        self.stats.commit_us.store(
            took.as_micros().try_into().unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
        self.stats.failing.store(done.is_err(), Ordering::Relaxed);
        match done {
            Ok(frames) => self.answer(jobs, frames, &counts),
            Err(error) => self.fail(jobs, &error),
        }
    }

    fn answer(&mut self, jobs: Vec<Job>, frames: Vec<Vec<u8>>, counts: &Counts) {
        self.stats.commits.fetch_add(1, Ordering::Relaxed);
        self.stats
            .stored
            .fetch_add(counts.stored, Ordering::Relaxed);
        self.stats
            .repeated
            .fetch_add(counts.repeated, Ordering::Relaxed);
        self.stats
            .refused
            .fetch_add(counts.refused, Ordering::Relaxed);
        for (job, frames) in jobs.into_iter().zip(frames) {
            match job {
                Job::Readings { outbox, .. } => send(&outbox, &frames),
                Job::Work(work) => work.answer(Ok(())),
                Job::Task(_) | Job::Forget => {}
            }
        }
    }

    fn fail(&mut self, jobs: Vec<Job>, error: &StorageError) {
        // Series made in the transaction are gone with it.
        self.readings.forget();
        let rows: usize = jobs.iter().map(Job::rows).sum();
        log::error!(
            "nothing stored rows={rows} error={error}; free disk space or look at the data directory"
        );
        self.stats
            .not_stored
            .fetch_add(rows as u64, Ordering::Relaxed);
        for job in jobs {
            match job {
                Job::Readings { batch, outbox } => send(&outbox, &refuse_all(&batch)),
                Job::Work(work) => work.answer(Err(error)),
                Job::Task(_) | Job::Forget => {}
            }
        }
    }
}

/// Answers the frames that go to the device after the commit.
fn perform(
    store: &mut dyn Driver,
    readings: &mut Readings,
    job: &mut Job,
    counts: &mut Counts,
) -> Result<Vec<u8>, StorageError> {
    match job {
        Job::Readings { batch, .. } => store_batch(store, readings, batch, counts),
        Job::Work(work) => work.perform(store, readings).map(|()| Vec::new()),
        Job::Task(_) | Job::Forget => Ok(Vec::new()),
    }
}

/// Stores each reading and composes its answer. A bad row is refused alone.
fn store_batch(
    store: &mut dyn Driver,
    readings: &mut Readings,
    batch: &ReadingBatch,
    counts: &mut Counts,
) -> Result<Vec<u8>, StorageError> {
    let to = batch.address();
    let mut frames = Vec::new();
    let mut last = None;
    for reading in batch.readings() {
        let series = match last {
            Some((key, id)) if key == reading.series => Ok(id),
            _ => readings.series(store, reading.series)?,
        };
        let stored = match series {
            Err(refusal) => Err(refusal),
            Ok(id) => {
                last = Some((reading.series, id));
                let inserted = Readings::insert(
                    store,
                    id,
                    reading.at_ms,
                    reading.msgno,
                    reading.later_ms,
                    reading.value,
                );
                match inserted {
                    Err(StorageError::Conflict(_)) => Err(Refusal::BadValue),
                    Err(error) => return Err(error),
                    Ok(fresh) => Ok(fresh),
                }
            }
        };
        match stored {
            Ok(true) => counts.stored += 1,
            Ok(false) => counts.repeated += 1,
            Err(_) => counts.refused += 1,
        }
        match stored {
            Ok(_) if reading.wants_stored => {
                FrameWriter::new(&mut frames, 0, to.get(), kind::STORED)
                    .number(reading.msgno)
                    .end()
            }
            Ok(_) => {}
            Err(refusal) => {
                refuse_number(&mut frames, batch, refusal.reason(), reading.sent_msgno())
            }
        }
    }
    Ok(frames)
}

fn refuse_all(batch: &ReadingBatch) -> Vec<u8> {
    let mut frames = Vec::new();
    for reading in batch.readings() {
        refuse_number(&mut frames, batch, "NOT_STORED", reading.sent_msgno());
    }
    frames
}

fn refuse_number(out: &mut Vec<u8>, batch: &ReadingBatch, reason: &str, msgno: i64) {
    let msgno = msgno.to_string();
    // Far below any limit of frames.
    refuse_parts(
        out,
        batch.address(),
        reason,
        b"0",
        msgno.as_bytes(),
        usize::MAX,
    );
}

/// A full outbox drops the answer: the device sends again, and a repeat is stored once.
fn send(outbox: &Outbox, frames: &[u8]) {
    if !frames.is_empty() {
        let _ = outbox.push(frames, Source::Hub);
    }
}
