//! The recorder under an even load of readings that rules watch, and beside it, in the same seconds, one without rules.

use std::collections::HashSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Serialize;
use tempfile::TempDir;

use super::super::procfs::Memory;
use super::{AlarmsArgs, load};
use crate::alarm::{AlarmParts, Alarms, keep_time};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::ledger::Account;
use crate::readings::Value;
use crate::recorder::{Job, ReadingBatch, Recorder, RecorderStats, Worker};
use crate::registry::{Registry, SharedRegistry};
use crate::session::{Budget, Outbox};
use crate::settings::{self, Storage};
use crate::storage::{SeriesKey, Sqlite, Stamp, StorageError, Witness};
use crate::wire::{Address, Limits, parse};

#[derive(Debug, Default, Serialize)]
pub(super) struct RulesFigures {
    rules: u32,
    devices: u32,
    /// The engine reads all of them.
    load_seconds: f64,
    /// Memory of a rule as it was read, and with where it stands for each device that has reported.
    bytes_a_rule: f64,
    bytes_a_rule_with_sources: f64,
    /// The engine alone, every reading a normal one.
    judged_us_a_reading: f64,
    seconds: f64,
    readings_a_second: f64,
    raised: u64,
    cleared: u64,
    open_at_the_end: u64,
    /// Of a core: the recorder's threads, with the rules and without.
    cores_with_rules: f64,
    cores_without: f64,
}

impl RulesFigures {
    pub(super) fn text(&self) -> String {
        format!(
            "{} rules on {} devices: read in {:.2} s, {:.0} bytes each, {:.0} once all have reported; {:.2} us to judge a normal reading\n\
             {:.0} readings a second for {:.0} s: recorder {:.4} cores with the rules, {:.4} without; {} alarms raised, {} cleared, {} open",
            self.rules,
            self.devices,
            self.load_seconds,
            self.bytes_a_rule,
            self.bytes_a_rule_with_sources,
            self.judged_us_a_reading,
            self.readings_a_second,
            self.seconds,
            self.cores_with_rules,
            self.cores_without,
            self.raised,
            self.cleared,
            self.open_at_the_end
        )
    }
}

/// A recorder on a database of its own.
struct Side {
    recorder: Recorder,
    stats: Arc<RecorderStats>,
    thread: JoinHandle<()>,
    /// Of the recorder, by their numbers.
    threads: HashSet<String>,
    _dir: TempDir,
}

fn failed(error: impl std::fmt::Display) -> StorageError {
    StorageError::Failed(error.to_string())
}

pub(super) fn measure(args: &AlarmsArgs) -> Result<RulesFigures, StorageError> {
    let mut figures = RulesFigures {
        rules: args.rules,
        devices: args.devices,
        ..RulesFigures::default()
    };
    let (dir, mut store) = new_store(args.devices)?;
    load::rules(&mut store, args.rules, args.devices)?;
    let registry = SharedRegistry::new(Registry::load(&mut store)?);
    let alarms = Alarms::new(AlarmParts {
        settings: settings::Alarms::default(),
        clock: Clock::system(),
        registry,
        bus: Bus::default(),
        bell: crate::notify::Bell::default(),
        notifications: 0,
    });
    begin(&alarms, &mut store, args, &mut figures)?;
    let with = Side::start(dir, store, Some(alarms.clone()))?;
    let (dir, store) = new_store(args.devices)?;
    let without = Side::start(dir, store, None)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(failed)?;
    let (with_before, without_before) = (with.nanos(), without.nanos());
    let began = Instant::now();
    runtime.block_on(async {
        tokio::select! {
            () = keep_time(alarms.clone(), with.recorder.clone()) => {}
            () = send(args, [&with.recorder, &without.recorder], began) => {}
        }
    });
    figures.seconds = began.elapsed().as_secs_f64();
    let cores =
        |side: &Side, before| seconds(side.nanos().saturating_sub(before)) / figures.seconds;
    let (cores_with, cores_without) = (cores(&with, with_before), cores(&without, without_before));
    (figures.cores_with_rules, figures.cores_without) = (cores_with, cores_without);
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    figures.readings_a_second = ratio(count(&with.stats.stored)) / figures.seconds;
    with.stop()?;
    without.stop()?;
    figures.raised = count(&alarms.stats().raised);
    figures.cleared = count(&alarms.stats().cleared);
    figures.open_at_the_end = count(&alarms.stats().open);
    Ok(figures)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn ratio(count: u64) -> f64 {
    count as f64
}

fn seconds(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

fn new_store(devices: u32) -> Result<(TempDir, Sqlite), StorageError> {
    let dir = tempfile::Builder::new()
        .prefix("hub-bench-")
        .tempdir()
        .map_err(failed)?;
    let mut store = Sqlite::open(&dir.path().join("hub.db"))?;
    load::devices(&mut store, devices)?;
    Ok((dir, store))
}

fn memory() -> Result<u64, StorageError> {
    Memory::of(std::process::id())
        .map(|memory| memory.anonymous)
        .map_err(failed)
}

/// Has the engine read everything, and then hear each sensor of each device once.
fn begin(
    alarms: &Alarms,
    store: &mut Sqlite,
    args: &AlarmsArgs,
    figures: &mut RulesFigures,
) -> Result<(), StorageError> {
    let before = memory()?;
    let began = Instant::now();
    alarms.start(store)?;
    figures.load_seconds = began.elapsed().as_secs_f64();
    let rules = f64::from(args.rules);
    figures.bytes_a_rule = ratio(memory()?.saturating_sub(before)) / rules;
    let now_ms = Clock::system().unix_ms();
    let (mut witness, all) = (alarms.clone(), args.devices * 3);
    // The first time each source is made, the second time it is only looked at.
    for turn in 0..2 {
        let began = Instant::now();
        for number in 0..u64::from(all) {
            let (address, sensor, value) = load::reading(number, args.devices, 0);
            let key = SeriesKey {
                address,
                group: load::group_of(address).0,
                sensor,
                unit: "C",
            };
            let stamp = Stamp {
                at_ms: now_ms + turn,
                hub_ms: now_ms + turn,
                msgno: 0,
            };
            witness.stored(store, key, &Value::Int(value.cast_signed()), stamp)?;
            if number % 100 == 99 {
                Witness::settled(&mut witness, true);
            }
        }
        Witness::settled(&mut witness, true);
        figures.judged_us_a_reading = began.elapsed().as_secs_f64() * 1e6 / f64::from(all);
    }
    figures.bytes_a_rule_with_sources = ratio(memory()?.saturating_sub(before)) / rules;
    Ok(())
}

impl Side {
    fn start(dir: TempDir, store: Sqlite, alarms: Option<Alarms>) -> Result<Self, StorageError> {
        let settings = Storage {
            settle_seconds: 1,
            ..Storage::default()
        };
        let stats = Arc::new(RecorderStats::default());
        let witness = alarms.map(|alarms| Box::new(alarms) as Box<dyn Witness>);
        let worker = Worker::new(
            Box::new(store),
            &settings,
            Clock::system(),
            Arc::clone(&stats),
            witness,
        );
        let before = threads();
        let (recorder, thread) = Recorder::start(worker, &settings).map_err(failed)?;
        Ok(Self {
            recorder,
            stats,
            thread,
            threads: threads().difference(&before).cloned().collect(),
            _dir: dir,
        })
    }

    /// CPU time of its threads so far.
    fn nanos(&self) -> u64 {
        let of = |thread: &String| {
            let file = format!("/proc/self/task/{thread}/schedstat");
            let text = fs::read_to_string(file).ok()?;
            text.split_ascii_whitespace().next()?.parse::<u64>().ok()
        };
        self.threads.iter().filter_map(of).sum()
    }

    fn stop(self) -> Result<(), StorageError> {
        self.recorder.close();
        self.thread
            .join()
            .map_err(|_| failed("the recorder panicked"))
    }
}

fn threads() -> HashSet<String> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten();
    tasks
        .flatten()
        .map(|task| task.file_name().to_string_lossy().into_owned())
        .collect()
}

/// The same readings to both, every 20 ms.
async fn send(args: &AlarmsArgs, recorders: [&Recorder; 2], began: Instant) {
    let outbox = Outbox::new(1024, Budget::new(1 << 20), Arc::new(Account::default()));
    let (clock, limits) = (Clock::system(), Limits::default());
    let tick = Duration::from_millis(20);
    let (mut number, mut due) = (0u64, began);
    while began.elapsed().as_secs() < args.rules_seconds {
        let now_ms = clock.unix_ms();
        for _ in 0..args.rate / 50 {
            let (device, sensor, value) = load::reading(number, args.devices, args.beyond);
            let text = format!("{device}|0|26|{sensor}|{value}|C|{now_ms}|{number}|");
            number += 1;
            let (Some(address), Ok(frame)) =
                (Address::new(device), parse(text.as_bytes(), &limits))
            else {
                continue;
            };
            for recorder in recorders {
                let mut batch = ReadingBatch::new(address, load::group_of(device).0, now_ms);
                let _ = batch.add(&frame, 1024);
                let outbox = Arc::clone(&outbox);
                recorder.submit(Job::Readings { batch, outbox }).await;
            }
        }
        due += tick;
        tokio::time::sleep_until(due.into()).await;
    }
}
