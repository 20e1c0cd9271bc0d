//! The receiving half of a connection: bytes in, whole frames out, one copy of each byte at most.
//!
//! Not [`crate::wire::Splitter`], because a client asks for one frame after the other and keeps them between awaits.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::wire::EOT;

/// Far above what a hub sends; a stream without EOT is cut off here.
const MAX_FRAME_BYTES: usize = 64 * 1024;
/// Small, as thousands of devices sit in one process.
const READ_BYTES: usize = 2 * 1024;
/// A busy stream is read in larger pieces.
const BUSY_READ_BYTES: usize = 64 * 1024;

/// Received bytes that are not yet taken as frames.
#[derive(Debug, Default)]
pub struct Inbox {
    buffer: Vec<u8>,
    /// Bytes before this one are taken already.
    start: usize,
}

impl Inbox {
    /// Waits for more bytes. Nothing is lost when the future is dropped half-way.
    ///
    /// # Errors
    /// `UnexpectedEof` at the end of the stream, `InvalidData` for a frame without end.
    pub async fn fill(&mut self, io: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
        let busy = self.start >= READ_BYTES;
        self.forget_taken();
        if self.buffer.len() > MAX_FRAME_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a frame without end",
            ));
        }
        self.buffer
            .reserve(if busy { BUSY_READ_BYTES } else { READ_BYTES });
        match io.read_buf(&mut self.buffer).await? {
            0 => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the hub closed the connection",
            )),
            _ => Ok(()),
        }
    }

    /// The next whole frame without its EOT and the blanks before it.
    pub fn take(&mut self) -> Option<&[u8]> {
        let from = self.start;
        let length = memchr::memchr(EOT, self.buffer.get(from..)?)?;
        self.start = from + length + 1;
        self.buffer
            .get(from..from + length)
            .map(<[u8]>::trim_ascii_start)
    }

    fn forget_taken(&mut self) {
        self.buffer.drain(..self.start.min(self.buffer.len()));
        self.start = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_come_out_whole_however_they_went_in() {
        let stream = b"42|OK|\x04 \r\nab\x04\x04cd\x04";
        for size in 1..stream.len() {
            let mut io = tokio_test_reader(stream, size);
            let (mut inbox, mut found) = (Inbox::default(), Vec::new());
            while inbox.fill(&mut io).await.is_ok() {
                while let Some(frame) = inbox.take() {
                    found.push(frame.to_vec());
                }
            }
            assert_eq!(
                found,
                [&b"42|OK|"[..], b"ab", b"", b"cd"],
                "in pieces of {size}"
            );
        }
    }

    #[tokio::test]
    async fn a_frame_without_end_is_not_kept() {
        let mut io = tokio::io::repeat(b'x');
        let mut inbox = Inbox::default();
        let error = loop {
            if let Err(error) = inbox.fill(&mut io).await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    fn tokio_test_reader(bytes: &'static [u8], size: usize) -> impl AsyncRead + Unpin {
        let (mut near, far) = tokio::io::duplex(size);
        tokio::spawn(async move {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut near, bytes).await;
        });
        far
    }
}
