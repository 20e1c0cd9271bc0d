//! How far a replay is: a bar on a terminal, a plain line now and then where there is none.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

const BAR_EVERY: Duration = Duration::from_millis(100);
const LINE_EVERY: Duration = Duration::from_secs(5);

pub struct Progress {
    /// `None` where stderr is no terminal.
    bar: Option<ProgressBar>,
    rows: usize,
    began: Instant,
    shown: Instant,
}

impl Progress {
    pub fn new(rows: usize) -> Self {
        let now = Instant::now();
        Self {
            bar: std::io::stderr().is_terminal().then(|| bar(rows)),
            rows,
            began: now,
            shown: now,
        }
    }

    /// When there is something new to show.
    pub fn next(&self, now: Instant) -> Instant {
        (self.shown + self.every()).max(now)
    }

    /// `counts` are rows sent, stored and refused. Cheap while nothing is due.
    pub fn show(&mut self, (sent, stored, refused): (usize, usize, usize)) {
        let now = Instant::now();
        if now - self.shown < self.every() {
            return;
        }
        self.shown = now;
        let done = stored + refused;
        match &self.bar {
            Some(bar) => bar.set_position(done as u64),
            None => eprintln!(
                "replay: {sent} sent, {done} of {} answered after {} s",
                self.rows,
                (now - self.began).as_secs()
            ),
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn every(&self) -> Duration {
        if self.bar.is_some() {
            BAR_EVERY
        } else {
            LINE_EVERY
        }
    }
}

fn bar(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(rows as u64);
    let look = "{bar:30} {human_pos} of {human_len} stored, {per_sec}, {eta} to go";
    if let Ok(style) = ProgressStyle::with_template(look) {
        bar.set_style(style);
    }
    bar
}
