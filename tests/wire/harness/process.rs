//! Child processes that never outlive their test and never hang it.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::wait::{PATIENCE, eventually};

/// A verb that has run to its end.
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Finished {
    /// What it printed; panics when it did not succeed.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(
            self.code,
            Some(0),
            "stdout: {}\nstderr: {}",
            self.out,
            self.err
        );
        self.out
    }

    /// What it complained of; panics when it succeeded, crashed, or said nothing.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert!(
            matches!(self.code, Some(1..=100)),
            "exit code {:?}\nstdout: {}\nstderr: {}",
            self.code,
            self.out,
            self.err
        );
        assert!(!self.err.trim().is_empty(), "refused without a word");
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.err
    }
}

/// A verb that still runs. It is killed when nobody waits for it any more.
pub(crate) struct Begun {
    words: String,
    pid: u32,
    output: Receiver<std::io::Result<Output>>,
}

/// Starts a command and keeps what it prints.
#[track_caller]
pub(crate) fn begin(command: &mut Command) -> Begun {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let (tell, output) = mpsc::channel();
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    Begun {
        words: format!("{command:?}"),
        pid,
        output,
    }
}

impl Begun {
    /// Waits for its end; kills it when that takes too long.
    #[track_caller]
    pub(crate) fn end_within(mut self, patience: Duration) -> Finished {
        let Ok(output) = self.output.recv_timeout(patience) else {
            panic!("{} did not end by itself", self.words);
        };
        self.pid = 0;
        let Output {
            status,
            stdout,
            stderr,
        } = output.unwrap();
        Finished {
            code: status.code(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if self.pid != 0 {
            signal(self.pid, "KILL");
        }
    }
}

/// Runs a command to its end; kills it when that takes too long.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Finished {
    begin(command).end_within(PATIENCE)
}

/// Sends a signal by name. A process that is gone already is no error.
pub(crate) fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .stderr(Stdio::null())
        .status();
}

/// Waits for the end of a child that was told to end.
#[track_caller]
pub(crate) fn ended(child: &mut Child) -> ExitStatus {
    eventually("the end of the process", || child.try_wait().unwrap())
}

/// CPU time of a process so far, in clock ticks (100 a second on Linux); proc(5), fields 14 and 15.
pub(crate) fn cpu_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    let fields: Vec<&str> = after_name.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// Resident memory of a process in KiB.
pub(crate) fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The last lines of a log, for a test that fails.
pub(crate) fn tail(path: &Path, lines: usize) -> String {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
