//! Reads the settings from the file and the environment, and refuses what it does not know.

use std::path::Path;

use config::{Config, Environment, File, FileFormat};

use super::{Mail, Settings, Web};
use crate::failure::Failure;

/// Looked for in the folder that the hub is started in; it need not exist.
pub const FILE_NAME: &str = "Settings.toml";

pub(super) const HEADER: &str = "\
# Settings of the device hub. Every value below is the built-in default: delete what you do not change.
# The environment overrides this file: HUB_<SECTION>__<KEY>, such as HUB_DEVICES__LISTEN=0.0.0.0:10821,
# and HUB_DATA_DIR for the keys above the first section.

";

const PREFIX: &str = "HUB_";

/// Loads the effective settings. `file` names a file that must exist; without it `Settings.toml` is optional.
///
/// # Errors
/// The key's name and what is allowed.
pub fn load(file: Option<&Path>) -> Result<Settings, Failure> {
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    load_from(file, &environment)
}

fn load_from(file: Option<&Path>, environment: &[(String, String)]) -> Result<Settings, Failure> {
    let ours: config::Map<String, String> = environment
        .iter()
        .filter(|(key, _)| key.starts_with(PREFIX))
        .cloned()
        .collect();
    refuse_unknown(&ours)?;
    let source = match file {
        Some(path) => File::from(path).format(FileFormat::Toml),
        None => File::new(FILE_NAME, FileFormat::Toml).required(false),
    };
    let settings: Settings = Config::builder()
        .add_source(source)
        .add_source(
            Environment::with_prefix("HUB")
                .prefix_separator("_")
                .separator("__")
                .try_parsing(true)
                .source(Some(ours)),
        )
        .build()
        .and_then(Config::try_deserialize)
        .map_err(|error| {
            Failure::usage(format!(
                "settings: {error}; `hub config --documented` prints every key with its meaning"
            ))
        })?;
    settings.check()?;
    Ok(settings)
}

fn refuse_unknown(ours: &config::Map<String, String>) -> Result<(), Failure> {
    let mut known = Vec::new();
    Settings::keys("", &mut known);
    for key in ours.keys() {
        let name = key.strip_prefix(PREFIX).unwrap_or(key);
        if !known.iter().any(|k| k == name) {
            let names: Vec<String> = known.iter().map(|k| format!("{PREFIX}{k}")).collect();
            return Err(Failure::usage(format!(
                "settings: {key} in the environment is not a setting; allowed are {}",
                names.join(", ")
            )));
        }
    }
    Ok(())
}

impl Settings {
    /// # Errors
    /// The first key whose value is not allowed, and what is.
    pub fn check(&self) -> Result<(), Failure> {
        self.check_fields()
            .map_err(|error| Failure::usage(format!("settings: {error}")))?;
        let devices = &self.devices;
        if devices.outbox_bytes < devices.max_frame_bytes + 2 {
            return Err(Failure::usage(format!(
                "settings: devices.outbox_bytes = {}: allowed is at least devices.max_frame_bytes + 2 = {}",
                devices.outbox_bytes,
                devices.max_frame_bytes + 2
            )));
        }
        let storage = &self.storage;
        if !super::keeps_in_order([storage.raw_days, storage.minute_days, storage.hour_days]) {
            return Err(Failure::usage(
                "settings: storage.raw_days, minute_days and hour_days: allowed is each at least as long as the one before, 0 being for ever",
            ));
        }
        if devices.tls_certificate.is_empty() != devices.tls_key.is_empty() {
            return Err(Failure::usage(
                "settings: devices.tls_certificate and devices.tls_key: allowed is both or neither",
            ));
        }
        self.web.check_web()?;
        self.mail.check_mail()
    }
}

impl Web {
    fn check_web(&self) -> Result<(), Failure> {
        if self.tls_certificate.is_empty() != self.tls_key.is_empty() {
            return Err(Failure::usage(
                "settings: web.tls_certificate and web.tls_key: allowed is both or neither",
            ));
        }
        let url = self.url.as_str();
        let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"));
        let is_origin = |rest: &str| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']);
        if !url.is_empty() && !rest.is_some_and(is_origin) {
            return Err(Failure::usage(
                "settings: web.url: allowed is a scheme and a host, and a port if need be, such as https://hub.example.org",
            ));
        }
        Ok(())
    }
}

impl Mail {
    fn check_mail(&self) -> Result<(), Failure> {
        if self.host.is_empty() {
            return Ok(());
        }
        let wrong = |what: &str| Err(Failure::usage(format!("settings: {what}")));
        if crate::notify::address(&self.from).is_err() {
            return wrong(
                "mail.from: allowed with mail.host is an address such as hub@example.org",
            );
        }
        if self.tls == "off" && !crate::notify::is_loopback(&self.host) {
            return wrong(
                "mail.tls = \"off\": allowed for a server on this machine only (mail.host = \"localhost\"), as alarms and the password would be readable on the way",
            );
        }
        if self.user.is_empty() != self.password_file.is_empty() {
            return wrong("mail.user and mail.password_file: allowed is both or neither");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Settings, Failure> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect();
        let empty = tempfile::NamedTempFile::new().unwrap();
        load_from(Some(empty.path()), &pairs)
    }

    #[test]
    fn the_environment_overrides() {
        let settings = from(&[
            ("HUB_DATA_DIR", "/tmp/1"),
            ("HUB_DEVICES__MAX_FRAME_BYTES", "4096"),
            ("HUB_WEB__LISTEN", "off"),
        ])
        .unwrap();
        assert_eq!(settings.data_dir, "/tmp/1");
        assert_eq!(settings.devices.max_frame_bytes, 4096);
        assert_eq!(optional(&settings), None);
    }

    fn optional(settings: &Settings) -> Option<std::net::SocketAddr> {
        super::super::optional_listen_address(&settings.web.listen).unwrap()
    }

    #[test]
    fn unknown_and_wrong_keys_are_named() {
        for (key, value, words) in [
            ("HUB_DEVICES__LISEN", "x", "HUB_DEVICES__LISEN"),
            ("HUB_DEVICES__LISTEN", "here", "devices.listen"),
            ("HUB_DEVICES__LOGIN_SECONDS", "0", "1 to 300"),
            ("HUB_DEVICES__LOGIN_SECONDS", "soon", "login_seconds"),
            ("HUB_DEVICES__OUTBOX_BYTES", "500", "outbox_bytes"),
            ("HUB_LOG", "loud", "one of error"),
            ("HUB_MAIL__HOST", "mail.example.org", "mail.from"),
            ("HUB_MAIL__TLS", "none", "one of starttls"),
        ] {
            let text = from(&[(key, value)]).unwrap_err().to_string();
            assert!(text.contains(words), "{key}: {text}");
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, b"[devices]\nlisen = 1\n").unwrap();
        let text = load_from(Some(file.path()), &[]).unwrap_err().to_string();
        assert!(text.contains("lisen"), "{text}");
    }

    #[test]
    fn the_published_file_is_the_documented_default() {
        let published = include_str!("../../Settings.toml");
        assert_eq!(
            published,
            Settings::default().to_toml(true),
            "write it with: hub config --documented > Settings.toml"
        );
    }
}
