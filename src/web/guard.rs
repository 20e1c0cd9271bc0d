//! The guard of the API: who asks, and whether a browser was made to ask by somebody else's page.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, ResponseError, web};
use subtle::ConstantTimeEq;

use super::origin::{Sender, over_https, sender, source};
use super::{Problem, Site};
use crate::accounts::{Caller, Role, csrf_token};
use crate::settings::Settings;

const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");

const DAY: i64 = 86_400;

/// The session that a request came with; for those handlers that are about it.
#[derive(Clone)]
pub(super) struct SessionCookie {
    pub(super) secret: String,
    pub(super) expires_ms: i64,
}

/// Ways in: whoever uses them is nobody yet, so there is no CSRF token to send.
const WAYS_IN: [&str; 3] = ["/api/v1/login", "/api/v1/setup", "/api/v1/enter"];

/// Puts the [`crate::accounts::Caller`] where handlers take it from, or refuses.
pub(super) async fn guard<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let Some(site) = request.app_data::<web::Data<Site>>().cloned() else {
        return Ok(refuse(
            request,
            &Problem::unavailable("The hub is starting."),
        ));
    };
    let admitted = admit(request.request(), &site);
    let counted = {
        let extensions = request.extensions();
        let now = site.parts.clock.now();
        site.limits
            .spend(extensions.get(), source(request.request()), now)
    };
    let renewed = match counted.and(admitted) {
        Ok(renewed) => renewed,
        Err(problem) => return Ok(refuse(request, &problem)),
    };
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Some(cookie) = renewed
        && !headers.contains_key(header::SET_COOKIE)
        && let Ok(value) = HeaderValue::from_str(&cookie.to_string())
    {
        headers.insert(header::SET_COOKIE, value);
    }
    Ok(in_our_words(response))
}

fn refuse<B>(request: ServiceRequest, problem: &Problem) -> ServiceResponse<EitherBody<B>> {
    let response = asking(request.into_response(problem.error_response()));
    response.map_into_right_body()
}

/// What the framework refuses by itself becomes a problem like any other.
fn in_our_words<B: MessageBody>(response: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
    let is_ours = response.headers().contains_key(header::CONTENT_TYPE);
    let problem = match response.status() {
        StatusCode::NOT_FOUND if !is_ours => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED if !is_ours => Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This cannot be done with that here.",
        ),
        _ => return asking(response).map_into_left_body(),
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut ours = problem.error_response();
    if let Some(allow) = allow {
        ours.headers_mut().insert(header::ALLOW, allow);
    }
    response.into_response(ours).map_into_right_body()
}

/// RFC 9110, section 11.6.1: a 401 says how to prove oneself.
fn asking<B>(mut response: ServiceResponse<B>) -> ServiceResponse<B> {
    if response.status() == StatusCode::UNAUTHORIZED {
        let how = HeaderValue::from_static("Bearer realm=\"hub\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
    }
    response
}

/// Whether an administrator asks; for what is outside the API.
pub(super) fn is_administrator(request: &HttpRequest, site: &Site) -> bool {
    // It changes nothing: a page elsewhere that has it loaded learns nothing either.
    let _ = admit(request, site);
    let extensions = request.extensions();
    let caller = extensions.get::<Caller>();
    caller.is_some_and(|caller| caller.role == Role::Administrator && caller.groups.is_none())
}

/// Answers a cookie that is to be sent again, because the session's end has moved.
fn admit(request: &HttpRequest, site: &Site) -> Result<Option<Cookie<'static>>, Problem> {
    let from = source(request);
    if let Some(given) = request.headers().get(header::AUTHORIZATION) {
        let wrong =
            || Problem::unauthenticated("This token is unknown, has expired, or was taken back.");
        let token = given.to_str().ok().and_then(bearer).ok_or_else(wrong)?;
        let caller = site.accounts.token(token, from).ok_or_else(wrong)?;
        request.extensions_mut().insert(caller);
        return Ok(None);
    }
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let sender = sender(request.headers(), &site.settings);
    let is_way_in = WAYS_IN.contains(&request.path());
    if changes && sender == Sender::Foreign {
        return Err(foreign());
    }
    let Some(secret) = session_secret(request, &site.settings) else {
        return Ok(None);
    };
    let Some(proof) = site.accounts.session(&secret, from) else {
        return Ok(None);
    };
    if is_way_in {
        return Ok(None);
    }
    if changes {
        if sender != Sender::Ours {
            return Err(foreign());
        }
        check_csrf(request, &secret)?;
    }
    let cookie = proof
        .renewed
        .then(|| session_cookie(secret.clone(), &site.settings));
    let mut extensions = request.extensions_mut();
    extensions.insert(proof.caller);
    extensions.insert(SessionCookie {
        secret,
        expires_ms: proof.expires_ms,
    });
    Ok(cookie)
}

fn foreign() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "origin",
        "This was sent by a page of another origin. If it was the hub's own, web.url has to name the address in the browser.",
    )
}

fn check_csrf(request: &HttpRequest, secret: &str) -> Result<(), Problem> {
    let given = request.headers().get(CSRF);
    let given = given.map(HeaderValue::as_bytes).unwrap_or_default();
    if bool::from(csrf_token(secret).as_bytes().ct_eq(given)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "csrf",
        "The header X-CSRF-Token is missing or not this session's; GET /api/v1/me gives it.",
    ))
}

fn bearer(given: &str) -> Option<&str> {
    let (scheme, token) = given.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie_name(settings: &Settings) -> &'static str {
    // The prefix makes browsers refuse it from other hosts of the domain, and without HTTPS.
    if over_https(settings) {
        "__Host-hub_session"
    } else {
        "hub_session"
    }
}

/// What the browser's cookie holds, whether it is worth anything or not.
pub(super) fn session_secret(request: &HttpRequest, settings: &Settings) -> Option<String> {
    let cookie = request.cookie(cookie_name(settings))?;
    Some(cookie.value().to_owned())
}

pub(super) fn session_cookie(secret: String, settings: &Settings) -> Cookie<'static> {
    let days = i64::try_from(settings.web.session_days).unwrap_or(1);
    Cookie::build(cookie_name(settings), secret)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(over_https(settings))
        .max_age(Duration::seconds(days * DAY))
        .finish()
}

/// Has the browser forget its cookie.
pub(super) fn no_cookie(settings: &Settings) -> Cookie<'static> {
    let mut cookie = session_cookie(String::new(), settings);
    cookie.set_max_age(Duration::ZERO);
    cookie
}
