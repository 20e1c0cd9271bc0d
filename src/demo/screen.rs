//! The view on the terminal: redrawn in place, or plain lines where stdout is no terminal.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::time::Duration;

use tokio::sync::mpsc;

use super::render::render;
use super::view::View;
use crate::router::Sight;

/// Faster than this nobody reads.
const REDRAW: Duration = Duration::from_millis(125);

/// ECMA-48: the other screen, no cursor; and back.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
const HOME: &str = "\x1b[H";
const TO_LINE_END: &str = "\x1b[K";
const TO_SCREEN_END: &str = "\x1b[J";

/// Shows what comes until the feed ends.
pub async fn show(view: &mut View, sights: &mut mpsc::Receiver<Sight>) {
    if std::io::stdout().is_terminal() {
        live(view, sights).await;
    } else {
        plain(view, sights).await;
    }
}

async fn plain(view: &mut View, sights: &mut mpsc::Receiver<Sight>) {
    while let Some(sight) = sights.recv().await {
        if let Some(line) = view.take(&sight) {
            // A reader that went away ends the demo no more than one that looks elsewhere.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}

async fn live(view: &mut View, sights: &mut mpsc::Receiver<Sight>) {
    let _screen = Screen::enter();
    let mut ticks = tokio::time::interval(REDRAW);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            sight = sights.recv() => match sight {
                Some(sight) => { view.take(&sight); }
                None => return,
            },
            _ = ticks.tick() => draw(view),
        }
    }
}

/// Everything in one write, so that the terminal never shows half a picture.
fn draw(view: &View) {
    let (height, width) = console::Term::stdout().size();
    let mut picture = String::from(HOME);
    let lines = render(view, width.into(), height.into());
    let last = lines.len().saturating_sub(1);
    for (index, line) in lines.iter().enumerate() {
        // No line break after the last: it would scroll.
        let end = if index == last { "" } else { "\r\n" };
        let _ = write!(picture, "{line}{TO_LINE_END}{end}");
    }
    picture.push_str(TO_SCREEN_END);
    put(&picture);
}

/// The terminal is given back however the view ends.
struct Screen;

impl Screen {
    fn enter() -> Self {
        put(ENTER);
        Self
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        put(LEAVE);
    }
}

fn put(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}
