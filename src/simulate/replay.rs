//! Sends a recording as the EVENTs of one device and ends when the hub has stored all of it.
//!
//! unix ms is the recording's time and msgno the row's number, so a replay that is repeated, or goes on after a cut,
//! stores nothing twice. What is under way is [`Window`]'s to know; what it looks like, [`super::progress`]'s.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

use super::backoff::Backoff;
use super::client::{self, LoginError};
use super::credential::Credential;
use super::dial::Dial;
use super::inbox::Inbox;
use super::pace::{Pace, Speed};
use super::progress::Progress;
use super::recording::{Composed, Recording};
use super::window::Window;
use crate::failure::Failure;
use crate::wire::{FrameWriter, Limits, kind, parse};

/// Enough to fill two batches of the hub's recorder; its answers still fit the hub's outbox.
const WINDOW: usize = 10_000;
/// Without an answer for so long, what is under way goes out again.
const STALL: Duration = Duration::from_secs(10);
/// After the hub said BUSY.
const BUSY_PAUSE: Duration = Duration::from_secs(1);
const LOGIN: Duration = Duration::from_secs(15);

/// How a replay went.
#[derive(Debug)]
pub struct Outcome {
    pub sent: usize,
    pub stored: usize,
    pub refused: usize,
    pub took: Duration,
    /// The reasons of refusals, and how often each was given.
    pub reasons: BTreeMap<String, usize>,
}

/// Replays it as the device of the credential, through cuts, until each row is stored or refused.
///
/// # Errors
/// The hub refuses the login, holds other credentials, or gave the device's place to another login.
pub async fn replay(
    recording: Recording,
    speed: Speed,
    who: &Credential,
    dial: &impl Dial,
    nonce: fn() -> u128,
) -> Result<Outcome, Failure> {
    let rows = recording.len();
    let mut source = Some(recording);
    let mut running: Option<Replay> = None;
    let mut backoff = Backoff::default();
    let mut rng = rand::rng();
    loop {
        let entering = async {
            let io = dial.dial().await?;
            client::login(io, who, nonce()).await
        };
        let entered = timeout(LOGIN, entering)
            .await
            .unwrap_or_else(|_| Err(LoginError::Io(io::ErrorKind::TimedOut.into())));
        let wait = match entered {
            // A mistake in the command line, not a cut: waiting would not mend it.
            Err(LoginError::Io(error)) if running.is_none() => {
                return Err(Failure::new(format!(
                    "cannot reach the hub: {error}; is `hub serve` running, and is --server right?"
                )));
            }
            Err(error @ (LoginError::Io(_) | LoginError::Busy(_))) => {
                log::warn!("no connection to the hub, trying again: {error}");
                backoff.after_failure(&error, &mut rng)
            }
            Err(error) => return Err(Failure::new(format!("login of {who:?} failed: {error}"))),
            Ok(client) => {
                let (io, inbox, address) = client.into_parts();
                let replay = running.get_or_insert_with(|| {
                    // Composed once: an address is for life.
                    let composed = source.take().unwrap_or_default().compose(address.get());
                    Replay::new(composed, address.get(), speed, rows)
                });
                let began = Instant::now();
                match replay.converse(io, inbox).await {
                    Ok(End::Done) => return Ok(replay.outcome()),
                    Ok(End::SentAway(reason)) if reason == "TAKEN_OVER" => {
                        return Err(Failure::new(
                            "another login took this device's place: replay with credentials nobody else uses",
                        ));
                    }
                    Ok(End::SentAway(reason)) => log::warn!("the hub said goodbye: {reason}"),
                    Err(error) => log::warn!("the connection was cut: {error}"),
                }
                backoff.after_session(began.elapsed(), &mut rng)
            }
        };
        sleep(wait).await;
    }
}

/// How a connection ended.
enum End {
    Done,
    SentAway(String),
}

struct Replay {
    bytes: Vec<u8>,
    window: Window,
    address: u32,
    /// `0|address|7|`: how every STORED of ours begins.
    stored_prefix: Vec<u8>,
    pace: Pace,
    began: Instant,
    /// The last time that a row was settled, or everything was sent again.
    heard: Instant,
    /// Nothing is sent before: the hub was busy.
    paused_until: Option<Instant>,
    /// Composed answers to the hub.
    replies: Vec<u8>,
    reasons: BTreeMap<String, usize>,
    progress: Progress,
}

impl Replay {
    fn new(composed: Composed, address: u32, speed: Speed, rows: usize) -> Self {
        let Composed {
            bytes,
            ends,
            unix_ms,
        } = composed;
        let now = Instant::now();
        Self {
            bytes,
            window: Window::new(ends, WINDOW),
            address,
            stored_prefix: format!("0|{address}|{}|", kind::STORED).into_bytes(),
            pace: Pace::new(speed, unix_ms, now),
            began: now,
            heard: now,
            paused_until: None,
            replies: Vec::new(),
            reasons: BTreeMap::new(),
            progress: Progress::new(rows),
        }
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        io: S,
        mut inbox: Inbox,
    ) -> io::Result<End> {
        let (mut reader, mut writer) = tokio::io::split(io);
        self.window.rewind();
        self.replies.clear();
        self.heard = Instant::now();
        let mut run = 0..0;
        loop {
            while let Some(frame) = inbox.take() {
                if let Some(reason) = self.take_in(frame) {
                    return Ok(End::SentAway(reason));
                }
            }
            self.progress.show(self.window.counts());
            if self.window.is_done() {
                return self.leave(&mut writer).await;
            }
            if run.is_empty() {
                if !self.replies.is_empty() {
                    writer.write_all(&self.replies).await?;
                    self.replies.clear();
                }
                run = self.next_run();
                if run.is_empty() {
                    // TLS keeps the end of what was written until it is told that no more comes.
                    writer.flush().await?;
                }
            }
            let wait = self.wait();
            let unsent = self.bytes.get(run.clone()).unwrap_or_default();
            tokio::select! {
                filled = inbox.fill(&mut reader) => filled?,
                written = writer.write(unsent), if !unsent.is_empty() => match written? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    bytes => run.start += bytes,
                },
                () = sleep(wait) => {}
            }
        }
    }

    async fn leave(&mut self, writer: &mut (impl AsyncWrite + Unpin)) -> io::Result<End> {
        let mut out = Vec::new();
        FrameWriter::new(&mut out, self.address, 0, kind::QUIT)
            .text("DONE")
            .end();
        // All is stored: whether the goodbye arrives changes nothing.
        let _ = timeout(Duration::from_secs(1), async {
            writer.write_all(&out).await?;
            writer.shutdown().await
        })
        .await;
        Ok(End::Done)
    }

    fn next_run(&mut self) -> std::ops::Range<usize> {
        let now = Instant::now();
        if self.paused_until.is_some_and(|until| now < until) {
            return 0..0;
        }
        let resend = self.paused_until.take().is_some()
            || (self.window.in_flight() > 0 && now - self.heard >= STALL);
        if resend {
            self.heard = now;
            self.window.rewind();
        }
        self.window
            .next_run(self.pace.due_rows(self.window.cursor(), now))
    }

    /// How long nothing has to be done unless the socket says so.
    fn wait(&self) -> Duration {
        let now = Instant::now();
        let mut wake = self.progress.next(now);
        if self.window.in_flight() > 0 {
            wake = wake.min(self.heard + STALL);
        }
        if let Some(until) = self.paused_until {
            wake = wake.min(until);
        } else if self.window.has_room()
            && let Some(due) = self.pace.due(self.window.cursor())
        {
            wake = wake.min(due);
        }
        // Not below a timer's resolution: rows due within it go out together.
        wake.saturating_duration_since(now)
            .max(Duration::from_millis(1))
    }

    /// One frame of the hub; its reason when it is a goodbye.
    fn take_in(&mut self, frame: &[u8]) -> Option<String> {
        if let Some(rest) = frame.strip_prefix(self.stored_prefix.as_slice())
            && let Some(row) = row_of(rest.strip_suffix(b"|").unwrap_or(rest))
        {
            if self.window.stored(row) {
                self.heard = Instant::now();
            }
            return None;
        }
        let frame = parse(frame, &Limits::default()).ok()?;
        if frame.origin != b"0" {
            return None;
        }
        let mut fields = frame.fields().map(String::from_utf8_lossy);
        match frame.kind {
            kind::QUIT => return Some(fields.next().unwrap_or_default().into_owned()),
            kind::ALIVE => FrameWriter::new(&mut self.replies, self.address, 0, kind::ALIVE).end(),
            kind::LOOPBACK if frame.is_error() => {
                let reason = fields.nth(1).unwrap_or_default().into_owned();
                self.take_refusal(reason, frame.msgno());
            }
            kind::REJECTED => {
                let reason = fields.next().unwrap_or_default().into_owned();
                self.take_refusal(reason, frame.msgno());
            }
            _ => {}
        }
        None
    }

    fn take_refusal(&mut self, reason: String, msgno: &[u8]) {
        if reason == "BUSY" {
            self.paused_until = Some(Instant::now() + BUSY_PAUSE);
        } else if row_of(msgno).is_some_and(|row| self.window.refused(row)) {
            self.heard = Instant::now();
            *self.reasons.entry(reason).or_default() += 1;
        }
    }

    fn outcome(&mut self) -> Outcome {
        self.progress.finish();
        let (sent, stored, refused) = self.window.counts();
        Outcome {
            sent,
            stored,
            refused,
            took: self.began.elapsed(),
            reasons: std::mem::take(&mut self.reasons),
        }
    }
}

/// The row with this msgno. By hand: it runs once a reading.
fn row_of(msgno: &[u8]) -> Option<usize> {
    if msgno.is_empty() {
        return None;
    }
    let mut number = 0usize;
    for byte in msgno {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number
            .checked_mul(10)?
            .checked_add(usize::from(byte - b'0'))?;
    }
    number.checked_sub(1)
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
