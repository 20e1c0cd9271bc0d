//! Who a simulated device is: read from the CSV that `hub device import --credentials` writes.
//!
//! Stops at the file: what the credentials open is [`super::client::login`]'s business.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

use crate::failure::{Context, Failure};
pub use crate::registry::LoginKind;
use crate::wire::Address;

/// What a device must know to log in.
#[derive(Clone)]
pub struct Credential {
    /// What the hub is expected to answer; `None` when it was not noted.
    pub address: Option<Address>,
    /// The device's type, the first word of its login.
    pub kind: u32,
    pub id: String,
    pub serial: String,
    pub login: LoginKind,
}

/// The serial never gets into a log.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}/{}, {:?})", self.kind, self.id, self.login)
    }
}

/// One line of the file; other columns are passed over.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    address: Option<u32>,
    #[serde(rename = "type")]
    kind: u32,
    id: String,
    serial: String,
    #[serde(default)]
    login: Option<LoginKind>,
}

/// Reads a file with the header `address,type,id,serial` and, optionally, `login`.
///
/// # Errors
/// When the file cannot be read, a line does not fit, or there is none.
pub fn read_file(path: &Path) -> Result<Vec<Credential>, Failure> {
    let shown = path.display();
    let file = std::fs::File::open(path).context(format!("cannot open {shown}"))?;
    let credentials = read(file).context(format!("cannot read credentials from {shown}"))?;
    if credentials.is_empty() {
        return Err(Failure::new(format!(
            "{shown} holds no devices: make some by `hub device import FILE.csv --credentials {shown}`"
        )));
    }
    Ok(credentials)
}

fn read(source: impl std::io::Read) -> Result<Vec<Credential>, csv::Error> {
    csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(source)
        .deserialize()
        .map(|line| {
            line.map(|line: Line| Credential {
                address: line.address.and_then(Address::new),
                kind: line.kind,
                id: line.id,
                serial: line.serial,
                login: line.login.unwrap_or_default(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_column_is_optional_and_others_are_passed_over() {
        let text = "address,type,id,serial\n42,511,a,S1\n,512,b,S2\n";
        let found = read(text.as_bytes()).unwrap();
        assert_eq!(found[0].address, Address::new(42));
        assert_eq!((found[1].address, found[1].kind), (None, 512));
        let text = "group,login,type,id,serial\ng,legacy,511,a,S1\ng,,511,b,S2\n";
        let found = read(text.as_bytes()).unwrap();
        assert_eq!(found[0].login, LoginKind::Legacy);
        assert_eq!(found[1].login, LoginKind::Challenge);
    }

    #[test]
    fn a_bad_line_is_named_and_the_serial_is_not_shown() {
        let text = "address,type,id,serial\n42,many,a,TOP-SECRET\n";
        let said = read(text.as_bytes()).unwrap_err().to_string();
        assert!(said.contains("line: 2"), "{said}");
        assert!(!said.contains("TOP-SECRET"), "{said}");
        let good = read("type,id,serial\n1,a,TOP-SECRET\n".as_bytes()).unwrap();
        assert!(!format!("{good:?}").contains("TOP-SECRET"));
    }
}
