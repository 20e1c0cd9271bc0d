//! Customer groups.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::accounts::{Caller, Need};
use crate::admin::Request;
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::List;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list, add, remove))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/groups").get(list).post(add).done())
        .service(at("/groups/{name}").delete(remove).done());
}

/// A group, counted.
#[derive(Serialize, ToSchema)]
struct Group {
    name: String,
    devices: usize,
    online: usize,
    open_alarms: usize,
}

/// The groups that the caller sees, in the order in which they were made; all on one page.
#[utoipa::path(get, path = "/groups", tag = "groups",
    responses((status = 200, description = "The groups", body = List<Group>)))]
async fn list(caller: Caller, site: web::Data<Site>) -> Result<web::Json<List<Group>>, Problem> {
    caller.may_somewhere(Need::See)?;
    let registry = site.registry.read();
    let seen = registry.groups().filter(|(id, _)| caller.sees(*id));
    let groups = seen.map(|(id, name)| Group {
        name: name.to_string(),
        devices: registry.count_in(id),
        online: site.parts.presences.online_in(id),
        open_alarms: site.parts.alarms.tally_of(id).open(),
    });
    Ok(web::Json(List::whole(groups.collect())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "greenhouse"}))]
struct NewGroup {
    /// At most 128 bytes, without control characters.
    #[schema(min_length = 1, max_length = 128)]
    name: String,
}

#[utoipa::path(post, path = "/groups", tag = "groups", request_body = NewGroup,
    responses((status = 201, description = "It is made", body = Group),
        (status = 409, description = "There is one of this name", body = Problem)))]
async fn add(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<NewGroup>,
) -> Result<HttpResponse, Problem> {
    caller.may_somewhere(Need::Administer)?;
    let name = body.into_inner().name;
    let asked = Request::GroupAdd { name: name.clone() };
    site.ask(&caller, asked).await?;
    Ok(HttpResponse::Created().json(Group {
        name,
        devices: 0,
        online: 0,
        open_alarms: 0,
    }))
}

/// The group is removed, which has to be without devices.
#[utoipa::path(delete, path = "/groups/{name}", tag = "groups", params(("name" = String, Path)),
    responses((status = 204, description = "It is gone"),
        (status = 409, description = "It has devices", body = Problem)))]
async fn remove(
    caller: Caller,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let name = name.into_inner();
    site.group(&caller, Need::Administer, &name)?;
    site.ask(&caller, Request::GroupRemove { name }).await?;
    Ok(HttpResponse::NoContent().finish())
}
