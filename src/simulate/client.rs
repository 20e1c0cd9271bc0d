//! A device's side of a connection: the login with the check of the hub's proof, then frames in and bytes out.
//!
//! Works over any transport, so that simulation tests run it over pipes in memory. Stops at the frame:
//! what one means is decided by [`super::device::Device`].

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::credential::{Credential, LoginKind};
use super::inbox::Inbox;
use crate::login::digest::{self, Challenge};
use crate::wire::{Address, FrameWriter};

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("the hub refused the login")]
    Refused,
    #[error("the hub is busy for {0} s")]
    Busy(u64),
    /// The other side does not hold the device's serial: it is not our hub.
    #[error("the hub did not prove that it knows the serial")]
    BadProof,
    #[error("not the protocol of the hub: {0}")]
    Protocol(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A connection that is logged in.
#[derive(Debug)]
pub struct Client<S> {
    io: S,
    inbox: Inbox,
    address: Address,
}

/// Logs in. `nonce` is random and new each time, also when a run is repeated from its seed: a hub with a memory refuses
/// a legacy nonce that was used before. The caller sets the deadline.
///
/// # Errors
/// [`LoginError`], which keeps "refused" apart from "could not be asked".
pub async fn login<S>(mut io: S, who: &Credential, nonce: u128) -> Result<Client<S>, LoginError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut inbox = Inbox::default();
    let mut out = Vec::new();
    FrameWriter::bare(&mut out)
        .number(who.kind)
        .text(&who.id)
        .end();
    send(&mut io, &out).await?;
    let offer = answer(&mut io, &mut inbox).await?;
    let address = offered_address(&offer, who)?;

    out.clear();
    let proof = match who.login {
        LoginKind::Legacy => {
            let nonce = (nonce % 10_000_000_000).to_string();
            let digest = digest::legacy(&who.serial, &nonce);
            FrameWriter::bare(&mut out).text(&digest).text(&nonce).end();
            None
        }
        LoginKind::Challenge => {
            let nonce = format!("{nonce:032x}");
            let words = challenge(&offer, address, &nonce)?;
            let digest = words.device_digest(&who.serial);
            FrameWriter::bare(&mut out)
                .text(&digest)
                .text(&nonce)
                .number(2)
                .end();
            Some(words.hub_proof(&who.serial))
        }
    };
    send(&mut io, &out).await?;
    check_welcome(&answer(&mut io, &mut inbox).await?, proof.as_deref())?;
    Ok(Client { io, inbox, address })
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn address(&self) -> Address {
        self.address
    }

    /// Waits for a whole frame; nothing is lost when the future is dropped half-way.
    ///
    /// # Errors
    /// The connection has ended, or what came is no frame.
    pub async fn next_frame(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(frame) = self.inbox.take() {
                return Ok(frame.to_vec());
            }
            self.inbox.fill(&mut self.io).await?;
        }
    }

    /// A frame that has arrived already.
    pub fn arrived(&mut self) -> Option<&[u8]> {
        self.inbox.take()
    }

    /// Sends whole frames, as [`FrameWriter`] composed them.
    ///
    /// # Errors
    /// The connection has ended.
    pub async fn send(&mut self, frames: &[u8]) -> io::Result<()> {
        send(&mut self.io, frames).await
    }

    /// For callers that read and write at the same time.
    pub fn into_parts(self) -> (S, Inbox, Address) {
        (self.io, self.inbox, self.address)
    }
}

async fn send(io: &mut (impl AsyncWrite + Unpin), frames: &[u8]) -> io::Result<()> {
    io.write_all(frames).await?;
    io.flush().await
}

/// One answer of the login as its fields; refusals are errors here already.
async fn answer(
    io: &mut (impl AsyncRead + Unpin),
    inbox: &mut Inbox,
) -> Result<Vec<String>, LoginError> {
    let frame = loop {
        if let Some(frame) = inbox.take() {
            break String::from_utf8_lossy(frame).into_owned();
        }
        inbox.fill(io).await?;
    };
    let body = frame.strip_suffix('|').unwrap_or(&frame);
    let fields: Vec<String> = body.split('|').map(str::to_owned).collect();
    match fields.as_slice() {
        [word, error, ..] if word == "REFUSED" && error == "ERROR" => Err(LoginError::Refused),
        [word, error, rest @ ..] if word == "BUSY" && error == "ERROR" => {
            // Without a number that can be read: a wait that hurts nobody.
            let seconds = rest.first().and_then(|text| text.parse().ok()).unwrap_or(5);
            Err(LoginError::Busy(seconds))
        }
        _ => Ok(fields),
    }
}

fn offered_address(offer: &[String], who: &Credential) -> Result<Address, LoginError> {
    let unexpected = || LoginError::Protocol(format!("unexpected answer {offer:?}"));
    let [number, ok, ..] = offer else {
        return Err(unexpected());
    };
    let address = Address::parse(number.as_bytes()).ok_or_else(unexpected)?;
    if ok != "OK" {
        return Err(unexpected());
    }
    match who.address {
        Some(noted) if noted != address => Err(LoginError::Protocol(format!(
            "the hub calls us {address}, our credentials say {noted}: they are of another hub"
        ))),
        _ => Ok(address),
    }
}

fn challenge<'a>(
    offer: &'a [String],
    address: Address,
    nonce: &'a str,
) -> Result<Challenge<'a>, LoginError> {
    match offer.get(2) {
        Some(challenge) if challenge.len() == 32 && is_lowercase_hex(challenge) => Ok(Challenge {
            address,
            nonce,
            challenge,
        }),
        _ => Err(LoginError::Protocol("the hub sent no challenge".into())),
    }
}

fn is_lowercase_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// `proof` is what a hub that holds the serial must have answered; a legacy login asks for none.
fn check_welcome(fields: &[String], proof: Option<&str>) -> Result<(), LoginError> {
    match (fields, proof) {
        ([first, second, ..], _) if first != "OK" || second != "OK" => Err(LoginError::Protocol(
            format!("unexpected answer {fields:?}"),
        )),
        ([_, _, ..], None) => Ok(()),
        ([_, _, given], Some(proof)) if digest::same(proof, given.as_bytes()) => Ok(()),
        ([_, _, ..], Some(_)) => Err(LoginError::BadProof),
        _ => Err(LoginError::Protocol(format!(
            "unexpected answer {fields:?}"
        ))),
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
