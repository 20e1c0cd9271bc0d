//! A websocket (RFC 6455) by hand: a browser's side, that may be as slow or as rude as a test wants.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Ask, Browser, PATIENCE};

/// What comes from the hub.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    Message(Value),
    Ping(Vec<u8>),
    Closed,
}

pub(crate) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Answers pings as browsers do by themselves.
    pub(crate) polite: bool,
    /// Items that came and were not asked for yet.
    items: Vec<Value>,
}

/// The request of a browser's script; headers may be changed.
pub(crate) fn upgrade(browser: &Browser) -> Ask {
    browser
        .ask("GET", "/live")
        .header("origin", &format!("http://{}", browser.web))
}

impl Socket {
    /// Opens it, or answers the status and body of the refusal.
    pub(crate) fn try_open(web: SocketAddr, ask: &Ask) -> Result<Self, (u16, String)> {
        let mut stream = TcpStream::connect(web).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {web}\r\n", ask.method, ask.path);
        for (name, value) in &ask.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                 sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let end = loop {
            if let Some(at) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let mut chunk = [0; 4096];
            let read = stream.read(&mut chunk).unwrap();
            assert!(read > 0, "closed: {}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&chunk[..read]);
        };
        let buffer = answer.split_off(end);
        let head = String::from_utf8(answer).unwrap();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status != 101 {
            return Err((status, String::from_utf8_lossy(&buffer).into_owned()));
        }
        Ok(Self {
            stream,
            buffer,
            polite: true,
            items: Vec::new(),
        })
    }

    /// As a page opens it; takes the hello.
    #[track_caller]
    pub(crate) fn open(browser: &Browser) -> (Self, Value) {
        let opened = Self::try_open(browser.web, &upgrade(browser));
        let mut socket = opened.unwrap_or_else(|refused| panic!("{refused:?}"));
        let hello = socket.message("hello");
        (socket, hello)
    }

    fn write(&mut self, opcode: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
            length @ 126..65_536 => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            length => {
                frame.push(0x80 | 127);
                frame.extend(u64::try_from(length).unwrap().to_be_bytes());
            }
        }
        // A mask of zeros leaves the payload as it is.
        frame.extend([0; 4]);
        frame.extend(payload);
        // The hub may have closed: what it said before is still to be read.
        let _ = self.stream.write_all(&frame);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.write(1, text.as_bytes());
    }

    pub(crate) fn say(&mut self, message: &Value) {
        self.text(&message.to_string());
    }

    pub(crate) fn pong(&mut self, payload: &[u8]) {
        self.write(10, payload);
    }

    /// Watches readings of devices and groups, and frames of a group.
    pub(crate) fn watch(&mut self, devices: &[u32], groups: &[&str], frames: &Value) {
        let readings = json!({"devices": devices, "groups": groups});
        self.say(&json!({"t": "watch", "readings": readings, "frames": frames}));
        // Answered after the watch is in effect.
        self.in_step();
    }

    /// What was said before has been taken: the hub answers in order.
    #[track_caller]
    pub(crate) fn in_step(&mut self) {
        self.say(&json!({"t": "send", "id": -77, "group": "", "to": "*", "type": 1000}));
        while self.message("refused")["id"] != -77 {}
    }

    /// The next thing that comes; `None` when nothing does for so long.
    pub(crate) fn next_within(&mut self, patience: Duration) -> Option<Heard> {
        let until = Instant::now() + patience;
        loop {
            if let Some(heard) = self.cut() {
                return Some(heard);
            }
            let left = until.saturating_duration_since(Instant::now());
            let left = left.max(Duration::from_millis(1));
            self.stream.set_read_timeout(Some(left)).unwrap();
            let mut chunk = [0; 65_536];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Some(Heard::Closed),
                Ok(read) => self.buffer.extend_from_slice(&chunk[..read]),
                Err(error) if is_timeout(error.kind()) => {
                    if Instant::now() >= until {
                        return None;
                    }
                }
                Err(_) => return Some(Heard::Closed),
            }
        }
    }

    #[track_caller]
    pub(crate) fn next(&mut self) -> Heard {
        self.next_within(PATIENCE).expect("nothing came")
    }

    fn cut(&mut self) -> Option<Heard> {
        let (head, length) = (*self.buffer.first()?, *self.buffer.get(1)? & 0x7F);
        let (start, length) = match length {
            126 => {
                let bytes = self.buffer.get(2..4)?.try_into().unwrap();
                (4, usize::from(u16::from_be_bytes(bytes)))
            }
            127 => {
                let bytes = self.buffer.get(2..10)?.try_into().unwrap();
                (10, usize::try_from(u64::from_be_bytes(bytes)).unwrap())
            }
            short => (2, usize::from(short)),
        };
        let payload = self.buffer.get(start..start + length)?.to_vec();
        self.buffer.drain(..start + length);
        Some(match head & 0x0F {
            8 => Heard::Closed,
            9 => Heard::Ping(payload),
            _ => Heard::Message(serde_json::from_slice(&payload).unwrap()),
        })
    }

    /// The next message of a type; news that come before are kept.
    #[track_caller]
    pub(crate) fn message(&mut self, kind: &str) -> Value {
        loop {
            match self.next() {
                Heard::Message(message) if message["t"] == "news" && kind != "news" => {
                    self.items
                        .extend(message["items"].as_array().unwrap().clone());
                }
                Heard::Message(message) => {
                    if message["t"] == kind {
                        return message;
                    }
                    assert_eq!(message["t"], "refused", "{kind} was to come: {message}");
                }
                Heard::Ping(payload) if self.polite => self.pong(&payload),
                Heard::Ping(_) => {}
                Heard::Closed => panic!("closed, {kind} was to come"),
            }
        }
    }

    /// The next item for which this holds; others before it are dropped.
    #[track_caller]
    pub(crate) fn item(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            while !self.items.is_empty() {
                let item = self.items.remove(0);
                if wanted(&item) {
                    return item;
                }
            }
            let until = format!("news of {what}");
            match self.next_within(PATIENCE).expect(&until) {
                Heard::Message(message) if message["t"] == "news" => {
                    self.items
                        .extend(message["items"].as_array().unwrap().clone());
                }
                Heard::Message(_) => {}
                Heard::Ping(payload) => {
                    if self.polite {
                        self.pong(&payload);
                    }
                }
                Heard::Closed => panic!("closed, {until} were to come"),
            }
        }
    }

    /// All items that came before the hub answers what is asked now.
    #[track_caller]
    pub(crate) fn items_so_far(&mut self) -> Vec<Value> {
        // What happened before is gathered for 50 ms at most.
        let until = Instant::now() + Duration::from_millis(150);
        while let Some(heard) = self.next_within(until.saturating_duration_since(Instant::now())) {
            match heard {
                Heard::Message(message) if message["t"] == "news" => {
                    self.items
                        .extend(message["items"].as_array().unwrap().clone());
                }
                Heard::Message(_) => {}
                Heard::Ping(payload) => self.pong(&payload),
                Heard::Closed => break,
            }
        }
        std::mem::take(&mut self.items)
    }

    /// Why it ends; news before are dropped.
    #[track_caller]
    pub(crate) fn over(&mut self) -> String {
        let over = self.message("over");
        assert_eq!(self.next(), Heard::Closed);
        over["reason"].as_str().unwrap().to_owned()
    }
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
