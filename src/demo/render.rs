//! The view as lines of text for a terminal of a given size. Pure: no terminal is touched.

use super::alarms::Alarm;
use super::view::{Group, Shown, View};
use super::words::printable;

/// Narrower than this, the groups stand below each other.
const TWO_COLUMNS: usize = 78;
/// A longer name is cut.
const NAME: usize = 20;
/// One round of the operator's.
const ORDERS: usize = 3;
/// Each takes two lines.
const ALARMS: usize = 2;
/// Lower than this, what passes needs the lines more than the hint does, and one alarm has to do.
const HINT_HEIGHT: usize = 32;
/// Lower than this, not even that there is a hint is worth a line.
const MENTION_HEIGHT: usize = 22;
/// Lower than this, it needs them more than blank lines do, except those around the commands.
const ROOMY: usize = 28;

/// One line of the picture.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    pub heading: bool,
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self {
            text,
            heading: false,
        }
    }
}

fn heading(text: String) -> Line {
    Line {
        text,
        heading: true,
    }
}

/// At most `height` lines of at most `width` characters each.
pub fn render(view: &View, width: usize, height: usize) -> Vec<Line> {
    let mut lines = head(view);
    let roomy = height >= ROOMY;
    let gap = || roomy.then(Line::default);
    lines.extend(gap());
    lines.extend(groups(view, width));
    lines.push(Line::default());
    let mut news = alarms(view, if height < HINT_HEIGHT { 1 } else { ALARMS });
    news.extend(orders(view, width));
    if !news.is_empty() {
        news.push(Line::default());
    }
    lines.append(&mut news);
    let mut foot: Vec<_> = gap().into_iter().collect();
    foot.push(totals(view).into());
    if height >= HINT_HEIGHT {
        foot.extend(yours(view, width).map(Line::from));
    } else if height >= MENTION_HEIGHT && !view.yours.is_empty() {
        foot.push(
            format!(
                "A window of {HINT_HEIGHT} lines also says how to bring in a device of your own."
            )
            .into(),
        );
    }
    // What passed gets what is left; the foot keeps its place from the first line on.
    let room = height.saturating_sub(lines.len() + foot.len());
    let skipped = view.passed.len().saturating_sub(room);
    lines.extend(view.passed.iter().skip(skipped).cloned().map(Line::from));
    let blank = room.saturating_sub(view.passed.len());
    lines.extend((0..blank).map(|_| Line::default()));
    lines.truncate(height.saturating_sub(foot.len()));
    lines.append(&mut foot);
    lines.truncate(height);
    for line in &mut lines {
        line.text = cut(&line.text, width);
    }
    lines
}

/// What a newcomer sees here; also the first lines where there is no terminal.
pub fn head(view: &View) -> Vec<Line> {
    let text = "device hub demo: two customer groups, 14 simulated devices. Ctrl-C ends it.";
    let place = view.place.iter().cloned().map(Line::from);
    std::iter::once(heading(text.into())).chain(place).collect()
}

/// The last alarms, in bold while they are open.
fn alarms(view: &View, count: usize) -> Vec<Line> {
    let line = |alarm: &Alarm| {
        let what = Line {
            text: alarm.what.clone(),
            heading: alarm.open,
        };
        [what, format!("  {}", alarm.way()).into()]
    };
    view.alarms.last(count).flat_map(line).collect()
}

fn orders(view: &View, width: usize) -> Vec<Line> {
    let last = view.orders.last(ORDERS);
    last.map(|order| order.line(width).into()).collect()
}

fn totals(view: &View) -> String {
    let totals = &view.totals;
    format!(
        "messages: {}, of them readings: {}  |  logins: {}, goodbyes: {}",
        totals.frames, totals.readings, totals.joined, totals.left
    )
}

/// How to bring in a device of one's own.
pub fn yours(view: &View, width: usize) -> impl Iterator<Item = String> {
    let title = (!view.yours.is_empty()).then(|| "Your own device, from a second terminal:".into());
    let commands = view.yours.iter();
    title
        .into_iter()
        .chain(commands.flat_map(move |command| wrapped(command, width)))
}

/// A command in lines that can be pasted into a shell as they are.
fn wrapped(command: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::from(" ");
    let mut words = command.split(' ').peekable();
    while let Some(word) = words.next() {
        // Two more: the blank and the backslash, after all but the last.
        let more = if words.peek().is_some() { 2 } else { 0 };
        let long = line.chars().count() + 1 + word.chars().count() + more > width;
        if long && !line.trim().is_empty() {
            lines.push(format!("{line} \\"));
            line = "   ".into();
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Side by side where there is room.
fn groups(view: &View, width: usize) -> Vec<Line> {
    let count = view.groups.len().max(1);
    if width < TWO_COLUMNS {
        let blocks = view.groups.iter();
        return blocks
            .flat_map(|(name, group)| block(name, group, width))
            .collect();
    }
    let column = width / count;
    let blocks = view.groups.iter();
    let blocks: Vec<Vec<Line>> = blocks
        .map(|(name, group)| block(name, group, column.saturating_sub(2)))
        .collect();
    let rows = blocks.iter().map(Vec::len).max().unwrap_or(0);
    (0..rows)
        .map(|row| {
            let cells = blocks.iter().map(|block| {
                let text = block.get(row).map_or("", |line| line.text.as_str());
                pad(text, column)
            });
            Line {
                text: cells.collect::<String>().trim_end().to_owned(),
                heading: row == 0,
            }
        })
        .collect()
}

fn block(name: &str, group: &Group, width: usize) -> Vec<Line> {
    let head = format!(
        "{}: {} of {} connected",
        printable(name),
        group.online(),
        group.devices.len()
    );
    let names = group.devices.iter().map(|d| d.shown_name().chars().count());
    let names = names.max().unwrap_or(0).min(NAME);
    let devices = group.devices.iter().map(|d| device(d, names, width).into());
    std::iter::once(heading(cut(&head, width)))
        .chain(devices)
        .collect()
}

/// Where it is too narrow the sensor's name gives way, not the value.
fn device(device: &Shown, names: usize, width: usize) -> String {
    let mark = if device.online { '●' } else { '○' };
    let begin = format!("{mark} {}  ", pad(&cut(&device.shown_name(), names), names));
    let value = &device.last.value;
    let taken = begin.chars().count() + value.chars().count() + 1;
    let what = cut(&device.last.what, width.saturating_sub(taken));
    cut(format!("{begin}{what} {value}").trim_end(), width)
}

fn pad(text: &str, width: usize) -> String {
    format!("{text:width$}")
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    if width > 0 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::alarms::AlarmSight;
    use crate::demo::orders::CommandSight;
    use crate::router::Sight;

    fn view() -> View {
        let mut view = View {
            place: vec!["devices: 127.0.0.1:4711".into()],
            yours: vec![
                "HUB_DATA_DIR=/tmp/hub-demo-x hub device add --group harbour --type 511 --id mine"
                    .into(),
            ],
            ..View::default()
        };
        view.expect("greenhouse", 18, "vent");
        view.expect("greenhouse", 17, "climate sensor");
        view.expect("harbour", 19, "tide gauge");
        for (group, address) in [("greenhouse", 17), ("harbour", 19)] {
            view.take(&Sight::Joined {
                group: group.into(),
                address,
                name: String::new(),
            });
        }
        view.take(&Sight::Passed {
            group: "harbour".into(),
            bytes: b"19|0|26|water temperature|13.35|C|1|2|".to_vec(),
        });
        view
    }

    fn picture(width: usize, height: usize) -> String {
        let lines = render(&view(), width, height).into_iter();
        lines.map(|line| line.text + "\n").collect()
    }

    #[test]
    fn a_wide_terminal_shows_the_groups_side_by_side() {
        insta::assert_snapshot!(picture(80, 32), @r"
        device hub demo: two customer groups, 14 simulated devices. Ctrl-C ends it.
        devices: 127.0.0.1:4711

        greenhouse: 1 of 2 connected            harbour: 1 of 1 connected
        ○ vent                                  ● tide gauge  water temperatu… 13.35 C
        ● climate sensor

        greenhouse: climate sensor is here
        harbour: tide gauge is here
        harbour: tide gauge reports water temperature 13.35 C


















        messages: 1, of them readings: 1  |  logins: 2, goodbyes: 0
        Your own device, from a second terminal:
          HUB_DATA_DIR=/tmp/hub-demo-x hub device add --group harbour --type 511 --id \
            mine
        ");
    }

    #[test]
    fn commands_stand_between_the_groups_and_what_passes() {
        let mut view = view();
        view.expect("greenhouse", 18, "lamp");
        for (id, states) in [
            (1, vec!["queued", "sent", "succeeded"]),
            (2, vec!["queued", "expired"]),
            (3, vec!["queued"]),
        ] {
            let value = if id == 2 { "100" } else { "60" };
            for state in states {
                view.take_command(&CommandSight {
                    group: "greenhouse".into(),
                    id,
                    address: 18,
                    issuer: "operator".into(),
                    kind: 3,
                    fields: vec!["lamp".into(), value.into()],
                    state: state.into(),
                    detail: if state == "succeeded" { value } else { "" }.into(),
                });
            }
        }
        let lines: Vec<_> = render(&view, 80, 13).into_iter().map(|l| l.text).collect();
        insta::assert_snapshot!(lines[2..].join("\n"), @r"
        greenhouse: 1 of 2 connected            harbour: 1 of 1 connected
        ○ lamp                                  ● tide gauge  water temperatu… 13.35 C
        ● climate sensor

        greenhouse: operator -> lamp: set lamp 60: waits for lamp ... succeeded, lamp 60
        greenhouse: operator -> lamp: set lamp 100: waits for lamp ... expired, not done
        greenhouse: operator -> lamp: set lamp 60: waits for lamp

        harbour: tide gauge is here
        harbour: tide gauge reports water temperature 13.35 C
        messages: 1, of them readings: 1  |  logins: 2, goodbyes: 0
        ");
    }

    #[test]
    fn an_alarm_stands_above_the_commands() {
        let mut view = view();
        view.expect("greenhouse", 18, "heater");
        let mut sight = AlarmSight {
            group: "greenhouse".into(),
            address: 18,
            name: "too hot".into(),
            sensor: "air".into(),
            severity: "major".into(),
            value: "30.1".into(),
            acked_by: "operator".into(),
            ..AlarmSight::default()
        };
        view.take(&Sight::Passed {
            group: "greenhouse".into(),
            bytes: b"18|0|90|A:heating:boolean::|".to_vec(),
        });
        for state in ["raised", "acknowledged", "cleared"] {
            sight.state = state.into();
            view.take_alarm(&sight);
            if state == "raised" {
                view.take(&Sight::Passed {
                    group: "greenhouse".into(),
                    bytes: b"18|0|26|heating|false||1|2|".to_vec(),
                });
            }
        }
        let lines: Vec<_> = render(&view, 80, 15).into_iter().map(|l| l.text).collect();
        insta::assert_snapshot!(lines[2..].join("\n"), @r#"
        greenhouse: 1 of 2 connected            harbour: 1 of 1 connected
        ○ heater          heating false         ● tide gauge  water temperatu… 13.35 C
        ● climate sensor

        greenhouse: alarm "too hot" of heater (major): air 30.1
          raised ... heating false by itself ... acknowledged by operator ... cleared

        greenhouse: climate sensor is here
        harbour: tide gauge is here
        harbour: tide gauge reports water temperature 13.35 C
        greenhouse: heater says what it has
        greenhouse: heater sets heating to false by itself
        messages: 3, of them readings: 2  |  logins: 2, goodbyes: 0
        "#);
    }

    #[test]
    fn a_narrow_one_shows_them_below_each_other() {
        insta::assert_snapshot!(picture(34, 11), @r"
        device hub demo: two customer gro…
        devices: 127.0.0.1:4711
        greenhouse: 1 of 2 connected
        ○ vent
        ● climate sensor
        harbour: 1 of 1 connected
        ● tide gauge  water tempe… 13.35 C

        harbour: tide gauge is here
        harbour: tide gauge reports water…
        messages: 1, of them readings: 1 …
        ");
    }

    #[test]
    fn it_fits_whatever_the_size() {
        let mut view = view();
        for address in 100..300 {
            view.expect("harbour", address, &"long name ".repeat(20));
        }
        for width in 0..130 {
            for height in 0..60 {
                let lines = render(&view, width, height);
                assert!(lines.len() <= height);
                let fits = |line: &Line| line.text.chars().count() <= width;
                assert!(lines.iter().all(fits));
            }
        }
    }

    #[test]
    fn a_wrapped_command_is_the_same_command() {
        let command = "A=b hub device add --group harbour --type 511 --id mine";
        let lines = wrapped(command, 30);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= 30));
        let pasted = lines.join("\n").replace("\\\n", " ");
        let words: Vec<&str> = pasted.split_whitespace().collect();
        assert_eq!(words.join(" "), command);
    }

    #[test]
    fn the_newest_line_is_shown_last() {
        let mut view = view();
        for address in 100..200 {
            view.take(&Sight::Left {
                group: "harbour".into(),
                address,
                reason: "DONE".into(),
            });
        }
        view.groups.clear();
        let lines = render(&view, 100, 20);
        assert_eq!(lines.len(), 20);
        assert!(lines[18].text.contains("device 199"), "{lines:#?}");
    }
}
