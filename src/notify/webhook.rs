//! A webhook: one signed POST.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::courier::{Again, Delivered, Undelivered};
use super::resolve::Resolver;
use super::{Letter, trust};
use crate::clock::Clock;
use crate::login::digest::keyed_hash;

/// Bytes of a refusal's body that are read, for the reason.
const EXCERPT: usize = 200;

const AGENT: &str = concat!("device-hub/", env!("CARGO_PKG_VERSION"));

pub(super) struct Webhooks {
    pub(super) clock: Clock,
    pub(super) connect: Duration,
    pub(super) trusted: Vec<CertificateDer<'static>>,
    pub(super) resolver: Resolver,
    /// Made at the first message: reading the system's authorities takes a while.
    pub(super) client: OnceLock<Result<Client, String>>,
}

impl Webhooks {
    /// # Errors
    /// Why it is not there, and whether to try again.
    pub(super) async fn deliver(
        &self,
        url: &str,
        secret: &str,
        letter: &Letter,
    ) -> Result<Delivered, Undelivered> {
        let client = self.client.get_or_init(|| self.make());
        let client = client.as_ref().map_err(Undelivered::later)?;
        let body = letter
            .json()
            .map_err(|error| Undelivered::later(error.to_string()))?;
        let seconds = self.clock.unix_ms() / 1000;
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("X-Hub-Delivery", &letter.delivery)
            .header("X-Hub-Signature", signature(secret, seconds, &body))
            .body(body);
        match request.send().await {
            Ok(response) => judge(response, self.clock.unix_ms()).await,
            Err(error) => Err(Undelivered::later(chain(&error.without_url()))),
        }
    }

    fn make(&self) -> Result<Client, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trust::with_system(&self.trusted));
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("cannot set up TLS: {error}"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(AGENT)
            .connect_timeout(self.connect)
            // Followed, a redirect could lead the signed message anywhere.
            .redirect(redirect::Policy::none())
            // What the settings do not say is not looked for in the environment.
            .no_proxy()
            // Messages to one receiver are half a minute apart: a connection kept open would only be found closed.
            .pool_max_idle_per_host(0)
            .http1_only()
            .dns_resolver(Arc::new(self.resolver.clone()))
            .build()
            .map_err(|error| format!("cannot set up HTTP: {error}"))
    }
}

/// The form that Stripe made known (<https://docs.stripe.com/webhooks#verify-manually>): HMAC-SHA256 of time, a dot and
/// the body, so that an old message cannot be sent again as a new one.
fn signature(secret: &str, unix_seconds: i64, body: &str) -> String {
    let signed = format!("{unix_seconds}.{body}");
    let digest = keyed_hash(secret.as_bytes(), signed.as_bytes());
    format!("t={unix_seconds},v1={digest}")
}

async fn judge(response: Response, now_ms: i64) -> Result<Delivered, Undelivered> {
    let status = response.status();
    if status.is_success() {
        return Ok(Delivered::default());
    }
    let again = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| retry_after(value.to_str().ok()?, now_ms))
            .map_or(Again::Later, Again::After),
        StatusCode::REQUEST_TIMEOUT => Again::Later,
        status if status.is_client_error() => Again::Never,
        _ => Again::Later,
    };
    let hint = if status.is_redirection() {
        " (redirects are not followed)"
    } else {
        ""
    };
    let said = excerpt(response).await;
    let reason = format!("answered {}{hint}{said}", status.as_u16());
    Err(Undelivered::new(reason, again))
}

/// Seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(value: &str, now_ms: i64) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = rfc2822::parse(value).ok()?.timestamp().as_millisecond();
    Some(Duration::from_millis(
        u64::try_from(at.saturating_sub(now_ms)).unwrap_or(0),
    ))
}

/// The beginning of what it said.
async fn excerpt(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < EXCERPT
        && let Ok(Ok(Some(chunk))) =
            tokio::time::timeout(Duration::from_secs(1), response.chunk()).await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(EXCERPT);
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    if text.is_empty() {
        text
    } else {
        format!(": {text}")
    }
}

/// An error with its causes, which say more than itself.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's hmac and hashlib.
    #[test]
    fn the_signature_is_hmac_sha256_of_time_dot_body() {
        assert_eq!(
            signature("c2VjcmV0LWZvci10ZXN0cw", 1_800_000_000, "{\"hub\":\"h\"}"),
            "t=1800000000,v1=3b5502e4a3739047d1ba12576a401149ced73cd1d2ad071b1d411c92d34d5e31"
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("120", 0), Some(Duration::from_secs(120)));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770_000),
            Some(Duration::from_secs(7))
        );
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_780_000),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", 0), None);
        assert_eq!(retry_after("-1", 0), None);
    }
}
