//! Who a frame is from and who it is for.

use std::fmt;
use std::num::NonZeroU32;

/// The stable number of a registered device: 1 to 2^31 - 1. The hub itself is 0 and has no `Address`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(NonZeroU32);

impl Address {
    pub const MAX: u32 = i32::MAX as u32;

    /// `None` for 0 (the hub) and for numbers over 2^31 - 1.
    pub fn new(number: u32) -> Option<Self> {
        if number > Self::MAX {
            return None;
        }
        NonZeroU32::new(number).map(Address)
    }

    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// Reads canonical decimal text: no sign, no leading zero, no blank.
    pub fn parse(text: &[u8]) -> Option<Self> {
        parse_canonical(text).and_then(Self::new)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.0)
    }
}

/// The second field of a frame, borrowed from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dest<'a> {
    Hub,
    Device(Address),
    /// `*`: every other device of the sender's group.
    Everyone,
    /// `@label`: every other device of the group that carries the label.
    Label(&'a str),
}

impl<'a> Dest<'a> {
    /// `None` when the field is neither a canonical address, `*`, nor `@` with a name.
    pub fn parse(field: &'a [u8]) -> Option<Self> {
        match field {
            b"0" => Some(Dest::Hub),
            b"*" => Some(Dest::Everyone),
            [b'@', name @ ..] if !name.is_empty() => {
                std::str::from_utf8(name).ok().map(Dest::Label)
            }
            digits => Address::parse(digits).map(Dest::Device),
        }
    }
}

/// A decimal number below 2^32 in its only spelling; `None` otherwise.
pub(crate) fn parse_canonical(text: &[u8]) -> Option<u32> {
    match text {
        [] => None,
        [b'0'] => Some(0),
        [b'0', ..] => None,
        digits if digits.len() > 10 => None,
        digits => {
            let mut value = 0u64;
            for digit in digits {
                if !digit.is_ascii_digit() {
                    return None;
                }
                value = value * 10 + u64::from(digit - b'0');
            }
            u32::try_from(value).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_is_an_address() {
        assert_eq!(Address::parse(b"42").map(Address::get), Some(42));
        assert_eq!(
            Address::parse(b"2147483647").map(Address::get),
            Some(Address::MAX)
        );
        for wrong in [
            "",
            "0",
            "042",
            "+42",
            " 42",
            "42 ",
            "4x",
            "2147483648",
            "99999999999",
        ] {
            assert_eq!(Address::parse(wrong.as_bytes()), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_label_needs_a_name() {
        assert_eq!(Dest::parse(b"@"), None);
        assert_eq!(Dest::parse(b"@pumps"), Some(Dest::Label("pumps")));
        assert_eq!(Dest::parse(b"*"), Some(Dest::Everyone));
        assert_eq!(Dest::parse(b"0"), Some(Dest::Hub));
        assert_eq!(Dest::parse(b"00"), None);
    }
}
