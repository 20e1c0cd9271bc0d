//! The least and the greatest value of the last while, in bounded space.

use std::collections::VecDeque;

use super::rule::Direction;
use super::step::change;

/// Pieces that a window is cut into: readings that come faster share one, which leaves as its newest does.
const PIECES: i64 = 64;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// Of its newest reading, ms.
    at_ms: i64,
    number: i64,
    least: f64,
    greatest: f64,
}

/// Values of the last while, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Window {
    pieces: VecDeque<Piece>,
    newest: f64,
}

impl Window {
    pub(super) fn add(&mut self, at_ms: i64, value: f64, window_ms: i64) {
        // A slow sensor's earlier value is no part of the window either: nobody knows when it changed.
        while self.is_first_gone(at_ms, window_ms) {
            self.pieces.pop_front();
        }
        self.newest = value;
        let number = at_ms.div_euclid((window_ms / PIECES).max(1));
        match self.pieces.back_mut().filter(|last| last.number == number) {
            Some(last) => {
                last.at_ms = at_ms;
                last.least = last.least.min(value);
                last.greatest = last.greatest.max(value);
            }
            None => self.pieces.push_back(Piece {
                at_ms,
                number,
                least: value,
                greatest: value,
            }),
        }
    }

    /// What is a window old at that time is gone. The newest stays: it is what holds now.
    pub(super) fn pass(&mut self, at_ms: i64, window_ms: i64) {
        while self.pieces.len() > 1 && self.is_first_gone(at_ms, window_ms) {
            self.pieces.pop_front();
        }
    }

    /// Moves what it holds, as a clock was set.
    pub(super) fn shift(&mut self, by_ms: i64) {
        for piece in &mut self.pieces {
            piece.at_ms = piece.at_ms.saturating_add(by_ms);
        }
    }

    fn is_first_gone(&self, at_ms: i64, window_ms: i64) -> bool {
        let first = self.pieces.front();
        first.is_some_and(|first| first.at_ms.saturating_add(window_ms) <= at_ms)
    }

    /// When the oldest piece will be gone; `None`: only the newest is left.
    pub(super) fn first_leaves(&self, window_ms: i64) -> Option<i64> {
        let first = self.pieces.front().filter(|_| self.pieces.len() > 1)?;
        Some(first.at_ms.saturating_add(window_ms))
    }

    /// From the least or greatest value of the window to the newest.
    pub(super) fn change(&self, direction: Direction) -> f64 {
        let bounds = self
            .pieces
            .iter()
            .map(|piece| (piece.least, piece.greatest));
        let (least, greatest) = bounds
            .fold((self.newest, self.newest), |(least, greatest), piece| {
                (least.min(piece.0), greatest.max(piece.1))
            });
        change(direction, self.newest, least, greatest)
    }
}
