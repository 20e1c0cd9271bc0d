//! A registered device, parsed once from its row.

use serde::{Deserialize, Serialize};

use super::GroupId;
use crate::storage::DeviceRow;
use crate::wire::Address;

/// The least login that a device's session may come from.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum LoginKind {
    /// HMAC over the hub's challenge: a captured login is worth nothing.
    #[default]
    Challenge,
    /// SHA256(serial + nonce), the seed's: a captured login works until its nonce is seen.
    Legacy,
}

/// What a device may do, each including the one before.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Rights {
    /// To the hub only.
    Report,
    /// Also to the devices of its group.
    #[default]
    Talk,
    /// Also WRITE and COMMAND.
    Control,
}

impl LoginKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Legacy => "legacy",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Challenge, Self::Legacy]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

impl Rights {
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Talk => "talk",
            Self::Control => "control",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Report, Self::Talk, Self::Control]
            .into_iter()
            .find(|rights| rights.name() == name)
    }
}

/// One device. Its serial is sealed until the moment a digest is computed.
#[derive(Clone, Debug)]
pub struct Device {
    pub address: Address,
    pub group: GroupId,
    pub kind: u32,
    pub id: Box<str>,
    pub name: Box<str>,
    pub labels: Box<[Box<str>]>,
    pub rights: Rights,
    pub login: LoginKind,
    pub nonce_memory: u32,
    pub disabled: bool,
    pub weak: bool,
    pub sealed_serial: Box<[u8]>,
}

impl Device {
    /// `None` when a column holds what this version does not know.
    pub fn from_row(row: DeviceRow) -> Option<Self> {
        Some(Self {
            address: Address::new(row.address)?,
            group: GroupId(row.group),
            kind: row.kind,
            id: row.id.into(),
            name: row.name.into(),
            labels: split_labels(&row.labels),
            rights: Rights::from_name(&row.rights)?,
            login: LoginKind::from_name(&row.login)?,
            nonce_memory: row.nonce_memory,
            disabled: row.disabled,
            weak: row.weak,
            sealed_serial: row.serial.into(),
        })
    }

    pub fn to_row(&self) -> DeviceRow {
        DeviceRow {
            address: self.address.get(),
            group: self.group.0,
            kind: self.kind,
            id: self.id.to_string(),
            name: self.name.to_string(),
            labels: self.labels.join(","),
            rights: self.rights.name().into(),
            login: self.login.name().into(),
            nonce_memory: self.nonce_memory,
            disabled: self.disabled,
            weak: self.weak,
            serial: self.sealed_serial.to_vec(),
        }
    }
}

fn split_labels(text: &str) -> Box<[Box<str>]> {
    text.split(',')
        .filter(|label| !label.is_empty())
        .map(Into::into)
        .collect()
}

/// An id is 1 to 64 of `[A-Za-z0-9._-]`.
pub fn valid_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// A label is 1 to 32 of `[A-Za-z0-9._-]`.
pub fn valid_label(label: &str) -> bool {
    label.len() <= 32 && valid_id(label)
}

/// A name is free text of at most 128 bytes without control characters. Group names may not be empty.
pub fn valid_name(name: &str) -> bool {
    name.len() <= 128 && !name.chars().any(char::is_control)
}

/// Strength goes by form, never estimated: 32 hex, 26 base32 or 22 base64url characters count as 128 bits.
pub fn is_strong(serial: &str) -> bool {
    let all = |allowed: fn(u8) -> bool| serial.bytes().all(allowed);
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b.to_ascii_lowercase());
    let base32 = |b: u8| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b);
    let base64url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if all(hex) {
        return serial.len() >= 32;
    }
    if all(base32) {
        // Letters of one case only: mixed case is base64url's alphabet.
        let mixed = serial.bytes().any(|b| b.is_ascii_lowercase())
            && serial.bytes().any(|b| b.is_ascii_uppercase());
        return serial.len() >= if mixed { 22 } else { 26 };
    }
    all(base64url) && serial.len() >= 22
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_goes_by_form() {
        assert!(is_strong("00112233445566778899aabbccddeeff"));
        assert!(!is_strong("00112233445566778899aabbccddeef"));
        assert!(is_strong("ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
        assert!(!is_strong("ABCDEFGHIJKLMNOPQRSTUVWXY"));
        assert!(is_strong("abcDEF0189-_abcDEF0189"));
        assert!(!is_strong("SN-EXAMPLE-01"));
        assert!(!is_strong(""));
    }
}
