//! What a session runs over: any byte stream that can move to the island's thread.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;

/// A connection at home on one thread.
pub trait Link: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Link for T {}

/// A connection on its way to another thread; calling it makes it at home there.
pub type Departed = Box<dyn FnOnce() -> io::Result<Box<dyn Link>> + Send>;

/// A connection that logs in on the thread that accepted it and can leave that thread's reactor afterwards.
pub trait Departing: AsyncRead + AsyncWrite + Unpin + Send {
    /// # Errors
    /// The system's, when the socket cannot leave its reactor.
    fn depart(self: Box<Self>) -> io::Result<Departed>;
}

impl Departing for TcpStream {
    fn depart(self: Box<Self>) -> io::Result<Departed> {
        let socket = self.into_std()?;
        Ok(Box::new(move || Ok(Box::new(TcpStream::from_std(socket)?))))
    }
}

/// An in-memory pipe knows no reactor.
impl Departing for DuplexStream {
    fn depart(self: Box<Self>) -> io::Result<Departed> {
        Ok(Box::new(move || Ok(self)))
    }
}
