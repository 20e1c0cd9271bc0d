//! A throw-away hub for the load: this program itself, with compiled-in settings, in a directory that is deleted.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::target::Need;
use crate::failure::{Context, Failure};

const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(15);
const FIRST_ID: usize = 100_001;

pub(super) struct OwnHub {
    child: Child,
    pub(super) address: SocketAddr,
    /// Where its metrics are.
    pub(super) web: SocketAddr,
    pub(super) credentials: PathBuf,
    /// Deleted last, after `drop` has stopped the hub.
    dir: TempDir,
}

impl OwnHub {
    pub(super) fn start(need: &Need, tls: bool) -> Result<Self, Failure> {
        Self::start_with(need, tls, &[])
    }

    /// The same with settings of its own, as environment variables.
    pub(super) fn start_with(
        need: &Need,
        tls: bool,
        settings: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let dir = tempfile::Builder::new()
            .prefix("hub-bench-")
            .tempdir()
            .context("making a temporary directory")?;
        let credentials = import(dir.path(), need)?;
        let mut child = hub(dir.path(), tls)?
            .arg("serve")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting hub serve")?;
        let ready = ready_line(&mut child);
        // From here on the guard owns the child: whatever fails, it is stopped.
        let mut own = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            web: SocketAddr::from(([127, 0, 0, 1], 0)),
            credentials,
            dir,
        };
        let text = ready.ok_or_else(|| Failure::new(own.no_ready()))?;
        let found = |name| {
            listener(&text, name).ok_or_else(|| {
                Failure::new(format!("hub serve said {text:?}, without that listener"))
            })
        };
        own.address = found(if tls { "tls" } else { "devices" })?;
        own.web = found("web")?;
        Ok(own)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Runs a verb on it; answers what it printed.
    pub(super) fn verb(&self, words: &[&str]) -> Result<String, Failure> {
        let output = hub(self.dir.path(), false)?
            .args(words)
            .stdout(Stdio::piped())
            .output()
            .context("starting a verb")?;
        if !output.status.success() {
            let text = format!("hub {} failed ({})", words.join(" "), output.status);
            return Err(Failure::new(text));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn no_ready(&self) -> String {
        let log = fs::read_to_string(self.dir.path().join("hub.log")).unwrap_or_default();
        let seconds = READY_WITHIN.as_secs();
        let text = format!("hub serve printed no ready line within {seconds} s; its log ends: ");
        text + &last_lines(&log)
    }
}

impl Drop for OwnHub {
    fn drop(&mut self) {
        // SIGTERM, so that the hub's own orderly stop is what ends it.
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        let deadline = Instant::now() + STOPPED_WITHIN;
        while asked.is_ok() && Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This program, with its data in `dir` and a directory without a Settings.toml around it.
fn hub(dir: &Path, tls: bool) -> Result<Command, Failure> {
    let program = std::env::current_exe().context("finding this program's own file")?;
    let log = File::options()
        .create(true)
        .append(true)
        .open(dir.join("hub.log"))
        .context("making the hub's log")?;
    let mut command = Command::new(program);
    command
        .current_dir(dir)
        .env("HUB_DATA_DIR", dir.join("data"))
        .env("HUB_DEVICES__LISTEN", "127.0.0.1:0")
        .env("HUB_WEB__LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stderr(log);
    if tls {
        command.env("HUB_DEVICES__TLS_LISTEN", "127.0.0.1:0");
    }
    Ok(command)
}

/// Registers as many devices as the load needs and says where their credentials are.
fn import(dir: &Path, need: &Need) -> Result<PathBuf, Failure> {
    let devices = dir.join("devices.csv");
    let credentials = dir.join("credentials.csv");
    write_devices(&devices, need).context("writing the devices of the load")?;
    let output = hub(dir, false)?
        .args(["device", "import"])
        .arg(&devices)
        .arg("--credentials")
        .arg(&credentials)
        .stdout(Stdio::piped())
        .output()
        .context("starting hub device import")?;
    if output.status.success() && credentials.exists() {
        return Ok(credentials);
    }
    let log = fs::read_to_string(dir.join("hub.log")).unwrap_or_default();
    let text = format!(
        "hub device import failed ({}): {}",
        output.status,
        last_lines(&log)
    );
    Err(Failure::new(text))
}

fn write_devices(file: &Path, need: &Need) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(File::create(file)?);
    writeln!(out, "group,type,id,serial,login,name")?;
    for number in 0..need.connections {
        let group = (need.group_of)(number, need.groups);
        let id = FIRST_ID + number;
        writeln!(out, "load-{group},511,{id},,challenge,load {number}")?;
    }
    out.flush()
}

/// Waits for the line that begins with `ready:`; `None` when the hub ends or takes too long.
fn ready_line(child: &mut Child) -> Option<String> {
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // Reads to the end even after the ready line, so that the hub never blocks on a full pipe.
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if line.starts_with("ready:") {
                let _ = sender.send(line);
            }
        }
    });
    receiver.recv_timeout(READY_WITHIN).ok()
}

/// The address after `NAME on ` in the ready line.
fn listener(line: &str, name: &str) -> Option<SocketAddr> {
    let places = line.strip_prefix("ready:")?.split(',');
    places
        .filter_map(|place| place.trim().split_once(" on "))
        .find(|(listener, _)| *listener == name)
        .and_then(|(_, address)| address.trim().parse().ok())
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_found_by_name() {
        let line = "ready: devices on 127.0.0.1:5, web on 127.0.0.1:6, tls on 127.0.0.1:7";
        assert_eq!(listener(line, "devices"), "127.0.0.1:5".parse().ok());
        assert_eq!(listener(line, "tls"), "127.0.0.1:7".parse().ok());
        assert_eq!(listener("ready: devices on 127.0.0.1:5", "tls"), None);
    }

    #[test]
    fn pairs_share_a_group() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("devices.csv");
        let need = Need {
            connections: 4,
            group_of: |number, groups| number / 2 % groups,
            groups: 2,
        };
        write_devices(&file, &need).unwrap();
        let text = fs::read_to_string(file).unwrap();
        let groups: Vec<&str> = text.lines().skip(1).map(|l| &l[..6]).collect();
        assert_eq!(groups, ["load-0", "load-0", "load-1", "load-1"]);
    }
}
