//! How a result is shown: a few lines for a person, or one JSON object on one line for a script.

use serde::Serialize;

use super::client::Protocol;
use super::connections::{Idle, IdleFigures, LoginFigures, Logins};
use super::fanout::Fanout;
use super::meter::{Faults, Figures};
use super::pairs::{Drive, Pairs};
use crate::failure::{Context, Failure};
use crate::stdout::say;

/// Of a load of messages. Times in microseconds; CPU is the server's, user and system.
#[derive(Debug, Default, Serialize)]
pub(super) struct Traffic {
    scenario: &'static str,
    protocol: Option<Protocol>,
    body_bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receivers: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<u64>,
    seconds: f64,
    delivered: u64,
    delivered_per_second: f64,
    server_cpu_us_per_message: f64,
    generator_cpu_us_per_message: f64,
    latency_p50_us: f64,
    latency_p99_us: f64,
    latency_p999_us: f64,
    latency_max_us: f64,
    lost: u64,
    misordered: u64,
    foreign: u64,
}

impl Traffic {
    pub(super) fn of_pairs(load: &Pairs, protocol: Protocol, figures: &Figures) -> Self {
        let (window, rate) = match load.drive {
            Drive::Window(window) => (Some(window), None),
            Drive::Rate(rate) => (None, Some(rate)),
        };
        Self {
            scenario: "pairs",
            pairs: Some(load.pairs),
            window,
            rate,
            body_bytes: load.body,
            ..Self::of(protocol, figures)
        }
    }

    pub(super) fn of_fanout(load: &Fanout, protocol: Protocol, figures: &Figures) -> Self {
        Self {
            scenario: "fanout",
            receivers: Some(load.receivers),
            window: Some(load.window as u64),
            body_bytes: load.body,
            ..Self::of(protocol, figures)
        }
    }

    fn of(protocol: Protocol, figures: &Figures) -> Self {
        let each = |nanos: u64| round(nanos as f64 / 1e3 / figures.delivered.max(1) as f64);
        let latency = |per_mille| round(figures.latency.per_mille(per_mille) as f64 / 1e3);
        let Faults {
            lost,
            misordered,
            foreign,
        } = figures.faults;
        Self {
            protocol: Some(protocol),
            seconds: round(figures.seconds),
            delivered: figures.delivered,
            delivered_per_second: (figures.delivered as f64 / figures.seconds).round(),
            server_cpu_us_per_message: each(figures.server_nanos),
            generator_cpu_us_per_message: each(figures.generator_nanos),
            latency_p50_us: latency(500),
            latency_p99_us: latency(990),
            latency_p999_us: latency(999),
            latency_max_us: round(figures.latency.max() as f64 / 1e3),
            lost,
            misordered,
            foreign,
            ..Self::default()
        }
    }

    /// Every message arrived once, in order, unchanged, and there were some.
    pub(super) fn is_whole(&self) -> bool {
        self.delivered > 0 && self.lost + self.misordered + self.foreign == 0
    }

    fn text(&self) -> String {
        let shape = [
            self.pairs.map(|n| format!("{n} pairs")),
            self.receivers.map(|n| format!("one sender, {n} receivers")),
            self.window.map(|n| format!("{n} in flight")),
            self.rate.map(|n| format!("{n} messages/s in all")),
        ];
        let shape: Vec<String> = shape.into_iter().flatten().collect();
        format!(
            "{} bytes, {}\n  delivered      {:.0} messages/s ({} in {:.2} s)\n  server CPU     {:.3} us a message (the generator's own: {:.3} us)\n  latency        p50 {:.0} us, p99 {:.0} us, p99.9 {:.0} us, most {:.0} us\n  faults         {} lost, {} misordered, {} foreign",
            self.body_bytes,
            shape.join(", "),
            self.delivered_per_second,
            self.delivered,
            self.seconds,
            self.server_cpu_us_per_message,
            self.generator_cpu_us_per_message,
            self.latency_p50_us,
            self.latency_p99_us,
            self.latency_p999_us,
            self.latency_max_us,
            self.lost,
            self.misordered,
            self.foreign
        )
    }
}

/// Of idle connections. Bytes.
#[derive(Debug, Serialize)]
pub(super) struct IdleReport {
    scenario: &'static str,
    protocol: Protocol,
    tls: bool,
    connections: usize,
    resident_bytes_before: u64,
    resident_bytes_after: u64,
    resident_bytes_per_connection: f64,
    anonymous_bytes_per_connection: f64,
}

impl IdleReport {
    pub(super) fn of(load: &Idle, protocol: Protocol, tls: bool, figures: &IdleFigures) -> Self {
        let (before, after) = (figures.before, figures.after);
        let each = |after: u64, before: u64| {
            ((after as f64 - before as f64) / load.connections.max(1) as f64).round()
        };
        Self {
            scenario: "idle",
            protocol,
            tls,
            connections: load.connections,
            resident_bytes_before: before.resident,
            resident_bytes_after: after.resident,
            resident_bytes_per_connection: each(after.resident, before.resident),
            anonymous_bytes_per_connection: each(after.anonymous, before.anonymous),
        }
    }

    fn text(&self) -> String {
        let mebibytes = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
        format!(
            "{} connections{}\n  server memory  {:.1} MiB before, {:.1} MiB with them\n  a connection   {:.0} bytes resident ({:.0} anonymous)",
            self.connections,
            if self.tls { " by TLS" } else { "" },
            mebibytes(self.resident_bytes_before),
            mebibytes(self.resident_bytes_after),
            self.resident_bytes_per_connection,
            self.anonymous_bytes_per_connection
        )
    }
}

/// Of logins.
#[derive(Debug, Serialize)]
pub(super) struct LoginReport {
    scenario: &'static str,
    protocol: Protocol,
    tls: bool,
    logins: usize,
    at_once: usize,
    logins_per_second: f64,
    server_cpu_us_per_login: f64,
}

impl LoginReport {
    pub(super) fn of(load: &Logins, protocol: Protocol, tls: bool, figures: &LoginFigures) -> Self {
        let logins = load.logins.max(1) as f64;
        Self {
            scenario: "login",
            protocol,
            tls,
            logins: load.logins,
            at_once: load.at_once,
            logins_per_second: (logins / figures.seconds).round(),
            server_cpu_us_per_login: round(figures.server_nanos as f64 / 1e3 / logins),
        }
    }

    fn text(&self) -> String {
        format!(
            "{} logins{}, {} under way at once\n  completed      {:.0} a second\n  server CPU     {:.1} us a login",
            self.logins,
            if self.tls { " by TLS" } else { "" },
            self.at_once,
            self.logins_per_second,
            self.server_cpu_us_per_login
        )
    }
}

/// Any of them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Report {
    Traffic(Traffic),
    Idle(IdleReport),
    Login(LoginReport),
}

impl Report {
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Traffic(traffic) => traffic.is_whole(),
            Self::Idle(_) | Self::Login(_) => true,
        }
    }

    pub(super) fn print(&self, json: bool) -> Result<(), Failure> {
        let text = match self {
            _ if json => serde_json::to_string(self).context("writing the result")?,
            Self::Traffic(traffic) => traffic.text(),
            Self::Idle(idle) => idle.text(),
            Self::Login(login) => login.text(),
        };
        say(format_args!("{text}"));
        Ok(())
    }
}

/// Three places: what is written down should not claim more.
fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
