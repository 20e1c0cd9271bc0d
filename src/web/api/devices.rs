//! Devices: what there is, and what is changed about them.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::device_list::{DeviceState, DeviceSummary, Wanted, page};
use super::find::answer;
use crate::accounts::{Caller, Need};
use crate::admin::{Credential, DeviceInfo, NewDevice, Request, Response};
use crate::alarm::Severity;
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::{Limit, List, Place};
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(
    paths(list, add, show, change, remove, rotate_serial),
    components(schemas(DeviceState))
)]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/devices").get(list).post(add).done())
        .service(
            at("/devices/{address}")
                .get(show)
                .patch(change)
                .delete(remove)
                .done(),
        )
        .service(at("/devices/{address}/serial").post(rotate_serial).done());
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only of this group.
    group: Option<String>,
    /// Only those that carry this label.
    label: Option<String>,
    /// Only those in this state.
    state: Option<DeviceState>,
    /// Only those that have this in their name, id, address or a label; large and small letters are the same.
    #[param(max_length = 200)]
    q: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    limit: Option<Limit>,
}

/// Characters that are searched for at most.
const LONGEST_SEARCH: usize = 200;

/// Devices by group, type and id.
#[utoipa::path(get, path = "/devices", tag = "devices", params(ListQuery),
    responses((status = 200, description = "A page of devices", body = List<DeviceSummary>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<List<DeviceSummary>>, Problem> {
    let query = query.into_inner();
    let groups = site.groups(&caller, query.group.as_deref())?;
    let needle = query.q.unwrap_or_default();
    if needle.chars().count() > LONGEST_SEARCH {
        return Err(Problem::malformed(
            "At most 200 characters can be searched for.",
        ));
    }
    let wanted = Wanted::new(query.label, query.state, &needle);
    let after = Place::device(query.cursor.as_deref())?;
    let limit = query.limit.unwrap_or_default();
    Ok(web::Json(page(&site, groups, &wanted, after, limit)))
}

/// A device is registered. Its serial is shown in this answer and never again.
#[utoipa::path(post, path = "/devices", tag = "devices", request_body = NewDevice,
    responses((status = 201, description = "What the board needs to log in", body = Credential),
        (status = 409, description = "There is one with this type and id", body = Problem)))]
async fn add(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<NewDevice>,
) -> Result<HttpResponse, Problem> {
    let new = body.into_inner();
    site.group(&caller, Need::Manage, &new.group)?;
    site.refuse_unseen(&caller, new.kind, &new.id)?;
    let made = site.ask(&caller, Request::DeviceAdd(new)).await?;
    let credential = answer!(made, Response::Credential(credential) => credential)?;
    Ok(HttpResponse::Created().json(credential))
}

/// A device, and how it is.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceDetail {
    #[serde(flatten)]
    info: DeviceInfo,
    open_alarms: usize,
    /// Of the open alarms; null: there are none.
    worst: Option<Severity>,
}

#[utoipa::path(get, path = "/devices/{address}", tag = "devices",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647)),
    responses((status = 200, description = "The device", body = DeviceDetail)))]
async fn show(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
) -> Result<web::Json<DeviceDetail>, Problem> {
    let device = site.device(&caller, Need::See, *address)?;
    detail(&caller, &site, device.address.get()).await
}

async fn detail(
    caller: &Caller,
    site: &Site,
    address: u32,
) -> Result<web::Json<DeviceDetail>, Problem> {
    let shown = site.ask(caller, Request::DeviceShow { address }).await?;
    let info = answer!(shown, Response::Device(info) => *info)?;
    let address = crate::wire::Address::new(address);
    let tally = site.parts.alarms.tallies_of(address.into_iter());
    let tally = tally.first().copied().unwrap_or_default();
    Ok(web::Json(DeviceDetail {
        info,
        open_alarms: tally.open(),
        worst: tally.worst(),
    }))
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"disabled": true}))]
struct DeviceChange {
    /// A disabled device cannot log in.
    disabled: Option<bool>,
    /// Moves it to another group, which is for administrators; it loses its labels.
    group: Option<String>,
}

#[utoipa::path(patch, path = "/devices/{address}", tag = "devices",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647)), request_body = DeviceChange,
    responses((status = 200, description = "The device as it is now", body = DeviceDetail),
        (status = 409, description = "It is in that group already", body = Problem)))]
async fn change(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
    body: Body<DeviceChange>,
) -> Result<web::Json<DeviceDetail>, Problem> {
    let address = site.device(&caller, Need::Manage, *address)?.address.get();
    let DeviceChange { disabled, group } = body.into_inner();
    if let Some(group) = group {
        caller.may_somewhere(Need::Administer)?;
        site.group(&caller, Need::Administer, &group)?;
        let asked = Request::DeviceMove { address, group };
        site.ask(&caller, asked).await?;
    }
    if let Some(disabled) = disabled {
        let asked = Request::DeviceSetDisabled { address, disabled };
        site.ask(&caller, asked).await?;
    }
    detail(&caller, &site, address).await
}

/// The device is removed, with all that it has reported.
#[utoipa::path(delete, path = "/devices/{address}", tag = "devices",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647)),
    responses((status = 204, description = "It is gone")))]
async fn remove(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
) -> Result<HttpResponse, Problem> {
    let device = site.device(&caller, Need::Manage, *address)?;
    let address = device.address.get();
    site.ask(&caller, Request::DeviceRemove { address }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The device gets a new serial; its session ends. The serial is shown in this answer and never again.
#[utoipa::path(post, path = "/devices/{address}/serial", tag = "devices",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647)),
    responses((status = 200, description = "What the board needs to log in", body = Credential)))]
async fn rotate_serial(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
) -> Result<web::Json<Credential>, Problem> {
    let device = site.device(&caller, Need::Manage, *address)?;
    let asked = Request::DeviceRotateSerial {
        address: device.address.get(),
    };
    let rotated = site.ask(&caller, asked).await?;
    answer!(rotated, Response::Credential(credential) => web::Json(credential))
}

impl Site {
    /// Types and ids are unique in the whole hub: that one is taken elsewhere is said, but not by which device.
    ///
    /// # Errors
    /// A device that the caller does not see has this identity.
    pub(super) fn refuse_unseen(
        &self,
        caller: &Caller,
        kind: u32,
        id: &str,
    ) -> Result<(), Problem> {
        let registry = self.registry.read();
        match registry.identified(kind, id) {
            Some(device) if !caller.sees(device.group) => Err(Problem::conflict(taken(kind, id))),
            _ => Ok(()),
        }
    }
}

pub(super) fn taken(kind: u32, id: &str) -> String {
    format!("Device {kind}/{id} exists already.")
}
