//! One connection to a hub that may die at any moment: every step may fail, and none panics for it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::harness::{Device, PATIENCE, keyed_digest, long_nonce};

const EOT: u8 = 4;

pub(crate) struct Link {
    socket: TcpStream,
    buffer: Vec<u8>,
    address: u32,
}

impl Link {
    /// Connects and logs in; an error when the hub is gone, or goes meanwhile.
    pub(crate) fn login(hub: SocketAddr, device: &Device) -> io::Result<Self> {
        let socket = TcpStream::connect(hub)?;
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let mut link = Self {
            socket,
            buffer: Vec::new(),
            address: device.address,
        };
        link.write(&format!("{}|{}|", device.kind, device.id))?;
        let hello = link.answer()?;
        let challenge = hello.split('|').nth(2).expect("a challenge");
        let nonce = long_nonce();
        let digest = keyed_digest(&device.serial, device.address, &nonce, challenge);
        link.write(&format!("{digest}|{nonce}|2|"))?;
        let verdict = link.answer()?;
        assert!(
            verdict.starts_with("OK|OK|"),
            "login of {device:?}: {verdict}"
        );
        Ok(link)
    }

    /// Sends a frame to the hub; `rest` begins with the type.
    pub(crate) fn say(&mut self, rest: &str) -> io::Result<()> {
        self.write(&format!("{}|0|{rest}|", self.address))
    }

    /// The origin of the next frame, and what it says: without the addresses and the last separator. `None` when nothing
    /// comes within `wait`.
    pub(crate) fn hear(&mut self, wait: Duration) -> io::Result<Option<(u32, String)>> {
        let Some(frame) = self.next(wait)? else {
            return Ok(None);
        };
        let (origin, rest) = frame.split_once('|').expect(&frame);
        let start = format!("{}|", self.address);
        let rest = rest.strip_prefix(&start).and_then(|f| f.strip_suffix('|'));
        let rest = rest.expect(&frame).to_owned();
        Ok(Some((origin.parse().expect(&frame), rest)))
    }

    fn answer(&mut self) -> io::Result<String> {
        let frame = self.next(PATIENCE)?;
        Ok(frame.expect("an answer within the patience"))
    }

    fn write(&mut self, frame: &str) -> io::Result<()> {
        self.socket.write_all(format!("{frame}\u{4}").as_bytes())
    }

    fn next(&mut self, wait: Duration) -> io::Result<Option<String>> {
        loop {
            if let Some(at) = self.buffer.iter().position(|b| *b == EOT) {
                let frame: Vec<u8> = self.buffer.drain(..=at).collect();
                return Ok(Some(String::from_utf8(frame[..at].to_vec()).unwrap()));
            }
            self.socket.set_read_timeout(Some(wait))?;
            let mut chunk = [0; 4096];
            match self.socket.read(&mut chunk) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.buffer.extend_from_slice(&chunk[..read]),
                Err(e) if is_timeout(&e) => return Ok(None),
                Err(e) => return Err(e),
            }
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
