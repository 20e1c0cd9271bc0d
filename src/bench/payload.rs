//! The body of every message: who sent it, its place in order, and when. Hex text, so that it is one
//! valid field of the native protocol and the same bytes for every protocol.

/// Bytes that the three numbers need; what is left of a body is padding.
pub(super) const MIN_BODY: usize = 8 + 16 + 16;

/// What a body says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) sender: u32,
    /// Counts up by one a message of this sender, from 0.
    pub(super) sequence: u64,
    /// Nanoseconds since the generator's start at which the message was sent, or was due.
    pub(super) nanos: u64,
}

impl Stamp {
    /// Appends a body of `size` bytes, at least [`MIN_BODY`].
    pub(super) fn write(&self, size: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&hex_digits::<8>(u64::from(self.sender)));
        out.extend_from_slice(&hex_digits::<16>(self.sequence));
        out.extend_from_slice(&hex_digits::<16>(self.nanos));
        out.resize(out.len() + size.saturating_sub(MIN_BODY), b'.');
    }

    /// `None` when the body is not one that [`Stamp::write`] made with this size.
    pub(super) fn read(body: &[u8], size: usize) -> Option<Self> {
        if body.len() != size {
            return None;
        }
        let (sender, rest) = body.split_first_chunk::<8>()?;
        let (sequence, rest) = rest.split_first_chunk::<16>()?;
        let (nanos, _) = rest.split_first_chunk::<16>()?;
        Some(Self {
            sender: u32::try_from(number(sender)).ok()?,
            sequence: number(sequence),
            nanos: number(nanos),
        })
    }
}

fn hex_digits<const N: usize>(mut value: u64) -> [u8; N] {
    let mut digits = [0; N];
    for digit in digits.iter_mut().rev() {
        let nibble = (value & 0xF) as u8;
        *digit = nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
        value >>= 4;
    }
    digits
}

/// Does not check the digits: a damaged body gives a wrong sender or sequence, which is noticed there.
fn number<const N: usize>(digits: &[u8; N]) -> u64 {
    digits.iter().fold(0, |value, &digit| {
        value << 4 | u64::from((digit & 0xF) + 9 * (digit >> 6))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let stamp = Stamp {
            sender: 0xdead_beef,
            sequence: 0x0123_4567_89ab_cdef,
            nanos: u64::MAX,
        };
        let mut body = Vec::new();
        stamp.write(64, &mut body);
        assert_eq!(body.len(), 64);
        assert!(body.iter().all(|b| b.is_ascii_graphic() && *b != b'|'));
        assert_eq!(Stamp::read(&body, 64), Some(stamp));
        assert_eq!(Stamp::read(&body[1..], 64), None);
    }
}
