//! Unknown devices that tried to log in: kept in memory for an administrator, who may adopt one that has the right serial.
//!
//! Noted after the refusal is written: whether a device exists must not show in how long its answer takes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::digest::{Challenge, legacy, same};
use crate::bus::{Bus, Event};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::registry::LoginKind;
use crate::throttle::{Buckets, Rate};
use crate::wire::Address;

/// Strangers that are kept; then the one that was silent longest is forgotten.
const MOST: usize = 1000;

/// Of one source address.
const MOST_OF_SOURCE: usize = 50;

/// Wrong serials that may be tried for one stranger at once, and how many a second are forgiven.
const GUESSES: Rate = Rate {
    size: 5.0,
    refill: 1.0 / 60.0,
};

/// Viewers are told that something came at most so often.
const TELL_PAUSE: Duration = Duration::from_secs(1);

/// What an unknown device sent, and what it was asked.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) kind: u32,
    pub(super) id: String,
    /// That it was told.
    pub(super) address: Address,
    pub(super) challenge: String,
    pub(super) nonce: String,
    pub(super) digest: Vec<u8>,
    pub(super) legacy: bool,
}

impl Attempt {
    fn login(&self) -> LoginKind {
        if self.legacy {
            LoginKind::Legacy
        } else {
            LoginKind::Challenge
        }
    }

    /// Whether this serial makes the digest that was sent; in the same time wherever they differ.
    fn proves(&self, serial: &str) -> bool {
        let expected = if self.legacy {
            legacy(serial, &self.nonce)
        } else {
            let (nonce, challenge) = (&self.nonce, &self.challenge);
            let asked = Challenge {
                address: self.address,
                nonce,
                challenge,
            };
            asked.device_digest(serial)
        };
        same(&expected, &self.digest)
    }
}

struct Stranger {
    key: String,
    first_ms: i64,
    last_ms: i64,
    attempts: u64,
    latest: Attempt,
}

/// A stranger as an administrator sees it. Its id is of `[A-Za-z0-9._-]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StrangerInfo {
    /// To adopt it or to forget it by.
    pub key: String,
    #[serde(rename = "type")]
    pub kind: u32,
    pub id: String,
    pub login: LoginKind,
    /// The address that it came from; of IPv6, the network.
    #[schema(value_type = String)]
    pub from: IpAddr,
    pub first_ms: i64,
    pub last_ms: i64,
    pub attempts: u64,
}

/// A stranger whose serial is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub kind: u32,
    pub id: String,
    pub login: LoginKind,
}

/// Why a stranger cannot be adopted with a serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// It is not kept in mind, or no more.
    Unknown,
    /// The serial does not make the digest that it sent.
    Wrong,
    /// Too many wrong ones: again after so many seconds.
    Wait(u64),
}

/// All of them. Cheap to clone.
#[derive(Clone)]
pub struct Strangers(Arc<Inner>);

struct Inner {
    clock: Clock,
    entropy: Entropy,
    bus: Bus,
    state: Mutex<State>,
}

struct State {
    // By where it came from as well: nobody else's attempt takes the place of a device's own. Keyed by what a stranger
    // sends, so by a hash that he cannot aim at.
    strangers: HashMap<(IpAddr, u32, String), Stranger>,
    /// Wrong serials, by key.
    guesses: Buckets<String>,
    told: Option<Duration>,
    /// News wait for the pause to be over.
    owed: bool,
}

impl Strangers {
    pub fn new(clock: Clock, entropy: Entropy, bus: Bus) -> Self {
        Self(Arc::new(Inner {
            clock,
            entropy,
            bus,
            state: Mutex::new(State {
                strangers: HashMap::new(),
                guesses: Buckets::new(GUESSES),
                told: None,
                owed: false,
            }),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an attempt in mind. Call it inside a runtime.
    pub(super) fn note(&self, from: IpAddr, attempt: Attempt) {
        let now_ms = self.0.clock.unix_ms();
        let mut state = self.lock();
        let who = (from, attempt.kind, attempt.id.clone());
        if let Some(known) = state.strangers.get_mut(&who) {
            known.last_ms = now_ms;
            known.attempts += 1;
            known.latest = attempt;
        } else {
            state.make_room(from);
            let stranger = Stranger {
                key: hex::encode(self.0.entropy.bytes::<8>()),
                first_ms: now_ms,
                last_ms: now_ms,
                attempts: 1,
                latest: attempt,
            };
            state.strangers.insert(who, stranger);
        }
        drop(state);
        self.tell();
    }

    /// Those that came last first.
    pub fn list(&self) -> Vec<StrangerInfo> {
        let state = self.lock();
        let all = state.strangers.iter();
        let mut infos: Vec<_> = all
            .map(|((from, kind, id), stranger)| StrangerInfo {
                key: stranger.key.clone(),
                kind: *kind,
                id: id.clone(),
                login: stranger.latest.login(),
                from: *from,
                first_ms: stranger.first_ms,
                last_ms: stranger.last_ms,
                attempts: stranger.attempts,
            })
            .collect();
        drop(state);
        infos.sort_by(|a, b| (b.last_ms, &a.key).cmp(&(a.last_ms, &b.key)));
        infos
    }

    /// Whether this serial is the one of the stranger with that key, by the digest that it sent last.
    ///
    /// # Errors
    /// See [`Unproven`].
    pub fn prove(&self, key: &str, serial: &str) -> Result<Claim, Unproven> {
        let now = self.0.clock.now();
        let mut state = self.lock();
        let key = key.to_owned();
        if let Some(seconds) = state.guesses.wait(&key, now) {
            return Err(Unproven::Wait(seconds));
        }
        let mut all = state.strangers.values();
        let found = all.find(|stranger| stranger.key == key);
        let latest = &found.ok_or(Unproven::Unknown)?.latest;
        if latest.proves(serial) {
            return Ok(Claim {
                kind: latest.kind,
                id: latest.id.clone(),
                login: latest.login(),
            });
        }
        state.guesses.spend(key, now);
        Err(Unproven::Wrong)
    }

    /// Forgets the one with that key. False: there is none.
    pub fn forget(&self, key: &str) -> bool {
        self.forget_those(|_, stranger| stranger.key == key)
    }

    /// It is a device now, wherever it came from.
    pub fn adopted(&self, claim: &Claim) {
        self.forget_those(|who, _| (who.1, &who.2) == (claim.kind, &claim.id));
    }

    fn forget_those(&self, which: impl Fn(&(IpAddr, u32, String), &Stranger) -> bool) -> bool {
        let mut state = self.lock();
        let before = state.strangers.len();
        state
            .strangers
            .retain(|who, stranger| !which(who, stranger));
        let forgot = state.strangers.len() < before;
        drop(state);
        if forgot {
            self.0.bus.tell(Event::Discovered);
        }
        forgot
    }

    /// At once, or when the pause is over: whoever knocks all the time must not fill the bus.
    fn tell(&self) {
        let now = self.0.clock.now();
        let mut state = self.lock();
        let since = state.told.map(|told| now.saturating_sub(told));
        if since.is_none_or(|since| since >= TELL_PAUSE) {
            state.told = Some(now);
            drop(state);
            self.0.bus.tell(Event::Discovered);
        } else if !std::mem::replace(&mut state.owed, true) {
            drop(state);
            let strangers = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(TELL_PAUSE).await;
                let now = strangers.0.clock.now();
                let mut state = strangers.lock();
                (state.owed, state.told) = (false, Some(now));
                drop(state);
                strangers.0.bus.tell(Event::Discovered);
            });
        }
    }
}

impl State {
    fn make_room(&mut self, from: IpAddr) {
        let of_source = self.strangers.keys().filter(|who| who.0 == from).count();
        let full = self.strangers.len() >= MOST;
        if of_source < MOST_OF_SOURCE && !full {
            return;
        }
        let concerned = |who: &(IpAddr, u32, String)| of_source < MOST_OF_SOURCE || who.0 == from;
        let oldest = self.strangers.iter().filter(|(who, _)| concerned(who));
        let oldest = oldest.min_by_key(|(_, stranger)| stranger.last_ms);
        if let Some(who) = oldest.map(|(who, _)| who.clone()) {
            self.strangers.remove(&who);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strangers() -> Strangers {
        Strangers::new(Clock::system(), Entropy::seeded(1), Bus::default())
    }

    fn attempt(id: &str, serial: &str) -> Attempt {
        let (nonce, challenge) = ("00112233445566778899", "ffeeddccbbaa99887766554433221100");
        let address = Address::new(5).unwrap();
        let asked = Challenge {
            address,
            nonce,
            challenge,
        };
        Attempt {
            kind: 511,
            id: id.into(),
            address,
            challenge: challenge.into(),
            nonce: nonce.into(),
            digest: asked.device_digest(serial).into_bytes(),
            legacy: false,
        }
    }

    fn source(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[tokio::test]
    async fn only_its_own_serial_proves_a_stranger_and_guesses_are_few() {
        let strangers = strangers();
        strangers.note(source(1), attempt("a", "SN-1"));
        let key = strangers.list().first().unwrap().key.clone();
        let claim = strangers.prove(&key, "SN-1").unwrap();
        assert_eq!((claim.kind, claim.id.as_str()), (511, "a"));
        for _ in 0..5 {
            assert_eq!(strangers.prove(&key, "SN-2"), Err(Unproven::Wrong));
        }
        assert!(matches!(
            strangers.prove(&key, "SN-1"),
            Err(Unproven::Wait(1..=60))
        ));
        assert_eq!(strangers.prove("x", "SN-1"), Err(Unproven::Unknown));
    }

    #[tokio::test]
    async fn a_legacy_login_is_proven_by_its_own_digest() {
        let strangers = strangers();
        let sent = Attempt {
            legacy: true,
            digest: legacy("SN-1", "12345").into_bytes(),
            nonce: "12345".into(),
            ..attempt("a", "")
        };
        strangers.note(source(1), sent);
        let stranger = strangers.list().pop().unwrap();
        assert_eq!(stranger.login, LoginKind::Legacy);
        assert!(strangers.prove(&stranger.key, "SN-1").is_ok());
        assert!(strangers.prove(&stranger.key, "SN-12").is_err());
    }

    #[tokio::test]
    async fn one_source_holds_few_and_all_together_are_bounded() {
        let strangers = strangers();
        strangers.note(source(1), attempt("mine", "SN-1"));
        (0..200).for_each(|n| strangers.note(source(2), attempt(&n.to_string(), "SN-1")));
        assert_eq!(strangers.list().len(), 1 + MOST_OF_SOURCE);
        for from in 3..40 {
            (0..50).for_each(|n| strangers.note(source(from), attempt(&n.to_string(), "SN-1")));
        }
        assert_eq!(strangers.list().len(), MOST);
    }

    #[tokio::test]
    async fn each_try_counts_and_what_is_adopted_is_forgotten_everywhere() {
        let strangers = strangers();
        strangers.note(source(1), attempt("a", "SN-1"));
        strangers.note(source(1), attempt("a", "SN-1"));
        strangers.note(source(2), attempt("a", "SN-1"));
        let attempts: u64 = strangers.list().iter().map(|info| info.attempts).sum();
        assert_eq!((strangers.list().len(), attempts), (2, 3));
        let key = strangers.list().pop().unwrap().key;
        strangers.adopted(&strangers.prove(&key, "SN-1").unwrap());
        assert!(strangers.list().is_empty() && !strangers.forget(&key));
    }
}
