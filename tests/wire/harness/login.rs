//! The device's side of the login, written from docs/protocol.md section 2 and not from the hub's code.

use std::sync::atomic::{AtomicU32, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::client::Client;
use super::device::Device;

static LAST_NONCE: AtomicU32 = AtomicU32::new(0);

/// A legacy nonce that no test of this process used before.
pub(crate) fn legacy_nonce() -> String {
    LAST_NONCE.fetch_add(1, Ordering::Relaxed).to_string()
}

/// A challenge nonce that no test of this process used before.
pub(crate) fn long_nonce() -> String {
    format!("{:032x}", LAST_NONCE.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn legacy_digest(serial: &str, nonce: &str) -> String {
    hex::encode(Sha256::digest(format!("{serial}{nonce}")))
}

pub(crate) fn keyed_digest(serial: &str, n: u32, nonce: &str, challenge: &str) -> String {
    keyed(serial, &format!("device|{n}|{nonce}|{challenge}"))
}

pub(crate) fn hub_proof(serial: &str, n: u32, nonce: &str, challenge: &str) -> String {
    keyed(serial, &format!("hub|{n}|{nonce}|{challenge}"))
}

fn keyed(serial: &str, message: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(serial.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// What the hub said in step 2.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    pub(crate) n: u32,
    pub(crate) challenge: String,
}

impl Client {
    /// Steps 1 and 2, and that the answer has its one shape.
    #[track_caller]
    pub(crate) fn hello(&mut self, kind: u32, id: &str) -> Hello {
        self.send(&format!("{kind}|{id}|"));
        let answer = self.recv();
        let fields: Vec<&str> = answer.split('|').collect();
        let [n, "OK", challenge, ""] = fields[..] else {
            panic!("not the answer of step 2: {answer}");
        };
        assert_eq!(challenge.len(), 32, "{answer}");
        assert!(is_lower_hex(challenge), "{answer}");
        let n: u32 = n.parse().unwrap();
        assert!((1..=2_147_483_647).contains(&n), "{answer}");
        Hello {
            n,
            challenge: challenge.to_owned(),
        }
    }

    /// All steps but the judgement: returns what the hub answered to step 3, and what it would prove.
    #[track_caller]
    pub(crate) fn attempt(&mut self, device: &Device) -> (String, String) {
        let hello = self.hello(device.kind, &device.id);
        self.address = hello.n;
        let (sent, good) = if device.legacy {
            let nonce = legacy_nonce();
            let digest = legacy_digest(&device.serial, &nonce);
            (format!("{digest}|{nonce}|"), "OK|OK|".to_owned())
        } else {
            let nonce = long_nonce();
            let digest = keyed_digest(&device.serial, hello.n, &nonce, &hello.challenge);
            let proof = hub_proof(&device.serial, hello.n, &nonce, &hello.challenge);
            (format!("{digest}|{nonce}|2|"), format!("OK|OK|{proof}|"))
        };
        self.send(&sent);
        (self.recv(), good)
    }

    /// The whole login, the hub's proof checked; CLOCK_SET stays to be read.
    #[track_caller]
    pub(crate) fn handshake(&mut self, device: &Device) {
        let (answer, good) = self.attempt(device);
        assert_eq!(answer, good, "login of {device:?}");
        assert_eq!(self.address, device.address);
    }

    /// The whole login, and the CLOCK_SET behind it.
    #[track_caller]
    pub(crate) fn login(&mut self, device: &Device) {
        self.handshake(device);
        let clock = self.recv();
        let start = format!("0|{}|80|", self.address);
        assert!(clock.starts_with(&start), "not a CLOCK_SET: {clock}");
    }

    /// A login that has to be refused, in the one form of all refusals.
    #[track_caller]
    pub(crate) fn is_refused(&mut self, device: &Device) {
        assert_eq!(self.attempt(device).0, "REFUSED|ERROR|");
        self.expect_closed();
    }
}

pub(crate) fn is_lower_hex(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
