//! Secrets that the hub makes itself: of sessions, one-time links and tokens.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use crate::entropy::Entropy;

/// RFC 4648, section 5; without padding.
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What is kept of a secret: with 256 random bits behind it, its SHA-256 tells nothing, and a look-up by it leaks nothing of use.
pub(super) type Digest = [u8; 32];

/// 32 random bytes as 43 characters of base64url. Shown once, never stored, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(entropy: &Entropy) -> Self {
        Self(base64url(&entropy.bytes::<32>()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn digest(&self) -> Digest {
        digest(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Of a secret that somebody sent, whatever it looks like.
pub(super) fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// The token that pages send with each change: bound to the session, and of no use without its cookie.
pub fn csrf_token(session_secret: &str) -> String {
    match Hmac::<Sha256>::new_from_slice(session_secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(b"csrf");
            base64url(&mac.finalize().into_bytes())
        }
        // HMAC takes keys of any length.
        Err(_) => String::new(),
    }
}

fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * at)) & 63;
            let symbol = usize::try_from(index).ok().and_then(|i| BASE64URL.get(i));
            text.extend(symbol.map(|symbol| char::from(*symbol)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_as_rfc_4648_has_it() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!(Secret::new(&Entropy::system()).as_str().len(), 43);
    }

    #[test]
    fn nothing_of_a_secret_is_printed() {
        let secret = Secret::new(&Entropy::seeded(1));
        assert_eq!(format!("{secret:?}"), "Secret");
    }
}
