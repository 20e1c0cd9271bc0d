//! The view on the terminal: redrawn in place, or plain lines where stdout is no terminal.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::Once;
use std::time::Duration;

use tokio::sync::mpsc;

use super::alarms::AlarmSight;
use super::orders::CommandSight;
use super::render::{Line, head, render, yours};
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
const BOLD: &str = "\x1b[1m";
const GREEN: &str = "\x1b[32m";
const NORMAL: &str = "\x1b[m";

/// What the hub lets the demo see.
#[derive(Debug)]
pub struct Feed {
    pub sights: mpsc::Receiver<Sight>,
    pub commands: mpsc::Receiver<CommandSight>,
    pub alarms: mpsc::Receiver<AlarmSight>,
}

/// One of the feed.
enum Seen {
    Sight(Sight),
    Command(CommandSight),
    Alarm(AlarmSight),
}

impl Feed {
    /// `None`: there will be no more.
    async fn next(&mut self) -> Option<Seen> {
        tokio::select! {
            sight = self.sights.recv() => sight.map(Seen::Sight),
            command = self.commands.recv() => command.map(Seen::Command),
            alarm = self.alarms.recv() => alarm.map(Seen::Alarm),
        }
    }
}

/// Shows what comes until the feed ends or nobody reads any more.
pub async fn show(view: &mut View, feed: &mut Feed) {
    if std::io::stdout().is_terminal() {
        live(view, feed).await;
    } else {
        // An error says that the reader went away, as `head` does: there is nothing left to do.
        let _ = plain(view, feed).await;
    }
}

fn take(view: &mut View, seen: &Seen) -> Option<String> {
    match seen {
        Seen::Sight(sight) => view.take(sight),
        Seen::Command(sight) => view.take_command(sight),
        Seen::Alarm(sight) => view.take_alarm(sight),
    }
}

async fn plain(view: &mut View, feed: &mut Feed) -> std::io::Result<()> {
    for line in head(view) {
        writeln!(std::io::stdout(), "{}", line.text)?;
    }
    for line in yours(view, usize::MAX) {
        writeln!(std::io::stdout(), "{line}")?;
    }
    while let Some(seen) = feed.next().await {
        if let Some(line) = take(view, &seen) {
            writeln!(std::io::stdout(), "{line}")?;
        }
    }
    Ok(())
}

async fn live(view: &mut View, feed: &mut Feed) {
    let _screen = Screen::enter();
    let mut ticks = tokio::time::interval(REDRAW);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            seen = feed.next() => match seen {
                Some(seen) => { take(view, &seen); }
                None => return,
            },
            _ = ticks.tick() => draw(view),
        }
    }
}

/// Everything in one write, so that the terminal never shows half a picture. Drawn anew also when nothing moved:
/// what is typed meanwhile appears in it, and a terminal that changes its size breaks it.
fn draw(view: &View) {
    let (height, width) = console::Term::stdout().size();
    let colours = console::colors_enabled();
    let mut picture = String::from(HOME);
    let lines = render(view, width.into(), height.into());
    let last = lines.len().saturating_sub(1);
    for (index, line) in lines.iter().enumerate() {
        // No line break after the last: it would scroll.
        let end = if index == last { "" } else { "\r\n" };
        let line = painted(line, colours);
        let _ = write!(picture, "{line}{TO_LINE_END}{end}");
    }
    picture.push_str(TO_SCREEN_END);
    // The cursor waits at the top, where an Enter does not scroll.
    picture.push_str(HOME);
    put(&picture);
}

fn painted(line: &Line, colours: bool) -> String {
    match (colours, line.heading) {
        (false, _) => line.text.clone(),
        (true, true) => format!("{BOLD}{}{NORMAL}", line.text),
        (true, false) => line.text.replace('●', &format!("{GREEN}●{NORMAL}")),
    }
}

/// The terminal is given back however the view ends.
struct Screen;

impl Screen {
    fn enter() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let report = std::panic::take_hook();
            // Else the report is written on the other screen and gone with it.
            std::panic::set_hook(Box::new(move |panic| {
                put(LEAVE);
                report(panic);
            }));
        });
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
