//! Where a channel's messages go, and what would be nonsense.

use std::net::IpAddr;

use reqwest::Url;

use super::Undelivered;
use crate::registry::SealKey;
use crate::storage::ChannelRow;

/// Bytes of a URL at most.
const URL_BYTES: usize = 2048;

/// Addresses of a channel at most: its messages go to all of them at once.
const MOST_ADDRESSES: usize = 20;

/// Bytes of a secret that is given: fewer could be guessed.
const SECRET: std::ops::RangeInclusive<usize> = 16..=256;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Webhook,
    Email,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Webhook, Self::Email];

    pub fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Email => "email",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A target with all that it takes to reach it. Never printed: it holds the secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    Webhook { url: String, secret: String },
    Email { to: Vec<String> },
}

impl Target {
    /// Where a channel's messages go.
    ///
    /// # Errors
    /// Its secret cannot be opened.
    pub fn of(channel: &ChannelRow, seal: &SealKey) -> Result<Self, Undelivered> {
        match Kind::from_name(&channel.kind) {
            Some(Kind::Webhook) => {
                let secret = seal.open_channel(channel.id, &channel.secret);
                let secret = secret.ok_or_else(|| {
                    Undelivered::later(
                        "its secret cannot be opened; was serials.key replaced? make the channel anew",
                    )
                })?;
                let url = channel.target.clone();
                Ok(Self::Webhook { url, secret })
            }
            Some(Kind::Email) => {
                let to = channel.target.split(',').map(str::to_owned).collect();
                Ok(Self::Email { to })
            }
            None => Err(Undelivered::later("its kind is of another version")),
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Webhook { .. } => Kind::Webhook,
            Self::Email { .. } => Kind::Email,
        }
    }
}

/// A webhook's URL in its normal form.
///
/// # Errors
/// Why it is none, in words for whoever typed it.
pub fn url(text: &str) -> Result<String, String> {
    if text.len() > URL_BYTES {
        return Err(format!("a URL has at most {URL_BYTES} bytes"));
    }
    // What was typed is not repeated: it might hold a password.
    let url = Url::parse(text).map_err(|error| {
        format!("that is no URL ({error}); give one such as https://example.org/alarms")
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "{}: is no scheme for a webhook; http and https are",
            url.scheme()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "a user or password in the URL would be shown in every list: leave it away, and let the receiver check X-Hub-Signature"
                .into(),
        );
    }
    if url.port() == Some(0) {
        return Err("port 0 is no port".into());
    }
    Ok(url.into())
}

/// One address for e-mail.
///
/// # Errors
/// Why it is none, in words for whoever typed it.
pub fn address(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is no e-mail address");
    // Others need an extension of SMTP that many servers lack.
    if !text.is_ascii() {
        return Err(wrong());
    }
    let address: lettre::Address = text.parse().map_err(|_| wrong())?;
    Ok(address.to_string())
}

/// Addresses with commas between, each once.
///
/// # Errors
/// Why they are none, in words for whoever typed them.
pub fn addresses(text: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for part in text.split(',') {
        let one = address(part.trim())?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    if found.len() > MOST_ADDRESSES {
        return Err(format!(
            "a channel has at most {MOST_ADDRESSES} addresses; make another channel for the others"
        ));
    }
    Ok(found)
}

/// A secret that was given, as it is.
///
/// # Errors
/// What one has to be.
pub fn check_secret(secret: String) -> Result<String, String> {
    let plain = secret.bytes().all(|byte| byte.is_ascii_graphic());
    if SECRET.contains(&secret.len()) && plain {
        return Ok(secret);
    }
    Err(format!(
        "a secret has {} to {} visible ASCII characters; without one given, one is made",
        SECRET.start(),
        SECRET.end()
    ))
}

/// Whether a server of this name is on this machine.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_are_none_or_would_show_a_password_are_refused() {
        assert_eq!(url("https://example.org").unwrap(), "https://example.org/");
        assert_eq!(
            url("http://127.0.0.1:8080/a?b=c").unwrap(),
            "http://127.0.0.1:8080/a?b=c"
        );
        for wrong in [
            "",
            "example.org/a",
            "ftp://example.org",
            "file:///etc/passwd",
            "http://",
            "https://me:geheim@example.org",
            "https://geheim@example.org",
            "http://localhost:0/",
            "http://localhost:70000/",
        ] {
            let said = url(wrong).unwrap_err();
            assert!(!said.contains("geheim"), "{said}");
        }
        assert!(url(&format!("http://a/{}", "x".repeat(2048))).is_err());
        // No line end can get into the request.
        assert_eq!(
            url("http://a/\r\nX-Evil: 1").unwrap(),
            "http://a/X-Evil:%201"
        );
    }

    #[test]
    fn addresses_are_checked_and_taken_once() {
        assert_eq!(addresses("a@b.c, d@e.f,a@b.c").unwrap(), ["a@b.c", "d@e.f"]);
        for wrong in [
            "",
            "a",
            "a@b.c,",
            "a@",
            "@b",
            "a b@c.d",
            "a@b\r\nBcc: x@y",
            "ä@b.c",
            "A <a@b.c>",
        ] {
            assert!(addresses(wrong).is_err(), "{wrong}");
        }
        let many: Vec<_> = (0..21).map(|n| format!("a{n}@b.c")).collect();
        assert!(addresses(&many.join(",")).is_err());
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["example.org", "localhost.example.org", "10.0.0.1", "::"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
