//! The commands that a watcher sees: one line each, which grows as the command goes its way.

use std::collections::VecDeque;

use super::words::printable;
use crate::wire::kind;

/// More than any terminal shows.
const SHOWN: usize = 50;

/// A command has come into a state. The demo's caller sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandSight {
    pub group: String,
    pub id: i64,
    pub address: u32,
    pub issuer: String,
    pub kind: u32,
    pub fields: Vec<String>,
    /// As in docs/commands.md, section 2.
    pub state: String,
    pub detail: String,
}

/// The last commands, newest at the end.
#[derive(Debug, Default)]
pub struct Orders {
    orders: VecDeque<Order>,
}

/// One command in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Order {
    id: i64,
    /// `greenhouse: operator -> vent: set opening 40`
    what: String,
    /// The states so far.
    way: Vec<String>,
}

impl Orders {
    /// `device` is its name, `online` whether it is here. Returns the line, if it says something new.
    pub fn take(&mut self, sight: &CommandSight, device: &str, online: bool) -> Option<String> {
        let word = word(sight, device, online);
        let known = self.orders.iter().position(|order| order.id == sight.id);
        let order = match known {
            Some(index) => self.orders.get_mut(index)?,
            None => {
                if self.orders.len() >= SHOWN {
                    self.orders.pop_front();
                }
                self.orders.push_back(Order {
                    id: sight.id,
                    what: what(sight, device),
                    way: Vec::new(),
                });
                self.orders.back_mut()?
            }
        };
        if order.way.last() == Some(&word) {
            return None;
        }
        order.way.push(word);
        Some(order.line(usize::MAX))
    }

    pub fn last(&self, count: usize) -> impl Iterator<Item = &Order> {
        let skipped = self.orders.len().saturating_sub(count);
        self.orders.iter().skip(skipped)
    }

    pub fn len(&self) -> usize {
        self.orders.len()
    }

    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }
}

impl Order {
    /// Where it is too narrow, what lies between begin and end gives way, then the begin, then the end's details.
    pub fn line(&self, width: usize) -> String {
        let whole = format!("{}: {}", self.what, self.way.join(" ... "));
        let [first, .., last] = self.way.as_slice() else {
            return whole;
        };
        let ends = format!("{}: {first} ... {last}", self.what);
        let late = format!("{}: ... {last}", self.what);
        let fits = |line: &String| line.chars().count() <= width;
        [whole, ends, late]
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| {
                let state = last.split(',').next().unwrap_or_default();
                format!("{}: ... {state}", self.what)
            })
    }
}

fn what(sight: &CommandSight, device: &str) -> String {
    let fields: Vec<_> = sight.fields.iter().map(|field| printable(field)).collect();
    let all = fields.join(" ");
    let verb = match sight.kind {
        kind::READ => format!("read {all}"),
        kind::WRITE => format!("set {all}"),
        kind::EVENT_SET => format!("report {all} ms"),
        kind::BLINK => "blink".to_owned(),
        kind::CLOCK_SET => "set the clock".to_owned(),
        kind::CLOCK_READ => "read the clock".to_owned(),
        kind::ALARM_SET => match fields.as_slice() {
            [_, sensor, test, level, ..] => format!("watch {sensor} {test} {level}"),
            _ => "watch".to_owned(),
        },
        kind::ALARM_STOP => "watch no more".to_owned(),
        number => format!("message of type {number} {all}"),
    };
    let (group, issuer) = (printable(&sight.group), printable(&sight.issuer));
    format!("{group}: {issuer} -> {device}: {}", verb.trim_end())
}

fn word(sight: &CommandSight, device: &str, online: bool) -> String {
    let detail = printable(&sight.detail);
    match (sight.state.as_str(), &*detail) {
        ("queued", _) if !online => format!("waits for {device}"),
        ("succeeded", value) if sight.kind == kind::WRITE && !value.is_empty() => {
            let actuator = sight.fields.first().map(|field| printable(field));
            format!("succeeded, {} {value}", actuator.unwrap_or_default())
        }
        ("expired", _) => "expired, not done".to_owned(),
        ("timed_out", _) => "timed out, nobody knows".to_owned(),
        (state, "") => printable(state).into_owned(),
        (state, detail) => format!("{}, {detail}", printable(state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(state: &str, detail: &str) -> CommandSight {
        CommandSight {
            group: "greenhouse".into(),
            id: 17,
            address: 42,
            issuer: "operator".into(),
            kind: kind::WRITE,
            fields: vec!["opening".into(), "40".into()],
            state: state.into(),
            detail: detail.into(),
        }
    }

    #[test]
    fn a_line_grows_with_its_command() {
        let mut orders = Orders::default();
        for (state, detail) in [("queued", ""), ("sent", ""), ("sent", "")] {
            orders.take(&sight(state, detail), "vent", true);
        }
        let line = orders
            .take(&sight("succeeded", "40"), "vent", true)
            .unwrap();
        assert_eq!(
            line,
            "greenhouse: operator -> vent: set opening 40: queued ... sent ... succeeded, opening 40"
        );
        assert_eq!(orders.len(), 1);
        let order = orders.last(5).next().unwrap();
        assert_eq!(
            order.line(80),
            "greenhouse: operator -> vent: set opening 40: queued ... succeeded, opening 40"
        );
        assert_eq!(
            order.line(71),
            "greenhouse: operator -> vent: set opening 40: ... succeeded, opening 40"
        );
        assert_eq!(
            order.line(10),
            "greenhouse: operator -> vent: set opening 40: ... succeeded"
        );
    }

    #[test]
    fn each_end_has_its_word() {
        for (state, detail, online, word) in [
            ("queued", "", false, "waits for vent"),
            ("expired", "", false, "expired, not done"),
            ("rejected", "OUT_OF_RANGE", true, "rejected, OUT_OF_RANGE"),
            ("timed_out", "", true, "timed out, nobody knows"),
            ("cancelled", "", true, "cancelled"),
        ] {
            let line = Orders::default().take(&sight(state, detail), "vent", online);
            assert_eq!(
                line.unwrap(),
                format!("greenhouse: operator -> vent: set opening 40: {word}")
            );
        }
    }

    #[test]
    fn a_rule_for_the_device_reads_as_one() {
        let mut sight = sight("queued", "");
        sight.kind = kind::ALARM_SET;
        sight.issuer = "rule \"too hot\"".into();
        sight.fields = ["too hot", "air", ">", "30", "6", "0", "heating", "false"]
            .map(str::to_owned)
            .into();
        let line = Orders::default().take(&sight, "heater", true);
        assert_eq!(
            line.unwrap(),
            "greenhouse: rule \"too hot\" -> heater: watch air > 30: queued"
        );
    }

    #[test]
    fn only_the_last_are_kept_and_no_text_steers_the_terminal() {
        let mut orders = Orders::default();
        for id in 0..200 {
            let mut sight = sight("queued\u{1b}", "\u{9b}2J");
            sight.id = id;
            sight.fields.push("\u{7}".into());
            let line = orders.take(&sight, "vent", true).unwrap();
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        assert_eq!(orders.len(), SHOWN);
    }
}
