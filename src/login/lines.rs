//! The two frames that a device sends during login, parsed once.

use crate::registry::valid_id;
use crate::wire::Address;

/// Bytes of a login frame at most.
pub(super) const MAX_BYTES: usize = 256;

/// `type|id|`: who the device says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) kind: u32,
    pub(super) id: String,
}

/// `digest|nonce|` or `digest|nonce|2|`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) digest: Vec<u8>,
    pub(super) nonce: String,
    pub(super) legacy: bool,
}

impl Identity {
    pub(super) fn parse(frame: &[u8]) -> Option<Self> {
        let mut fields = fields(frame)?;
        let (kind, id) = (fields.next()?, fields.next()?);
        if fields.next().is_some() || !valid_id(id) {
            return None;
        }
        Some(Self {
            kind: Address::parse(kind.as_bytes())?.get(),
            id: id.to_owned(),
        })
    }
}

impl Answer {
    pub(super) fn parse(frame: &[u8]) -> Option<Self> {
        let mut fields = fields(frame)?;
        let (digest, nonce, version) = (fields.next()?, fields.next()?, fields.next());
        if fields.next().is_some() || !is_lower_hex(digest, 64..=64) {
            return None;
        }
        let legacy = match version {
            // Any other byte would let a listener extend a captured digest without knowing the serial.
            None if (1..=10).contains(&nonce.len())
                && nonce.bytes().all(|b| b.is_ascii_digit()) =>
            {
                true
            }
            Some("2") if is_lower_hex(nonce, 16..=64) => false,
            _ => return None,
        };
        Some(Self {
            digest: digest.as_bytes().to_vec(),
            nonce: nonce.to_owned(),
            legacy,
        })
    }
}

fn fields(frame: &[u8]) -> Option<std::str::Split<'_, char>> {
    let text = std::str::from_utf8(frame).ok()?;
    Some(text.strip_suffix('|').unwrap_or(text).split('|'))
}

fn is_lower_hex(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_seeds_identity_is_read() {
        let expected = Identity {
            kind: 511,
            id: "100001".into(),
        };
        assert_eq!(Identity::parse(b"511|100001|"), Some(expected.clone()));
        assert_eq!(Identity::parse(b"511|100001"), Some(expected));
        for wrong in [
            "", "|", "511|", "511||", "0|1|", "0511|1|", "x|1|", "511|a b|", "511|1|2|", "511|1||",
        ] {
            assert_eq!(Identity::parse(wrong.as_bytes()), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn a_legacy_nonce_is_one_to_ten_digits(nonce in "[0-9a-f|%\u{80}]{0,12}") {
            let frame = format!("{}|{nonce}|", "a".repeat(64));
            let digits = (1..=10).contains(&nonce.len()) && nonce.bytes().all(|b| b.is_ascii_digit());
            prop_assert_eq!(Answer::parse(frame.as_bytes()).is_some_and(|a| a.legacy && a.nonce == nonce), digits);
        }

        #[test]
        fn no_bytes_make_the_parsers_fail(frame in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Some(identity) = Identity::parse(&frame) {
                prop_assert!(valid_id(&identity.id) && identity.kind > 0);
            }
            if let Some(answer) = Answer::parse(&frame) {
                prop_assert_eq!(answer.digest.len(), 64);
            }
        }
    }
}
