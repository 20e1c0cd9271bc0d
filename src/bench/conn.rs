//! One connection of the load: its socket, its client, and the bytes that wait in either direction.

use std::io::{ErrorKind, Read, Write};
use std::time::Instant;

use super::client::{Client, Refusal, Template};
use super::link::Link;
use super::payload::Stamp;

pub(super) struct Conn {
    link: Link,
    client: Client,
    template: Template,
    /// Composed and not yet taken by the socket; `written` bytes of it are gone.
    out: Vec<u8>,
    written: usize,
    /// The begun and not yet ended message of the last read.
    kept: Vec<u8>,
}

impl Conn {
    pub(super) fn new(link: Link, client: Client) -> Self {
        let mut out = Vec::new();
        client.hello(&mut out);
        Self {
            link,
            client,
            template: Template::default(),
            out,
            written: 0,
            kept: Vec::new(),
        }
    }

    pub(super) fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn set_template(&mut self, template: Template) {
        self.template = template;
    }

    /// Composes one message; [`Conn::flush`] sends it.
    pub(super) fn send(&mut self, stamp: &Stamp, body: usize) {
        self.out.extend_from_slice(&self.template.before);
        stamp.write(body, &mut self.out);
        self.out.extend_from_slice(self.template.after);
    }

    pub(super) fn keep_alive(&mut self) {
        self.client.keep_alive(&mut self.out);
    }

    /// Reads what the socket holds and calls `each` with every body and the nanoseconds since `epoch` at which
    /// its read returned. `buffer` is shared by all connections and holds nothing between calls.
    pub(super) fn read(
        &mut self,
        buffer: &mut [u8],
        epoch: Instant,
        mut each: impl FnMut(&[u8], u64),
    ) -> Result<(), Refusal> {
        loop {
            let kept = self.kept.len();
            let (head, space) = buffer
                .split_at_mut_checked(kept)
                .ok_or("a message larger than the read buffer")?;
            head.copy_from_slice(&self.kept);
            let got = match self.link.read(space) {
                Ok(0) => return Err("the server closed the connection".into()),
                Ok(got) => got,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(format!("reading: {error}")),
            };
            let filled = got == space.len();
            let now = nanos_since(epoch);
            let input = buffer.get(..kept + got).unwrap_or_default();
            let used = self
                .client
                .consume(input, &mut self.out, &mut |body| each(body, now))?;
            self.kept.clear();
            self.kept
                .extend_from_slice(input.get(used..).unwrap_or_default());
            if !filled && self.link.short_read_means_empty() {
                return Ok(());
            }
        }
    }

    /// Writes as much as the socket takes; the rest goes when the socket is writable again.
    pub(super) fn flush(&mut self) -> Result<(), Refusal> {
        while let Some(rest) = self.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            match self.link.write(rest) {
                Ok(taken) => self.written += taken,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // The connection does not stand yet.
                Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(format!("writing: {error}")),
            }
        }
        self.out.clear();
        self.written = 0;
        match self.link.flush() {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(format!("writing: {error}")),
            _ => Ok(()),
        }
    }
}

pub(super) fn nanos_since(epoch: Instant) -> u64 {
    u64::try_from(epoch.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
