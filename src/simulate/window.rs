//! Which rows of a recording are under way, which are settled, and which go out next.
//!
//! A plain struct over row indexes: no bytes, no socket, nothing allocated while it runs.

use std::ops::Range;

/// At most this many bytes are chosen for one write.
const RUN_BYTES: usize = 64 * 1024;

#[derive(Debug)]
pub struct Window {
    /// Where each row's frame ends in the composed bytes.
    ends: Vec<usize>,
    /// Stored or refused for good.
    settled: Vec<bool>,
    /// The next row to send.
    cursor: usize,
    /// All rows before this one are settled.
    first_open: usize,
    /// Rows before the cursor that are not settled.
    in_flight: usize,
    limit: usize,
    sent: usize,
    stored: usize,
    refused: usize,
}

impl Window {
    pub fn new(ends: Vec<usize>, limit: usize) -> Self {
        Self {
            settled: vec![false; ends.len()],
            ends,
            cursor: 0,
            first_open: 0,
            in_flight: 0,
            limit,
            sent: 0,
            stored: 0,
            refused: 0,
        }
    }

    /// The bytes to write next: rows in sequence, not settled, before row `until`, as far as the window has room.
    /// Empty when there is nothing to send now. The rows count as under way.
    pub fn next_run(&mut self, until: usize) -> Range<usize> {
        while self.cursor < until && self.is_settled(self.cursor) {
            self.cursor += 1;
        }
        let begin = self.begin_of(self.cursor);
        let mut end = begin;
        while self.cursor < until
            && self.in_flight < self.limit
            && end - begin < RUN_BYTES
            && !self.is_settled(self.cursor)
        {
            let Some(row_end) = self.ends.get(self.cursor) else {
                break;
            };
            end = *row_end;
            self.cursor += 1;
            self.in_flight += 1;
        }
        self.sent = self.sent.max(self.cursor);
        begin..end
    }

    /// The hub stored the row. Says whether that is news.
    pub fn stored(&mut self, row: usize) -> bool {
        let news = self.settle(row);
        self.stored += usize::from(news);
        news
    }

    /// The hub refused the row for good. Says whether that is news.
    pub fn refused(&mut self, row: usize) -> bool {
        let news = self.settle(row);
        self.refused += usize::from(news);
        news
    }

    /// After a cut or a long silence: everything that is not settled goes out again.
    pub fn rewind(&mut self) {
        self.cursor = self.first_open;
        self.in_flight = 0;
    }

    fn settle(&mut self, row: usize) -> bool {
        // Only what was sent once can be answered.
        if row >= self.sent {
            return false;
        }
        match self.settled.get_mut(row) {
            Some(settled) if !*settled => *settled = true,
            _ => return false,
        }
        if row < self.cursor {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        while self.is_settled(self.first_open) {
            self.first_open += 1;
        }
        true
    }

    /// The row that goes out next; the number of rows when none is left.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub fn has_room(&self) -> bool {
        self.in_flight < self.limit
    }

    pub fn is_done(&self) -> bool {
        self.first_open == self.ends.len()
    }

    /// Rows sent at least once, stored, and refused.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.sent, self.stored, self.refused)
    }

    fn is_settled(&self, row: usize) -> bool {
        self.settled.get(row).copied().unwrap_or(false)
    }

    fn begin_of(&self, row: usize) -> usize {
        match row.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ten() -> Window {
        Window::new((1..=10).map(|n| n * 10).collect(), 4)
    }

    #[test]
    fn stored_rows_make_room_for_the_next() {
        let mut window = ten();
        assert_eq!(window.next_run(10), 0..40);
        assert_eq!(window.next_run(10), 40..40);
        assert!(window.stored(1) && !window.stored(1) && !window.stored(9));
        assert_eq!(window.next_run(10), 40..50);
        assert!(!window.has_room());
    }

    #[test]
    fn rows_that_are_not_due_wait() {
        let mut window = ten();
        assert_eq!(window.next_run(2), 0..20);
        assert_eq!(window.next_run(2), 20..20);
        assert_eq!(window.next_run(3), 20..30);
    }

    #[test]
    fn after_a_cut_only_what_is_not_settled_goes_out_again() {
        let mut window = ten();
        window.next_run(10);
        window.stored(0);
        window.refused(2);
        window.rewind();
        assert_eq!(window.next_run(10), 10..20);
        assert_eq!(window.next_run(10), 30..60);
        assert_eq!(window.counts(), (6, 1, 1));
        // An answer to the first sending that comes late.
        window.rewind();
        assert!(window.stored(5));
        assert_eq!(window.in_flight(), 0);
    }

    proptest! {
        #[test]
        fn whatever_happens_every_row_is_settled_once(
            steps in prop::collection::vec((0usize..3, 0usize..50), 0..200),
        ) {
            let mut window = Window::new((1..=50).collect(), 7);
            let mut settled = 0;
            for (what, row) in steps {
                match what {
                    0 => { window.next_run(50); }
                    1 => settled += usize::from(window.stored(row)),
                    _ => window.rewind(),
                }
                prop_assert!(window.in_flight() <= 7);
            }
            while !window.is_done() {
                window.next_run(50);
                for row in 0..50 { settled += usize::from(window.stored(row)); }
            }
            prop_assert_eq!(settled, 50);
            prop_assert_eq!(window.counts(), (50, 50, 0));
            prop_assert_eq!(window.in_flight(), 0);
        }
    }
}
