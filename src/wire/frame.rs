//! One frame, checked once: after [`parse`] no later station looks at its syntax again.

use super::address::{Dest, parse_canonical};
use super::{SEPARATOR, kind};

/// What a frame may be at most; part of every decode.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one frame without its EOT.
    pub frame_bytes: usize,
    /// Fields of one frame, the leading three included.
    pub fields: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: 8 * 1024,
            fields: 64,
        }
    }
}

/// Why a frame is a BAD_FRAME.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    #[error("a raw control byte inside a frame")]
    Control,
    #[error("not UTF-8")]
    Utf8,
    #[error("fewer than three fields")]
    TooFewFields,
    #[error("more fields than the limit")]
    TooManyFields,
    #[error("a non-canonical origin")]
    Origin,
    #[error("a non-canonical destination")]
    Dest,
    #[error("a message type that is no canonical number")]
    Kind,
    #[error("a type that only the hub may send")]
    HubOnly,
    #[error("a field that does not fit its type")]
    Field,
}

/// A whole frame whose syntax holds, borrowed from the bytes it came in.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// As sent, without EOT; perhaps without the optional last `|`.
    pub bytes: &'a [u8],
    pub origin: &'a [u8],
    /// The destination as sent.
    pub dest_text: &'a [u8],
    pub dest: Dest<'a>,
    pub kind: u32,
    /// What follows the type, without the optional last `|`; `None` when nothing does.
    fields: Option<&'a [u8]>,
}

impl<'a> Frame<'a> {
    /// The fields after the type, in order.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = &'a [u8]> + use<'a> {
        self.fields
            .into_iter()
            .flat_map(|fields| fields.split(|b| *b == SEPARATOR))
    }

    /// The last field, which stands for msgno in answers; empty when there is none.
    pub fn msgno(&self) -> &'a [u8] {
        self.fields().next_back().unwrap_or_default()
    }

    /// A LOOPBACK whose first field is ERROR: never echoed, never answered.
    pub fn is_error(&self) -> bool {
        self.kind == kind::LOOPBACK && self.fields().next() == Some(b"ERROR")
    }
}

/// Checks one frame, given without its EOT and without leading blanks.
///
/// # Errors
/// [`BadFrame`] with the first rule that does not hold. Length is the splitter's to check.
pub fn parse<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Frame<'a>, BadFrame> {
    check_text(bytes)?;
    let body = bytes.strip_suffix(b"|").unwrap_or(bytes);
    if memchr::memchr_iter(SEPARATOR, body).count() >= limits.fields {
        return Err(BadFrame::TooManyFields);
    }
    let (origin, rest) = cut(body).ok_or(BadFrame::TooFewFields)?;
    let (dest_text, rest) = cut(rest).ok_or(BadFrame::TooFewFields)?;
    let (kind_text, fields) = match cut(rest) {
        Some((kind, fields)) => (kind, Some(fields)),
        None => (rest, None),
    };
    Ok(Frame {
        bytes,
        origin,
        dest_text,
        dest: Dest::parse(dest_text).ok_or(BadFrame::Dest)?,
        kind: parse_canonical(kind_text).ok_or(BadFrame::Kind)?,
        fields,
    })
}

/// Destination and last field of a frame that broke a rule, for the answer: as far as it has them, and only
/// from clean text, so that the answer itself is a good frame.
pub fn salvage(bytes: &[u8]) -> (&[u8], &[u8]) {
    if check_text(bytes).is_err() {
        return (b"", b"");
    }
    let body = bytes.strip_suffix(b"|").unwrap_or(bytes);
    let mut fields = body.split(|b| *b == SEPARATOR).skip(1);
    let dest = fields.next().unwrap_or_default();
    (dest, fields.skip(1).last().unwrap_or_default())
}

/// No control byte, and UTF-8. One pass that the compiler vectorises settles the usual, plain ASCII case.
pub(super) fn check_text(bytes: &[u8]) -> Result<(), BadFrame> {
    let mut control = false;
    let mut high = false;
    for &byte in bytes {
        control |= byte < 0x20 || byte == 0x7F;
        high |= byte >= 0x80;
    }
    if control {
        return Err(BadFrame::Control);
    }
    if high && std::str::from_utf8(bytes).is_err() {
        return Err(BadFrame::Utf8);
    }
    Ok(())
}

fn cut(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(SEPARATOR, bytes)?;
    let (head, tail) = bytes.split_at_checked(at)?;
    Some((head, tail.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Address;
    use rstest::rstest;

    fn fields(frame: &Frame<'_>) -> Vec<String> {
        frame
            .fields()
            .map(|f| String::from_utf8_lossy(f).into())
            .collect()
    }

    #[rstest]
    #[case("42|17|50|a|b|", &["a", "b"])]
    #[case("42|17|50|a|b", &["a", "b"])]
    #[case("42|17|50|", &[])]
    #[case("42|17|50", &[])]
    #[case("42|17|50||", &[""])]
    #[case("42|17|50||x||", &["", "x", ""])]
    fn the_last_separator_is_optional(#[case] text: &str, #[case] expected: &[&str]) {
        let frame = parse(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(fields(&frame), expected);
        assert_eq!(frame.dest, Dest::Device(Address::new(17).unwrap()));
    }

    #[rstest]
    #[case(b"42|17", BadFrame::TooFewFields)]
    #[case(b"42|17|", BadFrame::TooFewFields)]
    #[case(b"", BadFrame::TooFewFields)]
    #[case(b"42|017|50|", BadFrame::Dest)]
    #[case(b"42|@|50|", BadFrame::Dest)]
    #[case(b"42|17|x|", BadFrame::Kind)]
    #[case(b"42|17|050|", BadFrame::Kind)]
    #[case(b"42|17|50|a\nb|", BadFrame::Control)]
    #[case(b"42|17|50|\0|", BadFrame::Control)]
    #[case(b"42|17|50|\xff|", BadFrame::Utf8)]
    fn a_broken_rule_is_named(#[case] bytes: &[u8], #[case] expected: BadFrame) {
        assert_eq!(parse(bytes, &Limits::default()).unwrap_err(), expected);
    }

    #[test]
    fn the_field_limit_counts_the_leading_three() {
        let exactly = format!("42|17|50{}|", "|x".repeat(61));
        let over = format!("42|17|50{}|", "|x".repeat(62));
        assert!(parse(exactly.as_bytes(), &Limits::default()).is_ok());
        assert_eq!(
            parse(over.as_bytes(), &Limits::default()).unwrap_err(),
            BadFrame::TooManyFields
        );
    }
}
