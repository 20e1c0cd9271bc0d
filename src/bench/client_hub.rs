//! The hub's own protocol as a device speaks it: challenge login, then frames.

use super::client::{Credential, Destination, Plan, Refusal, Template};
use crate::login::digest::Challenge;
use crate::wire::{Address, EOT, FrameWriter, SEPARATOR, kind};

/// The type of the load's messages: from 1000 up the hub never gives one a meaning.
const DATA: u32 = 1000;
const DATA_TEXT: &[u8] = b"1000";
/// `0`, the hub, as an origin.
const HUB: &[u8] = b"0";

enum Phase {
    AwaitsChallenge,
    AwaitsProof(String),
    Ready,
}

pub(super) struct HubClient {
    credential: Credential,
    address: Address,
    phase: Phase,
}

impl HubClient {
    pub(super) fn new(plan: &Plan) -> Result<Self, Refusal> {
        let credential = plan
            .credential
            .clone()
            .ok_or("a device needs credentials")?;
        let address = Address::new(credential.address)
            .ok_or_else(|| format!("{} is no device address", credential.address))?;
        Ok(Self {
            credential,
            address,
            phase: Phase::AwaitsChallenge,
        })
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready)
    }

    pub(super) fn hello(&self, out: &mut Vec<u8>) {
        FrameWriter::bare(out)
            .number(self.credential.kind)
            .text(&self.credential.id)
            .end();
    }

    pub(super) fn template(&self, to: &Destination) -> Template {
        let mut before = self.address.to_string().into_bytes();
        before.push(SEPARATOR);
        match to.address {
            Some(address) => before.extend_from_slice(address.to_string().as_bytes()),
            None => before.push(b'*'),
        }
        before.push(SEPARATOR);
        before.extend_from_slice(DATA_TEXT);
        before.push(SEPARATOR);
        debug_assert!(before.ends_with(format!("|{DATA}|").as_bytes()));
        Template {
            before,
            after: &[SEPARATOR, EOT],
        }
    }

    pub(super) fn consume(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        each: &mut impl FnMut(&[u8]),
    ) -> Result<usize, Refusal> {
        let mut used = 0;
        let mut rest = input;
        while let Some(at) = memchr::memchr(EOT, rest) {
            let (frame, tail) = rest.split_at_checked(at).unwrap_or_default();
            rest = tail.get(1..).unwrap_or_default();
            used += at + 1;
            match self.phase {
                Phase::Ready => self.frame(frame, out, each)?,
                _ => self.login(frame, out)?,
            }
        }
        Ok(used)
    }

    fn login(&mut self, frame: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        let text = std::str::from_utf8(frame).map_err(|_| "the login's answer is not UTF-8")?;
        let mut fields = text.split('|');
        let answer = (fields.next(), fields.next(), fields.next());
        match (&self.phase, answer) {
            (Phase::AwaitsChallenge, (Some(n), Some("OK"), Some(challenge))) if n != "OK" => {
                if n.parse() != Ok(self.address.get()) {
                    return Err(format!(
                        "the hub said address {n}, the credentials {}",
                        self.address
                    ));
                }
                let nonce = hex::encode(rand::random::<[u8; 16]>());
                let answer = Challenge {
                    address: self.address,
                    nonce: &nonce,
                    challenge,
                };
                FrameWriter::bare(out)
                    .text(&answer.device_digest(&self.credential.serial))
                    .text(&nonce)
                    .number(2)
                    .end();
                self.phase = Phase::AwaitsProof(answer.hub_proof(&self.credential.serial));
                Ok(())
            }
            (Phase::AwaitsProof(expected), (Some("OK"), Some("OK"), Some(proof))) => {
                if proof != expected {
                    return Err("the hub's proof is wrong: it does not hold the serial".into());
                }
                self.phase = Phase::Ready;
                Ok(())
            }
            _ => Err(format!(
                "login of {}/{} answered {text:?}",
                self.credential.kind, self.credential.id
            )),
        }
    }

    /// The data frames are nearly all: they are cut with three searches and nothing else is looked at.
    fn frame(
        &self,
        frame: &[u8],
        out: &mut Vec<u8>,
        each: &mut impl FnMut(&[u8]),
    ) -> Result<(), Refusal> {
        let Some(([origin, dest, code], body)) = cut_three(frame) else {
            return Err(format!("a frame of the hub is cut short: {}", shown(frame)));
        };
        if code == DATA_TEXT {
            if dest != b"*" && Address::parse(dest) != Some(self.address) {
                return Err(format!("a frame for another device: {}", shown(frame)));
            }
            each(body.strip_suffix(b"|").unwrap_or(body));
            return Ok(());
        }
        match std::str::from_utf8(code).ok().and_then(|c| c.parse().ok()) {
            Some(kind::ALIVE) if origin == HUB => {
                FrameWriter::new(out, self.address.get(), 0, kind::ALIVE).end();
                Ok(())
            }
            Some(kind::QUIT | kind::LOOPBACK) => Err(format!("the hub says {}", shown(frame))),
            _ => Ok(()),
        }
    }
}

fn cut_three(frame: &[u8]) -> Option<([&[u8]; 3], &[u8])> {
    let (origin, rest) = cut(frame)?;
    let (dest, rest) = cut(rest)?;
    let (code, rest) = cut(rest)?;
    Some(([origin, dest, code], rest))
}

fn cut(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, tail) = bytes.split_at_checked(memchr::memchr(SEPARATOR, bytes)?)?;
    Some((head, tail.get(1..)?))
}

fn shown(frame: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(frame))
}

#[cfg(test)]
mod tests {
    use super::super::client::{Client, feed_in_pieces};
    use super::*;
    use proptest::prelude::*;

    fn ready() -> Client {
        let plan = Plan {
            credential: Some(Credential {
                address: 42,
                kind: 511,
                id: "100001".into(),
                serial: "SN-EXAMPLE-01".into(),
            }),
            ..Plan::default()
        };
        let mut client = HubClient::new(&plan).unwrap();
        client.phase = Phase::Ready;
        Client::Hub(client)
    }

    #[test]
    fn a_login_is_carried_through_and_the_proof_is_checked() {
        let Client::Hub(mut client) = ready() else {
            panic!("not a hub client");
        };
        client.phase = Phase::AwaitsChallenge;
        let mut out = Vec::new();
        client.hello(&mut out);
        assert_eq!(out, b"511|100001|\x04");
        out.clear();
        client
            .consume(b"42|OK|ffeeddcc|\x04", &mut out, &mut |_| {})
            .unwrap();
        let sent = String::from_utf8(out.clone()).unwrap();
        let (_, rest) = sent.split_once('|').unwrap();
        let (nonce, rest) = rest.split_once('|').unwrap();
        assert_eq!(rest, "2|\x04");
        let challenge = Challenge {
            address: client.address,
            nonce,
            challenge: "ffeeddcc",
        };
        let proof = challenge.hub_proof("SN-EXAMPLE-01");
        let wrong = client.consume(b"OK|OK|00|\x04", &mut out, &mut |_| {});
        assert!(wrong.is_err());
        let right = format!("OK|OK|{proof}|\x04");
        client
            .consume(right.as_bytes(), &mut out, &mut |_| {})
            .unwrap();
        assert!(client.is_ready());
    }

    #[test]
    fn a_refusal_is_an_error_with_its_text() {
        let Client::Hub(mut client) = ready() else {
            panic!("not a hub client");
        };
        client.phase = Phase::AwaitsChallenge;
        let answer = client.consume(b"BUSY|ERROR|3|\x04", &mut Vec::new(), &mut |_| {});
        assert!(answer.unwrap_err().contains("BUSY"));
    }

    proptest! {
        #[test]
        fn however_the_stream_is_cut_the_bodies_are_the_same(
            bodies in prop::collection::vec("[a-z]{1,30}", 0..10),
            cuts in prop::collection::vec(any::<usize>(), 0..20),
        ) {
            let mut stream = b"0|42|80|1|2|3|4|5|6|26|\x040|42|22|\x04".to_vec();
            for body in &bodies {
                stream.extend_from_slice(format!("7|42|1000|{body}|\x047|*|1000|{body}|\x04").as_bytes());
            }
            let (found, out) = feed_in_pieces(&mut ready(), &stream, &cuts).unwrap();
            let expected: Vec<Vec<u8>> =
                bodies.iter().flat_map(|b| [b.clone().into_bytes(), b.clone().into_bytes()]).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(out, b"42|0|22|\x04".to_vec());
        }
    }
}
