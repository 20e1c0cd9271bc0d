//! The view as lines of text for a terminal of a given size. Pure: no terminal is touched.

use super::view::{Group, View};

/// Narrower than this, the groups stand below each other.
const TWO_COLUMNS: usize = 78;
/// The names of the longest-named devices of the demo fit.
const NAME: usize = 18;

/// At most `height` lines of at most `width` characters each.
pub fn render(view: &View, width: usize, height: usize) -> Vec<String> {
    let mut lines = vec![title(view), String::new()];
    lines.extend(groups(view, width));
    lines.push(String::new());
    // What passed gets what is left, but for the totals and the blank line before them.
    let room = height.saturating_sub(lines.len() + 2);
    let skipped = view.passed.len().saturating_sub(room);
    lines.extend(view.passed.iter().skip(skipped).cloned());
    // The totals keep their place from the first line on.
    let blank = room.saturating_sub(view.passed.len()) + 1;
    lines.extend(std::iter::repeat_n(String::new(), blank));
    lines.truncate(height.saturating_sub(1));
    lines.push(totals(view));
    lines.truncate(height);
    lines.iter().map(|line| cut(line, width)).collect()
}

fn title(view: &View) -> String {
    let web = if view.web.is_empty() {
        String::new()
    } else {
        format!("  |  web {}", view.web)
    };
    format!("device hub, demo{web}  |  Ctrl-C ends it")
}

fn totals(view: &View) -> String {
    let totals = &view.totals;
    format!(
        "{} messages, {} of them readings; {} logins, {} goodbyes",
        totals.frames, totals.readings, totals.joined, totals.left
    )
}

/// Side by side where there is room.
fn groups(view: &View, width: usize) -> Vec<String> {
    let blocks = view.groups.iter();
    let count = blocks.len().max(1);
    if width < TWO_COLUMNS {
        return blocks.flat_map(|(name, g)| block(name, g)).collect();
    }
    let column = width / count;
    let blocks: Vec<Vec<String>> = blocks.map(|(name, g)| block(name, g)).collect();
    let rows = blocks.iter().map(Vec::len).max().unwrap_or(0);
    (0..rows)
        .map(|row| {
            let cells = blocks.iter().map(|block| {
                let text = block.get(row).map_or("", String::as_str);
                pad(&cut(text, column.saturating_sub(2)), column)
            });
            cells.collect::<String>().trim_end().to_owned()
        })
        .collect()
}

fn block(name: &str, group: &Group) -> Vec<String> {
    let head = format!(
        "{}: {} of {} connected",
        super::words::printable(name),
        group.online(),
        group.devices.len()
    );
    let devices = group.devices.values().map(|device| {
        let mark = if device.online { '●' } else { '○' };
        let name = pad(&cut(&device.name, NAME), NAME);
        format!("{mark} {name} {}", device.last)
            .trim_end()
            .to_owned()
    });
    std::iter::once(head).chain(devices).collect()
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
    use crate::router::Sight;

    fn view() -> View {
        let mut view = View {
            web: "http://127.0.0.1:8080".into(),
            ..View::default()
        };
        view.expect("greenhouse", 17, "climate");
        view.expect("greenhouse", 18, "vent");
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
            bytes: b"19|0|26|level|3.214|m|1|2|".to_vec(),
        });
        view
    }

    #[test]
    fn a_wide_terminal_shows_the_groups_side_by_side() {
        insta::assert_snapshot!(render(&view(), 90, 12).join("\n"), @r"
        device hub, demo  |  web http://127.0.0.1:8080  |  Ctrl-C ends it

        greenhouse: 1 of 2 connected                 harbour: 1 of 1 connected
        ● climate                                    ● tide gauge         level 3.214 m
        ○ vent

        greenhouse: climate is here
        harbour: tide gauge is here
        harbour: tide gauge reports level 3.214 m


        1 messages, 1 of them readings; 2 logins, 0 goodbyes
        ");
    }

    #[test]
    fn a_narrow_one_shows_them_below_each_other() {
        insta::assert_snapshot!(render(&view(), 44, 12).join("\n"), @r"
        device hub, demo  |  web http://127.0.0.1:8…

        greenhouse: 1 of 2 connected
        ● climate
        ○ vent
        harbour: 1 of 1 connected
        ● tide gauge         level 3.214 m

        harbour: tide gauge is here
        harbour: tide gauge reports level 3.214 m

        1 messages, 1 of them readings; 2 logins, 0…
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
                assert!(lines.iter().all(|line| line.chars().count() <= width));
            }
        }
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
        view.groups.remove("greenhouse");
        view.groups.get_mut("harbour").unwrap().devices.clear();
        let lines = render(&view, 100, 20);
        assert_eq!(lines.len(), 20);
        assert!(lines[17].contains("device 199"), "{lines:#?}");
    }
}
