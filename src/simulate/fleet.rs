//! Many simulated devices in one thread, with a status line while they run and a summary at the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};

use super::credential::Credential;
use super::device::Device;
use super::dial::Network;
use super::doorman::{Doorman, Ended};
use super::faults::Faults;
use super::kinds;
use super::signal::mix;
use super::stop::Stop;
use super::tally::Tally;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::stdout::say;

/// First logins a second: a fleet that is switched on, not an attack.
const LOGINS_PER_SECOND: u32 = 2_000;
/// For goodbyes at the end.
const GRACE: Duration = Duration::from_secs(5);

/// What all devices of a run share.
pub struct Fleet {
    pub network: Network,
    pub seed: u64,
    pub event_period: Duration,
    /// What the devices do wrong with the hub's commands.
    pub faults: Faults,
    /// Devices that stay away while theirs is true, by their place in the list.
    pub away: BTreeMap<u32, watch::Receiver<bool>>,
    pub clock: Clock,
    /// Login nonces: from the system, never from the seed (see [`super::client::login`]).
    pub nonce: fn() -> u128,
    pub tally: Arc<Tally>,
}

impl Fleet {
    /// Runs the devices until `stop` becomes true or none is left. Needs a tokio runtime of one thread or a `LocalSet`'s.
    pub async fn run(&self, credentials: Vec<Credential>, stop: watch::Receiver<bool>) {
        let local = LocalSet::new();
        let mut devices = JoinSet::new();
        for (index, credential) in (0u32..).zip(credentials) {
            let delay = Duration::from_secs(1) / LOGINS_PER_SECOND * index;
            let doorman = self.doorman(index, credential, stop.clone());
            devices.spawn_local_on(doorman.run(delay), &local);
        }
        local
            .run_until(async {
                while let Some(ended) = devices.join_next().await {
                    if matches!(ended, Ok(Ended::TakenOver)) {
                        log::warn!("another login took a device's place; it stays away");
                    }
                }
            })
            .await;
    }

    fn doorman(
        &self,
        index: u32,
        credential: Credential,
        stop: watch::Receiver<bool>,
    ) -> Doorman<Network, StdRng> {
        let seed = mix(self.seed ^ mix(u64::from(index)));
        let period_ms = i64::try_from(self.event_period.as_millis()).unwrap_or(i64::MAX);
        let kind = kinds::by_number(credential.kind);
        Doorman {
            device: Device::new(
                kind,
                seed,
                period_ms,
                self.clock.unix_ms(),
                Arc::clone(&self.tally),
            )
            .with_faults(self.faults),
            credential,
            dial: self.network.clone(),
            clock: self.clock.clone(),
            rng: StdRng::seed_from_u64(seed),
            nonce: self.nonce,
            tally: Arc::clone(&self.tally),
            stop,
            away: self.away.get(&index).cloned(),
        }
    }

    /// Runs them for so long, or until asked to stop, and says on stdout each few seconds how it goes.
    ///
    /// # Errors
    /// Not one of them could log in.
    pub async fn run_aloud(
        &self,
        credentials: Vec<Credential>,
        lasts: Option<Duration>,
        mut asked: Stop,
    ) -> Result<(), Failure> {
        let count = credentials.len();
        let began = Instant::now();
        let (stop, stopped) = watch::channel(false);
        let devices = self.run(credentials, stopped);
        tokio::pin!(devices);
        let all_gone = tokio::select! {
            () = &mut devices => true,
            () = over(lasts) => false,
            () = asked.asked() => false,
            () = self.say_each(Duration::from_secs(5), began) => false,
        };
        // Nobody may listen any more when all have ended.
        let _ = stop.send(true);
        if !all_gone && tokio::time::timeout(GRACE, devices).await.is_err() {
            log::warn!("some devices did not say goodbye in {} s", GRACE.as_secs());
        }
        say(format_args!(
            "total: {} of {count} devices logged in, {} in {} s",
            self.tally.seen.get(),
            self.tally,
            began.elapsed().as_secs()
        ));
        if self.tally.seen.get() > 0 {
            return Ok(());
        }
        let trouble = self.tally.take_trouble();
        Err(Failure::new(
            trouble.unwrap_or_else(|| "no device could log in".into()),
        ))
    }

    async fn say_each(&self, period: Duration, began: Instant) {
        loop {
            tokio::time::sleep(period).await;
            say(format_args!(
                "{} s: {} connected, {}",
                began.elapsed().as_secs(),
                self.tally.connected.get(),
                self.tally
            ));
            if let Some(trouble) = self.tally.take_trouble() {
                eprintln!("{trouble}");
            }
        }
    }
}

async fn over(lasts: Option<Duration>) {
    match lasts {
        Some(lasts) => tokio::time::sleep(lasts).await,
        None => std::future::pending().await,
    }
}
