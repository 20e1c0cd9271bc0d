//! A simulated device: what it does is drawn from the seed, what it sees is checked at once.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use device_hub::login::digest;
use device_hub::simulate::client::{Client, LoginError, login};
use device_hub::simulate::credential::LoginKind;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::DuplexStream;
use tokio::time::{sleep, timeout};

use crate::measured::Sent;
use crate::power::Power;
use crate::presence::{Standing, There};
use crate::register::Known;
use crate::session::End;
use crate::world::World;

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
    pub newest: BTreeMap<u32, (u64, u64)>,
}

/// A login that succeeded.
pub struct Entered {
    pub client: Client<DuplexStream>,
    pub power: Arc<Power>,
    /// When it began: nothing of the session was written before.
    pub since: Duration,
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
        // Some stay away for longer, while others order something of them.
        let long = life.world.acting() && life.rng.random_bool(0.1);
        life.pause(if long { 20_000 } else { 2000 }).await;
        let Some(entered) = life.enter().await else {
            continue;
        };
        let end = life.session(entered).await;
        let there = match end {
            End::LeftOpen => There::Unsure,
            _ => There::No,
        };
        life.standing().is(there, life.world.clock.now());
        if life.rng.random_bool(0.05) {
            life.world.count("power cuts");
            life.world.panels[index].borrow_mut().power_cut();
        }
        if let End::Done = end {
            return;
        }
    }
}

impl Life {
    pub fn known(&self) -> &Known {
        &self.world.devices[self.index]
    }

    pub fn standing(&self) -> &Standing {
        &self.world.standings[self.index]
    }

    async fn pause(&mut self, most_ms: u64) {
        sleep(Duration::from_millis(self.rng.random_range(0..most_ms))).await;
    }

    /// Logs in. A refusal of a right login is a failure of the hub.
    async fn enter(&mut self) -> Option<Entered> {
        let world = Rc::clone(&self.world);
        let (io, power) = world.connect(&mut self.rng)?;
        let since = world.clock.now();
        self.nonce += 1;
        let who = &world.devices[self.index].credential;
        let asked = timeout(Duration::from_secs(30), login(io, who, self.nonce));
        let answer = tokio::select! {
            biased;
            () = power.off() => return None,
            answer = asked => answer,
        };
        match answer {
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
                self.standing().entered(self.epoch, world.clock.now());
                world.diaries[self.index].borrow_mut().logged_in();
                Some(Entered {
                    client,
                    power,
                    since,
                })
            }
            Ok(Err(LoginError::Io(_) | LoginError::Busy(_))) => None,
            Ok(Err(error)) => panic!("device {} with the right serial: {error}", self.index),
            Err(_) => panic!("the hub does not answer a login"),
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
        let (at, value) = (self.world.time_of(self.index), self.rng.random_range(0..40));
        self.world.panels[self.index].borrow_mut().measured(value);
        self.world.measured[self.index].borrow_mut().last = Some(Sent {
            msgno: self.msgno,
            value,
            at: self.world.clock.now(),
        });
        format!("{address}|0|26|t|{value}|C|{at}|{}|\x04", self.msgno).into_bytes()
    }

    /// An order of its own.
    pub fn order(&mut self) -> Vec<u8> {
        let mut issuer = self.world.issuers[self.index].borrow_mut();
        issuer
            .order(&self.world, self.index, &mut self.rng)
            .into_bytes()
    }
}
