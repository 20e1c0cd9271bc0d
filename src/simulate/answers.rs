//! What a device answered to its last WRITEs: a repeat gets the old answer and is not done again.

use std::collections::VecDeque;

/// A sender repeats soon or never.
const CAPACITY: usize = 64;

/// Answers by the whole request. By origin and msgno alone, a sender that started anew and counts from 1
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
