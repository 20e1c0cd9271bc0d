//! What a settings value may be, and the sentence that says so.

use std::net::SocketAddr;

pub(super) trait Rule<T> {
    /// `Err` says what is allowed.
    fn check(&self, value: &T) -> Result<(), String>;
}

impl<T, F: Fn(&T) -> Result<(), String>> Rule<T> for F {
    fn check(&self, value: &T) -> Result<(), String> {
        self(value)
    }
}

pub(super) fn any() -> impl Rule<String> {
    |_: &String| Ok(())
}

pub(super) fn range(least: u64, most: u64) -> impl Rule<u64> {
    move |value: &u64| {
        if (least..=most).contains(value) {
            Ok(())
        } else {
            Err(format!("allowed is a whole number from {least} to {most}"))
        }
    }
}

pub(super) fn zero_or(least: u64, most: u64) -> impl Rule<u64> {
    move |value: &u64| {
        if *value == 0 || (least..=most).contains(value) {
            Ok(())
        } else {
            Err(format!(
                "allowed is 0, or a whole number from {least} to {most}"
            ))
        }
    }
}

/// Days that something is kept, finest first: what is made of another is kept as long, and 0 is for ever.
pub fn keeps_in_order(days: [u64; 3]) -> bool {
    let for_ever = |days: u64| if days == 0 { u64::MAX } else { days };
    days.map(for_ever).is_sorted()
}

pub(super) fn one_of(names: &'static [&'static str]) -> impl Rule<String> {
    move |value: &String| {
        if names.contains(&value.as_str()) {
            Ok(())
        } else {
            Err(format!("allowed is one of {}", names.join(", ")))
        }
    }
}

pub(super) fn socket() -> impl Rule<String> {
    |value: &String| listen_address(value).map(|_| ())
}

pub(super) fn socket_or_off() -> impl Rule<String> {
    |value: &String| optional_listen_address(value).map(|_| ())
}

pub(super) fn clock_set() -> impl Rule<String> {
    |value: &String| ClockSetTypes::parse(value).map(|_| ())
}

/// # Errors
/// What is allowed, in words.
pub fn listen_address(value: &str) -> Result<SocketAddr, String> {
    value
        .parse()
        .map_err(|_| "allowed is an IP address and a port, such as 127.0.0.1:10821".to_owned())
}

/// `None` for "off".
///
/// # Errors
/// What is allowed, in words.
pub fn optional_listen_address(value: &str) -> Result<Option<SocketAddr>, String> {
    if matches!(value, "off" | "") {
        return Ok(None);
    }
    listen_address(value)
        .map(Some)
        .map_err(|allowed| format!("{allowed}, or \"off\""))
}

/// Which device types are told the time after login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockSetTypes {
    All,
    These(Vec<u32>),
}

impl ClockSetTypes {
    /// # Errors
    /// What is allowed, in words.
    pub fn parse(value: &str) -> Result<Self, String> {
        match value.trim() {
            "*" => Ok(Self::All),
            "" => Ok(Self::These(Vec::new())),
            list => list
                .split(',')
                .map(|number| number.trim().parse())
                .collect::<Result<_, _>>()
                .map(Self::These)
                .map_err(|_| {
                    "allowed is \"*\", \"\" or device types with commas, such as \"511,512\""
                        .to_owned()
                }),
        }
    }

    pub fn includes(&self, kind: u32) -> bool {
        match self {
            Self::All => true,
            Self::These(kinds) => kinds.contains(&kind),
        }
    }
}
