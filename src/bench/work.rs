//! The loads by their words on the command line, checked against what one machine can bear.

use super::RunArgs;
use super::connections::{Idle, Logins};
use super::fanout::Fanout;
use super::meter::Span;
use super::pairs::{Drive, Pairs};
use super::payload::MIN_BODY;
use super::report::{IdleReport, LoginReport, Report, Traffic};
use super::target::{Need, Server, TargetArgs};
use crate::failure::Failure;

/// Loopback has about 28,000 ports towards one listener; some rest in TIME_WAIT.
const MAX_CONNECTIONS: usize = 18_000;
const MAX_SECONDS: f64 = 300.0;
/// The native protocol's default frame is 8 KiB.
const MAX_BODY: usize = 8_000;
const MAX_WINDOW: u64 = 10_000;
const MAX_RATE: u64 = 5_000_000;
/// Open files beside the connections.
const SPARE_FILES: u64 = 64;

#[derive(clap::Subcommand, Debug, Clone)]
pub(super) enum Work {
    /// Devices send to a partner each, with so many messages under way or at a fixed rate
    #[command(after_help = "Example:\n  hub bench pairs --pairs 100 --window 1 --seconds 10")]
    Pairs {
        #[arg(long, default_value_t = 100)]
        pairs: usize,
        /// Messages under way of each pair
        #[arg(long, default_value_t = 64, conflicts_with = "rate")]
        window: u64,
        /// Messages a second of all pairs together, evenly spaced; latency counts from the due time
        #[arg(long)]
        rate: Option<u64>,
        /// Customer groups to spread the pairs over, on a hub of our own
        #[arg(long, default_value_t = 1)]
        groups: usize,
        /// Bytes of a message's body
        #[arg(long, default_value_t = 64)]
        body: usize,
    },
    /// One device sends to everyone
    #[command(after_help = "Example:\n  hub bench fanout --receivers 1000 --window 4")]
    Fanout {
        #[arg(long, default_value_t = 1000)]
        receivers: usize,
        /// Fan-outs under way at once; with 1 the sender waits for the last receiver
        #[arg(long, default_value_t = 2)]
        window: u64,
        /// Bytes of a message's body
        #[arg(long, default_value_t = 64)]
        body: usize,
    },
    /// Memory of the server for each connection that says nothing
    #[command(after_help = "Example:\n  hub bench idle --connections 10000 --tls")]
    Idle {
        #[arg(long, default_value_t = 5000)]
        connections: usize,
        /// Logins under way at once
        #[arg(long, default_value_t = 64)]
        at_once: usize,
    },
    /// CPU time of the server for each login
    #[command(after_help = "Example:\n  hub bench login --connections 5000 --at-once 64")]
    Login {
        #[arg(long, default_value_t = 5000)]
        connections: usize,
        /// Logins under way at once
        #[arg(long, default_value_t = 64)]
        at_once: usize,
    },
}

/// A load whose numbers are within bounds.
#[derive(Debug)]
pub(super) enum Load {
    Pairs(Pairs),
    Fanout(Fanout),
    Idle(Idle),
    Login(Logins),
}

impl Work {
    /// What `hub bench` alone does.
    pub(super) fn all() -> Vec<Self> {
        let pairs = |window, rate| Self::Pairs {
            pairs: 100,
            window,
            rate,
            groups: 1,
            body: 64,
        };
        vec![
            pairs(1, None),
            pairs(64, None),
            pairs(1, Some(20_000)),
            Self::Fanout {
                receivers: 1000,
                window: 2,
                body: 64,
            },
            Self::Idle {
                connections: 5000,
                at_once: 64,
            },
            Self::Login {
                connections: 5000,
                at_once: 64,
            },
        ]
    }

    /// `open_files` is what this process may have open.
    pub(super) fn checked(&self, run: &RunArgs, open_files: u64) -> Result<Load, Failure> {
        let total = run.seconds + run.warmup;
        let in_time = run.seconds > 0.0 && run.warmup >= 0.0 && total <= MAX_SECONDS;
        check(in_time, || {
            format!("--seconds and --warmup: more than 0 and at most {MAX_SECONDS} together")
        })?;
        let load = self.load(Span {
            warm_up: run.warmup,
            measured: run.seconds,
        })?;
        let connections = load.need().connections;
        check((1..=MAX_CONNECTIONS).contains(&connections), || {
            format!(
                "this load would be {connections} connections: at least 1, at most {MAX_CONNECTIONS}"
            )
        })?;
        check(connections as u64 + SPARE_FILES <= open_files, || {
            format!(
                "{connections} connections need more open files than the limit of {open_files}: raise it with ulimit -n"
            )
        })?;
        Ok(load)
    }

    fn load(&self, span: Span) -> Result<Load, Failure> {
        Ok(match *self {
            Self::Pairs {
                pairs,
                window,
                rate,
                groups,
                body,
            } => {
                check_body(body)?;
                check_range("--pairs", pairs as u64, MAX_CONNECTIONS as u64)?;
                check_range("--window", window, MAX_WINDOW)?;
                check_range("--rate", rate.unwrap_or(1), MAX_RATE)?;
                check_range("--groups", groups as u64, pairs as u64)?;
                let drive = rate.map_or(Drive::Window(window), Drive::Rate);
                Load::Pairs(Pairs {
                    pairs,
                    groups,
                    drive,
                    body,
                    span,
                })
            }
            Self::Fanout {
                receivers,
                window,
                body,
            } => {
                check_body(body)?;
                check_range("--receivers", receivers as u64, MAX_CONNECTIONS as u64)?;
                check_range("--window", window, MAX_WINDOW)?;
                let window = window as usize;
                Load::Fanout(Fanout {
                    receivers,
                    window,
                    body,
                    span,
                })
            }
            Self::Idle {
                connections,
                at_once,
            } => Load::Idle(Idle {
                connections,
                at_once,
            }),
            Self::Login {
                connections,
                at_once,
            } => Load::Login(Logins {
                logins: connections,
                at_once,
            }),
        })
    }
}

impl Load {
    fn need(&self) -> Need {
        match self {
            Self::Pairs(load) => load.need(),
            Self::Fanout(load) => load.need(),
            Self::Idle(load) => load.need(),
            Self::Login(load) => load.need(),
        }
    }

    /// Finds or starts the server, loads it, and stops it if it is ours.
    pub(super) fn run(&self, target: &TargetArgs) -> Result<Report, Failure> {
        let server = &Server::find(target, &self.need())?;
        let (protocol, tls) = (server.protocol, server.tls);
        Ok(match self {
            Self::Pairs(load) => {
                Report::Traffic(Traffic::of_pairs(load, protocol, &load.run(server)?))
            }
            Self::Fanout(load) => {
                Report::Traffic(Traffic::of_fanout(load, protocol, &load.run(server)?))
            }
            Self::Idle(load) => {
                Report::Idle(IdleReport::of(load, protocol, tls, &load.run(server)?))
            }
            Self::Login(load) => {
                Report::Login(LoginReport::of(load, protocol, tls, &load.run(server)?))
            }
        })
    }
}

fn check_body(body: usize) -> Result<(), Failure> {
    check((MIN_BODY..=MAX_BODY).contains(&body), || {
        format!("--body {body}: from {MIN_BODY} (sender, sequence, time) to {MAX_BODY}")
    })
}

fn check_range(name: &str, value: u64, most: u64) -> Result<(), Failure> {
    check((1..=most).contains(&value), || {
        format!("{name} {value}: from 1 to {most}")
    })
}

fn check(holds: bool, text: impl FnOnce() -> String) -> Result<(), Failure> {
    match holds {
        true => Ok(()),
        false => Err(Failure::usage(text())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seconds: f64) -> RunArgs {
        RunArgs {
            seconds,
            warmup: 1.0,
            json: false,
        }
    }

    #[test]
    fn what_hub_bench_does_alone_is_within_bounds() {
        for work in Work::all() {
            assert!(work.checked(&run(5.0), 20_000).is_ok(), "{work:?}");
        }
    }

    #[test]
    fn too_much_is_refused_before_anything_starts() {
        let idle = |connections| Work::Idle {
            connections,
            at_once: 64,
        };
        assert!(idle(18_000).checked(&run(5.0), 20_000).is_ok());
        assert!(idle(18_001).checked(&run(5.0), 20_000).is_err());
        assert!(idle(0).checked(&run(5.0), 20_000).is_err());
        assert!(idle(1_000).checked(&run(5.0), 1_024).is_err());
        assert!(idle(1_000).checked(&run(300.0), 20_000).is_err());
        assert!(idle(1_000).checked(&run(f64::NAN), 20_000).is_err());
    }
}
