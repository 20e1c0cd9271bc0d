//! What a device does by itself: reads and moves its peers, whose addresses it asks of the hub.

use std::collections::BTreeMap;

use super::kinds::{Act, Habit};
use super::signal::mix;
use crate::wire::{Address, FrameWriter, kind};

/// Above what the hub gives a meaning to: it passes between devices untouched.
pub const GREETING: u32 = 1_000;
/// A WRITE that did not arrive by then is not wanted any more.
const WRITE_VALID_MS: i64 = 30_000;

/// The habits of one device and what it knows of its peers.
#[derive(Debug)]
pub struct Habits {
    /// Each with the time of its next turn.
    turns: Vec<(&'static Habit, i64)>,
    /// Type number to address, of one peer each.
    peers: BTreeMap<u32, Address>,
}

impl Habits {
    /// `seed` spreads the first turns, so that not all devices of a kind speak in the same instant.
    pub fn new(habits: &'static [Habit], seed: u64, now: i64) -> Self {
        let first = |(index, habit): (usize, &'static Habit)| {
            let spread = mix(seed ^ index as u64) % habit.every_ms.max(1).cast_unsigned();
            (habit, now.saturating_add_unsigned(spread))
        };
        Self {
            turns: habits.iter().enumerate().map(first).collect(),
            peers: BTreeMap::new(),
        }
    }

    pub fn next_due(&self) -> Option<i64> {
        self.turns.iter().map(|(_, due)| *due).min()
    }

    /// Does what is due. A turn that was missed while away is left out, not made up for.
    pub fn tick(&mut self, me: u32, seed: u64, now: i64, msgno: &mut u64, out: &mut Vec<u8>) {
        for (habit, due) in &mut self.turns {
            if *due > now {
                continue;
            }
            *due = now.saturating_add(habit.every_ms.max(1));
            *msgno += 1;
            act(&habit.act, &self.peers, me, seed, now, *msgno, out);
        }
    }

    /// Takes the fields of an answer to DEVICES: `address:type:id:name`.
    pub fn learn<'a>(&mut self, peers: impl Iterator<Item = &'a [u8]>) {
        for peer in peers {
            let mut parts = peer.split(|b| *b == b':');
            let address = parts.next().and_then(Address::parse);
            let number = parts
                .next()
                .and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
            if let (Some(address), Some(number)) = (address, number) {
                self.peers.insert(number, address);
            }
        }
    }

    /// A peer that is not there (any more): asked for anew at the next turn.
    pub fn forget(&mut self, dest: &[u8]) {
        let gone = Address::parse(dest);
        self.peers.retain(|_, address| Some(*address) != gone);
    }
}

fn act(
    act: &Act,
    peers: &BTreeMap<u32, Address>,
    me: u32,
    seed: u64,
    now: i64,
    msgno: u64,
    out: &mut Vec<u8>,
) {
    match act {
        Act::Greet { text } => aloud(me, b"*", GREETING, text, msgno, out),
        Act::Blink { label } => {
            let dest = format!("@{label}");
            aloud(me, dest.as_bytes(), kind::BLINK, "", msgno, out);
        }
        Act::Read { of, .. } | Act::Write { of, .. } => {
            let Some(peer) = peers.get(of).copied().map(Address::get) else {
                FrameWriter::new(out, me, 0, kind::DEVICES)
                    .number(msgno)
                    .end();
                return;
            };
            ask(act, peer, me, seed, now, msgno, out);
        }
    }
}

fn ask(act: &Act, peer: u32, me: u32, seed: u64, now: i64, msgno: u64, out: &mut Vec<u8>) {
    match act {
        Act::Read { sensor, .. } => FrameWriter::new(out, me, peer, kind::READ)
            .text(sensor)
            .number(msgno)
            .end(),
        Act::Write {
            actuator, value, ..
        } => FrameWriter::new(out, me, peer, kind::WRITE)
            .text(actuator)
            .text(&value.kind().shown(value.at(seed, now).round()))
            .number(now.saturating_add(WRITE_VALID_MS))
            .number(msgno)
            .end(),
        Act::Greet { .. } | Act::Blink { .. } => {}
    }
}

/// To a destination that is no number.
fn aloud(me: u32, dest: &[u8], number: u32, text: &str, msgno: u64, out: &mut Vec<u8>) {
    let frame = FrameWriter::bare(out)
        .number(me)
        .as_sent(dest)
        .number(number);
    let frame = if text.is_empty() {
        frame
    } else {
        frame.text(text)
    };
    frame.number(msgno).end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::kinds::GREENHOUSE;

    fn said(habits: &mut Habits, now: i64) -> Vec<String> {
        let (mut out, mut msgno) = (Vec::new(), 0);
        habits.tick(42, 1, now, &mut msgno, &mut out);
        String::from_utf8(out)
            .unwrap()
            .split_terminator('\x04')
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn peers_are_asked_for_then_spoken_to_and_forgotten_when_gone() {
        let kind = GREENHOUSE.last().unwrap();
        let mut habits = Habits::new(kind.habits, 1, 0);
        let first = said(&mut habits, 100_000);
        assert_eq!(first.iter().filter(|f| f.contains("|500|")).count(), 4);
        assert!(first.contains(&"42|@lights|60|5|".to_string()), "{first:?}");
        assert!(first.contains(&"42|*|1000|good growing to all|6|".to_string()));

        let answer = "17:601:a:climate|x|18:602:b:soil:probe|19:603:c:vent|20:604:d:";
        habits.learn(answer.split('|').map(str::as_bytes));
        let second = said(&mut habits, 200_000);
        assert_eq!(second[0], "42|17|1|temperature|1|");
        assert!(second[2].starts_with("42|19|3|opening|"), "{second:?}");
        assert!(second[2].ends_with("|230000|3|"), "{second:?}");

        habits.forget(b"17");
        assert_eq!(said(&mut habits, 300_000)[0], "42|0|500|1|");
    }
}
