//! The hub's own word to several devices: an ALARM for those that subscribed to it.

use actix::prelude::*;

use super::Router;
use crate::alarm::Spread;
use crate::command::desk::Lines;
use crate::session::{Push, Source};
use crate::wire::{Address, EOT};

/// Devices that are not connected miss it, and catch up at their login.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Say {
    pub spread: Spread,
    pub to: Vec<Address>,
}

/// Frames for one device, which are ready to be sent.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Hand {
    pub to: Address,
    pub frames: Vec<u8>,
}

impl Handler<Hand> for Router {
    type Result = ();

    fn handle(&mut self, hand: Hand, _: &mut Context<Self>) {
        // One that does not read what it gets asks again.
        if let Some(member) = self.table.member(hand.to) {
            let _ = member.outbox.push(&hand.frames, Source::Hub);
        }
    }
}

impl Handler<Say> for Router {
    type Result = ();

    fn handle(&mut self, say: Say, _: &mut Context<Self>) {
        let mut frame = Vec::new();
        for to in &say.to {
            let Some(member) = self.table.member(*to) else {
                continue;
            };
            frame.clear();
            say.spread.compose(*to, &mut frame);
            if member.outbox.push(&frame, Source::Hub) != Push::Taken {
                log::debug!("alarm not taken by a slow subscriber device={to}");
                self.missed.insert(*to);
            } else if let [bytes @ .., EOT] = frame.as_slice() {
                self.watch.sighted(bytes);
            }
        }
    }
}

impl Router {
    /// Tells slow subscribers, once they have read what waited for them, what they missed.
    pub(super) fn catch_up_slow(&mut self) {
        for address in std::mem::take(&mut self.missed) {
            // Whoever logs in anew is told then.
            let Some(member) = self.table.member(address) else {
                continue;
            };
            if !self.table.is_clear(address) {
                self.missed.insert(address);
            } else if let Some(missed) = self.catch_up(&member.device, &member.outbox) {
                self.parts.recorder.submit_bounded(Box::new(missed));
            }
        }
    }
}
