//! The running hub.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::ops::Deref;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::mpsc;

use super::client::Client;
use super::device::Device;
use super::home::Home;
use super::process::{cpu_ticks, ended, resident_kib, signal, tail};
use super::wait::PATIENCE;
use super::web::{self, Metrics};

pub(crate) struct Hub {
    home: Home,
    child: Child,
    ready: Ready,
}

/// Where the ready line says the hub listens.
struct Ready {
    devices: SocketAddr,
    web: SocketAddr,
    tls: Option<SocketAddr>,
}

impl Deref for Hub {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Hub {
    pub(crate) fn start() -> Self {
        Home::new().start()
    }

    #[track_caller]
    pub(super) fn start_in(home: Home) -> Self {
        let log = home.path("hub.log");
        let file = File::options().append(true).create(true).open(&log);
        let hub = env!("CARGO_BIN_EXE_hub");
        let mut command = match &home.before {
            None => home.process(hub),
            Some(words) => {
                let mut shell = home.process("sh");
                shell.args(["-c", &format!("{words}; exec \"$0\" \"$@\""), hub]);
                shell
            }
        };
        let mut child = command
            .args(home.verb)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file.unwrap())
            .spawn()
            .unwrap();
        let line = ready_line(child.stdout.take().unwrap());
        let Some(line) = line else {
            signal(child.id(), "KILL");
            let status = child.wait().unwrap();
            panic!("hub never ready, {status}, log:\n{}", tail(&log, 60));
        };
        let ready = Ready::parse(&line);
        Self { home, child, ready }
    }

    pub(crate) fn device_port(&self) -> SocketAddr {
        self.ready.devices
    }

    pub(crate) fn tls_port(&self) -> SocketAddr {
        self.ready.tls.expect("TLS is off")
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.ready.devices)
    }

    /// Logs a device in and takes the CLOCK_SET that follows.
    #[track_caller]
    pub(crate) fn login(&self, device: &Device) -> Client {
        let mut client = self.connect();
        client.login(device);
        client
    }

    /// Two devices of one group, logged in.
    #[track_caller]
    pub(crate) fn pair(&self) -> (Client, Client) {
        let (one, other) = (self.add("greenhouse"), self.add("greenhouse"));
        (self.login(&one), self.login(&other))
    }

    /// Status and body of a page.
    #[track_caller]
    pub(crate) fn page(&self, path: &str) -> (u16, String) {
        web::get(self.ready.web, path)
    }

    #[track_caller]
    pub(crate) fn metrics(&self) -> Metrics {
        let (status, body) = self.page("/metrics");
        assert_eq!(status, 200, "{body}");
        Metrics::parse(&body)
    }

    pub(crate) fn cpu_ticks(&self) -> u64 {
        cpu_ticks(self.child.id())
    }

    pub(crate) fn resident_kib(&self) -> u64 {
        resident_kib(self.child.id())
    }

    /// SIGTERM without waiting.
    pub(crate) fn tell_to_stop(&self) {
        signal(self.child.id(), "TERM");
    }

    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        ended(&mut self.child)
    }

    /// `kill -9` without waiting.
    pub(crate) fn kill(&self) {
        signal(self.child.id(), "KILL");
    }

    /// `kill -9`; the data stays.
    pub(crate) fn crash(self) -> Home {
        self.kill();
        self.leave()
    }

    /// SIGTERM, and waits; the data stays.
    pub(crate) fn stop(self) -> Home {
        self.tell_to_stop();
        self.leave()
    }

    fn leave(mut self) -> Home {
        self.wait_for_end();
        std::mem::replace(&mut self.home, Home::new())
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = tail(&self.home.path("hub.log"), 60);
            eprintln!("--- the hub's log ends:\n{log}\n---");
            signal(self.child.id(), "KILL");
            let _ = self.child.wait();
            return;
        }
        if self.child.try_wait().unwrap().is_none() {
            signal(self.child.id(), "TERM");
            self.wait_for_end();
        }
    }
}

impl Ready {
    fn parse(line: &str) -> Self {
        let port = |label: &str| {
            let part = line.split(", ").find_map(|part| part.strip_prefix(label))?;
            Some(part.trim().parse().expect(line))
        };
        Self {
            devices: port("devices on ").expect(line),
            web: port("web on ").expect(line),
            tls: port("tls on "),
        }
    }
}

/// Waits for the ready line, and keeps reading so that the hub never blocks on its stdout.
fn ready_line(stdout: ChildStdout) -> Option<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(rest) = line.strip_prefix("ready: ") {
                let _ = tell.send(rest.to_owned());
            }
        }
    });
    told.recv_timeout(PATIENCE).ok()
}
