//! What the kernel has written down about a process: its CPU time and its memory.

use std::collections::HashMap;
use std::fs;

use crate::failure::{Context, Failure};

/// The CPU time of all threads of a process, taken at one moment.
///
/// The per-thread `schedstat` counts nanoseconds, while `stat` counts ticks of 10 ms and would be one
/// part in a hundred off in a second of light load. But `schedstat` forgets threads that ended, so
/// `stat` is kept beside it for that case and for kernels without it.
pub(super) struct CpuTime {
    threads: HashMap<String, u64>,
    ticks_nanos: u64,
}

/// USER_HZ: fixed at 100 for every Linux architecture that Rust supports.
const NANOS_PER_TICK: u64 = 10_000_000;

impl CpuTime {
    pub(super) fn of(pid: u32) -> Result<Self, Failure> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
            .context(format!("reading the CPU time of process {pid}"))?;
        let ticks_nanos = ticks(&stat).unwrap_or_default() * NANOS_PER_TICK;
        Ok(Self {
            threads: thread_nanos(pid).unwrap_or_default(),
            ticks_nanos,
        })
    }

    /// Nanoseconds of CPU between `earlier` and this.
    pub(super) fn since(&self, earlier: &Self) -> u64 {
        let none_ended = earlier.threads.keys().all(|t| self.threads.contains_key(t));
        if self.threads.is_empty() || !none_ended {
            return self.ticks_nanos.saturating_sub(earlier.ticks_nanos);
        }
        let gained = |(thread, nanos): (&String, &u64)| {
            nanos.saturating_sub(earlier.threads.get(thread).copied().unwrap_or_default())
        };
        self.threads.iter().map(gained).sum()
    }
}

/// utime + stime of a `/proc/PID/stat` line. The name in parentheses may itself hold blanks and `)`.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn thread_nanos(pid: u32) -> Option<HashMap<String, u64>> {
    let mut threads = HashMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let entry = entry.ok()?;
        // A thread may end between listing and reading: then `since` sees that it is gone.
        if let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) {
            let nanos = text.split_ascii_whitespace().next()?.parse().ok()?;
            threads.insert(entry.file_name().to_string_lossy().into_owned(), nanos);
        }
    }
    Some(threads)
}

/// The memory of a process in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memory {
    /// What top shows: VmRSS.
    pub(super) resident: u64,
    /// Of that, what is not a page of a file: heap and stacks.
    pub(super) anonymous: u64,
}

impl Memory {
    pub(super) fn of(pid: u32) -> Result<Self, Failure> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))
            .context(format!("reading the memory of process {pid}"))?;
        Ok(Self {
            resident: kibibytes(&status, "VmRSS:") * 1024,
            anonymous: kibibytes(&status, "RssAnon:") * 1024,
        })
    }
}

fn kibibytes(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_ascii_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 100 0 0 0 12 34 0 0 20 0 1 0 5 6 7";
        assert_eq!(ticks(stat), Some(46));
    }

    #[test]
    fn a_thread_that_ended_falls_back_to_ticks() {
        let at = |threads: &[(&str, u64)], ticks_nanos| CpuTime {
            threads: threads.iter().map(|(t, n)| ((*t).into(), *n)).collect(),
            ticks_nanos,
        };
        let before = at(&[("1", 100), ("2", 50)], 1000);
        assert_eq!(
            at(&[("1", 300), ("2", 60), ("3", 5)], 9000).since(&before),
            215
        );
        assert_eq!(at(&[("1", 300)], 9000).since(&before), 8000);
    }

    #[test]
    fn memory_is_read_from_status() {
        let status = "Name:\thub\nVmRSS:\t    1772 kB\nRssAnon:\t     116 kB\n";
        assert_eq!(kibibytes(status, "VmRSS:"), 1772);
        assert_eq!(kibibytes(status, "VmSwap:"), 0);
    }

    #[test]
    fn this_process_has_used_time_and_memory() {
        let pid = std::process::id();
        let before = CpuTime::of(pid).unwrap();
        let spin: u64 = (0..20_000_000u64).fold(0, |a, b| std::hint::black_box(a ^ b));
        std::hint::black_box(spin);
        assert!(CpuTime::of(pid).unwrap().ticks_nanos >= before.ticks_nanos);
        assert!(Memory::of(pid).unwrap().resident > 100_000);
    }
}
