//! What a device answered: a repeat gets the old answer and is not done again.

use std::collections::VecDeque;

use crate::wire::{FrameWriter, kind};

/// A peer repeats soon or never.
const CAPACITY: usize = 64;
/// More than the hub keeps open for one device (`commands.queue`): what it repeats after a cut is all remembered.
pub const REMEMBERED: usize = 256;

/// To peers, by the whole request. By origin and msgno alone, a sender that started anew and counts from 1
/// would get answers to questions it never asked.
#[derive(Debug, Default)]
pub struct Answers {
    given: VecDeque<(Vec<u8>, Vec<u8>)>,
}

impl Answers {
    pub fn find(&self, request: &[u8]) -> Option<&[u8]> {
        let known = self.given.iter().find(|(asked, _)| asked == request);
        known.map(|(_, answer)| answer.as_slice())
    }

    pub fn keep(&mut self, request: &[u8], answer: &[u8]) {
        if self.given.len() >= CAPACITY {
            self.given.pop_front();
        }
        self.given.push_back((request.to_vec(), answer.to_vec()));
    }
}

/// To the hub, by the command's id; an empty one is silence.
#[derive(Debug, Default)]
pub struct Remembered {
    given: VecDeque<(u64, Vec<u8>)>,
}

impl Remembered {
    pub fn find(&self, id: u64) -> Option<&[u8]> {
        let known = self.given.iter().find(|(known, _)| *known == id);
        known.map(|(_, answer)| answer.as_slice())
    }

    /// A later answer to the same command takes the place of the earlier.
    pub fn keep(&mut self, id: u64, answer: Vec<u8>) {
        if let Some((_, known)) = self.given.iter_mut().find(|(known, _)| *known == id) {
            *known = answer;
            return;
        }
        if self.given.len() >= REMEMBERED {
            self.given.pop_front();
        }
        self.given.push_back((id, answer));
    }
}

/// An answer to the hub.
#[derive(Debug)]
pub enum Answer {
    Accepted,
    Done(&'static str, String),
    Rejected(&'static str),
}

impl Answer {
    pub fn compose(&self, me: u32, id: u64, out: &mut Vec<u8>) {
        let frame = |out, number| FrameWriter::new(out, me, 0, number);
        match self {
            Answer::Accepted => frame(out, kind::ACCEPTED),
            Answer::Done(actuator, seen) => frame(out, kind::DONE).text(actuator).text(seen),
            Answer::Rejected(reason) => frame(out, kind::REJECTED).text(reason),
        }
        .number(id)
        .end();
    }
}
