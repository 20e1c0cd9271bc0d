//! Reads the frames of a login: no more than they need, and never more than their limit.

use std::io;

use tokio::io::AsyncReadExt;

use super::lines::MAX_BYTES;
use crate::session::Departing;
use crate::wire::EOT;

/// Why no frame could be read.
pub(super) enum Unreadable {
    TooLong,
    Broken(io::Error),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Reads login frames, and keeps what comes behind them.
#[derive(Default)]
pub(super) struct Incoming {
    /// What came behind the last frame.
    pub(super) bytes: Vec<u8>,
}

impl Incoming {
    /// The next frame without its EOT and the blanks before it; reads no more than a login frame needs.
    pub(super) async fn frame(&mut self, io: &mut dyn Departing) -> Result<Vec<u8>, Unreadable> {
        loop {
            if let Some(at) = memchr::memchr(EOT, &self.bytes) {
                let rest = self.bytes.split_off(at + 1);
                let mut frame = std::mem::replace(&mut self.bytes, rest);
                frame.pop();
                return Ok(frame.trim_ascii_start().to_vec());
            }
            if self.bytes.len() >= MAX_BYTES {
                return Err(Unreadable::TooLong);
            }
            let mut chunk = [0u8; MAX_BYTES];
            let n = io.read(&mut chunk).await?;
            if n == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.bytes
                .extend_from_slice(chunk.get(..n).unwrap_or_default());
        }
    }
}
