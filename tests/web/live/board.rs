//! A device, by docs/protocol.md and not by the hub's code.

use std::io::{Read, Write};
use std::net::TcpStream;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::harness::{Hub, PATIENCE};

const EOT: u8 = 4;

/// What a board has to know to log in.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) serial: String,
}

impl Card {
    /// Registers a device.
    #[track_caller]
    pub(crate) fn add(hub: &Hub, group: &str, id: &str) -> Self {
        let words = [
            "device", "add", "--group", group, "--type", "511", "--id", id, "--rights", "control",
            "--json",
        ];
        let made: Value = serde_json::from_str(&hub.verb(&words)).unwrap();
        Self {
            id: id.to_owned(),
            serial: made["serial"].as_str().unwrap().to_owned(),
        }
    }

    /// Whether the hub takes it, and the connection.
    pub(crate) fn try_log_in(&self, hub: &Hub) -> (bool, Board) {
        let stream = TcpStream::connect(hub.devices).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut board = Board {
            stream,
            buffer: Vec::new(),
            address: 0,
        };
        board.send(&format!("511|{}|", self.id));
        let hello = board.recv();
        let fields: Vec<_> = hello.split('|').collect();
        let (number, challenge) = (fields[0], fields[2]);
        let nonce = "00112233445566778899aabbccddeeff";
        let mut mac = Hmac::<Sha256>::new_from_slice(self.serial.as_bytes()).unwrap();
        mac.update(format!("device|{number}|{nonce}|{challenge}").as_bytes());
        let digest = hex::encode(mac.finalize().into_bytes());
        board.address = number.parse().unwrap();
        board.send(&format!("{digest}|{nonce}|2|"));
        let taken = board.recv().starts_with("OK|OK|");
        (taken, board)
    }

    /// Takes the CLOCK_SET as well.
    #[track_caller]
    pub(crate) fn log_in(&self, hub: &Hub) -> Board {
        let (taken, mut board) = self.try_log_in(hub);
        assert!(taken, "{self:?}");
        board.recv();
        board
    }
}

/// A connected device.
pub(crate) struct Board {
    stream: TcpStream,
    buffer: Vec<u8>,
    pub(crate) address: u32,
}

impl Board {
    /// A whole frame; its EOT is added.
    pub(crate) fn send(&mut self, frame: &str) {
        self.stream.write_all(frame.as_bytes()).unwrap();
        self.stream.write_all(&[EOT]).unwrap();
    }

    /// From itself; `rest` begins with the type.
    pub(crate) fn say(&mut self, to: impl std::fmt::Display, rest: &str) {
        self.send(&format!("{}|{to}|{rest}|", self.address));
    }

    /// The next frame without its EOT.
    #[track_caller]
    pub(crate) fn recv(&mut self) -> String {
        loop {
            if let Some(at) = self.buffer.iter().position(|byte| *byte == EOT) {
                let frame: Vec<u8> = self.buffer.drain(..=at).collect();
                return String::from_utf8(frame[..at].to_vec()).unwrap();
            }
            let mut chunk = [0; 4096];
            let read = self.stream.read(&mut chunk).expect("no frame in time");
            assert!(read > 0, "the hub closed");
            self.buffer.extend_from_slice(&chunk[..read]);
        }
    }

    /// Reports a reading and waits until it is stored.
    #[track_caller]
    pub(crate) fn report(&mut self, sensor: &str, value: &str, msgno: u64) {
        let at = now_ms();
        self.say(0, &format!("26|{sensor}|{value}|C|{at}|{msgno}"));
        let stored = format!("0|{}|7|{msgno}|", self.address);
        while self.recv() != stored {}
    }
}

pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::try_from(since.unwrap().as_millis()).unwrap()
}
