//! A simulated device: what it does is drawn from the seed, what it sees is checked at once.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use device_hub::login::digest;
use device_hub::simulate::client::{Client, LoginError, login};
use device_hub::simulate::credential::LoginKind;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::DuplexStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::checks::Reader;
use crate::faults::{Fault, write_in_pieces};
use crate::world::{Known, World};

/// Sessions of one device are numbered, so that readers can tell them apart.
pub struct Life {
    pub world: Rc<World>,
    pub index: usize,
    pub rng: StdRng,
    epoch: u64,
    sequence: u64,
    msgno: i64,
    nonce: u128,
    /// Newest (epoch, sequence) read from each sender, over all sessions of this device.
    newest: BTreeMap<u32, (u64, u64)>,
}

/// Why a session ended.
enum End {
    Hub,
    Ourselves,
    /// The last LOOPBACK was answered.
    Done,
}

pub async fn live(world: Rc<World>, index: usize) {
    let seed = world
        .seed
        .wrapping_mul(1_000_003)
        .wrapping_add(index as u64);
    let mut life = Life {
        world,
        index,
        rng: StdRng::seed_from_u64(seed),
        epoch: 0,
        sequence: 0,
        msgno: 0,
        nonce: u128::from(seed % 1_000_000) * 1000,
        newest: BTreeMap::new(),
    };
    loop {
        life.pause(2000).await;
        let Some(client) = life.enter().await else {
            continue;
        };
        if let End::Done = life.session(client).await {
            return;
        }
    }
}

impl Life {
    pub fn known(&self) -> &Known {
        &self.world.devices[self.index]
    }

    async fn pause(&mut self, most_ms: u64) {
        sleep(Duration::from_millis(self.rng.random_range(0..most_ms))).await;
    }

    /// Logs in. A refusal of a right login is a failure of the hub.
    async fn enter(&mut self) -> Option<Client<DuplexStream>> {
        let world = Rc::clone(&self.world);
        let io = world.connect(&mut self.rng);
        self.nonce += 1;
        let who = &world.devices[self.index].credential;
        match timeout(Duration::from_secs(30), login(io, who, self.nonce)).await {
            Ok(Ok(client)) => {
                if who.login == LoginKind::Legacy {
                    let nonce = (self.nonce % 10_000_000_000).to_string();
                    let digest = digest::legacy(&who.serial, &nonce);
                    world
                        .captured
                        .borrow_mut()
                        .push((self.index, digest, nonce));
                }
                self.epoch += 1;
                self.sequence = 0;
                Some(client)
            }
            Ok(Err(LoginError::Io(_) | LoginError::Busy(_))) => None,
            Ok(Err(error)) => panic!("device {} with the right serial: {error}", self.index),
            Err(_) => panic!("the hub does not answer a login"),
        }
    }

    async fn session(&mut self, client: Client<DuplexStream>) -> End {
        let (mut io, mut inbox, _) = client.into_parts();
        let mut next = Instant::now();
        let mut asked: Option<Instant> = None;
        let mut ask_at = next;
        loop {
            while let Some(frame) = inbox.take() {
                let frame = frame.to_vec();
                let mut reader = Reader {
                    world: &self.world,
                    me: self.index,
                    newest: &mut self.newest,
                };
                let read = reader.read(&frame);
                if let Some(answer) = read.answer
                    && write_in_pieces(&mut io, &answer, &mut self.rng)
                        .await
                        .is_err()
                {
                    return End::Hub;
                }
                if read.last_word {
                    return End::Done;
                }
                if read.quit {
                    return End::Hub;
                }
            }
            if !self.world.acting.get() && Instant::now() >= ask_at {
                let since = *asked.get_or_insert_with(Instant::now);
                assert!(
                    since.elapsed() < Duration::from_secs(60),
                    "device {} gets no answer to its LOOPBACK",
                    self.index
                );
                // An answer that meets a full outbox is dropped, so it is asked again.
                ask_at = Instant::now() + Duration::from_secs(3);
                let last = format!("{}|0|50|last-word|\x04", self.known().address);
                if write_in_pieces(&mut io, last.as_bytes(), &mut self.rng)
                    .await
                    .is_err()
                {
                    return End::Hub;
                }
            }
            tokio::select! {
                biased;
                filled = inbox.fill(&mut io) => if filled.is_err() { return End::Hub },
                () = sleep_until(next) => {
                    next = Instant::now() + Duration::from_millis(self.rng.random_range(1..1500));
                    if self.world.acting.get() {
                        match self.act(&mut io).await {
                            Ok(()) => {}
                            Err(Fault::Broken) => return End::Hub,
                            Err(Fault::Cut) => return End::Ourselves,
                            Err(Fault::Takeover) => {
                                // The older session stays open, unread, for as long as it likes.
                                let old = io;
                                let lasting = self.rng.random_range(1..5000);
                                actix::spawn(async move {
                                    sleep(Duration::from_millis(lasting)).await;
                                    drop(old);
                                });
                                return End::Ourselves;
                            }
                        }
                    }
                }
            }
        }
    }

    /// The next data frame to a destination, with what its reader checks.
    pub fn data(&mut self, dest: &str) -> Vec<u8> {
        self.sequence += 1;
        let me = self.known();
        format!(
            "{}|{dest}|1000|{}|{}|{}|{}|\x04",
            me.address, me.group, me.address, self.epoch, self.sequence
        )
        .into_bytes()
    }

    pub fn event(&mut self) -> Vec<u8> {
        self.msgno += 1;
        let address = self.known().address;
        self.world
            .sent_events
            .borrow_mut()
            .insert((address.get(), self.msgno));
        let at = self.world.hub.clock.unix_ms();
        format!(
            "{address}|0|26|t|{}|C|{at}|{}|\x04",
            self.msgno % 40,
            self.msgno
        )
        .into_bytes()
    }
}
