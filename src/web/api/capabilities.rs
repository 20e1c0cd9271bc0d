//! What a device has, and the rules that watch it.

use actix_web::web;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::find::answer;
use crate::accounts::{Caller, Need};
use crate::admin::{AlarmRequest, AlarmResponse, CapabilitiesInfo, Request, Response, Watching};
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::List;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(show, describe, rules))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            at("/devices/{address}/capabilities")
                .get(show)
                .put(describe)
                .done(),
        )
        .service(at("/devices/{address}/rules").get(rules).done());
}

/// Sensors with their last values, actuators with what is wanted and what was reported, events.
#[utoipa::path(get, path = "/devices/{address}/capabilities", tag = "devices",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647)),
    responses((status = 200, description = "What the device has", body = CapabilitiesInfo)))]
async fn show(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
) -> Result<web::Json<CapabilitiesInfo>, Problem> {
    let device = site.device(&caller, Need::See, *address)?;
    capabilities(&caller, &site, device.address.get()).await
}

async fn capabilities(
    caller: &Caller,
    site: &Site,
    address: u32,
) -> Result<web::Json<CapabilitiesInfo>, Problem> {
    let asked = Request::DeviceCapabilities { address };
    let shown = site.ask(caller, asked).await?;
    answer!(shown, Response::Capabilities(info) => web::Json(*info))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"capabilities": ["S:t:number:C:-40:80", "A:fan:boolean::"]}))]
struct Description {
    /// The fields of DESCRIBE, in place of what people said before.
    capabilities: Vec<String>,
}

/// Says what the device has, in place of what people said before; it holds over what the device says itself.
#[utoipa::path(put, path = "/devices/{address}/capabilities", tag = "devices",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647)), request_body = Description,
    responses((status = 200, description = "What the device has now", body = CapabilitiesInfo)))]
async fn describe(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
    body: Body<Description>,
) -> Result<web::Json<CapabilitiesInfo>, Problem> {
    let device = site.device(&caller, Need::Manage, *address)?;
    let address = device.address.get();
    let asked = Request::DeviceDescribe {
        address,
        capabilities: body.into_inner().capabilities,
    };
    site.ask(&caller, asked).await?;
    capabilities(&caller, &site, address).await
}

/// The alarm rules that watch the device, and where each stands.
#[utoipa::path(get, path = "/devices/{address}/rules", tag = "devices",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647)),
    responses((status = 200, description = "The rules", body = List<Watching>)))]
async fn rules(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
) -> Result<web::Json<List<Watching>>, Problem> {
    let device = site.device(&caller, Need::See, *address)?;
    let address = device.address.get();
    let asked = Request::Alarm(AlarmRequest::RulesOf { address });
    let shown = site.ask(&caller, asked).await?;
    let shown = answer!(shown, Response::Alarm(shown) => *shown)?;
    answer!(shown, AlarmResponse::Watching(items) => web::Json(List::whole(items)))
}
