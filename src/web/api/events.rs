//! What just happened in the hub.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{self, ServiceConfig};
use serde::Deserialize;

use crate::accounts::Caller;
use crate::live::RecentQuery;
use crate::web::{Problem, Site};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/events").route(web::get().to(list)));
}

/// Events that one answer has at most: as many as the hub keeps.
const MOST: usize = 500;

/// Which events are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct EventQuery {
    /// A group's name.
    group: Option<String>,
    /// A device's address.
    device: Option<u32>,
    /// 1 to 500; all that are kept, otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// The newest first, each as the live socket says it.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "the items are JSON already: this describes the answer"
)]
pub(in crate::web) struct Events {
    items: Vec<serde_json::Value>,
}

#[utoipa::path(
    get,
    path = "/events",
    tag = "events",
    summary = "What just happened: the hub's last 500 events, as far as the caller may see them",
    params(EventQuery),
    responses(
        (status = 200, description = "The newest first", body = Events),
        (status = 400, description = "A query that cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such group or device", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A limit out of bounds", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::web) async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<EventQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit.unwrap_or(MOST);
    if !(1..=MOST).contains(&limit) {
        let text = format!("A limit is a number from 1 to {MOST}.");
        return Err(Problem::invalid(text.clone()).at("/limit", text));
    }
    let group = {
        let registry = site.registry.read();
        let group = query.group.as_deref();
        let group = group.map(|name| registry.group_named(name).ok_or_else(Problem::not_found));
        let group = group.transpose()?;
        if group.is_some_and(|group| !caller.sees(group)) {
            return Err(Problem::not_found());
        }
        if let Some(number) = query.device {
            let address = crate::wire::Address::new(number);
            let device = address.and_then(|address| registry.device(address));
            let own = device.is_some_and(|device| caller.sees(device.group));
            own.then_some(()).ok_or_else(Problem::not_found)?;
        }
        group
    };
    let wanted = RecentQuery {
        group,
        device: query.device,
        limit,
    };
    let recent = site.live.recent(&caller, &wanted);
    let body = format!(r#"{{"items":[{}]}}"#, recent.join(","));
    Ok(HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(body))
}
