//! The server under load: one that runs already, or a hub of our own. Loopback only.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::client::{Credential, Plan, Protocol};
use super::own_hub::OwnHub;
use crate::failure::{Context, Failure};

/// Which server to load; without `--server`, a hub of our own.
#[derive(clap::Args, Debug)]
pub(super) struct TargetArgs {
    /// Address of a running server, on loopback; without it a throw-away hub is started
    #[arg(long, value_name = "ADDR", global = true)]
    server: Option<SocketAddr>,
    /// Process of the running server, whose CPU time and memory are read
    #[arg(long, global = true)]
    pid: Option<u32>,
    /// What the running server speaks
    #[arg(long, value_enum, default_value_t = Protocol::Hub, global = true)]
    protocol: Protocol,
    /// Devices of a running hub, as `hub device import --credentials` wrote them
    #[arg(long, value_name = "FILE.csv", global = true)]
    credentials: Option<PathBuf>,
    /// Connect by TLS (to --server, or to the TLS listener of our own hub)
    #[arg(long, global = true)]
    tls: bool,
}

/// How many connections a load needs, and in which customer groups our own hub should put them.
pub(super) struct Need {
    pub(super) connections: usize,
    /// The group of a connection, by its number.
    pub(super) group_of: fn(usize, usize) -> usize,
    pub(super) groups: usize,
}

/// A server ready for load. Dropping it stops a hub of our own.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) pid: u32,
    pub(super) protocol: Protocol,
    pub(super) tls: bool,
    credentials: Vec<Credential>,
    own: Option<OwnHub>,
}

impl Server {
    pub(super) fn find(args: &TargetArgs, need: &Need) -> Result<Self, Failure> {
        match args.server {
            Some(address) => Self::running(args, address, need),
            None => Self::start_own(args, need),
        }
    }

    fn running(args: &TargetArgs, address: SocketAddr, need: &Need) -> Result<Self, Failure> {
        check_loopback(address)?;
        let pid = args.pid.ok_or_else(|| {
            Failure::usage("--server needs --pid: the process whose CPU time and memory are read")
        })?;
        let credentials = match (args.protocol, &args.credentials) {
            (Protocol::Hub, Some(file)) => read_credentials(file)?,
            (Protocol::Hub, None) => {
                let text = "a running hub needs --credentials FILE.csv: make one with hub device import DEVICES.csv --credentials FILE.csv";
                return Err(Failure::usage(text));
            }
            _ => Vec::new(),
        };
        if args.protocol == Protocol::Hub && credentials.len() < need.connections {
            return Err(Failure::usage(format!(
                "this load needs {} devices and the credentials hold {}",
                need.connections,
                credentials.len()
            )));
        }
        Ok(Self {
            address,
            pid,
            protocol: args.protocol,
            tls: args.tls,
            credentials,
            own: None,
        })
    }

    fn start_own(args: &TargetArgs, need: &Need) -> Result<Self, Failure> {
        if args.protocol != Protocol::Hub {
            return Err(Failure::usage(
                "--protocol mqtt or nats needs --server and --pid",
            ));
        }
        let hub = OwnHub::start(need, args.tls)?;
        check_loopback(hub.address)?;
        let mut credentials = read_credentials(&hub.credentials)?;
        // Pairs are neighbours by id, whatever order the rows were written in.
        credentials.sort_by_key(|c| c.id.parse::<u64>().unwrap_or_default());
        Ok(Self {
            address: hub.address,
            pid: hub.pid(),
            protocol: Protocol::Hub,
            tls: args.tls,
            credentials,
            own: Some(hub),
        })
    }

    /// A server inside this process, for the proof that faults are noticed.
    #[cfg(test)]
    pub(super) fn in_this_process(address: SocketAddr, protocol: Protocol) -> Self {
        Self {
            address,
            pid: std::process::id(),
            protocol,
            tls: false,
            credentials: Vec::new(),
            own: None,
        }
    }

    /// The hub of our own, if it is one.
    pub(super) fn own(&self) -> Option<&OwnHub> {
        self.own.as_ref()
    }

    /// Connection `number`, subscribed to `topic` where the protocol subscribes.
    pub(super) fn plan(&self, number: usize, topic: Option<String>) -> Plan {
        Plan {
            credential: self.credentials.get(number).cloned(),
            topic,
            number,
        }
    }

    /// The device address of connection `number`, in the hub's protocol.
    pub(super) fn device(&self, number: usize) -> Option<crate::wire::Address> {
        let credential = self.credentials.get(number)?;
        crate::wire::Address::new(credential.address)
    }
}

/// A load generator that reaches another machine is a weapon: this one cannot.
fn check_loopback(address: SocketAddr) -> Result<(), Failure> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    let text =
        format!("{address} is not on this machine: hub bench only loads 127.0.0.0/8 and ::1");
    Err(Failure::usage(text))
}

pub(super) fn read_credentials(file: &Path) -> Result<Vec<Credential>, Failure> {
    let doing = || format!("reading the credentials in {}", file.display());
    let mut reader = csv::Reader::from_path(file).context(doing())?;
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .context(doing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loaded() {
        for here in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1"] {
            assert!(check_loopback(here.parse().unwrap()).is_ok(), "{here}");
        }
        for elsewhere in [
            "10.0.0.1:1",
            "0.0.0.0:1",
            "[::]:1",
            "[fe80::1]:1",
            "8.8.8.8:1",
        ] {
            assert!(
                check_loopback(elsewhere.parse().unwrap()).is_err(),
                "{elsewhere}"
            );
        }
    }

    #[test]
    fn credentials_are_read_by_their_header() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.csv");
        std::fs::write(&file, "address,type,id,serial\n42,511,100001,SN-1\n").unwrap();
        let found = read_credentials(&file).unwrap();
        assert_eq!((found[0].address, found[0].kind), (42, 511));
        assert_eq!(
            (found[0].id.as_str(), found[0].serial.as_str()),
            ("100001", "SN-1")
        );
    }
}
