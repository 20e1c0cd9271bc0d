//! Devices of the load on sockets that block: each has a thread of its own, so that nothing else delays its stopwatch.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::super::client::{Credential, Plan};
use super::super::client_hub::HubClient;
use crate::failure::{Context, Failure};
use crate::wire::{EOT, kind};

pub(super) struct Device {
    stream: TcpStream,
    pub(super) address: u32,
    kept: Vec<u8>,
}

/// How long a read waits before it looks whether the load is over.
const LOOK: Duration = Duration::from_millis(200);

impl Device {
    /// Connects and logs in.
    pub(super) fn enter(hub: SocketAddr, credential: &Credential) -> Result<Self, Failure> {
        let plan = Plan {
            credential: Some(credential.clone()),
            ..Plan::default()
        };
        let mut client = HubClient::new(&plan).map_err(Failure::new)?;
        let enter = || {
            let stream = TcpStream::connect(hub)?;
            stream.set_nodelay(true)?;
            Ok::<_, std::io::Error>(stream)
        };
        let mut stream = enter().context("connecting a device")?;
        let (mut out, mut kept) = (Vec::new(), Vec::new());
        client.hello(&mut out);
        loop {
            stream.write_all(&out).context("logging in")?;
            out.clear();
            if client.is_ready() {
                break;
            }
            let mut part = [0; 4096];
            let count = stream.read(&mut part).context("logging in")?;
            if count == 0 {
                return Err(Failure::new("the hub ended a login"));
            }
            kept.extend_from_slice(part.get(..count).unwrap_or_default());
            let used = client
                .consume(&kept, &mut out, &mut |_| {})
                .map_err(Failure::new)?;
            kept.drain(..used);
        }
        stream
            .set_read_timeout(Some(LOOK))
            .context("setting a timeout")?;
        Ok(Self {
            stream,
            address: credential.address,
            kept,
        })
    }

    /// Without a thread of its own: for the many that only report.
    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Sends `A|0|...|`.
    pub(super) fn say(&mut self, rest: std::fmt::Arguments<'_>) -> Result<(), Failure> {
        let mut frame = format!("{}|0|{rest}|", self.address).into_bytes();
        frame.push(EOT);
        self.stream.write_all(&frame).context("sending")
    }

    /// The frames that come within a while; those that only ask whether it is there are answered.
    pub(super) fn hear(
        &mut self,
        mut each: impl FnMut(u32, &[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut part = [0; 16_384];
        let count = match self.stream.read(&mut part) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(());
            }
            other => other.context("reading")?,
        };
        if count == 0 {
            return Err(Failure::new("the hub ended a session"));
        }
        self.kept
            .extend_from_slice(part.get(..count).unwrap_or_default());
        let mut frames = std::mem::take(&mut self.kept);
        while let Some(end) = memchr::memchr(EOT, &frames) {
            let rest = frames.split_off(end + 1);
            let frame = std::mem::replace(&mut frames, rest);
            let text = frame.get(..end).unwrap_or_default();
            let kind = number(text.split(|byte| *byte == b'|').nth(2));
            match kind.and_then(|kind| u32::try_from(kind).ok()) {
                Some(kind::ALIVE) => {
                    let alive = format!("{}|0|{}|\x04", self.address, kind::ALIVE);
                    self.stream
                        .write_all(alive.as_bytes())
                        .context("answering")?;
                }
                Some(kind) => each(kind, text)?,
                None => {}
            }
        }
        self.kept = frames;
        Ok(())
    }
}

/// The last field of a frame but for the empty one behind it.
pub(super) fn msgno(frame: &[u8]) -> Option<u64> {
    let frame = frame.strip_suffix(b"|").unwrap_or(frame);
    number(frame.rsplit(|byte| *byte == b'|').next())
}

fn number(field: Option<&[u8]>) -> Option<u64> {
    std::str::from_utf8(field?).ok()?.parse().ok()
}
