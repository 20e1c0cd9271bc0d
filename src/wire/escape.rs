//! The one encoder through which every frame of the hub passes, and its inverse for single fields.

use std::borrow::Cow;
use std::io::Write;

use super::{EOT, SEPARATOR};

/// Appends frames to a byte buffer, so that no value from elsewhere can end a field or a frame.
pub struct FrameWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> FrameWriter<'a> {
    /// Starts a frame `origin|dest|kind|`; 0 is the hub.
    pub fn new(out: &'a mut Vec<u8>, origin: u32, dest: u32, kind: u32) -> Self {
        Self { out }.number(origin).number(dest).number(kind)
    }

    /// Starts a frame without the three leading fields: only the login speaks so.
    pub fn bare(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    pub fn number(self, value: impl Number) -> Self {
        // Writing to a Vec cannot fail.
        let _ = write!(self.out, "{value}");
        self.out.push(SEPARATOR);
        self
    }

    /// Free text: `|`, `%` and control characters leave as %XX.
    pub fn text(self, text: &str) -> Self {
        escape(self.out, text);
        self.out.push(SEPARATOR);
        self
    }

    /// A field that came from a checked frame and is repeated as it was sent.
    pub fn as_sent(self, field: &[u8]) -> Self {
        debug_assert!(
            !field
                .iter()
                .any(|b| *b == SEPARATOR || b.is_ascii_control())
        );
        self.out.extend_from_slice(field);
        self.out.push(SEPARATOR);
        self
    }

    pub fn end(self) {
        self.out.push(EOT);
    }
}

/// What a numeric field may be made of: whole numbers, and no text.
pub trait Number: std::fmt::Display {}

macro_rules! numbers {
    ($($number:ty)*) => {$( impl Number for $number {} )*};
}

numbers!(i8 i16 i32 i64 u8 u16 u32 u64);

/// Appends free text so that it can be a part of a field.
pub fn escape(out: &mut Vec<u8>, text: &str) {
    for &byte in text.as_bytes() {
        if matches!(byte, SEPARATOR | b'%') || byte.is_ascii_control() {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "%{byte:02X}");
        } else {
            out.push(byte);
        }
    }
}

/// Undoes %XX in one field. `None` when an escape is cut off or not hexadecimal, or what comes out is not UTF-8.
pub fn decode_field(field: &[u8]) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'%', field).is_none() {
        return std::str::from_utf8(field).ok().map(Cow::Borrowed);
    }
    let mut decoded = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let (code, tail) = tail.split_at_checked(2)?;
            let mut value = [0u8];
            hex::decode_to_slice(code, &mut value).ok()?;
            decoded.extend_from_slice(&value);
            rest = tail;
        } else {
            decoded.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_the_text_it_stays_one_field_and_comes_back(text in any::<String>()) {
            let mut out = Vec::new();
            FrameWriter::bare(&mut out).text(&text).end();
            prop_assert_eq!(out.iter().filter(|b| **b == SEPARATOR).count(), 1);
            prop_assert_eq!(out.iter().filter(|b| b.is_ascii_control()).count(), 1);
            let field = &out[..out.len() - 2];
            let decoded = decode_field(field);
            prop_assert_eq!(decoded.as_deref(), Some(text.as_str()));
        }
    }

    #[test]
    fn a_broken_escape_is_refused() {
        for wrong in ["%", "%4", "a%zz", "%FF"] {
            assert_eq!(decode_field(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
