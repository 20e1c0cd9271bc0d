//! The doorman of one simulated device: connects, logs in, waits, and comes back after a cut.
//!
//! Decides nothing about frames: that is [`Device`]'s.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::backoff::Backoff;
use super::client::{self, Client, LoginError};
use super::credential::Credential;
use super::device::{Device, Verdict};
use super::dial::Dial;
use super::tally::Tally;
use crate::clock::Clock;
use crate::wire::{FrameWriter, kind};

/// From the first SYN to the welcome; the hub allows 10 s for its part.
const LOGIN: Duration = Duration::from_secs(15);
/// A hub that takes nothing for so long is gone.
const SEND: Duration = Duration::from_secs(30);

/// Why a device does not come back.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The run is over.
    Stopped,
    /// Somebody else logged in as this device: coming back would throw them out in turn.
    TakenOver,
}

/// A device and everything it needs from outside.
pub struct Doorman<D, R> {
    pub device: Device,
    pub credential: Credential,
    pub dial: D,
    pub clock: Clock,
    /// Jitter: may come from a seed.
    pub rng: R,
    /// Login nonces: from the system, never from a seed (see [`client::login`]).
    pub nonce: fn() -> u128,
    pub tally: Arc<Tally>,
    /// Becomes true when the run is over.
    pub stop: watch::Receiver<bool>,
    /// While it is true the device stays away; `None`: it never does.
    pub away: Option<watch::Receiver<bool>>,
}

impl<D: Dial, R: Rng> Doorman<D, R> {
    /// Lives the device's life. `delay` spreads the first logins of a fleet.
    pub async fn run(mut self, delay: Duration) -> Ended {
        let mut stop = self.stop.clone();
        let life = async {
            sleep(delay).await;
            self.live().await
        };
        tokio::select! {
            biased;
            ended = life => ended,
            // An error: nobody is left who could say stop.
            _ = stop.wait_for(|stop| *stop) => Ended::Stopped,
        }
    }

    async fn live(&mut self) -> Ended {
        let mut backoff = Backoff::default();
        let mut logins = 0u64;
        loop {
            let absence = wanted(&mut self.away);
            alone(&mut self.device, &self.clock, &mut Vec::new(), absence).await;
            let entering = enter(&self.dial, &self.credential, self.nonce);
            let wait = match alone(&mut self.device, &self.clock, &mut Vec::new(), entering).await {
                Ok(client) => {
                    self.tally.reconnects.add(u64::from(logins > 0));
                    self.tally.seen.add(u64::from(logins == 0));
                    logins += 1;
                    let began = Instant::now();
                    if let Some(ended) = self.stay(client).await {
                        return ended;
                    }
                    if self.away.as_ref().is_some_and(|away| *away.borrow()) {
                        // It left by itself: back as soon as it may.
                        continue;
                    }
                    backoff.after_session(began.elapsed(), &mut self.rng)
                }
                Err(error) => {
                    let refused = matches!(error, LoginError::Refused);
                    self.tally.logins_refused.add(u64::from(refused));
                    let Credential { kind, id, .. } = &self.credential;
                    self.tally
                        .note_trouble(format!("device {kind}/{id} cannot log in: {error}"));
                    backoff.after_failure(&error, &mut self.rng)
                }
            };
            alone(&mut self.device, &self.clock, &mut Vec::new(), sleep(wait)).await;
        }
    }

    /// A session from login to its end; `None`: come back.
    async fn stay(&mut self, mut client: Client<D::Io>) -> Option<Ended> {
        // A guard, because a dropped future must count as a goodbye too.
        let _connected = Connected::new(Arc::clone(&self.tally));
        match self.converse(&mut client).await {
            Ok(reason) if reason == "TAKEN_OVER" => Some(Ended::TakenOver),
            Ok(reason) => {
                log::debug!("{:?} was sent away: {reason}", self.credential);
                None
            }
            Err(error) => {
                log::debug!("{:?} was cut off: {error}", self.credential);
                None
            }
        }
    }

    /// Ends with the reason of the hub's goodbye.
    async fn converse(&mut self, client: &mut Client<D::Io>) -> io::Result<String> {
        let mut out = Vec::new();
        let (mut stop, mut away) = (self.stop.clone(), self.away.clone());
        self.device
            .logged_in(client.address(), self.clock.unix_ms(), &mut out);
        loop {
            self.device.tick(self.clock.unix_ms(), &mut out);
            while let Some(frame) = client.arrived() {
                if let Verdict::Leave(reason) =
                    self.device.on_frame(frame, self.clock.unix_ms(), &mut out)
                {
                    return Ok(reason);
                }
            }
            if !out.is_empty() {
                let mut later = Vec::new();
                let sending = within(SEND, client.send(&out));
                alone(&mut self.device, &self.clock, &mut later, sending).await?;
                out = later;
            }
            tokio::select! {
                frame = client.next_frame() => {
                    let now = self.clock.unix_ms();
                    if let Verdict::Leave(reason) = self.device.on_frame(&frame?, now, &mut out) {
                        return Ok(reason);
                    }
                }
                () = until(self.device.next_due(), self.clock.unix_ms()) => {}
                () = sent_away(&mut away) => return goodbye(client, "AWAY").await,
                _ = stop.wait_for(|stop| *stop) => return goodbye(client, "DONE").await,
            }
        }
    }
}

/// The device measures, and acts by itself, while something else has to come first. What it would say goes to `later`;
/// without a connection nobody needs it, as the next login has it all.
async fn alone<T>(
    device: &mut Device,
    clock: &Clock,
    later: &mut Vec<u8>,
    first: impl Future<Output = T>,
) -> T {
    tokio::pin!(first);
    loop {
        tokio::select! {
            biased;
            done = &mut first => return done,
            () = until(device.next_due_alone(), clock.unix_ms()) => {
                device.tick_alone(clock.unix_ms(), later);
            }
        }
    }
}

async fn wanted(away: &mut Option<watch::Receiver<bool>>) {
    if let Some(away) = away {
        // An error: nobody is left who could say when.
        let _ = away.wait_for(|away| !*away).await;
    }
}

async fn enter<D: Dial>(
    dial: &D,
    credential: &Credential,
    nonce: fn() -> u128,
) -> Result<Client<D::Io>, LoginError> {
    let entering = async {
        let io = dial.dial().await?;
        client::login(io, credential, nonce()).await
    };
    match timeout(LOGIN, entering).await {
        Ok(outcome) => outcome,
        Err(_) => Err(LoginError::Io(io::ErrorKind::TimedOut.into())),
    }
}

async fn sent_away(away: &mut Option<watch::Receiver<bool>>) {
    if let Some(away) = away
        && away.wait_for(|away| *away).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

async fn goodbye<S>(client: &mut Client<S>, reason: &str) -> io::Result<String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut out = Vec::new();
    FrameWriter::new(&mut out, client.address().get(), 0, kind::QUIT)
        .text(reason)
        .end();
    within(SEND, client.send(&out)).await?;
    Ok(reason.into())
}

async fn within<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(time, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

async fn until(due: Option<i64>, now: i64) {
    match due {
        Some(due) => {
            sleep(Duration::from_millis(
                due.saturating_sub(now).max(1).cast_unsigned(),
            ))
            .await
        }
        None => std::future::pending().await,
    }
}

/// One of the tally's `connected`.
struct Connected(Arc<Tally>);

impl Connected {
    fn new(tally: Arc<Tally>) -> Self {
        tally.connected.add(1);
        Self(tally)
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.connected.take(1);
    }
}

#[cfg(test)]
#[path = "doorman_tests.rs"]
mod tests;
