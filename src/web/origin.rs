//! Where a request came from: whose page sent it, and from which address.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName};

use crate::settings::Settings;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What the headers say of the page that sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Ours,
    /// Nothing is said: a program, or a very old browser.
    Unsaid,
    Foreign,
}

/// Whether a page of this hub sent the request: for changes with a cookie, and for the upgrade to a live socket.
#[allow(dead_code, reason = "the live socket checks its upgrade with it")]
pub(super) fn origin_is_ours(request: &HttpRequest, settings: &Settings) -> bool {
    sender(request.headers(), settings) == Sender::Ours
}

pub(super) fn sender(headers: &HeaderMap, settings: &Settings) -> Sender {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(origin) = text(header::ORIGIN) {
        let host = text(header::HOST).unwrap_or_default();
        return if is_ours(origin, host, settings) {
            Sender::Ours
        } else {
            Sender::Foreign
        };
    }
    match text(FETCH_SITE) {
        None => Sender::Unsaid,
        // none: typed by the user, which pages cannot make happen.
        Some("same-origin" | "none") => Sender::Ours,
        Some(_) => Sender::Foreign,
    }
}

/// The origin of web.url, or of the address that the browser itself says it speaks to.
fn is_ours(origin: &str, host: &str, settings: &Settings) -> bool {
    let web = &settings.web;
    let scheme = if web.tls == "on" { "https" } else { "http" };
    same_origin(origin, &web.url)
        || (!host.is_empty() && same_origin(origin, &format!("{scheme}://{host}")))
}

fn same_origin(one: &str, other: &str) -> bool {
    match (parts(one), parts(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Scheme, and host with the port unless it is the scheme's own.
fn parts(origin: &str) -> Option<(String, String)> {
    let origin = origin.to_ascii_lowercase();
    let (scheme, host) = origin.split_once("://")?;
    let own_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let host = host.strip_suffix(own_port).unwrap_or(host);
    (!host.is_empty()).then(|| (scheme.to_owned(), host.to_owned()))
}

/// Whether browsers reach the hub by HTTPS: cookies are then sent by nothing else.
pub(super) fn over_https(settings: &Settings) -> bool {
    settings.web.tls == "on" || settings.web.url.starts_with("https://")
}

/// Who asks. A proxy on this machine says whom it asks for; nobody else is believed.
pub(super) fn source(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    if !peer.is_loopback() {
        return Some(peer);
    }
    // The last entry is the proxy's own; those before it were sent to it.
    let forwarded = request.headers().get_all(FORWARDED_FOR).last();
    let last = forwarded
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|last| last.trim().parse().ok());
    Some(last.unwrap_or(peer))
}

/// Whether a program on this machine asks, for itself: not a proxy for others.
pub(super) fn is_local(request: &HttpRequest) -> bool {
    let peer = request.peer_addr();
    let is_near = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let for_others = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];
    is_near
        && !for_others
            .iter()
            .any(|name| request.headers().contains_key(*name))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn settings(url: &str, tls: &str) -> Settings {
        let mut settings = Settings::default();
        settings.web.url = url.to_owned();
        settings.web.tls = tls.to_owned();
        settings
    }

    #[test]
    fn only_our_own_pages_are_ours() {
        let plain = settings("", "off");
        let behind = settings("https://hub.example.org", "off");
        for (settings, origin, host, ours) in [
            (&plain, "http://10.0.0.5:8080", "10.0.0.5:8080", true),
            (&plain, "http://hub.lan", "hub.lan:80", true),
            (&plain, "http://HUB.lan", "hub.lan", true),
            (&plain, "https://10.0.0.5:8080", "10.0.0.5:8080", false),
            (&plain, "http://evil.example", "10.0.0.5:8080", false),
            (&plain, "http://10.0.0.5:8081", "10.0.0.5:8080", false),
            (&plain, "null", "10.0.0.5:8080", false),
            (&plain, "", "", false),
            (&plain, "http://", "", false),
            (&behind, "https://hub.example.org", "127.0.0.1:8080", true),
            (
                &behind,
                "https://hub.example.org.evil.example",
                "127.0.0.1:8080",
                false,
            ),
            (&behind, "http://hub.example.org", "127.0.0.1:8080", false),
        ] {
            let request = TestRequest::default()
                .insert_header((header::ORIGIN, origin))
                .insert_header((header::HOST, host))
                .to_http_request();
            assert_eq!(origin_is_ours(&request, settings), ours, "{origin} {host}");
        }
    }

    #[test]
    fn without_an_origin_the_browser_says_it_otherwise() {
        for (site, expected) in [
            ("same-origin", Sender::Ours),
            ("same-site", Sender::Foreign),
            ("cross-site", Sender::Foreign),
        ] {
            let request = TestRequest::default()
                .insert_header((FETCH_SITE, site))
                .to_http_request();
            assert_eq!(sender(request.headers(), &settings("", "off")), expected);
        }
        let bare = TestRequest::default().to_http_request();
        assert_eq!(sender(bare.headers(), &settings("", "off")), Sender::Unsaid);
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        for (peer, header, expected) in [
            ("127.0.0.1:1", "192.0.2.1", "192.0.2.1"),
            ("127.0.0.1:1", "1.2.3.4, 192.0.2.1", "192.0.2.1"),
            ("127.0.0.1:1", "nobody", "127.0.0.1"),
            ("192.0.2.9:1", "1.2.3.4", "192.0.2.9"),
            ("[::ffff:192.0.2.9]:1", "1.2.3.4", "192.0.2.9"),
        ] {
            let request = TestRequest::default()
                .peer_addr(peer.parse().unwrap())
                .insert_header((FORWARDED_FOR, header))
                .to_http_request();
            assert_eq!(source(&request), expected.parse().ok(), "{peer} {header}");
        }
    }
}
