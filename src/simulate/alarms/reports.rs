//! A device's alarm reports that wait for their STORED: sent, and repeated unchanged, over cuts too.

use std::collections::VecDeque;

use super::rule::Edge;
use crate::simulate::reports::RESEND_MS;
use crate::wire::{FrameWriter, kind};

/// A device that is away for long keeps this many; the oldest go first, as the later ones say how it stands now.
const CAPACITY: usize = 100;

/// One report. Composed anew at each sending, always to the same bytes: the hub knows a repeat by them.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub alarm: String,
    pub sensor: &'static str,
    /// As it travels.
    pub value: String,
    pub edge: Edge,
    pub unix_ms: i64,
    pub msgno: u64,
}

impl Report {
    fn compose(&self, me: u32, out: &mut Vec<u8>) {
        FrameWriter::new(out, me, 0, kind::ALARM)
            .text(&self.alarm)
            .text(self.sensor)
            .text(&self.value)
            .text(self.edge.name())
            .number(self.unix_ms)
            .number(self.msgno)
            .end();
    }
}

#[derive(Debug, Default)]
pub struct Reports {
    /// In the order in which it happened.
    waiting: VecDeque<Report>,
    /// So many of them, the oldest, went out in this session.
    sent: usize,
    /// When the hub last acknowledged one, or was last reminded.
    heard_ms: i64,
}

impl Reports {
    /// Returns whether the oldest had to go.
    pub fn push(&mut self, report: Report) -> bool {
        let full = self.waiting.len() >= CAPACITY;
        if full {
            self.remove(0);
        }
        self.waiting.push_back(report);
        full
    }

    /// All go out again with the next [`Reports::send`].
    pub fn repeat(&mut self) {
        self.sent = 0;
    }

    pub fn next_due(&self) -> Option<i64> {
        let reminder = self.heard_ms.saturating_add(RESEND_MS);
        (!self.waiting.is_empty()).then_some(reminder)
    }

    /// What did not go out yet; and all of it once more when the hub has been silent for long.
    pub fn send(&mut self, me: u32, now: i64, out: &mut Vec<u8>) {
        if self.sent == 0 {
            self.heard_ms = now;
        } else if self.next_due().is_some_and(|due| due <= now) {
            self.heard_ms = now;
            self.sent = 0;
        }
        for report in self.waiting.iter().skip(self.sent) {
            report.compose(me, out);
        }
        self.sent = self.waiting.len();
    }

    /// Stored, or refused for good. Returns whether it was one of these.
    pub fn settle(&mut self, msgno: u64, now: i64) -> bool {
        let at = self.waiting.iter().position(|r| r.msgno == msgno);
        if let Some(at) = at {
            self.heard_ms = now;
            self.remove(at);
        }
        at.is_some()
    }

    /// Of an alarm that is no more: its CLEARED would never come.
    pub fn withdraw(&mut self, alarm: &str) {
        while let Some(at) = self.waiting.iter().position(|r| r.alarm == alarm) {
            self.remove(at);
        }
    }

    fn remove(&mut self, at: usize) {
        self.waiting.remove(at);
        self.sent -= usize::from(at < self.sent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(msgno: u64) -> Report {
        Report {
            alarm: "too|hot".into(),
            sensor: "temperature",
            value: "31".into(),
            edge: Edge::Raised,
            unix_ms: 1_000,
            msgno,
        }
    }

    fn sent(reports: &mut Reports, now: i64) -> Vec<u64> {
        let mut out = Vec::new();
        reports.send(42, now, &mut out);
        let text = String::from_utf8(out).unwrap();
        let frames = text.split_terminator('\x04');
        frames
            .map(|frame| {
                let (rest, msgno) = frame.strip_suffix('|').unwrap().rsplit_once('|').unwrap();
                assert_eq!(rest, "42|0|30|too%7Chot|temperature|31|RAISED|1000");
                msgno.parse().unwrap()
            })
            .collect()
    }

    #[test]
    fn a_report_goes_out_once_a_session_and_again_after_a_long_silence() {
        let mut reports = Reports::default();
        reports.push(report(1));
        assert_eq!(sent(&mut reports, 0), [1]);
        reports.push(report(2));
        assert_eq!(sent(&mut reports, 1), [2]);
        assert_eq!(sent(&mut reports, RESEND_MS - 1), [0; 0]);
        assert_eq!(sent(&mut reports, RESEND_MS), [1, 2]);
        reports.repeat();
        assert_eq!(sent(&mut reports, RESEND_MS + 1), [1, 2]);
        assert!(reports.settle(1, RESEND_MS + 2) && !reports.settle(1, 0));
        reports.push(report(3));
        assert_eq!(sent(&mut reports, RESEND_MS + 3), [3]);
        assert_eq!(reports.next_due(), Some(RESEND_MS + 2 + RESEND_MS));
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut reports = Reports::default();
        for msgno in 0..CAPACITY as u64 {
            assert!(!reports.push(report(msgno)));
        }
        assert_eq!(sent(&mut reports, 0).len(), CAPACITY);
        assert!(reports.push(report(7_000)));
        assert_eq!(sent(&mut reports, 1), [7_000]);
        assert!(!reports.settle(0, 0) && reports.settle(1, 0));
    }

    #[test]
    fn an_alarm_that_is_no_more_is_not_repeated() {
        let mut reports = Reports::default();
        reports.push(report(1));
        reports.push(Report {
            alarm: "other".into(),
            ..report(2)
        });
        reports.withdraw("too|hot");
        assert!(!reports.settle(1, 0) && reports.settle(2, 0));
    }
}
