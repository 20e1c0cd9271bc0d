//! A message in words.

use std::fmt::Write;

use jiff::Timestamp;

use super::{Letter, Told};
use crate::alarm::Severity;

/// Characters of a subject at most.
const SUBJECT: usize = 160;

/// Text from devices and other programs as part of one line: without line ends and other control characters, which could
/// begin a header of their own.
pub(super) fn line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// What happened, in one line.
pub(super) fn summary(letter: &Letter) -> String {
    if letter.test {
        return format!(
            "this is a test of channel {}: nothing happened",
            line(&letter.channel)
        );
    }
    match letter.listed.as_slice() {
        [only] if letter.total() == 1 && letter.omitted == 0 => one(only),
        _ => many(letter),
    }
}

fn one(told: &Told) -> String {
    let alarm = &told.alarm;
    let mut text = format!(
        "{} {} {} on device {}",
        alarm.severity.name(),
        line(&alarm.name),
        verb(&told.what),
        device(told)
    );
    if !alarm.sensor.is_empty() {
        let _ = write!(
            text,
            ": {} = {}",
            line(&alarm.sensor),
            line(&alarm.last_value)
        );
    }
    text
}

fn verb(what: &str) -> &str {
    match what {
        "chattering" => "comes and goes",
        what => what,
    }
}

/// Its address, and what people call it.
fn device(told: &Told) -> String {
    let address = told.alarm.address;
    match &told.device {
        Some(named) if !named.name.is_empty() => format!("{address} ({})", line(&named.name)),
        Some(named) => format!("{address} ({}/{})", named.kind, line(&named.id)),
        None => address.to_string(),
    }
}

fn many(letter: &Letter) -> String {
    let mut parts = Vec::new();
    for what in ["raised", "cleared", "chattering"] {
        let of_this = |severity: Severity| {
            let counts = letter.counts.iter();
            let these = counts.filter(|count| count.what == what && count.severity == severity);
            these.map(|count| count.count).sum::<u64>()
        };
        let by_severity: Vec<_> = Severity::ALL
            .into_iter()
            .rev()
            .map(|severity| (of_this(severity), severity))
            .filter(|(count, _)| *count > 0)
            .collect();
        let sum: u64 = by_severity.iter().map(|(count, _)| count).sum();
        if sum > 0 {
            let named: Vec<_> = by_severity
                .iter()
                .map(|(count, severity)| format!("{count} {}", severity.name()))
                .collect();
            parts.push(format!("{sum} {what} ({})", named.join(", ")));
        }
    }
    if letter.omitted > 0 {
        parts.push(format!("{} left out", letter.omitted));
    }
    parts.join(", ")
}

pub(super) fn subject(letter: &Letter) -> String {
    let text = format!("[{}] {}: {}", letter.hub, letter.group, summary(letter));
    line(&text).chars().take(SUBJECT).collect()
}

pub(super) fn text(letter: &Letter) -> String {
    let mut text = String::new();
    let group = line(&letter.group);
    let _ = writeln!(text, "{group}: {}\n", summary(letter));
    for told in &letter.listed {
        let alarm = &told.alarm;
        let _ = write!(
            text,
            "{}  {:<8}  {:<10}  {}  device {}",
            time(told.at_ms),
            alarm.severity.name(),
            line(&told.what),
            line(&alarm.name),
            device(told),
        );
        if !alarm.sensor.is_empty() {
            let _ = write!(
                text,
                "  {} = {}",
                line(&alarm.sensor),
                line(&alarm.last_value)
            );
        }
        if !told.note.is_empty() {
            let _ = write!(text, "  ({})", line(&told.note));
        }
        text.push('\n');
    }
    let unlisted = letter.unlisted();
    if unlisted.sum() > 0 {
        let _ = writeln!(
            text,
            "\nand {} more that are not listed: {} critical, {} major, {} minor, {} warning",
            unlisted.sum(),
            unlisted.critical,
            unlisted.major,
            unlisted.minor,
            unlisted.warning
        );
    }
    if letter.omitted > 0 {
        let _ = writeln!(
            text,
            "\n{} more were left out of the messages, because too many waited; hub alarm list shows all",
            letter.omitted
        );
    }
    let _ = writeln!(
        text,
        "\nhub {}, group {group}, channel {}, message {}",
        line(&letter.hub),
        line(&letter.channel),
        letter.delivery
    );
    text
}

fn time(unix_ms: i64) -> String {
    Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| unix_ms.to_string(), |time| time.to_string())
}
