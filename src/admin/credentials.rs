//! Turns what an operator typed into a device that may be registered.

use std::collections::HashSet;

use super::{Admin, AdminError, Credential, NewDevice};
use crate::registry::{Device, GroupId, LoginKind, is_strong, valid_id, valid_label, valid_name};
use crate::wire::Address;

/// Nonces remembered for a legacy device unless it is said otherwise.
pub(super) const NONCE_MEMORY: u32 = 200;

/// Nonces remembered at most.
const MAX_NONCE_MEMORY: u32 = 100_000;

/// Bytes of a serial.
const SERIAL_BYTES: std::ops::RangeInclusive<usize> = 1..=128;

/// Labels of a device at most.
const MAX_LABELS: usize = 16;

impl Admin {
    /// Seals the serial of a checked device and gives it an address.
    pub(super) fn build(
        &self,
        new: NewDevice,
        group: GroupId,
        address: Address,
    ) -> (Device, Credential) {
        let mut labels = new.labels;
        labels.sort();
        labels.dedup();
        let serial = new.serial.unwrap_or_else(|| self.parts().entropy.serial());
        let strong = is_strong(&serial);
        let device = Device {
            address,
            group,
            kind: new.kind,
            id: new.id.into(),
            name: new.name.into(),
            labels: labels.into_iter().map(Into::into).collect(),
            rights: new.rights,
            login: new.login,
            nonce_memory: new.nonce_memory,
            disabled: false,
            weak: !strong || new.login == LoginKind::Legacy,
            sealed_serial: self
                .parts()
                .seal
                .seal(address, &serial, &self.parts().entropy),
        };
        let credential = self.credential(&device, new.group, serial);
        (device, credential)
    }

    pub(super) fn credential(&self, device: &Device, group: String, serial: String) -> Credential {
        Credential {
            address: device.address.get(),
            group,
            kind: device.kind,
            id: device.id.to_string(),
            serial,
            login: device.login,
        }
    }

    /// An address that no device and no viewer has, and none in `taken`: those of devices that are not committed yet.
    pub(super) fn free_address(&self, taken: &mut HashSet<Address>) -> Address {
        let registry = self.parts().registry.read();
        loop {
            let address = self.parts().entropy.address();
            if registry.is_free(address) && taken.insert(address) {
                return address;
            }
        }
    }
}

/// Everything that can be said of a device without knowing the others.
pub(super) fn check(new: &NewDevice) -> Result<(), AdminError> {
    if Address::new(new.kind).is_none() {
        return Err(AdminError::refused(
            "a type is a number from 1 to 2147483647",
        ));
    }
    if !valid_id(&new.id) {
        return Err(AdminError::refused(
            "an id is 1 to 64 of the characters A-Z a-z 0-9 . _ -",
        ));
    }
    if !valid_name(&new.name) {
        return Err(AdminError::refused(
            "a name is at most 128 bytes of text without control characters",
        ));
    }
    if new.labels.len() > MAX_LABELS || !new.labels.iter().all(|label| valid_label(label)) {
        return Err(AdminError::refused(
            "labels are at most 16, each 1 to 32 of the characters A-Z a-z 0-9 . _ -",
        ));
    }
    if new.nonce_memory > MAX_NONCE_MEMORY {
        return Err(AdminError::refused(
            "the nonce memory is a number from 0 to 100000",
        ));
    }
    let Some(serial) = &new.serial else {
        return Ok(());
    };
    if !SERIAL_BYTES.contains(&serial.len()) || !serial.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(AdminError::refused(
            "a serial is 1 to 128 printable ASCII characters without blanks",
        ));
    }
    if new.login == LoginKind::Challenge && !is_strong(serial) {
        return Err(AdminError::refused(
            "the serial is weak (128 bits are 32 hex, 26 base32 or 22 base64url characters); leave it out to \
             have one generated, or register the device with login legacy",
        ));
    }
    Ok(())
}
