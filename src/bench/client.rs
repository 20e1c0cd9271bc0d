//! One client of a server under load, whichever protocol it speaks: login, parse, compose. No sockets here.

use super::client_hub::HubClient;
use super::client_mqtt::MqttClient;
use super::client_nats::NatsClient;
use crate::wire::Address;

/// What the server under load speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Protocol {
    /// The hub's own, challenge login.
    Hub,
    /// MQTT 3.1.1, quality of service 0.
    Mqtt,
    Nats,
}

/// What a device of the hub logs in with.
#[derive(Clone, Debug, serde::Deserialize)]
pub(super) struct Credential {
    pub(super) address: u32,
    #[serde(rename = "type")]
    pub(super) kind: u32,
    pub(super) id: String,
    pub(super) serial: String,
}

/// Who one connection is and what it wants to hear.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Only the hub's protocol needs one.
    pub(super) credential: Option<Credential>,
    /// The topic to subscribe to; in the hub's protocol a device hears what is addressed to it.
    pub(super) topic: Option<String>,
    pub(super) number: usize,
}

/// Where a message goes, in the terms of each protocol.
pub(super) struct Destination {
    pub(super) address: Option<Address>,
    pub(super) topic: String,
}

/// What stands before and after the body of each message of one sender: composing is three copies.
#[derive(Default)]
pub(super) struct Template {
    pub(super) before: Vec<u8>,
    pub(super) after: &'static [u8],
}

/// Why a connection cannot go on.
pub(super) type Refusal = String;

pub(super) enum Client {
    Hub(HubClient),
    Mqtt(MqttClient),
    Nats(NatsClient),
}

impl Client {
    pub(super) fn new(protocol: Protocol, plan: &Plan) -> Result<Self, Refusal> {
        Ok(match protocol {
            Protocol::Hub => Self::Hub(HubClient::new(plan)?),
            Protocol::Mqtt => Self::Mqtt(MqttClient::new(plan)),
            Protocol::Nats => Self::Nats(NatsClient::new(plan)),
        })
    }

    /// What to say before the server has spoken.
    pub(super) fn hello(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hub(client) => client.hello(out),
            Self::Mqtt(client) => client.hello(out),
            Self::Nats(_) => {}
        }
    }

    /// Takes every whole message of `input`, calls `each` with the bodies among them, appends what has to be
    /// answered, and says how many bytes were used.
    pub(super) fn consume(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        each: &mut impl FnMut(&[u8]),
    ) -> Result<usize, Refusal> {
        match self {
            Self::Hub(client) => client.consume(input, out, each),
            Self::Mqtt(client) => client.consume(input, out, each),
            Self::Nats(client) => client.consume(input, out, each),
        }
    }

    /// Logged in, and subscribed where that was planned.
    pub(super) fn is_ready(&self) -> bool {
        match self {
            Self::Hub(client) => client.is_ready(),
            Self::Mqtt(client) => client.is_ready(),
            Self::Nats(client) => client.is_ready(),
        }
    }

    pub(super) fn template(&self, to: &Destination, body: usize) -> Template {
        match self {
            Self::Hub(client) => client.template(to),
            Self::Mqtt(_) => MqttClient::template(to, body),
            Self::Nats(_) => NatsClient::template(to, body),
        }
    }

    /// What keeps a silent connection open, where the client has to say it. The hub asks, and NATS asks.
    pub(super) fn keep_alive(&self, out: &mut Vec<u8>) {
        if let Self::Mqtt(client) = self {
            client.ping(out);
        }
    }
}

/// Feeds `stream` in pieces as a socket would, and gives the bodies and the answers.
#[cfg(test)]
pub(super) fn feed_in_pieces(
    client: &mut Client,
    stream: &[u8],
    cuts: &[usize],
) -> Result<(Vec<Vec<u8>>, Vec<u8>), Refusal> {
    let (mut bodies, mut out, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    for piece in cuts.windows(2).map(|w| &stream[w[0]..w[1]]) {
        kept.extend_from_slice(piece);
        let used = client.consume(&kept, &mut out, &mut |body| bodies.push(body.to_vec()))?;
        kept.drain(..used);
    }
    assert!(kept.is_empty(), "unused: {kept:?}");
    Ok((bodies, out))
}
