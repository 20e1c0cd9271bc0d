//! The digests of the login (docs/protocol.md, section 2): both sides call these.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::wire::Address;

/// What the device answers in a challenge login, and what the hub proves back.
#[derive(Clone, Copy)]
pub struct Challenge<'a> {
    pub address: Address,
    /// 16 to 64 lowercase hex digits that the device chose.
    pub nonce: &'a str,
    /// 32 lowercase hex digits that the hub chose.
    pub challenge: &'a str,
}

/// Lowercase hex SHA-256 of serial followed by nonce: the seed's login.
pub fn legacy(serial: &str, nonce: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(serial.as_bytes());
    hash.update(nonce.as_bytes());
    hex::encode(hash.finalize())
}

impl Challenge<'_> {
    /// Lowercase hex HMAC-SHA256 (RFC 2104) that the device sends.
    pub fn device_digest(&self, serial: &str) -> String {
        self.keyed("device", serial)
    }

    /// Lowercase hex HMAC-SHA256 by which the hub shows that it holds the serial too.
    pub fn hub_proof(&self, serial: &str) -> String {
        self.keyed("hub", serial)
    }

    fn keyed(&self, side: &str, serial: &str) -> String {
        let message = format!("{side}|{}|{}|{}", self.address, self.nonce, self.challenge);
        keyed_hash(serial.as_bytes(), message.as_bytes())
    }
}

/// Lowercase hex HMAC-SHA256 of `message` under `key`.
pub(crate) fn keyed_hash(key: &[u8], message: &[u8]) -> String {
    // HMAC takes keys of any length: the error of `new_from_slice` cannot occur.
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            hex::encode(mac.finalize().into_bytes())
        }
        Err(_) => String::new(),
    }
}

/// Compares two digests in time that does not depend on where they differ. Empty never matches.
pub fn same(ours: &str, theirs: &[u8]) -> bool {
    !ours.is_empty() && ours.as_bytes().ct_eq(theirs).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_hold() {
        assert_eq!(
            legacy("SN-EXAMPLE-01", "4821"),
            "6311583b45f83b1ff9115f880efd59f4562fae58015b8c0a35ae95d3b2888975"
        );
        let challenge = Challenge {
            address: Address::new(42).unwrap(),
            nonce: "00112233445566778899aabbccddeeff",
            challenge: "ffeeddccbbaa99887766554433221100",
        };
        assert_eq!(
            challenge.device_digest("SN-EXAMPLE-01"),
            "2c553306c7c0fa1e5b4213038bb7a2fad7f1a15e05d86882dd4e9889d1035660"
        );
        assert_eq!(
            challenge.hub_proof("SN-EXAMPLE-01"),
            "0cf652d1e9a1338c383e5b56973a1e06b79896087e40b5f3341da8a186ad8c35"
        );
    }

    #[test]
    fn a_digest_of_another_length_is_not_the_same() {
        assert!(same("ab", b"ab"));
        assert!(!same("ab", b"abc"));
        assert!(!same("", b""));
    }
}
