//! The login itself: identity, challenge, digest; then the connection leaves for its island.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout_at};

use super::digest::{Challenge, legacy, same};
use super::incoming::{Incoming, Unreadable};
use super::lines::{Answer, Identity};
use super::stats::{LoginStats, Outcome};
use super::strangers::{Attempt, Strangers};
use super::throttle::Throttle;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::island::Islands;
use crate::listener::Permit;
use crate::recorder::Recorder;
use crate::registry::{Device, LoginKind, SealKey, SharedRegistry};
use crate::router::Admit;
use crate::session::Departing;
use crate::settings::{ClockSetTypes, Settings};
use crate::storage::StorageError;
use crate::throttle::{Rate, network};
use crate::wire::{Address, FrameWriter};

/// What the door needs of the rest of the hub.
pub struct DoorParts {
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub entropy: Entropy,
    pub registry: SharedRegistry,
    pub seal: Arc<SealKey>,
    pub recorder: Recorder,
    pub islands: Islands,
    /// Who is not known, and tried.
    pub strangers: Strangers,
}

/// Every connection passes it.
pub struct Door {
    parts: DoorParts,
    throttle: Mutex<Throttle>,
    clock_set: ClockSetTypes,
    decoy: Decoy,
    pub stats: LoginStats,
}

/// A sealed serial that no device has: opened for unknown devices, so that they cost the same work.
struct Decoy {
    address: Address,
    sealed: Box<[u8]>,
}

/// A login that did not succeed.
enum Rejection {
    Refused(String),
    /// Nobody knows that device.
    Unknown(String),
    /// With what it sent.
    Stranger(String, Box<Attempt>),
    Busy(u64),
    Malformed(&'static str),
    Broken(io::Error),
}

impl From<Unreadable> for Rejection {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::TooLong => Self::Malformed("a frame of at most 256 bytes"),
            Unreadable::Broken(error) => Self::Broken(error),
        }
    }
}

impl From<io::Error> for Rejection {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// A device that proved itself.
struct Proven {
    device: Arc<Device>,
    greeting: Vec<u8>,
    leftover: Vec<u8>,
}

impl Door {
    pub fn new(parts: DoorParts) -> Self {
        let devices = &parts.settings.devices;
        #[expect(
            clippy::cast_precision_loss,
            reason = "settings allow a million at most"
        )]
        let rate = |size: u64, refill: u64| Rate {
            size: size as f64,
            refill: refill as f64,
        };
        let throttle = Throttle::new(
            rate(
                devices.guesses_per_device,
                devices.guesses_per_device_refill,
            ),
            rate(
                devices.guesses_per_source,
                devices.guesses_per_source_refill,
            ),
        );
        let address = parts.entropy.address();
        let sealed = parts
            .seal
            .seal(address, &parts.entropy.serial(), &parts.entropy);
        // The settings were checked when they were loaded.
        let clock_set =
            ClockSetTypes::parse(&devices.clock_set_types).unwrap_or(ClockSetTypes::All);
        Self {
            throttle: Mutex::new(throttle),
            clock_set,
            decoy: Decoy { address, sealed },
            stats: LoginStats::default(),
            parts,
        }
    }

    /// When a login that begins now must be complete.
    pub fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.parts.settings.devices.login_seconds)
    }

    /// Takes a connection through login and hands it to its island. Answers every refusal, never fails.
    pub async fn enter(
        &self,
        mut io: Box<dyn Departing>,
        peer: IpAddr,
        permit: Permit,
        until: Instant,
    ) {
        let outcome = timeout_at(until, async {
            match self.login(&mut *io, peer).await {
                Ok(proven) => self.admit(io, peer, proven, permit).await,
                Err(rejection) => self.reject(&mut *io, peer, rejection).await,
            }
        })
        .await
        .unwrap_or_else(|_| {
            log::info!("login not completed in time from={peer}");
            Outcome::Timeout
        });
        self.stats.count(outcome);
    }

    async fn login(&self, io: &mut dyn Departing, peer: IpAddr) -> Result<Proven, Rejection> {
        let mut incoming = Incoming::default();
        let identity = incoming.frame(io).await?;
        let identity = Identity::parse(&identity).ok_or(Rejection::Malformed("type|id"))?;
        let device = self
            .parts
            .registry
            .read()
            .identified(identity.kind, &identity.id)
            .cloned();
        // Computed for known devices too: the answer must take as long.
        let decoy = self.parts.seal.decoy_address(identity.kind, &identity.id);
        let address = match &device {
            Some(device) => device.address,
            None => decoy.unwrap_or(self.decoy.address),
        };
        let challenge = self.parts.entropy.challenge();
        let mut hello = Vec::with_capacity(64);
        FrameWriter::bare(&mut hello)
            .number(address.get())
            .text("OK")
            .text(&challenge)
            .end();
        io.write_all(&hello).await?;

        let answer = incoming.frame(io).await?;
        let answer = Answer::parse(&answer).ok_or(Rejection::Malformed("digest|nonce"))?;
        let asked = Challenge {
            address,
            nonce: &answer.nonce,
            challenge: &challenge,
        };
        let proven = self.prove(&identity, device, &answer, &asked, peer);
        let (device, greeting) = match proven {
            Err(Rejection::Unknown(why)) => {
                // Moved, not copied: no work that a known device's wrong digest would not cost.
                let attempt = Attempt {
                    kind: identity.kind,
                    id: identity.id,
                    address,
                    challenge,
                    nonce: answer.nonce,
                    digest: answer.digest,
                    legacy: answer.legacy,
                };
                return Err(Rejection::Stranger(why, Box::new(attempt)));
            }
            proven => proven?,
        };
        if answer.legacy {
            self.remember_nonce(&device, answer.nonce).await?;
        }
        Ok(Proven {
            device,
            greeting,
            leftover: incoming.bytes,
        })
    }

    /// Checks the digest, with the same work whether the device exists or not.
    fn prove(
        &self,
        identity: &Identity,
        device: Option<Arc<Device>>,
        answer: &Answer,
        challenge: &Challenge<'_>,
        peer: IpAddr,
    ) -> Result<(Arc<Device>, Vec<u8>), Rejection> {
        let now = self.parts.clock.now();
        let peer = network(peer);
        let Identity { kind, id } = identity;
        if let Some(seconds) = self.throttle().wait(*kind, id, peer, now) {
            return Err(Rejection::Busy(seconds));
        }
        let (sealed_for, sealed) = match &device {
            Some(device) => (device.address, &device.sealed_serial),
            None => (self.decoy.address, &self.decoy.sealed),
        };
        let serial = self.parts.seal.open(sealed_for, sealed);
        let opened = serial.is_some();
        let serial = serial.unwrap_or_default();
        let expected = if answer.legacy {
            legacy(&serial, &answer.nonce)
        } else {
            challenge.device_digest(&serial)
        };
        let right = same(&expected, &answer.digest) && opened;
        let Some(device) = device else {
            self.throttle().spend(*kind, id, peer, now);
            return Err(Rejection::Unknown(format!("unknown device {kind}/{id}")));
        };
        if !opened {
            log::error!(
                "serial cannot be opened device={}; was serials.key replaced?",
                device.address
            );
        }
        if !right {
            self.throttle().spend(*kind, id, peer, now);
            return Err(Rejection::Refused(format!(
                "wrong digest of device {kind}/{id}"
            )));
        }
        if device.disabled {
            return Err(Rejection::Refused(format!(
                "login of disabled device {kind}/{id}"
            )));
        }
        if answer.legacy && device.login == LoginKind::Challenge {
            return Err(Rejection::Refused(format!(
                "legacy login of challenge device {kind}/{id}"
            )));
        }
        let proof = (!answer.legacy).then(|| challenge.hub_proof(&serial));
        Ok((
            Arc::clone(&device),
            self.greeting(&device, proof.as_deref()),
        ))
    }

    async fn remember_nonce(&self, device: &Device, nonce: String) -> Result<(), Rejection> {
        if device.nonce_memory == 0 {
            return Ok(());
        }
        let fresh = self
            .parts
            .recorder
            .remember_nonce(device.address, nonce, device.nonce_memory)
            .await;
        match fresh {
            Ok(true) => Ok(()),
            Ok(false) => Err(Rejection::Refused(format!(
                "replayed login of device {}/{}",
                device.kind, device.id
            ))),
            Err(error) => Err(self.not_now(&error)),
        }
    }

    fn not_now(&self, error: &StorageError) -> Rejection {
        log::error!("login put off because its nonce cannot be stored error={error}");
        Rejection::Busy(self.parts.settings.devices.busy_seconds)
    }

    fn greeting(&self, device: &Device, proof: Option<&str>) -> Vec<u8> {
        let mut greeting = Vec::with_capacity(128);
        let ok = FrameWriter::bare(&mut greeting).text("OK").text("OK");
        match proof {
            Some(proof) => ok.text(proof).end(),
            None => ok.end(),
        }
        if self.clock_set.includes(device.kind) {
            crate::wire::clock_set(&mut greeting, device.address, self.parts.clock.unix_ms());
        }
        greeting
    }

    async fn admit(
        &self,
        mut io: Box<dyn Departing>,
        peer: IpAddr,
        proven: Proven,
        mut permit: Permit,
    ) -> Outcome {
        let address = proven.device.address;
        let Some(router) = self.parts.islands.router(proven.device.group) else {
            let busy = Rejection::Busy(self.parts.settings.devices.busy_seconds);
            return self.reject(&mut *io, peer, busy).await;
        };
        let departed = match io.depart() {
            Ok(departed) => departed,
            Err(error) => {
                log::error!("socket cannot leave its thread device={address} error={error}");
                return Outcome::Broken;
            }
        };
        permit.logged_in();
        let admit = Admit {
            device: proven.device,
            departed,
            leftover: proven.leftover,
            greeting: proven.greeting,
            permit,
        };
        match router.send(admit).await {
            Ok(Ok(())) => {
                log::info!("session began device={address} from={peer}");
                Outcome::Ok
            }
            Ok(Err(error)) => {
                log::info!("session not started device={address} error={error}");
                Outcome::Refused
            }
            Err(error) => {
                log::error!("router does not answer device={address} error={error}");
                Outcome::Broken
            }
        }
    }

    async fn reject(&self, io: &mut dyn Departing, peer: IpAddr, rejection: Rejection) -> Outcome {
        let mut said = Vec::new();
        let mut stranger = None;
        let outcome = match rejection {
            Rejection::Refused(why) | Rejection::Unknown(why) => {
                log::warn!("login refused: {why} from {peer}");
                refused(&mut said);
                Outcome::Refused
            }
            Rejection::Stranger(why, attempt) => {
                log::warn!("login refused: {why} from {peer}");
                refused(&mut said);
                stranger = Some(attempt);
                Outcome::Refused
            }
            Rejection::Malformed(expected) => {
                log::info!("login malformed from={peer} expected=\"{expected}\"");
                refused(&mut said);
                Outcome::Malformed
            }
            Rejection::Busy(seconds) => {
                busy(&mut said, seconds);
                Outcome::Busy
            }
            Rejection::Broken(error) => {
                log::debug!("login broken off from={peer} error={error}");
                return Outcome::Broken;
            }
        };
        // Whoever is refused and does not listen is not told.
        if io.write_all(&said).await.is_ok() {
            let _ = io.shutdown().await;
        }
        if let Some(attempt) = stranger {
            self.parts.strangers.note(network(peer), *attempt);
        }
        outcome
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `REFUSED|ERROR|`: the one answer to every refusal, so that it tells a stranger nothing.
pub(crate) fn refused(out: &mut Vec<u8>) {
    FrameWriter::bare(out).text("REFUSED").text("ERROR").end();
}

/// `BUSY|ERROR|seconds|`: come back after that many seconds.
pub(crate) fn busy(out: &mut Vec<u8>, seconds: u64) {
    FrameWriter::bare(out)
        .text("BUSY")
        .text("ERROR")
        .number(seconds)
        .end();
}
