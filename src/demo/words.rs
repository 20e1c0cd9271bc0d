//! A frame in words that need no knowledge of the protocol.

use std::borrow::Cow;

use crate::wire::{Address, Dest, Frame, Limits, decode_field, kind, parse};

/// What a frame says.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// 0 is the hub.
    pub from: u32,
    pub text: String,
    /// What the sender showed of itself, if anything.
    pub state: Option<State>,
    /// Whether it is an actuator that the device moved without being told.
    pub by_itself: bool,
    /// The sender has these.
    pub actuators: Vec<String>,
}

/// What is known of the devices.
pub trait Known {
    fn name(&self, address: u32) -> String;
    fn has_actuator(&self, address: u32, name: &str) -> bool;
}

/// A value, where an actuator stands, or what a controller did last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub what: String,
    /// With its unit.
    pub value: String,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&joined(&[&self.what, &self.value]))
    }
}

/// `None` for what is no frame, and for acknowledgements and keep-alives: they would drown the rest.
pub fn describe(bytes: &[u8], known: &impl Known) -> Option<Words> {
    let frame = parse(bytes, &Limits::default()).ok()?;
    let from = match frame.origin {
        b"0" => 0,
        digits => Address::parse(digits)?.get(),
    };
    let to = match frame.dest {
        Dest::Hub => "the hub".to_owned(),
        Dest::Device(address) => known.name(address.get()),
        Dest::Everyone => "everyone".to_owned(),
        Dest::Label(label) => format!("all {}", printable(label)),
    };
    let who = if from == 0 {
        "the hub".to_owned()
    } else {
        known.name(from)
    };
    let (action, state) = action(&frame, &to)?;
    let mut words = Words {
        from,
        text: format!("{who} {action}"),
        state,
        by_itself: false,
        actuators: actuators(&frame),
    };
    // What it is told to do it confirms by DONE.
    if frame.kind == kind::EVENT
        && let Some(State { what, value }) = &words.state
        && known.has_actuator(from, what)
    {
        words.text = format!("{who} sets {what} to {value} by itself");
        words.by_itself = true;
    }
    Some(words)
}

/// What the sender does, and what it shows of itself by that.
fn action(frame: &Frame<'_>, to: &str) -> Option<(String, Option<State>)> {
    let mut fields = frame.fields().map(field);
    let mut next = || fields.next().unwrap_or_default();
    let (first, second, third, fourth) = (next(), next(), next(), next());
    let said = match frame.kind {
        kind::STORED | kind::ALIVE | kind::CLOCK_SET => return None,
        kind::EVENT => {
            let state = state(&first, &[&second, &third]);
            return Some((format!("reports {state}"), Some(state)));
        }
        kind::VALUE => {
            let state = state(&first, &[&second, &third]);
            return Some((format!("answers {to}: {state}"), Some(state)));
        }
        kind::DONE => {
            let state = state(&first, &[&second]);
            return Some((format!("confirms to {to}: {state}"), Some(state)));
        }
        kind::WRITE => {
            let text = format!("sets {first} of {to} to {second}");
            return Some((text, Some(state(&format!("sets {first}"), &[&second]))));
        }
        kind::READ => format!("asks {to} for {first}"),
        kind::REJECTED => format!("declines to {to}: {first}"),
        kind::ACCEPTED => format!("accepts what {to} asked"),
        kind::QUIT => format!("says goodbye to {to}: {first}"),
        kind::BLINK => format!("makes {to} blink"),
        kind::EVENT_SET => format!("has {to} report {first} each {second} ms"),
        kind::CLOCK_READ => format!("asks {to} for the time"),
        kind::ALARM => {
            let source = joined(&[&second, &third]);
            match (frame.dest, &*fourth) {
                (Dest::Hub, "RAISED") => format!("raises the alarm \"{first}\": {source}"),
                (Dest::Hub, _) => format!("says that \"{first}\" is over: {source}"),
                (_, "RAISED") => format!("alarms {to}: \"{first}\", {source}"),
                _ => format!("tells {to} that \"{first}\" is over: {source}"),
            }
        }
        kind::ALARM_SET => {
            format!("has {to} watch {second} by itself: \"{first}\" when {third} {fourth}")
        }
        kind::ALARM_STOP => format!("has {to} watch no more for \"{first}\""),
        kind::ALARM_SUBSCRIBE if first == "*" => {
            let state = state("listens for", &["alarms"]);
            return Some(("listens for all alarms".to_owned(), Some(state)));
        }
        kind::ALARM_SUBSCRIBE => format!("listens for the alarm \"{first}\""),
        kind::ALARM_UNSUBSCRIBE => "does not listen for alarms any more".to_owned(),
        kind::DESCRIBE => "says what it has".to_owned(),
        kind::DEVICES if frame.dest == Dest::Hub => "asks who is here".to_owned(),
        kind::DEVICES => format!("tells {to} who is here"),
        kind::LOOPBACK if frame.is_error() => format!("cannot do it for {to}: {second}"),
        kind::LOOPBACK => format!("tries the way to {to}"),
        1_000.. => format!("says to {to}: {first}"),
        number => format!("sends {to} a message of type {number}"),
    };
    Some((said, None))
}

/// Of a DESCRIBE: the parts that begin with `A:`.
fn actuators(frame: &Frame<'_>) -> Vec<String> {
    if frame.kind != kind::DESCRIBE {
        return Vec::new();
    }
    let parts = frame.fields().filter_map(|part| part.strip_prefix(b"A:"));
    let names = parts.filter_map(|part| part.split(|b| *b == b':').next());
    names.map(field).collect()
}

fn field(bytes: &[u8]) -> String {
    let text = decode_field(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes));
    printable(&text).into_owned()
}

fn state(what: &str, value: &[&str]) -> State {
    State {
        what: what.to_owned(),
        value: joined(value),
    }
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

/// Text from a device must not steer the terminal: %1B decodes to ESC, and C1 codes are control characters too.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        Cow::Owned(text.replace(char::is_control, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    struct Site;

    impl Known for Site {
        fn name(&self, address: u32) -> String {
            match address {
                17 => "vent".into(),
                42 => "controller".into(),
                other => format!("device {other}"),
            }
        }

        fn has_actuator(&self, address: u32, name: &str) -> bool {
            (address, name) == (17, "opening")
        }
    }

    #[rstest]
    #[case("17|0|26|draught|0.31|m/s|1|2|", "vent reports draught 0.31 m/s")]
    #[case("42|17|1|draught|2|", "controller asks vent for draught")]
    #[case("17|42|2|opening|40||1|2|", "vent answers controller: opening 40")]
    #[case("42|17|3|opening|40||2|", "controller sets opening of vent to 40")]
    #[case("17|42|4|opening|40|2|", "vent confirms to controller: opening 40")]
    #[case("42|@lights|60|2|", "controller makes all lights blink")]
    #[case(
        "42|*|1000|good day%2C all|2|",
        "controller says to everyone: good day, all"
    )]
    #[case(
        "0|17|27|draught|5000|9|",
        "the hub has vent report draught each 5000 ms"
    )]
    #[case("0|17|3|opening|40||9|", "the hub sets opening of vent to 40")]
    #[case("17|0|90|A:opening:number:0:100|", "vent says what it has")]
    #[case("17|0|26|opening|40||1|2|", "vent sets opening to 40 by itself")]
    #[case(
        "17|0|30|gale|draught|9|RAISED|1|2|",
        "vent raises the alarm \"gale\": draught 9"
    )]
    #[case(
        "17|0|30|gale|draught|1|CLEARED|1|2|",
        "vent says that \"gale\" is over: draught 1"
    )]
    #[case(
        "17|42|30|gale|draught|9|RAISED|1|2|",
        "vent alarms controller: \"gale\", draught 9"
    )]
    #[case(
        "17|42|30|gale|draught|1|CLEARED|1|2|",
        "vent tells controller that \"gale\" is over: draught 1"
    )]
    #[case(
        "0|17|31|gale|draught|>|8|2|0|opening|0|3|",
        "the hub has vent watch draught by itself: \"gale\" when > 8"
    )]
    #[case("0|17|32|gale|3|", "the hub has vent watch no more for \"gale\"")]
    #[case("42|0|33|*|3|", "controller listens for all alarms")]
    #[case("42|0|33|gale|3|", "controller listens for the alarm \"gale\"")]
    #[case("42|5|77|", "controller sends device 5 a message of type 77")]
    #[case(
        "0|42|50|ERROR|NO_DEVICE|9|1|",
        "the hub cannot do it for controller: NO_DEVICE"
    )]
    fn a_frame_reads_as_a_sentence(#[case] frame: &str, #[case] text: &str) {
        assert_eq!(describe(frame.as_bytes(), &Site).unwrap().text, text);
    }

    #[test]
    fn acknowledgements_and_nonsense_are_not_shown() {
        for frame in ["0|42|7|1|", "0|42|22|", "x", ""] {
            assert_eq!(describe(frame.as_bytes(), &Site), None, "{frame}");
        }
    }

    #[test]
    fn no_text_steers_the_terminal() {
        let words = describe("17|0|26|a%1B[2J|\u{9b}2J||1|2|".as_bytes(), &Site).unwrap();
        assert!(!words.text.chars().any(char::is_control), "{words:?}");
    }
}
