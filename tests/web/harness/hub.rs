//! The running hub, its verbs, and its users.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, mpsc};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::PATIENCE;
use super::browser::Browser;
use super::http::{Ask, Reply};

/// Of every user that [`Hub::user`] makes.
pub(crate) const PASSWORD: &str = "a few plain words";

pub(crate) struct Hub {
    dir: TempDir,
    env: Vec<(String, String)>,
    child: Child,
    pub(crate) web: SocketAddr,
    pub(crate) devices: SocketAddr,
    printed: Mutex<mpsc::Receiver<String>>,
    administrator: Mutex<Option<Browser>>,
}

impl Hub {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With settings as the environment has them, without `HUB_`.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data").to_str().unwrap().to_owned();
        let own = [
            ("DATA_DIR", data.as_str()),
            ("DEVICES__LISTEN", "127.0.0.1:0"),
            ("WEB__LISTEN", "127.0.0.1:0"),
        ];
        let env = own.iter().chain(settings);
        let env = env.map(|(key, value)| (format!("HUB_{key}"), (*value).to_owned()));
        Self::start_in(dir, env.collect())
    }

    #[track_caller]
    fn start_in(dir: TempDir, env: Vec<(String, String)>) -> Self {
        let log = dir.path().join("hub.log");
        let file = File::options().append(true).create(true).open(&log);
        let mut child = process(&dir, &env)
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file.unwrap())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let printed = printed(lines.map_while(Result::ok));
        let Some(ready) = line_with(&printed, "ready: ") else {
            let _ = child.kill();
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            panic!("hub never ready, log:\n{log}");
        };
        let port = |label: &str| -> SocketAddr {
            let part = ready.split(", ").find_map(|part| part.strip_prefix(label));
            part.expect(&ready).trim().parse().unwrap()
        };
        Self {
            web: port("web on "),
            devices: port("devices on "),
            printed: Mutex::new(printed),
            dir,
            env,
            child,
            administrator: Mutex::default(),
        }
    }

    /// The token of the link that the first start prints.
    #[track_caller]
    pub(crate) fn first_link(&self) -> String {
        let before = "set the administrator's password at ";
        let printed = self.printed.lock().unwrap();
        let rest = line_with(&printed, before).expect("no first link");
        token_of(rest.split(' ').next().unwrap()).to_owned()
    }

    /// What it printed behind the ready line, once it was killed.
    pub(crate) fn killed(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.printed.lock().unwrap().iter().collect()
    }

    /// `kill -9`, and a new start on the same data.
    #[track_caller]
    pub(crate) fn crash_and_start(mut self) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let dir = std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap());
        Self::start_in(dir, self.env.clone())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Runs a verb, and answers what it printed.
    #[track_caller]
    pub(crate) fn verb(&self, words: &[&str]) -> String {
        let output = self.try_verb(words);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{words:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    pub(crate) fn try_verb(&self, words: &[&str]) -> Output {
        process(&self.dir, &self.env).args(words).output().unwrap()
    }

    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.dir.path().join("data").join(name)
    }

    /// The database as a reader beside the hub sees it.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.data("hub.db")).unwrap();
        database.busy_timeout(PATIENCE).unwrap();
        database
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("hub.log")).unwrap()
    }

    /// A request without any cookie.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Reply {
        Ask::new("GET", path).send(self.web)
    }

    /// The same with a body.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        Ask::new("POST", path).json(body).send(self.web)
    }

    #[track_caller]
    pub(crate) fn log_in(&self, name: &str) -> Browser {
        let body = json!({"name": name, "password": PASSWORD});
        Browser::of(self.web, &self.post("/login", &body))
    }

    /// The first administrator, logged in by the link of the first start; the same browser each time.
    #[track_caller]
    pub(crate) fn administrator(&self) -> Browser {
        let mut known = self.administrator.lock().unwrap();
        let browser = known.get_or_insert_with(|| {
            let body = json!({"token": self.first_link(), "password": PASSWORD});
            Browser::of(self.web, &self.post("/setup", &body))
        });
        browser.clone()
    }

    /// Makes groups.
    #[track_caller]
    pub(crate) fn groups(&self, names: &[&str]) {
        for name in names {
            self.verb(&["group", "add", name]);
        }
    }

    /// Makes a user with [`PASSWORD`], logged in.
    #[track_caller]
    pub(crate) fn user(&self, name: &str, role: &str, groups: &[&str]) -> Browser {
        let mut words = vec!["user", "add", name, "--role", role, "--json"];
        for group in groups {
            words.extend(["--group", group]);
        }
        let added: Value = serde_json::from_str(&self.verb(&words)).unwrap();
        let token = token_of(added["link"]["url"].as_str().unwrap());
        let body = json!({"token": token, "password": PASSWORD});
        Browser::of(self.web, &self.post("/setup", &body))
    }

    /// Registers a device; answers its address.
    #[track_caller]
    pub(crate) fn device(&self, group: &str, id: &str) -> u32 {
        let words = [
            "device", "add", "--group", group, "--type", "511", "--id", id, "--json",
        ];
        let made: Value = serde_json::from_str(&self.verb(&words)).unwrap();
        u32::try_from(made["address"].as_u64().unwrap()).unwrap()
    }
}

/// What a one-time link ends with.
pub(crate) fn token_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

fn process(dir: &TempDir, env: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("HUB_")) {
        command.env_remove(key);
    }
    command
        .current_dir(dir.path())
        .envs(env.iter().map(|(key, value)| (key, value)));
    command
}

/// Reads on, so that the hub never blocks on its standard output.
fn printed(lines: impl Iterator<Item = String> + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines {
            let _ = tell.send(line);
        }
    });
    told
}

/// The rest of the next line that has these words, behind them.
fn line_with(printed: &mpsc::Receiver<String>, words: &str) -> Option<String> {
    while let Ok(line) = printed.recv_timeout(PATIENCE) {
        if let Some((_, rest)) = line.split_once(words) {
            return Some(rest.to_owned());
        }
    }
    None
}

impl Drop for Hub {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the hub's log:\n{}\n---", self.log());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
