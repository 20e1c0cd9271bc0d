//! A folder of its own with a hub's data in it, and the verbs that work on it, with a hub running or without.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use super::device::Device;
use super::hub::Hub;
use super::process::{Begun, Finished, begin, run};

pub(crate) struct Home {
    dir: TempDir,
    env: BTreeMap<String, String>,
    /// Shell words run before the hub takes the shell's place, such as a limit.
    pub(super) before: Option<String>,
    /// The verb that starts the hub, if one is said.
    pub(super) verb: Option<&'static str>,
    groups: Mutex<BTreeSet<String>>,
    last_id: AtomicU32,
}

impl Home {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data").to_str().unwrap().to_owned();
        let home = Self {
            dir,
            env: BTreeMap::new(),
            before: None,
            verb: Some("serve"),
            groups: Mutex::default(),
            last_id: AtomicU32::new(100_001),
        };
        home.set("DATA_DIR", &data)
            .set("DEVICES__LISTEN", "127.0.0.1:0")
            .set("WEB__LISTEN", "127.0.0.1:0")
    }

    /// A setting through the environment; the key without its `HUB_`.
    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.env.insert(format!("HUB_{key}"), value.to_owned());
        self
    }

    /// Starts the hub from a shell that ran these words first.
    pub(crate) fn shell(mut self, words: &str) -> Self {
        self.before = Some(words.to_owned());
        self
    }

    /// Lifts what [`Home::shell`] asked for.
    pub(crate) fn without_shell(mut self) -> Self {
        self.before = None;
        self
    }

    /// Starts the hub by its name alone.
    pub(crate) fn without_verb(mut self) -> Self {
        self.verb = None;
        self
    }

    pub(crate) fn start(self) -> Hub {
        Hub::start_in(self)
    }

    /// Runs `hub serve` where it is expected not to come up.
    pub(crate) fn serve_to_the_end(&self) -> Finished {
        self.verb(&["serve"])
    }

    pub(crate) fn verb(&self, words: &[&str]) -> Finished {
        run(self.process(env!("CARGO_BIN_EXE_hub")).args(words))
    }

    /// Starts a verb that takes its time.
    pub(crate) fn begin(&self, words: &[&str]) -> Begun {
        begin(self.process(env!("CARGO_BIN_EXE_hub")).args(words))
    }

    /// A command in this folder, with this home's settings and none of whoever runs the tests.
    pub(super) fn process(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("HUB_")) {
            command.env_remove(key);
        }
        command.current_dir(self.dir.path()).envs(&self.env);
        command
    }

    /// A file beside the data directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.path("data").join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Registers a device of type 511 with the defaults: challenge login, right `talk`.
    pub(crate) fn add(&self, group: &str) -> Device {
        self.add_with(group, &[])
    }

    /// Registers a device whose serial and login are those of the seed.
    pub(crate) fn add_legacy(&self, group: &str) -> Device {
        self.add_with(group, &["--login", "legacy", "--serial", "SN-EXAMPLE-01"])
    }

    #[track_caller]
    pub(crate) fn add_with(&self, group: &str, more: &[&str]) -> Device {
        if self.groups.lock().unwrap().insert(group.to_owned()) {
            self.verb(&["group", "add", group]).ok();
        }
        let id = self.last_id.fetch_add(1, Ordering::Relaxed).to_string();
        let mut words = vec![
            "device", "add", "--group", group, "--type", "511", "--id", &id, "--json",
        ];
        words.extend_from_slice(more);
        Device::from_json(&self.verb(&words).ok(), more.contains(&"legacy"))
    }

    /// The database as a reader beside the hub sees it.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.data("hub.db")).unwrap();
        database
            .busy_timeout(std::time::Duration::from_secs(5))
            .unwrap();
        database
    }

    /// Rows of the table of readings, as committed.
    pub(crate) fn stored_readings(&self) -> u64 {
        let count: i64 = self
            .database()
            .query_row("SELECT COUNT(*) FROM reading", [], |row| row.get(0))
            .unwrap();
        u64::try_from(count).unwrap()
    }
}
