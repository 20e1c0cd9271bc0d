//! A registered device, as the verb that registered it described it.

use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) address: u32,
    pub(crate) kind: u32,
    pub(crate) id: String,
    pub(crate) serial: String,
    /// Whether it speaks the seed's login; otherwise it answers challenges.
    pub(crate) legacy: bool,
}

impl Device {
    /// Reads what `hub device add --json` printed.
    #[track_caller]
    pub(crate) fn from_json(text: &str, legacy: bool) -> Self {
        let json: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        let number = |key: &str| u32::try_from(json[key].as_u64().expect(key)).expect(key);
        let words = |key: &str| json[key].as_str().expect(key).to_owned();
        Self {
            address: number("address"),
            kind: number("type"),
            id: words("id"),
            serial: words("serial"),
            legacy,
        }
    }

    /// Its address as the verbs take it.
    pub(crate) fn at(&self) -> String {
        self.address.to_string()
    }

    /// The same device with another serial, as somebody who guesses it has.
    pub(crate) fn guessing(&self, serial: &str) -> Self {
        Self {
            serial: serial.to_owned(),
            ..self.clone()
        }
    }
}
