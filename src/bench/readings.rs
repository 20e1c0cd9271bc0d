//! What storing readings costs, without sockets: the size of millions of one sensor and the time of a query over
//! them, and an even load through the recorder with its packing beside it.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Serialize;
use tempfile::TempDir;

use super::procfs::CpuTime;
use crate::clock::Clock;
use crate::failure::{Context, Failure};
use crate::ledger::Account;
use crate::readings::{Given, Value};
use crate::recorder::{Job, ReadingBatch, Recorder, RecorderStats, Worker};
use crate::session::{Budget, Outbox};
use crate::settings::Storage;
use crate::stdout::say;
use crate::storage::{
    DeviceRow, Devices, Driver, Due, Groups, Range, Readings, SeriesKey, Sqlite, Stamp, Step,
    StorageError, points, transaction,
};
use crate::wire::{Address, Limits, parse};

#[derive(clap::Args, Debug, Clone)]
pub(super) struct ReadingsArgs {
    /// Readings of one sensor to query; 0 leaves this part out
    #[arg(long, default_value_t = 10_000_000)]
    readings: i64,
    /// Milliseconds from one of them to the next
    #[arg(long, default_value_t = 1000)]
    spacing: i64,
    /// Points of a query
    #[arg(long, default_value_t = 2000)]
    points: usize,
    /// Readings a second through the recorder; 0 leaves this part out
    #[arg(long, default_value_t = 50_000)]
    rate: u64,
    /// Sensors that this rate is spread over
    #[arg(long, default_value_t = 50)]
    sensors: u32,
    /// Seconds of it
    #[arg(long, default_value_t = 15)]
    ingest_seconds: u64,
}

#[derive(Debug, Serialize)]
struct QueryFigures {
    readings: i64,
    spacing_ms: i64,
    stored_and_packed_per_second: f64,
    bytes_per_reading: f64,
    points: usize,
    /// Least, median and greatest time in ms of a query over so much of the range.
    ranges: Vec<(String, usize, [f64; 3])>,
}

#[derive(Debug, Serialize)]
struct IngestFigures {
    sensors: u32,
    seconds: f64,
    stored_per_second: f64,
    packed: u64,
    unpacked_at_the_end: i64,
    waiting_at_the_end: usize,
    recorder_cpu_cores: f64,
}

/// Measures and prints.
///
/// # Errors
/// The store failed, or the words are out of bounds.
pub(super) fn run(args: &ReadingsArgs, as_json: bool) -> Result<(), Failure> {
    let sound = args.readings >= 0
        && (1..=3_600_000).contains(&args.spacing)
        && args.readings.saturating_mul(args.spacing) < 700_000_000_000
        && (1..=1000).contains(&args.sensors)
        && args.rate <= 1_000_000
        && args.points >= crate::readings::LEAST;
    if !sound {
        return Err(Failure::usage(
            "--spacing: 1 to 3600000, the readings within 22 years; --sensors: 1 to 1000; --rate: to 1000000; --points: at least 4",
        ));
    }
    if args.readings > 0 {
        let figures = query(args).context("measuring queries")?;
        print_query(&figures, as_json)?;
    }
    if args.rate > 0 && args.ingest_seconds > 0 {
        let figures = ingest(args).context("measuring the recorder")?;
        print_ingest(&figures, as_json)?;
    }
    Ok(())
}

fn store(dir: &TempDir, devices: u32) -> Result<Sqlite, StorageError> {
    let mut store = Sqlite::open(&dir.path().join("hub.db"))?;
    transaction(&mut store, |store| {
        let group = Groups::insert(store, "bench")?;
        (1..=devices).try_for_each(|address| {
            let row = DeviceRow {
                address,
                group,
                kind: 1,
                id: address.to_string(),
                name: String::new(),
                labels: String::new(),
                rights: "talk".into(),
                login: "challenge".into(),
                nonce_memory: 0,
                disabled: false,
                weak: false,
                serial: Vec::new(),
            };
            Devices::insert(store, &row)
        })
    })?;
    Ok(store)
}

fn folder() -> Result<TempDir, StorageError> {
    tempfile::Builder::new()
        .prefix("hub-bench-")
        .tempdir()
        .map_err(|error| StorageError::Failed(error.to_string()))
}

/// Readings in one commit while the millions are made.
const BATCH: i64 = 50_000;

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn query(args: &ReadingsArgs) -> Result<QueryFigures, StorageError> {
    let dir = folder()?;
    let mut store = store(&dir, 1)?;
    let start_ms = Clock::system().unix_ms() - args.readings * args.spacing;
    let began = Instant::now();
    fill(&mut store, args, start_ms)?;
    let took = began.elapsed();
    store.cut_log()?;
    let bytes = store.space()?.file;
    let mut reader = store
        .reader()?
        .ok_or_else(|| StorageError::Failed("no second connection".into()))?;
    let whole = args.readings * args.spacing;
    let mut ranges = Vec::new();
    for (name, share) in [
        ("all of it", 1),
        ("a third", 3),
        ("a tenth", 10),
        ("a thousandth", 1000),
    ] {
        let from_ms = start_ms + whole / 2 - whole / share / 2;
        let range = Range {
            from_ms,
            to_ms: from_ms + whole / share + 1,
        };
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..20 {
            let began = Instant::now();
            found = points(&mut *reader, 1, range, args.points)?.points.len();
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        let at = |place: usize| times.get(place).copied().unwrap_or_default();
        ranges.push((name.to_owned(), found, [at(0), at(10), at(19)]));
    }
    Ok(QueryFigures {
        readings: args.readings,
        spacing_ms: args.spacing,
        stored_and_packed_per_second: args.readings as f64 / took.as_secs_f64(),
        bytes_per_reading: bytes as f64 / args.readings as f64,
        points: args.points,
        ranges,
    })
}

/// A temperature of one decimal that wanders, stored row by row as the recorder does, and packed behind it.
fn fill(store: &mut Sqlite, args: &ReadingsArgs, start_ms: i64) -> Result<(), StorageError> {
    let mut readings = Readings::new(&Storage::default());
    let key = SeriesKey {
        address: 1,
        group: 1,
        sensor: "temperature",
        unit: "C",
    };
    let (mut tenths, mut noise) = (200i64, 0x2545_F491_4F6C_DD1Du64);
    let mut from = 0;
    while from < args.readings {
        let to = (from + BATCH).min(args.readings);
        store.relax(true)?;
        transaction(store, |store| {
            for number in from..to {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                tenths = (tenths + (noise % 3).cast_signed() - 1).clamp(-400, 800);
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let given = Given::One(Value::from_real(tenths as f64 / 10.0));
                let at_ms = start_ms + number * args.spacing;
                let stamp = Stamp {
                    at_ms,
                    hub_ms: at_ms + 20 + (noise % 16).cast_signed(),
                    msgno: number,
                };
                let stored = readings.put_given(store, key, &given, stamp, at_ms)?;
                debug_assert_eq!(stored, Ok(true));
            }
            Ok(())
        })?;
        from = to;
        let due = Due {
            now_ms: start_ms + to * args.spacing + 3_600_000,
            settle_ms: 0,
            at_once: None,
        };
        let mut after = 0;
        while readings.pack_step(store, &mut after, due)? != Step::Finished {}
    }
    store.relax(false)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn ingest(args: &ReadingsArgs) -> Result<IngestFigures, StorageError> {
    let dir = folder()?;
    let store = store(&dir, args.sensors)?;
    let settings = Storage {
        settle_seconds: 1,
        ..Storage::default()
    };
    let stats = Arc::new(RecorderStats::default());
    let worker = Worker::new(
        Box::new(store),
        &settings,
        Clock::system(),
        Arc::clone(&stats),
        None,
    );
    let failed = |error: &dyn std::fmt::Display| StorageError::Failed(error.to_string());
    let (recorder, thread) = Recorder::start(worker, &settings).map_err(|e| failed(&e))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|e| failed(&e))?;
    let pid = std::process::id();
    let cpu = || CpuTime::of(pid).map_err(|e| failed(&e));
    let (before, own) = (cpu()?, own_nanos());
    let began = Instant::now();
    runtime.block_on(send(&recorder, args, began));
    let seconds = began.elapsed().as_secs_f64();
    let used = cpu()?.since(&before).saturating_sub(own_nanos() - own);
    let waiting = recorder.depth();
    let stored = stats.stored.load(Ordering::Relaxed);
    let unpacked = runtime.block_on(recorder.read(|store| {
        let mut count = 0;
        store.query("SELECT count(*) FROM reading", &[], &mut |row| {
            count = row.int(0)?;
            Ok(())
        })?;
        Ok(count)
    }))?;
    let packed = stats.packed.load(Ordering::Relaxed);
    recorder.close();
    if thread.join().is_err() {
        return Err(StorageError::Failed("the recorder panicked".into()));
    }
    Ok(IngestFigures {
        sensors: args.sensors,
        seconds,
        stored_per_second: stored as f64 / seconds,
        packed,
        unpacked_at_the_end: unpacked,
        waiting_at_the_end: waiting,
        recorder_cpu_cores: used as f64 / 1e9 / seconds,
    })
}

/// What a session does with the frames of a read, for one sensor a device, every 20 ms.
async fn send(recorder: &Recorder, args: &ReadingsArgs, began: Instant) {
    let outbox = Outbox::new(1024, Budget::new(1 << 20), Arc::new(Account::default()));
    let clock = Clock::system();
    let limits = Limits::default();
    let tick = Duration::from_millis(20);
    let per_tick = args.rate * 20 / 1000;
    let (mut msgno, mut due) = (0u64, began);
    while began.elapsed().as_secs() < args.ingest_seconds {
        let now_ms = clock.unix_ms();
        for number in 1..=args.sensors {
            let Some(address) = Address::new(number) else {
                continue;
            };
            let mut batch = ReadingBatch::new(address, 1, now_ms);
            let share = per_tick * u64::from(number) / u64::from(args.sensors)
                - per_tick * u64::from(number - 1) / u64::from(args.sensors);
            for _ in 0..share {
                msgno += 1;
                let tenths = 200 + msgno * 7919 % 40;
                let text = format!(
                    "{number}|0|26|temperature|{}.{}|C|{now_ms}|{msgno}|",
                    tenths / 10,
                    tenths % 10
                );
                if let Ok(frame) = parse(text.as_bytes(), &limits) {
                    let _ = batch.add(&frame, 1024);
                }
            }
            if !batch.is_empty() {
                let outbox = Arc::clone(&outbox);
                recorder.submit(Job::Readings { batch, outbox }).await;
            }
        }
        due += tick;
        tokio::time::sleep_until(due.into()).await;
    }
}

/// CPU time of this thread so far.
fn own_nanos() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split_ascii_whitespace().next();
    nanos
        .and_then(|nanos| nanos.parse().ok())
        .unwrap_or_default()
}

fn print_query(figures: &QueryFigures, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return print_json(figures);
    }
    say(format_args!(
        "{} readings of one sensor, {} ms apart: {:.2} bytes each on disk; stored and packed at {:.0} a second",
        figures.readings,
        figures.spacing_ms,
        figures.bytes_per_reading,
        figures.stored_and_packed_per_second
    ));
    for (name, found, [least, median, most]) in &figures.ranges {
        say(format_args!(
            "  query of {name}: {found} points in {least:.1} / {median:.1} / {most:.1} ms (least, median, greatest of 20)"
        ));
    }
    Ok(())
}

fn print_ingest(figures: &IngestFigures, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return print_json(figures);
    }
    say(format_args!(
        "{:.0} readings a second of {} sensors for {:.0} s: recorder {:.2} cores, {} packed, {} not packed yet, {} waiting for their commit",
        figures.stored_per_second,
        figures.sensors,
        figures.seconds,
        figures.recorder_cpu_cores,
        figures.packed,
        figures.unpacked_at_the_end,
        figures.waiting_at_the_end
    ));
    Ok(())
}

fn print_json(figures: &impl Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(figures).context("cannot write JSON")?;
    say(format_args!("{line}"));
    Ok(())
}
