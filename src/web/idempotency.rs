//! POSTs with an Idempotency-Key are done once: whoever did not hear the answer sends the same again.
//!
//! That one is under way is committed before it is done, and its answer after: what a crash cuts off in between is neither
//! done again nor said to be done.

use actix_web::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{self, Bytes};
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use sha2::{Digest, Sha256};

use super::{Problem, Site};
use crate::accounts::{Caller, Via};
use crate::storage::{Answered, Claim, Driver, Idempotency, StorageError, transaction};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// How long an answer is kept.
pub(crate) const KEPT_MS: i64 = 86_400_000;

/// Keys of one caller that are kept.
const MOST: i64 = 10_000;

/// Characters of a key, and bytes of an answer, at most.
const LONGEST_KEY: usize = 128;
const LONGEST_ANSWER: u64 = 64 << 10;

/// Answers that show a secret once: not to be found in any database.
const SECRET: [&str; 9] = [
    "/api/v1/users",
    "/api/v1/users/{id}/reset",
    "/api/v1/me/tokens",
    "/api/v1/me/password",
    "/api/v1/devices",
    "/api/v1/devices/import",
    "/api/v1/devices/{address}/serial",
    "/api/v1/channels",
    "/api/v1/discovered/{key}/adopt",
];

/// One request that may be sent again.
#[derive(Clone)]
struct Keyed {
    caller: String,
    key: String,
    fingerprint: [u8; 32],
    is_secret: bool,
}

pub(super) async fn once<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(site) = request.app_data::<web::Data<Site>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let keyed = match keyed(&mut request).await {
        Ok(Some(keyed)) => keyed,
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => return Ok(request.into_response(problem.error_response())),
    };
    match claim(&site, &keyed).await {
        Ok(Claim::First) => {}
        Ok(before) => return Ok(request.into_response(again(before))),
        Err(error) => return Ok(request.into_response(Problem::from(error).error_response())),
    }
    // To its end, whether somebody waits for it or not: that is what the key is for.
    let done = actix_web::rt::spawn(async move {
        let response = next.call(request).await?.map_into_boxed_body();
        Ok(keep(&site, &keyed, response).await)
    });
    done.await
        .unwrap_or_else(|_| Err(Problem::internal().into()))
}

/// `None`: the request is like any other. Its body is read here, and put back.
async fn keyed(request: &mut ServiceRequest) -> Result<Option<Keyed>, Problem> {
    let key = request.headers().get(KEY).cloned();
    let caller = request.extensions().get::<Caller>().cloned();
    let (Some(key), Some(caller), &Method::POST) = (key, caller, request.method()) else {
        return Ok(None);
    };
    let key = key.to_str().ok().filter(|key| {
        (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    let key = key.ok_or_else(|| {
        Problem::malformed("An Idempotency-Key is 1 to 128 visible ASCII characters.")
    })?;
    let key = key.to_owned();
    let body = request.extract::<Bytes>().await;
    let body = body.map_err(|error| match error.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(super::faults::LARGEST),
        _ => Problem::malformed("The body did not come to its end."),
    })?;
    let mut fingerprint = Sha256::new();
    fingerprint.update(request.uri().to_string().as_bytes());
    fingerprint.update([0]);
    fingerprint.update(&body);
    let pattern = request.match_pattern().unwrap_or_default();
    request.set_payload(Payload::from(body));
    Ok(Some(Keyed {
        caller: match caller.via {
            Via::Session(_) => format!("user {}", caller.user),
            Via::Token(id, _) => format!("token {id}"),
        },
        key,
        fingerprint: fingerprint.finalize().into(),
        is_secret: SECRET.contains(&pattern.as_str()),
    }))
}

async fn claim(site: &Site, keyed: &Keyed) -> Result<Claim, StorageError> {
    let now = site.parts.clock.unix_ms();
    let keyed = keyed.clone();
    let look = move |store: &mut dyn Driver| {
        transaction(store, |store| {
            let (caller, key, print) = (&keyed.caller, &keyed.key, &keyed.fingerprint);
            Idempotency::claim(
                store,
                caller,
                key,
                print,
                now,
                now.saturating_sub(KEPT_MS),
                MOST,
            )
        })
    };
    site.parts.recorder.call(look).await?
}

/// What a repeat is answered.
fn again(before: Claim) -> HttpResponse {
    let problem = match before {
        Claim::Answered(answered) => return replay(answered),
        Claim::First | Claim::UnderWay => Problem::conflict(
            "A request with this Idempotency-Key is under way, or was cut off when the hub ended: look whether it was done.",
        ),
        Claim::Done => Problem::conflict(
            "The request with this Idempotency-Key was done; its answer was shown once and is not kept.",
        ),
        Claim::Other => {
            Problem::invalid("This Idempotency-Key was used for another request; take a new one.")
        }
        Claim::TooMany => Problem::throttled(
            3600,
            format!("{MOST} Idempotency-Keys were used within a day, as many as are kept."),
        ),
    };
    problem.error_response()
}

fn replay(answered: Answered) -> HttpResponse {
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    if answered.kind.is_empty() {
        return response.finish();
    }
    response.content_type(answered.kind).body(answered.body)
}

/// Keeps the answer for repeats, if it may be kept.
async fn keep(site: &Site, keyed: &Keyed, response: ServiceResponse) -> ServiceResponse {
    let status = response.status();
    // Nothing was done, and it may be tried again.
    let undone = matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    let is_short = match response.response().body().size() {
        BodySize::None => true,
        BodySize::Sized(bytes) => bytes <= LONGEST_ANSWER,
        BodySize::Stream => false,
    };
    let shows_secret = keyed.is_secret && status.is_success()
        || response.headers().contains_key(header::SET_COOKIE);
    let mut kept = None;
    let mut response = response;
    if !undone && is_short && !shows_secret {
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.to_owned();
        let (request, plain) = response.into_parts();
        let (head, body) = plain.into_parts();
        let body = to_bytes(body).await.unwrap_or_default();
        kept = Some((kind, body.clone()));
        response = ServiceResponse::new(request, head.set_body(BoxBody::new(body)));
    }
    let (keyed, code) = (keyed.clone(), status.as_u16());
    let write = move |store: &mut dyn Driver| {
        let (caller, key) = (&keyed.caller, &keyed.key);
        if undone {
            return Idempotency::release(store, caller, key);
        }
        let kept = kept.as_ref().map(|(kind, body)| (kind.as_str(), &**body));
        Idempotency::answered(store, caller, key, code, kept)
    };
    if let Ok(Err(error)) | Err(error) = site.parts.recorder.call(write).await {
        log::warn!("an answer was not kept for repeats error={error}");
    }
    response
}
