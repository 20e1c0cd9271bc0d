//! Readings: which there are, and those of a range.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::find::answer;
use crate::accounts::{Caller, Need};
use crate::admin::{
    ReadingQuery, ReadingRequest, ReadingResponse, Request, Resolution, Response, SeriesAnswer,
    SeriesStats,
};
use crate::web::at::at;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(series, query), components(schemas(Resolution)))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/devices/{address}/series").get(series).done())
        .service(at("/devices/{address}/readings").get(query).done());
}

#[derive(Serialize, ToSchema)]
struct Series {
    items: Vec<SeriesStats>,
}

/// The series of a device: a sensor in a unit each.
#[utoipa::path(get, path = "/devices/{address}/series", tag = "readings",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647)),
    responses((status = 200, description = "The series", body = Series)))]
async fn series(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
) -> Result<web::Json<Series>, Problem> {
    let device = site.device(&caller, Need::See, *address)?;
    let group = site.registry.read().group_name(device.group).to_string();
    let (mut items, mut after) = (Vec::new(), 0);
    // Each look goes through some of them; a device has a thousand at most.
    loop {
        let asked = ReadingRequest::Stats {
            group: Some(group.clone()),
            address: Some(device.address.get()),
            after,
        };
        let looked = ask(&caller, &site, asked).await?;
        let (some, next) =
            answer!(looked, ReadingResponse::Stats { series, after, .. } => (series, after))?;
        items.extend(some);
        match next {
            Some(next) => after = next,
            None => return Ok(web::Json(Series { items })),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RangeQuery {
    /// Or a composite: all of its parts are answered.
    sensor: String,
    unit: Option<String>,
    /// Unix milliseconds.
    from_ms: Option<i64>,
    /// Before this.
    to_ms: Option<i64>,
    /// Points of a series at most.
    #[param(minimum = 4, maximum = 20_000, default = 1000)]
    points: Option<usize>,
    resolution: Option<Resolution>,
}

/// Points of an answer, unless it is said otherwise, and at most.
const POINTS: usize = 1000;
const MOST_POINTS: std::ops::RangeInclusive<usize> = 4..=20_000;

#[derive(Serialize, ToSchema)]
struct Readings {
    items: Vec<SeriesAnswer>,
}

/// The readings of a sensor in a range of time, thinned out to so many points that keep every least and greatest value.
#[utoipa::path(get, path = "/devices/{address}/readings", tag = "readings",
    params(("address" = u32, Path, minimum = 1, maximum = 2_147_483_647), RangeQuery),
    responses((status = 200, description = "Series by series", body = Readings)))]
async fn query(
    caller: Caller,
    site: web::Data<Site>,
    address: web::Path<u32>,
    query: web::Query<RangeQuery>,
) -> Result<web::Json<Readings>, Problem> {
    let device = site.device(&caller, Need::See, *address)?;
    let query = query.into_inner();
    let points = query.points.unwrap_or(POINTS);
    if !MOST_POINTS.contains(&points) {
        return Err(Problem::malformed("points is a number from 4 to 20000."));
    }
    let asked = ReadingRequest::Query(ReadingQuery {
        address: device.address.get(),
        sensor: query.sensor,
        unit: query.unit,
        from_ms: query.from_ms,
        to_ms: query.to_ms,
        points,
        resolution: query.resolution.unwrap_or(Resolution::Auto),
    });
    let answered = ask(&caller, &site, asked).await?;
    answer!(answered, ReadingResponse::Series(items) => web::Json(Readings { items }))
}

pub(super) async fn ask(
    caller: &Caller,
    site: &Site,
    asked: ReadingRequest,
) -> Result<ReadingResponse, Problem> {
    let answered = site.ask(caller, Request::Reading(asked)).await?;
    answer!(answered, Response::Reading(answered) => *answered)
}
