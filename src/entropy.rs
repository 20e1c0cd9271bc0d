//! The one source of randomness: the system's in earnest, a seed's in a simulation.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::wire::Address;

/// Cheap to clone. Cryptographically strong unless made from a seed.
#[derive(Clone, Default)]
pub struct Entropy(Option<Arc<Mutex<StdRng>>>);

/// Base32 (RFC 4648, section 6): what a person may have to type.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

impl Entropy {
    pub fn system() -> Self {
        Self(None)
    }

    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            None => rand::rng().fill_bytes(bytes),
            Some(rng) => rng
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .fill_bytes(bytes),
        }
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// 128 random bits as 32 lowercase hex digits.
    pub fn challenge(&self) -> String {
        hex::encode(self.bytes::<16>())
    }

    /// A device address drawn uniformly from 1 to 2^31 - 1.
    pub fn address(&self) -> Address {
        loop {
            let number = u32::from_le_bytes(self.bytes()) & Address::MAX;
            if let Some(address) = Address::new(number) {
                return address;
            }
        }
    }

    /// A new serial: 130 random bits as 26 base32 characters.
    pub fn serial(&self) -> String {
        self.bytes::<26>()
            .iter()
            .filter_map(|byte| BASE32.get(usize::from(byte & 31)))
            .map(|symbol| char::from(*symbol))
            .collect()
    }
}
