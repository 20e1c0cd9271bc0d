//! Secrets at rest: AES-256-GCM under `serials.key`, with their owner bound in: a serial's device, a webhook's channel.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::entropy::Entropy;
use crate::failure::{Context, Failure};
use crate::login::digest::keyed_hash;
use crate::wire::Address;

/// Name of the key file in the data directory.
pub const KEY_FILE: &str = "serials.key";

const KEY_BYTES: usize = 32;

/// The key that opens serials and other secrets, and the hub's secret for answers about devices that do not exist.
pub struct SealKey {
    key: LessSafeKey,
    decoy: Vec<u8>,
}

impl SealKey {
    /// Reads the key file; makes it, with mode 0600, while there is nothing `sealed` that it would have to open.
    ///
    /// # Errors
    /// Others may read the file, it is not 32 bytes, or it is missing though something is sealed.
    pub fn load_or_create(
        data_dir: &Path,
        entropy: &Entropy,
        sealed: i64,
    ) -> Result<Self, Failure> {
        let path = data_dir.join(KEY_FILE);
        let shown = path.display();
        if !path.exists() {
            if sealed > 0 {
                return Err(Failure::new(format!(
                    "{shown} is missing, so the {sealed} serials and secrets in the database cannot be opened; restore it \
                     from the backup that the database came from"
                )));
            }
            create(&path, entropy).context(format!("cannot make {shown}"))?;
        }
        let mode = fs::metadata(&path)
            .context(format!("cannot look at {shown}"))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(Failure::new(format!(
                "{shown} has mode {:o}, so others may read the key to all serials; run: chmod 600 {shown}",
                mode & 0o777
            )));
        }
        let bytes = fs::read(&path).context(format!("cannot read {shown}"))?;
        let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| {
            Failure::new(format!(
                "{shown} is not a key of {KEY_BYTES} bytes; restore it from a backup"
            ))
        })?;
        Self::from_bytes(bytes)
    }

    /// # Errors
    /// Never for 32 bytes; the library's signature allows for it.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Result<Self, Failure> {
        let unbound =
            UnboundKey::new(&AES_256_GCM, &bytes).context("cannot use the key for serials")?;
        Ok(Self {
            key: LessSafeKey::new(unbound),
            decoy: keyed_hash(&bytes, b"decoy addresses").into_bytes(),
        })
    }

    /// nonce ‖ ciphertext ‖ tag. Empty when the library fails, which then never opens.
    pub fn seal(&self, address: Address, serial: &str, entropy: &Entropy) -> Box<[u8]> {
        self.seal_for(&address.get().to_be_bytes(), serial, entropy)
    }

    /// `None` when the bytes were sealed under another key or for another device.
    pub fn open(&self, address: Address, sealed: &[u8]) -> Option<String> {
        self.open_for(&address.get().to_be_bytes(), sealed)
    }

    /// Seals the secret of a notification channel.
    pub fn seal_channel(&self, id: i64, secret: &str, entropy: &Entropy) -> Box<[u8]> {
        self.seal_for(&channel(id), secret, entropy)
    }

    /// `None` when the bytes were sealed under another key or for another channel.
    pub fn open_channel(&self, id: i64, sealed: &[u8]) -> Option<String> {
        self.open_for(&channel(id), sealed)
    }

    fn seal_for(&self, owner: &[u8], secret: &str, entropy: &Entropy) -> Box<[u8]> {
        let nonce = entropy.bytes::<NONCE_LEN>();
        let mut sealed = secret.as_bytes().to_vec();
        let done = self.key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(owner),
            &mut sealed,
        );
        match done {
            Ok(()) => nonce.iter().copied().chain(sealed).collect(),
            Err(_) => Box::default(),
        }
    }

    fn open_for(&self, owner: &[u8], sealed: &[u8]) -> Option<String> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let secret = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(owner),
                &mut rest,
            )
            .ok()?;
        String::from_utf8(secret.to_vec()).ok()
    }

    /// A stable address for a type and id that nobody registered, in the range of real ones.
    pub fn decoy_address(&self, kind: u32, id: &str) -> Option<Address> {
        let digest = keyed_hash(&self.decoy, format!("decoy|{kind}|{id}").as_bytes());
        let number = u32::from_str_radix(digest.get(..8)?, 16).ok()?;
        Address::new((number & Address::MAX).max(1))
    }
}

/// Longer than an address, so that no channel is taken for a device.
fn channel(id: i64) -> Vec<u8> {
    [b"channel".as_slice(), &id.to_be_bytes()].concat()
}

/// Under another name first: a start that is killed half-way must leave no half key behind.
fn create(path: &Path, entropy: &Entropy) -> std::io::Result<()> {
    let unfinished = path.with_extension("key.new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(&entropy.bytes::<KEY_BYTES>())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    // The name has to survive a power cut as well.
    fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_opens_only_for_its_device_and_key() {
        let entropy = Entropy::seeded(1);
        let key = SealKey::from_bytes([7; 32]).unwrap();
        let (one, two) = (Address::new(1).unwrap(), Address::new(2).unwrap());
        let sealed = key.seal(one, "SN-EXAMPLE-01", &entropy);
        assert_eq!(key.open(one, &sealed).as_deref(), Some("SN-EXAMPLE-01"));
        assert_eq!(key.open(two, &sealed), None);
        assert_eq!(
            SealKey::from_bytes([8; 32]).unwrap().open(one, &sealed),
            None
        );
        let sealed = key.seal_channel(1, "secret", &entropy);
        assert_eq!(key.open_channel(1, &sealed).as_deref(), Some("secret"));
        assert_eq!(
            (key.open_channel(2, &sealed), key.open(one, &sealed)),
            (None, None)
        );
        assert_eq!(key.decoy_address(5, "x"), key.decoy_address(5, "x"));
    }
}
