//! One connection: bytes out, frames in.

use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use super::NOWHERE;
use super::wait::PATIENCE;

pub(crate) const EOT: u8 = 4;

/// Where a client begins that numbers its frames itself: far over the numbers that a test gives by hand.
const FIRST_MSGNO: u64 = 1_000_000;

/// What a client talks over: plain TCP or TLS.
pub(crate) trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

pub(crate) struct Client {
    stream: Box<dyn Stream>,
    /// The socket under the stream, for its time-outs.
    socket: TcpStream,
    buffer: Vec<u8>,
    /// The own address, known after the login.
    pub(crate) address: u32,
    barriers: u32,
    last_msgno: u64,
}

impl Client {
    #[track_caller]
    pub(crate) fn connect(hub: SocketAddr) -> Self {
        Self::plain(TcpStream::connect_timeout(&hub, PATIENCE).unwrap())
    }

    /// Connects from this source address, which has to be one of the loopback net.
    #[track_caller]
    pub(crate) fn connect_from(source: [u8; 4], hub: SocketAddr) -> Self {
        Self::connect_with(hub, |socket| {
            socket.bind(&SockAddr::from(SocketAddr::from((source, 0))))
        })
    }

    /// Connects with a receive buffer as small as the kernel allows, so that not reading is noticed soon.
    #[track_caller]
    pub(crate) fn connect_narrow(hub: SocketAddr) -> Self {
        Self::connect_with(hub, |socket| socket.set_recv_buffer_size(4096))
    }

    #[track_caller]
    fn connect_with(hub: SocketAddr, prepare: impl FnOnce(&Socket) -> io::Result<()>) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        prepare(&socket).unwrap();
        socket.connect_timeout(&hub.into(), PATIENCE).unwrap();
        Self::plain(socket.into())
    }

    fn plain(socket: TcpStream) -> Self {
        let stream = socket.try_clone().unwrap();
        Self::over(stream, socket)
    }

    /// Speaks over `stream`, which runs on `socket`.
    pub(crate) fn over(stream: impl Stream + 'static, socket: TcpStream) -> Self {
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream: Box::new(stream),
            socket,
            buffer: Vec::new(),
            address: 0,
            barriers: 0,
            last_msgno: FIRST_MSGNO,
        }
    }

    /// Sends bytes as they are. An error means that the hub closed.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Sends one frame as text; its EOT is added.
    #[track_caller]
    pub(crate) fn send(&mut self, frame: &str) {
        let mut bytes = frame.as_bytes().to_vec();
        bytes.push(EOT);
        self.send_raw(&bytes).unwrap();
    }

    /// Sends `own address|dest|rest|`; `rest` begins with the type.
    #[track_caller]
    pub(crate) fn say(&mut self, dest: impl Display, rest: impl Display) {
        self.send(&self.frame(dest, rest));
    }

    /// A msgno that this client has not used yet.
    pub(super) fn count(&mut self) -> u64 {
        self.last_msgno += 1;
        self.last_msgno
    }

    /// The text that [`Client::say`] sends and a peer receives.
    pub(crate) fn frame(&self, dest: impl Display, rest: impl Display) -> String {
        format!("{}|{dest}|{rest}|", self.address)
    }

    /// The next frame; panics when there is none.
    #[track_caller]
    pub(crate) fn recv(&mut self) -> String {
        self.next().expect("the hub closed")
    }

    /// The next frame without its EOT, or `None` when the hub closed.
    #[track_caller]
    pub(crate) fn next(&mut self) -> Option<String> {
        loop {
            if let Some(frame) = self.cut() {
                return Some(frame);
            }
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => self.buffer.extend_from_slice(&chunk[..read]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if is_timeout(&e) => panic!("no answer within {PATIENCE:?}"),
                Err(_) => break,
            }
        }
        let rest = String::from_utf8_lossy(&self.buffer).into_owned();
        assert!(rest.is_empty(), "closed inside a frame: {rest:?}");
        None
    }

    /// The first whole frame of the buffer. All that the hub sends is UTF-8 and ends with its separator.
    #[track_caller]
    fn cut(&mut self) -> Option<String> {
        let at = self.buffer.iter().position(|b| *b == EOT)?;
        let frame: Vec<u8> = self.buffer.drain(..=at).collect();
        let frame = String::from_utf8(frame[..at].to_vec()).expect("UTF-8");
        assert!(frame.ends_with('|'), "no last separator: {frame:?}");
        Some(frame)
    }

    /// All frames until the hub closes.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }

    /// All whole frames of a hub that is being killed, whose last one may be torn.
    pub(crate) fn rest_until_torn(&mut self) -> Vec<String> {
        let mut chunk = [0; 4096];
        while let Ok(read @ 1..) = self.stream.read(&mut chunk) {
            self.buffer.extend_from_slice(&chunk[..read]);
        }
        let frames = std::iter::from_fn(|| self.cut()).collect();
        self.buffer.clear();
        frames
    }

    /// All bytes until the hub closes in good order; an error when it resets the connection.
    pub(crate) fn bytes_to_the_end(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = std::mem::take(&mut self.buffer);
        self.stream.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[track_caller]
    pub(crate) fn expect(&mut self, frame: &str) {
        assert_eq!(self.recv(), frame);
    }

    /// Expects a frame of the hub; `rest` begins with the type.
    #[track_caller]
    pub(crate) fn expect_hub(&mut self, rest: impl Display) {
        self.expect(&format!("0|{}|{rest}|", self.address));
    }

    #[track_caller]
    pub(crate) fn expect_refusal(&mut self, reason: &str, dest: impl Display, msgno: &str) {
        self.expect_hub(format_args!("50|ERROR|{reason}|{dest}|{msgno}"));
    }

    /// Expects the hub to say why and to close.
    #[track_caller]
    pub(crate) fn expect_quit(&mut self, reason: &str) {
        self.expect_hub(format_args!("20|{reason}"));
        self.expect_closed();
    }

    #[track_caller]
    pub(crate) fn expect_closed(&mut self) {
        assert_eq!(self.next(), None, "frames where the end was due");
    }

    /// Sends something that the group's router has to answer, and returns what came before that answer:
    /// everything that the hub had to say to this device until now.
    #[track_caller]
    pub(crate) fn barrier(&mut self) -> Vec<String> {
        self.barriers += 1;
        let mark = format!("barrier-{}", self.barriers);
        self.say(NOWHERE, format_args!("60|{mark}"));
        let wanted = format!("0|{}|50|ERROR|NO_DEVICE|{NOWHERE}|{mark}|", self.address);
        std::iter::from_fn(|| Some(self.recv()).filter(|frame| *frame != wanted)).collect()
    }

    /// Expects that the hub has nothing to say to this device.
    #[track_caller]
    pub(crate) fn expect_nothing(&mut self) {
        assert_eq!(self.barrier(), Vec::<String>::new());
    }

    /// Breaks the connection: the hub gets a reset instead of an end.
    pub(crate) fn reset(self) {
        SockRef::from(&self.socket)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }

    /// Whether the hub has closed or said something, without waiting longer than `pause`.
    pub(crate) fn has_news(&mut self, pause: Duration) -> bool {
        if !self.buffer.is_empty() {
            return true;
        }
        self.socket.set_read_timeout(Some(pause)).unwrap();
        let mut chunk = [0; 4096];
        let read = self.stream.read(&mut chunk);
        self.socket.set_read_timeout(Some(PATIENCE)).unwrap();
        match read {
            Ok(read) => {
                self.buffer.extend_from_slice(&chunk[..read]);
                true
            }
            Err(e) => !is_timeout(&e),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
