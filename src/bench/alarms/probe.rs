//! What the disk takes by itself: a write as large as a small commit's, and its sync, in the same seconds.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::super::histogram::Histogram;

/// As a log's: a page and its header, so many of them.
const BYTES: usize = 4120 * 40;

/// The log is written over again and again.
const TURNS: u64 = 16;

/// Between two of them: seldom, so as not to be the load itself.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn run(mut file: File, stop: &AtomicBool) -> std::io::Result<Histogram> {
    let (bytes, mut times) = (vec![7u8; BYTES], Histogram::default());
    for turn in 0u64.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        file.seek(SeekFrom::Start(turn % TURNS * BYTES as u64))?;
        let began = Instant::now();
        file.write_all(&bytes)?;
        file.sync_data()?;
        // The first round makes the file longer, which a log's is not.
        if turn >= TURNS {
            times.record(began.elapsed().as_nanos().try_into().unwrap_or(u64::MAX));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(times)
}
