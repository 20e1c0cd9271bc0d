//! What devices do, good and bad, and how they write it.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::time::{sleep, timeout};

use crate::device::Life;
use crate::panel::OWN_NAMES;
use crate::presence::There;

/// What ends a session from the device's side.
pub enum Fault {
    Broken,
    Cut,
    Takeover,
}

impl Life {
    /// One act, drawn from the seed.
    pub async fn act(&mut self, io: &mut DuplexStream) -> Result<(), Fault> {
        let me = self.known().address;
        let frames = match self.rng.random_range(0..122) {
            0..40 => self.peers(1),
            40..48 => self.data("*"),
            48..55 => self.data("@pumps"),
            55..60 => self.stranger(),
            60..63 => self.forged(),
            63..78 => self.event(),
            78..82 => format!("{me}|0|500|7|\x04").into_bytes(),
            82..86 => format!("{me}|0|50|hello|\x04").into_bytes(),
            86..90 => self.peers(400),
            90..94 => {
                // Reads nothing for a while: its outbox fills, or its silence is noticed.
                self.standing().is(There::Unsure, self.world.clock.now());
                sleep(Duration::from_millis(self.rng.random_range(10..25_000))).await;
                return Ok(());
            }
            94..97 => {
                self.world.count("cuts");
                return Err(Fault::Cut);
            }
            97..98 => format!("{me}|0|20|bye|\x04").into_bytes(),
            98..100 => return Err(Fault::Takeover),
            100..102 => format!("{me}|0|21|\x04").into_bytes(),
            114..118 => return self.alarming(io).await,
            118..122 if self.known().listens => self.wish(),
            _ if self.known().controls => self.order(),
            _ => return Ok(()),
        };
        write_in_pieces(io, &frames, &mut self.rng).await
    }

    /// An alarm of its own comes or goes; or one that is stored is reported once more.
    async fn alarming(&mut self, io: &mut DuplexStream) -> Result<(), Fault> {
        let drawn = self.rng.random_range(0..100);
        let words = self.alarm_words(drawn);
        write_in_pieces(io, words.as_bytes(), &mut self.rng).await
    }

    fn alarm_words(&self, drawn: usize) -> String {
        let mut panel = self.world.panels[self.index].borrow_mut();
        let mut words = panel.repeat(drawn).unwrap_or_default();
        if drawn < 80 {
            panel.toggle(OWN_NAMES[drawn % OWN_NAMES.len()]);
            words.clear();
            panel.say(&self.world, self.index, false, &mut words);
        }
        words
    }

    fn wish(&mut self) -> Vec<u8> {
        let mut listener = self.world.listeners[self.index].borrow_mut();
        let wish = listener.wish(&self.world, self.index, &mut self.rng);
        wish.into_bytes()
    }

    /// Frames to one peer of the group (or to itself), or a burst to one after the other.
    fn peers(&mut self, count: usize) -> Vec<u8> {
        let group = self.known().group;
        let others: Vec<_> = self
            .world
            .devices
            .iter()
            .filter(|device| device.group == group)
            .map(|device| device.address.to_string())
            .collect();
        // A burst goes to few peers, so that their outboxes fill.
        let most = if count > 1 { 3 } else { others.len() };
        let near = &others[..self.rng.random_range(1..=others.len()).min(most)];
        (0..count)
            .flat_map(|_| {
                let to = self.rng.random_range(0..near.len());
                self.data(&near[to])
            })
            .collect()
    }

    /// A frame to a device of any group, or to nobody: another group's must never get it.
    fn stranger(&mut self) -> Vec<u8> {
        let count = self.world.devices.len();
        let stranger = &self.world.devices[self.rng.random_range(0..count)];
        let dest = stranger.address.to_string();
        self.data(&dest)
    }

    /// A frame under the name of a peer. Whoever reads it fails the run.
    fn forged(&mut self) -> Vec<u8> {
        let me = self.known();
        let (group, address) = (me.group, me.address);
        let others: Vec<_> = self
            .world
            .devices
            .iter()
            .filter(|d| d.group == group && d.address != address)
            .collect();
        let victim = others[self.rng.random_range(0..others.len())].address;
        format!("{victim}|*|1000|FORGED|\x04").into_bytes()
    }
}

/// Writes as a bad network would: in pieces, some of them late.
pub async fn write_in_pieces(
    io: &mut DuplexStream,
    mut bytes: &[u8],
    rng: &mut StdRng,
) -> Result<(), Fault> {
    while !bytes.is_empty() {
        let size = if rng.random_bool(0.5) {
            bytes.len()
        } else {
            rng.random_range(1..=bytes.len())
        };
        let (piece, rest) = bytes.split_at(size);
        // A device that only writes while the hub writes to it must not get stuck with it.
        timeout(Duration::from_secs(60), io.write_all(piece))
            .await
            .expect("the hub does not read")
            .map_err(|_| Fault::Broken)?;
        bytes = rest;
        if rng.random_bool(0.2) {
            sleep(Duration::from_millis(rng.random_range(0..50))).await;
        }
    }
    Ok(())
}
