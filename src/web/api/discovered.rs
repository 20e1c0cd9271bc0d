//! Unknown devices that tried to log in, and their adoption.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use serde::{Deserialize, Serialize};

use crate::accounts::{Actor, Caller, Need};
use crate::admin::{NewDevice, Request, Response};
use crate::login::{StrangerInfo, Unproven};
use crate::refusal::RefusalKind;
use crate::registry::{LoginKind, Rights};
use crate::web::{Problem, Site};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/discovered").route(web::get().to(list)))
        .service(web::resource("/discovered/{key}/adopt").route(web::post().to(adopt)))
        .service(web::resource("/discovered/{key}").route(web::delete().to(forget)));
}

/// Nonces that are remembered of a legacy device, as `hub device add` does.
const NONCE_MEMORY: u32 = 200;

/// All that are kept, those that came last first.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::web) struct Discovered {
    items: Vec<StrangerInfo>,
    next: Option<String>,
}

/// What an unknown device becomes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Adopt {
    /// As printed on it: checked against what it sent.
    serial: String,
    group: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    #[schema(value_type = String, example = "talk")]
    rights: Rights,
}

/// The device that it is now. Its serial is known to whoever adopted it.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::web) struct Adopted {
    address: u32,
    group: String,
    #[serde(rename = "type")]
    kind: u32,
    id: String,
    #[schema(value_type = String)]
    login: LoginKind,
}

#[utoipa::path(
    get,
    path = "/discovered",
    tag = "discovered",
    summary = "Unknown devices that tried to log in",
    responses(
        (status = 200, description = "Those that came last first", body = Discovered),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "For administrators", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::web) async fn list(
    caller: Caller,
    site: web::Data<Site>,
) -> Result<web::Json<Discovered>, Problem> {
    caller.may_somewhere(Need::Administer)?;
    let mut items = site.strangers.list();
    let registry = site.registry.read();
    // It may have been added by its type and id meanwhile.
    items.retain(|stranger| registry.identified(stranger.kind, &stranger.id).is_none());
    drop(registry);
    Ok(web::Json(Discovered { items, next: None }))
}

#[utoipa::path(
    post,
    path = "/discovered/{key}/adopt",
    tag = "discovered",
    summary = "Makes an unknown device one of a group, if the serial makes the digest that it sent",
    params(("key" = String, Path)),
    request_body = Adopt,
    responses(
        (status = 201, description = "It is a device now", body = Adopted),
        (status = 400, description = "Broken JSON", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "For administrators", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such unknown device, or no such group", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is a device already", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "A body that is too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "A body that is no JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not its serial, or something else is wrong with the body", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong serials, or requests", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The hub stops, or cannot store it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::web) async fn adopt(
    caller: Caller,
    site: web::Data<Site>,
    key: web::Path<String>,
    body: web::Json<Adopt>,
) -> Result<HttpResponse, Problem> {
    caller.may_somewhere(Need::Administer)?;
    let Adopt {
        serial,
        group,
        name,
        labels,
        rights,
    } = body.into_inner();
    if site.registry.read().group_named(&group).is_none() {
        return Err(Problem::not_found());
    }
    let claim = site
        .strangers
        .prove(&key, &serial)
        .map_err(|error| match error {
            Unproven::Unknown => Problem::not_found(),
            Unproven::Wrong => {
                let text = "This serial does not make what the device sent.";
                Problem::invalid(text).at("/serial", text)
            }
            Unproven::Wait(seconds) => {
                Problem::throttled(seconds, "Too many wrong serials: wait before the next.")
            }
        })?;
    let new = NewDevice {
        group,
        kind: claim.kind,
        id: claim.id.clone(),
        name,
        labels,
        serial: Some(serial),
        login: claim.login,
        rights,
        nonce_memory: NONCE_MEMORY,
    };
    match site
        .admin
        .handle_by(&Actor::from(&caller), Request::DeviceAdd(new))
        .await
    {
        Response::Credential(made) => {
            site.strangers.adopted(&claim);
            let adopted = Adopted {
                address: made.address,
                group: made.group,
                kind: made.kind,
                id: made.id,
                login: made.login,
            };
            let location = format!("/api/v1/devices/{}", adopted.address);
            Ok(HttpResponse::Created()
                .insert_header((header::LOCATION, location))
                .json(adopted))
        }
        other => Err(refused(other)),
    }
}

fn refused(answer: Response) -> Problem {
    match answer {
        Response::Refused { error, kind, .. } => match kind {
            RefusalKind::NotFound => Problem::not_found(),
            RefusalKind::Conflict => Problem::conflict(error),
            RefusalKind::Forbidden => Problem::forbidden(error),
            RefusalKind::Invalid => Problem::invalid(error),
            RefusalKind::Busy | RefusalKind::Unavailable | RefusalKind::Storage => {
                Problem::unavailable(error).retry_after(5)
            }
        },
        _ => Problem::unavailable("The hub answered something else than was asked."),
    }
}

#[utoipa::path(
    delete,
    path = "/discovered/{key}",
    tag = "discovered",
    summary = "Forgets an unknown device until it tries again",
    params(("key" = String, Path)),
    responses(
        (status = 204, description = "It is forgotten"),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "For administrators", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such unknown device", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::web) async fn forget(
    caller: Caller,
    site: web::Data<Site>,
    key: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.may_somewhere(Need::Administer)?;
    if site.strangers.forget(&key) {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Problem::not_found())
    }
}
