//! The NATS client protocol as far as the load needs it (docs.nats.io, "Client Protocol").

use super::client::{Destination, Plan, Refusal, Template};

const CONNECT: &[u8] =
    b"CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false,\"lang\":\"rust\",\"version\":\"1\",\"protocol\":1}\r\n";

#[derive(PartialEq)]
enum Phase {
    AwaitsInfo,
    AwaitsPong,
    Ready,
}

pub(super) struct NatsClient {
    topic: Option<String>,
    phase: Phase,
}

impl NatsClient {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            topic: plan.topic.clone(),
            phase: Phase::AwaitsInfo,
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    pub(super) fn template(to: &Destination, body: usize) -> Template {
        Template {
            before: format!("PUB {} {body}\r\n", to.topic).into_bytes(),
            after: b"\r\n",
        }
    }

    pub(super) fn consume(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        each: &mut impl FnMut(&[u8]),
    ) -> Result<usize, Refusal> {
        let mut rest = input;
        while let Some((line, tail)) = cut_line(rest) {
            rest = if line.starts_with(b"MSG ") {
                let size = size_of(line)?;
                let Some((body, after)) = tail.split_at_checked(size) else {
                    break;
                };
                let Some(after) = after.get(2..) else { break };
                each(body);
                after
            } else {
                self.control(line, out)?;
                tail
            };
        }
        Ok(input.len() - rest.len())
    }

    fn control(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        match line {
            b"PING" => out.extend_from_slice(b"PONG\r\n"),
            // The server handles a connection's lines in order: its PONG follows the subscription.
            b"PONG" => self.phase = Phase::Ready,
            b"+OK" => {}
            // A later INFO tells of a changed cluster: nothing to answer.
            [b'I', b'N', b'F', b'O', ..] => {
                if self.phase == Phase::AwaitsInfo {
                    self.connect(out);
                }
            }
            other => {
                return Err(format!(
                    "the server says {:?}",
                    String::from_utf8_lossy(other)
                ));
            }
        }
        Ok(())
    }

    fn connect(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(CONNECT);
        if let Some(topic) = &self.topic {
            out.extend_from_slice(format!("SUB {topic} 1\r\n").as_bytes());
        }
        out.extend_from_slice(b"PING\r\n");
        self.phase = Phase::AwaitsPong;
    }
}

/// A line without its CR LF, and what follows it.
fn cut_line(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = input.split_at_checked(memchr::memchr(b'\n', input)?)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

/// The last word of `MSG subject sid [reply] size`.
fn size_of(line: &[u8]) -> Result<usize, Refusal> {
    let word = line.rsplit(|b| *b == b' ').next().unwrap_or_default();
    let text = std::str::from_utf8(word).unwrap_or_default();
    text.parse().map_err(|_| {
        format!(
            "a NATS message without a size: {:?}",
            String::from_utf8_lossy(line)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::client::{Client, feed_in_pieces};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_error_of_the_server_ends_the_connection_with_its_text() {
        let mut client = NatsClient::new(&Plan::default());
        let answer = client.consume(b"-ERR 'Slow Consumer'\r\n", &mut Vec::new(), &mut |_| {});
        assert!(answer.unwrap_err().contains("Slow Consumer"));
    }

    proptest! {
        #[test]
        fn however_the_stream_is_cut_the_bodies_are_the_same(
            bodies in prop::collection::vec("[a-z\r\n]{0,60}", 0..10),
            cuts in prop::collection::vec(any::<usize>(), 0..20),
        ) {
            let plan = Plan { topic: Some("t.1".into()), ..Plan::default() };
            let mut client = Client::Nats(NatsClient::new(&plan));
            let mut stream = b"INFO {}\r\nPONG\r\nPING\r\n".to_vec();
            for body in &bodies {
                stream.extend_from_slice(format!("MSG t.1 1 {}\r\n{body}\r\n", body.len()).as_bytes());
                stream.extend_from_slice(b"INFO {}\r\n");
            }
            let (found, out) = feed_in_pieces(&mut client, &stream, &cuts).unwrap();
            let expected: Vec<Vec<u8>> = bodies.iter().map(|b| b.clone().into_bytes()).collect();
            prop_assert_eq!(found, expected);
            prop_assert!(client.is_ready());
            let said = String::from_utf8(out).unwrap();
            prop_assert!(said.ends_with("SUB t.1 1\r\nPING\r\nPONG\r\n"));
        }
    }
}
