//! What just happened in the hub.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::accounts::{Caller, Need};
use crate::live::{RECENT, RecentQuery};
use crate::web::at::at;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/events").get(list).done());
}

/// Events that one answer has at most: as many as the hub keeps.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
struct Most(usize);

impl TryFrom<u32> for Most {
    type Error = &'static str;

    fn try_from(limit: u32) -> Result<Self, Self::Error> {
        let limit = usize::try_from(limit).ok();
        let within = limit.filter(|limit| (1..=RECENT).contains(limit));
        within.map(Self).ok_or("limit is a number from 1 to 500")
    }
}

/// Which events are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventQuery {
    /// A group's name.
    group: Option<String>,
    /// A device's address.
    #[param(minimum = 1, maximum = 2_147_483_647)]
    device: Option<u32>,
    /// All that are kept, without it.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<Most>,
}

/// Events as the live socket says them, the newest first.
#[derive(Serialize, ToSchema)]
struct Events {
    items: Vec<serde_json::Value>,
}

/// What just happened: the hub's latest events, as far as the caller may see them.
#[utoipa::path(get, path = "/events", tag = "live", params(EventQuery),
    responses((status = 200, description = "The newest first", body = Events)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<EventQuery>,
) -> Result<HttpResponse, Problem> {
    caller.may_somewhere(Need::See)?;
    let group = query.group.as_deref();
    let group = group.map(|name| site.group(&caller, Need::See, name));
    if let Some(address) = query.device {
        site.device(&caller, Need::See, address)?;
    }
    let wanted = RecentQuery {
        group: group.transpose()?,
        device: query.device,
        limit: query.limit.map_or(RECENT, |most| most.0),
    };
    let recent = site.live.recent(&caller, &wanted);
    // They are JSON already.
    let body = format!(r#"{{"items":[{}]}}"#, recent.join(","));
    Ok(HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(body))
}
