//! Unknown devices that tried to log in, and their adoption.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::find::answer;
use crate::accounts::{Caller, Need};
use crate::admin::{NewDevice, Request, Response};
use crate::login::{StrangerInfo, Unproven};
use crate::registry::{LoginKind, Rights};
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::List;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list, adopt, forget))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/discovered").get(list).done())
        .service(at("/discovered/{key}/adopt").post(adopt).done())
        .service(at("/discovered/{key}").delete(forget).done());
}

/// Nonces that are remembered of a legacy device, as `hub device add` has it.
const NONCE_MEMORY: u32 = 200;

/// Those that came last first; all on one page.
#[utoipa::path(get, path = "/discovered", tag = "discovered",
    responses((status = 200, description = "Unknown devices that tried to log in", body = List<StrangerInfo>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
) -> Result<web::Json<List<StrangerInfo>>, Problem> {
    caller.may_somewhere(Need::Administer)?;
    let mut items = site.strangers.list();
    let registry = site.registry.read();
    // It may have been added by its type and id meanwhile.
    items.retain(|stranger| {
        let known = registry.identified(stranger.kind, &stranger.id);
        known.is_none()
    });
    Ok(web::Json(List::whole(items)))
}

/// What an unknown device becomes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Adopt {
    /// As printed on it: checked against what it sent.
    #[schema(min_length = 1, max_length = 128)]
    serial: String,
    group: String,
    #[serde(default)]
    #[schema(max_length = 128)]
    name: String,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    rights: Rights,
}

/// The device that it is now. Its serial is known to whoever adopted it.
#[derive(Serialize, ToSchema)]
struct Adopted {
    address: u32,
    group: String,
    #[serde(rename = "type")]
    kind: u32,
    id: String,
    login: LoginKind,
}

/// Makes an unknown device one of a group, if the serial makes the digest that it sent.
#[utoipa::path(post, path = "/discovered/{key}/adopt", tag = "discovered", params(("key" = String, Path)),
    request_body = Adopt,
    responses((status = 201, description = "It is a device now", body = Adopted),
        (status = 422, description = "Not its serial, or something else is wrong", body = Problem),
        (status = 429, description = "Too many wrong serials, or requests", body = Problem)))]
async fn adopt(
    caller: Caller,
    site: web::Data<Site>,
    key: web::Path<String>,
    body: Body<Adopt>,
) -> Result<HttpResponse, Problem> {
    caller.may_somewhere(Need::Administer)?;
    let asked = body.into_inner();
    site.group(&caller, Need::Administer, &asked.group)?;
    let claim = site
        .strangers
        .prove(&key, &asked.serial)
        .map_err(unproven)?;
    let new = NewDevice {
        group: asked.group,
        kind: claim.kind,
        id: claim.id.clone(),
        name: asked.name,
        labels: asked.labels,
        serial: Some(asked.serial),
        login: claim.login,
        rights: asked.rights,
        nonce_memory: NONCE_MEMORY,
    };
    let done = site.ask(&caller, Request::DeviceAdd(new)).await?;
    let made = answer!(done, Response::Credential(made) => made)?;
    site.strangers.adopted(&claim);
    let location = format!("/api/v1/devices/{}", made.address);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(Adopted {
            address: made.address,
            group: made.group,
            kind: made.kind,
            id: made.id,
            login: made.login,
        }))
}

fn unproven(why: Unproven) -> Problem {
    match why {
        Unproven::Unknown => Problem::not_found(),
        Unproven::Wrong => {
            let text = "This serial does not make what the device sent.";
            Problem::invalid(text).at("/serial", text)
        }
        Unproven::Wait(seconds) => {
            Problem::throttled(seconds, "Too many wrong serials: wait before the next.")
        }
    }
}

/// Forgets an unknown device, until it tries again.
#[utoipa::path(delete, path = "/discovered/{key}", tag = "discovered", params(("key" = String, Path)),
    responses((status = 204, description = "It is forgotten")))]
async fn forget(
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
