//! MQTT 3.1.1 at quality of service 0, as far as the load needs it (OASIS standard, sections 2 and 3).

use super::client::{Destination, Plan, Refusal, Template};

const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
const PUBLISH: u8 = 0x30;
const SUBSCRIBE: u8 = 0x82;
const SUBACK: u8 = 0x90;
const PINGREQ: [u8; 2] = [0xC0, 0];
const PINGRESP: u8 = 0xD0;
/// Seconds. The generator pings more often than this.
const KEEP_ALIVE: u16 = 90;

#[derive(PartialEq)]
enum Phase {
    AwaitsConnack,
    AwaitsSuback,
    Ready,
}

pub(super) struct MqttClient {
    name: String,
    topic: Option<String>,
    phase: Phase,
}

impl MqttClient {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            name: format!("load-{}", plan.number),
            topic: plan.topic.clone(),
            phase: Phase::AwaitsConnack,
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    pub(super) fn hello(&self, out: &mut Vec<u8>) {
        let mut packet = Vec::new();
        put_text(&mut packet, "MQTT");
        // Protocol level 4 is 3.1.1; flag 2 is a clean session.
        packet.extend_from_slice(&[4, 2]);
        packet.extend_from_slice(&KEEP_ALIVE.to_be_bytes());
        put_text(&mut packet, &self.name);
        put_packet(out, CONNECT, &packet);
    }

    pub(super) fn ping(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&PINGREQ);
    }

    pub(super) fn template(to: &Destination, body: usize) -> Template {
        let mut before = vec![PUBLISH];
        put_length(&mut before, 2 + to.topic.len() + body);
        put_text(&mut before, &to.topic);
        Template { before, after: b"" }
    }

    pub(super) fn consume(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        each: &mut impl FnMut(&[u8]),
    ) -> Result<usize, Refusal> {
        let mut rest = input;
        while let Some(packet) = cut_packet(rest)? {
            rest = packet.rest;
            match packet.kind {
                PUBLISH => each(body_of(packet.content)?),
                CONNACK => self.connected(packet.content, out)?,
                SUBACK => self.subscribed(packet.content)?,
                PINGRESP => {}
                other => return Err(format!("unexpected MQTT packet {other:#04x}")),
            }
        }
        Ok(input.len() - rest.len())
    }

    fn connected(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        if packet.get(1) != Some(&0) {
            return Err(format!("the broker refused the connection: {packet:?}"));
        }
        let Some(topic) = &self.topic else {
            self.phase = Phase::Ready;
            return Ok(());
        };
        let mut packet = vec![0, 1];
        put_text(&mut packet, topic);
        packet.push(0);
        put_packet(out, SUBSCRIBE, &packet);
        self.phase = Phase::AwaitsSuback;
        Ok(())
    }

    fn subscribed(&mut self, packet: &[u8]) -> Result<(), Refusal> {
        if packet.get(2) != Some(&0) {
            return Err(format!("the broker refused the subscription: {packet:?}"));
        }
        self.phase = Phase::Ready;
        Ok(())
    }
}

struct Packet<'a> {
    /// The first byte: type and flags.
    kind: u8,
    content: &'a [u8],
    /// What follows the packet.
    rest: &'a [u8],
}

/// One whole packet at the start of `input`.
fn cut_packet(input: &[u8]) -> Result<Option<Packet<'_>>, Refusal> {
    let Some((&kind, rest)) = input.split_first() else {
        return Ok(None);
    };
    let Some((length, rest)) = take_length(rest)? else {
        return Ok(None);
    };
    let packet = |(content, rest)| Packet {
        kind,
        content,
        rest,
    };
    Ok(rest.split_at_checked(length).map(packet))
}

/// The remaining length, seven bits a byte, least significant first, at most four bytes (section 2.2.3).
fn take_length(input: &[u8]) -> Result<Option<(usize, &[u8])>, Refusal> {
    let mut length = 0;
    for (place, &byte) in input.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(input.get(place + 1..).map(|rest| (length, rest)));
        }
    }
    if input.len() < 4 {
        return Ok(None);
    }
    Err("an MQTT remaining length of more than four bytes".into())
}

fn put_length(out: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = (length & 0x7F) as u8;
        length >>= 7;
        if length == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

fn body_of(publish: &[u8]) -> Result<&[u8], Refusal> {
    let whole = publish
        .split_first_chunk::<2>()
        .and_then(|(topic, rest)| rest.get(usize::from(u16::from_be_bytes(*topic))..));
    whole.ok_or_else(|| "an MQTT PUBLISH shorter than its topic".into())
}

fn put_packet(out: &mut Vec<u8>, kind: u8, content: &[u8]) {
    out.push(kind);
    put_length(out, content.len());
    out.extend_from_slice(content);
}

/// The texts are our own topics and names: far below the 65,535 bytes that the length can say.
fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::client::{Client, feed_in_pieces};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_standards_own_length_examples_hold() {
        for (length, bytes) in [
            (0, &[0][..]),
            (127, &[0x7F]),
            (128, &[0x80, 1]),
            (16_383, &[0xFF, 0x7F]),
            (16_384, &[0x80, 0x80, 1]),
            (2_097_152, &[0x80, 0x80, 0x80, 1]),
        ] {
            let mut out = Vec::new();
            put_length(&mut out, length);
            assert_eq!(out, bytes);
            assert_eq!(take_length(&out), Ok(Some((length, &[][..]))));
            assert_eq!(take_length(&out[..out.len() - 1]), Ok(None));
        }
        assert!(take_length(&[0x80; 4]).is_err());
    }

    #[test]
    fn a_refused_connection_is_an_error() {
        let mut client = MqttClient::new(&Plan::default());
        assert!(
            client
                .consume(&[CONNACK, 2, 0, 5], &mut Vec::new(), &mut |_| {})
                .is_err()
        );
    }

    proptest! {
        #[test]
        fn however_the_stream_is_cut_the_bodies_are_the_same(
            bodies in prop::collection::vec("[a-z]{0,300}", 0..10),
            cuts in prop::collection::vec(any::<usize>(), 0..20),
        ) {
            let plan = Plan { topic: Some("t/1".into()), ..Plan::default() };
            let mut client = Client::Mqtt(MqttClient::new(&plan));
            let mut stream = vec![CONNACK, 2, 0, 0, SUBACK, 3, 0, 1, 0, PINGRESP, 0];
            let to = Destination { address: None, topic: "t/1".into() };
            for body in &bodies {
                stream.extend_from_slice(&MqttClient::template(&to, body.len()).before);
                stream.extend_from_slice(body.as_bytes());
            }
            let (found, out) = feed_in_pieces(&mut client, &stream, &cuts).unwrap();
            let expected: Vec<Vec<u8>> = bodies.iter().map(|b| b.clone().into_bytes()).collect();
            prop_assert_eq!(found, expected);
            prop_assert!(client.is_ready());
            prop_assert_eq!(out, b"\x82\x08\0\x01\0\x03t/1\0".to_vec());
        }
    }
}
