//! What the recorder does with the jobs it took: one transaction, then the answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::batch::Reading;
use super::hold::Hold;
use super::keeper::{BELIEVED, Keeper};
use super::queue::Taken;
use super::{Job, ReadingBatch, RecorderStats};
use crate::clock::Clock;
use crate::session::{Outbox, Source, refuse_parts};
use crate::settings::Storage;
use crate::storage::{
    ALIVE, Driver, Marks, Readings, Refusal, StorageError, Store, Witness, transaction,
};
use crate::wire::{FrameWriter, kind};

/// Owns the store. Plain: the thread around it only waits.
pub struct Worker {
    store: Store,
    readings: Readings,
    clock: Clock,
    stats: Arc<RecorderStats>,
    keeper: Keeper,
    /// When a refused reading may be logged again.
    next_log: Duration,
    /// When housekeeping last did something.
    last_step: Duration,
}

/// Between two lines in the log on refused readings.
const LOG_PAUSE: Duration = Duration::from_secs(10);

/// How long housekeeping may hold up the next commit, by one step at most.
const TIDY: Duration = Duration::from_millis(8);

/// How long urgent work may put a step of it off.
const TIDY_AT_LEAST: Duration = Duration::from_millis(100);

/// How often housekeeping looks for work.
const TIDY_PAUSE: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Counts {
    stored: u64,
    repeated: u64,
    refused: Vec<Refusal>,
    /// Of the first that was refused.
    example: String,
}

impl Worker {
    pub fn new(
        mut store: Store,
        settings: &Storage,
        clock: Clock,
        stats: Arc<RecorderStats>,
        witness: Option<Box<dyn Witness>>,
    ) -> Self {
        // The sign of life follows even a wrong clock; the other mark only one that is believed.
        let alive_ms = Marks::get(&mut *store, BELIEVED)
            .and_then(|known| {
                known.map_or_else(|| Marks::get(&mut *store, ALIVE), |at| Ok(Some(at)))
            })
            .unwrap_or_else(|error| {
                log::warn!("last sign of life not read error={error}");
                None
            });
        let keeper = Keeper::new(settings, clock.clone(), Arc::clone(&stats), alive_ms);
        if let Err(error) = store.limit(keeper.disk()) {
            log::error!("no cap on the database error={error}");
        }
        let mut readings = Readings::new(settings);
        if let Some(witness) = witness {
            readings.add_witness(witness);
        }
        Self {
            store,
            readings,
            clock,
            stats,
            keeper,
            next_log: Duration::ZERO,
            last_step: Duration::ZERO,
        }
    }

    /// One more that is told of each reading.
    #[must_use]
    pub fn with_witness(mut self, witness: Box<dyn Witness>) -> Self {
        self.readings.add_witness(witness);
        self
    }

    pub(super) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// What the reader is held up by.
    pub(super) fn hold(&self) -> Arc<Hold> {
        self.keeper.hold()
    }

    /// A second connection, for queries.
    pub(super) fn reader(&self) -> Result<Option<Store>, StorageError> {
        self.store.reader()
    }

    /// Rows of one commit at most, for the log to stay within its share of the disk.
    pub(super) fn most_rows(&self) -> usize {
        self.keeper.disk().rows()
    }

    /// Packs, sweeps and makes room until `wanted` or for a few milliseconds; answers when it wants to go on.
    pub fn tidy(&mut self, wanted: &dyn Fn() -> bool) -> Duration {
        // What it does would be done again after a power cut.
        if let Err(error) = self.store.relax(true) {
            log::warn!("storage not relaxed error={error}");
        }
        let until = self.clock.now() + TIDY;
        let mut more = true;
        // Under a stream of urgent work a step comes now and then all the same.
        let mut overdue = self.clock.now().saturating_sub(self.last_step) >= TIDY_AT_LEAST;
        while more && self.clock.now() < until && (overdue || !wanted()) {
            overdue = false;
            self.last_step = self.clock.now();
            more = self.keeper.step(&mut *self.store, &mut self.readings);
            let took = self.clock.now().saturating_sub(self.last_step);
            self.stats.tidied.add(took);
        }
        if let Err(error) = self.store.relax(false) {
            log::error!("storage stays relaxed error={error}");
        }
        if more { Duration::ZERO } else { TIDY_PAUSE }
    }

    /// Stores readings and nonces in one transaction and answers them; then runs the tasks, each on its own.
    pub(super) fn run(&mut self, taken: Taken) {
        let Taken { jobs, urgent } = taken;
        let (mut durable, mut tasks) = (Vec::new(), Vec::new());
        let writes = jobs.iter().map(Job::writes).sum();
        for job in jobs {
            match job {
                Job::Readings { .. } | Job::Work(_) => durable.push(job),
                Job::Task(task) => tasks.push(Some(task)),
                Job::Forget => tasks.push(None),
            }
        }
        let has_readings = durable
            .iter()
            .any(|job| matches!(job, Job::Readings { .. }));
        let waits = has_readings || !tasks.is_empty();
        let room = self
            .keeper
            .make_room(&mut *self.store, &mut self.readings, writes, waits);
        self.readings.set_room(room);
        self.readings.doubt_clock(self.keeper.clock_doubt());
        if has_readings && !room {
            let (readings, rest): (Vec<_>, Vec<_>) = durable
                .into_iter()
                .partition(|job| matches!(job, Job::Readings { .. }));
            self.stats.failing.store(true, Ordering::Relaxed);
            self.fail(
                readings,
                &StorageError::Failed("storage.max_bytes is reached".into()),
            );
            durable = rest;
        }
        if !durable.is_empty() {
            self.commit(durable, urgent);
        }
        for task in tasks {
            match task {
                Some(task) => task(&mut *self.store, &mut self.readings),
                None => self.readings.forget(),
            }
        }
    }

    fn commit(&mut self, mut jobs: Vec<Job>, urgent: Option<Instant>) {
        let began = self.clock.now();
        let mut written = began;
        let clock = self.clock.clone();
        let mut counts = Counts::default();
        let readings = &mut self.readings;
        let done = transaction(&mut *self.store, |store| {
            // The jobs stay whole until the commit has held: a failure answers each of them.
            let frames = jobs
                .iter_mut()
                .map(|job| perform(store, readings, job, &mut counts))
                .collect();
            written = clock.now();
            frames
        });
        let now = self.clock.now();
        let (took, at_disk) = (now.saturating_sub(began), now.saturating_sub(written));
        self.stats.synced.add(at_disk);
        self.stats.commit_us.store(
            took.as_micros().try_into().unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
        self.stats.failing.store(done.is_err(), Ordering::Relaxed);
        self.readings.settled(done.is_ok());
        match done {
            Ok(frames) => self.answer(jobs, frames, &counts),
            Err(error) => self.fail(jobs, &error),
        }
        if let Some(came) = urgent {
            self.stats
                .urgent
                .add(came.elapsed().saturating_sub(at_disk));
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
        self.tell_refused(counts);
        let mut outboxes = Vec::new();
        for (job, frames) in jobs.into_iter().zip(frames) {
            match job {
                Job::Readings { outbox, .. } => outboxes.push((outbox, frames)),
                Job::Work(work) => work.answer(Ok(())),
                Job::Task(_) | Job::Forget => {}
            }
        }
        // Last: each wakes a session, and what is not to wait would wait for all of them.
        for (outbox, frames) in outboxes {
            send(&outbox, &frames);
        }
    }

    /// Counts each, and names one in the log every few seconds.
    fn tell_refused(&mut self, counts: &Counts) {
        for refusal in &counts.refused {
            self.stats.count_refused(*refusal);
        }
        let now = self.clock.now();
        if !counts.refused.is_empty() && now >= self.next_log {
            self.next_log = now + LOG_PAUSE;
            log::warn!(
                "readings refused count={} such as {}",
                counts.refused.len(),
                counts.example
            );
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

impl Counts {
    fn refuse(&mut self, refusal: Refusal, reading: &Reading<'_>) {
        if self.refused.is_empty() {
            self.example = format!(
                "device={} sensor={:?} value={:?} at_ms={} reason={}",
                reading.series.address,
                reading.series.sensor,
                reading.given,
                reading.stamp.at_ms,
                refusal.reason()
            );
        }
        self.refused.push(refusal);
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
    for reading in batch.readings() {
        let now_ms = reading.stamp.hub_ms;
        let stored =
            readings.put_given(store, reading.series, &reading.given, reading.stamp, now_ms)?;
        match stored {
            Ok(true) => {
                counts.stored += 1;
                readings.judged(store, reading.series, &reading.given, reading.stamp)?;
            }
            Ok(false) => counts.repeated += 1,
            Err(refusal) => counts.refuse(refusal, &reading),
        }
        match stored {
            Ok(_) if reading.wants_stored => {
                FrameWriter::new(&mut frames, 0, to.get(), kind::STORED)
                    .number(reading.stamp.msgno)
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
