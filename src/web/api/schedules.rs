//! Schedules, their next runs and their history.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::find::{OfGroup, answer};
use crate::accounts::{Caller, Need};
use crate::admin::{
    NewSchedule, NewTiming, Request, Response, RunInfo, ScheduleInfo, ScheduleRequest,
    ScheduleResponse,
};
use crate::schedule::{Act, Shown};
use crate::storage::Numbered;
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::{Limit, List, Place};
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list, add, show, change, remove, preview, preview_of, runs))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/schedules").get(list).post(add).done())
        .service(at("/schedules/preview").post(preview_of).done())
        .service(
            at("/schedules/{id}")
                .get(show)
                .patch(change)
                .delete(remove)
                .done(),
        )
        .service(at("/schedules/{id}/preview").get(preview).done())
        .service(at("/schedules/{id}/runs").get(runs).done());
}

/// Schedules, in the order in which they were made.
#[utoipa::path(get, path = "/schedules", tag = "schedules", params(OfGroup),
    responses((status = 200, description = "A page of schedules", body = List<ScheduleInfo>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<OfGroup>,
) -> Result<web::Json<List<ScheduleInfo>>, Problem> {
    let query = query.into_inner();
    let (limit, part) = site.part(&caller, &query)?;
    let asked = ScheduleRequest::List {
        group: query.group,
        part,
    };
    let listed = ask(&caller, &site, asked).await?;
    let items = answer!(listed, ScheduleResponse::Schedules(items) => items)?;
    Ok(web::Json(List::cut(items, limit, |s| Place::Number(s.id))))
}

/// Makes a schedule: a cron pattern, one time or a period, in a time zone.
#[utoipa::path(post, path = "/schedules", tag = "schedules", request_body = NewSchedule,
    responses((status = 201, description = "It is made", body = ScheduleInfo),
        (status = 409, description = "The group has one of this name", body = Problem)))]
async fn add(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<NewSchedule>,
) -> Result<HttpResponse, Problem> {
    let new = body.into_inner();
    let group = site.group(&caller, Need::Operate, &new.group)?;
    if let Act::Command { target, .. } | Act::EventPeriod { target, .. } = &new.act {
        site.target_in(group, target)?;
    }
    let asked = ScheduleRequest::Add(Box::new(new));
    let made = ask(&caller, &site, asked).await?;
    let schedule = answer!(made, ScheduleResponse::Schedule(schedule) => schedule)?;
    Ok(HttpResponse::Created().json(schedule))
}

#[utoipa::path(get, path = "/schedules/{id}", tag = "schedules", params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, description = "The schedule", body = ScheduleInfo)))]
async fn show(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<web::Json<ScheduleInfo>, Problem> {
    let id = id.into_inner();
    seen(&caller, &site, Need::See, id).await?;
    let shown = ask(&caller, &site, ScheduleRequest::Show { id }).await?;
    answer!(shown, ScheduleResponse::Schedule(schedule) => web::Json(*schedule))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"paused": true}))]
struct ScheduleChange {
    /// What is due while it is paused is not missed: it was not wanted.
    paused: bool,
}

/// Pauses a schedule, or lets it go on.
#[utoipa::path(patch, path = "/schedules/{id}", tag = "schedules", params(("id" = i64, Path, minimum = 1)), request_body = ScheduleChange,
    responses((status = 200, description = "The schedule as it is now", body = ScheduleInfo)))]
async fn change(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    body: Body<ScheduleChange>,
) -> Result<web::Json<ScheduleInfo>, Problem> {
    let id = id.into_inner();
    seen(&caller, &site, Need::Operate, id).await?;
    let asked = if body.paused {
        ScheduleRequest::Pause { id }
    } else {
        ScheduleRequest::Resume { id }
    };
    let changed = ask(&caller, &site, asked).await?;
    answer!(changed, ScheduleResponse::Schedule(schedule) => web::Json(*schedule))
}

#[utoipa::path(delete, path = "/schedules/{id}", tag = "schedules", params(("id" = i64, Path, minimum = 1)),
    responses((status = 204, description = "It is gone")))]
async fn remove(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    seen(&caller, &site, Need::Operate, id).await?;
    let asked = Request::Schedule(ScheduleRequest::Remove { id });
    site.ask(&caller, asked).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Runs that a preview shows unless it is said otherwise.
const SHOWN: u16 = 10;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PreviewQuery {
    /// Runs that are shown.
    #[param(minimum = 1, maximum = 1000, default = 10)]
    count: Option<u16>,
}

/// Runs to come, and between them those that a change of the clocks takes away.
#[derive(Serialize, ToSchema)]
struct Preview {
    items: Vec<Shown>,
}

/// The next runs of a schedule.
#[utoipa::path(get, path = "/schedules/{id}/preview", tag = "schedules", params(("id" = i64, Path, minimum = 1), PreviewQuery),
    responses((status = 200, description = "The next runs", body = Preview)))]
async fn preview(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    query: web::Query<PreviewQuery>,
) -> Result<web::Json<Preview>, Problem> {
    let id = id.into_inner();
    seen(&caller, &site, Need::See, id).await?;
    let count = count(query.count)?;
    previewed(&caller, &site, ScheduleRequest::Preview { id, count }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"timing": {"cron": "0 0 6 * * MON-FRI", "zone": "Europe/Madrid"}, "count": 5}))]
struct PreviewOf {
    timing: NewTiming,
    /// Runs that are shown.
    #[schema(minimum = 1, maximum = 1000, default = 10)]
    count: Option<u16>,
}

/// The next runs that a schedule would have.
#[utoipa::path(post, path = "/schedules/preview", tag = "schedules", request_body = PreviewOf,
    responses((status = 200, description = "The next runs", body = Preview)))]
async fn preview_of(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<PreviewOf>,
) -> Result<web::Json<Preview>, Problem> {
    caller.may_somewhere(Need::See)?;
    let PreviewOf {
        timing,
        count: asked,
    } = body.into_inner();
    let count = count(asked)?;
    let asked = ScheduleRequest::PreviewOf { timing, count };
    previewed(&caller, &site, asked).await
}

async fn previewed(
    caller: &Caller,
    site: &Site,
    asked: ScheduleRequest,
) -> Result<web::Json<Preview>, Problem> {
    let shown = ask(caller, site, asked).await?;
    answer!(shown, ScheduleResponse::Preview(items) => web::Json(Preview { items }))
}

fn count(asked: Option<u16>) -> Result<usize, Problem> {
    let count = asked.unwrap_or(SHOWN);
    if (1..=1000).contains(&count) {
        Ok(count.into())
    } else {
        Err(
            Problem::invalid("At least 1 run can be shown, and at most 1000.")
                .at("/count", "a number from 1 to 1000"),
        )
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RunsQuery {
    limit: Option<Limit>,
}

/// The latest runs.
#[derive(Serialize, ToSchema)]
struct Runs {
    items: Vec<RunInfo>,
}

/// The latest runs of a schedule, and why there was none, the newest first.
#[utoipa::path(get, path = "/schedules/{id}/runs", tag = "schedules", params(("id" = i64, Path, minimum = 1), RunsQuery),
    responses((status = 200, description = "The runs", body = Runs)))]
async fn runs(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    query: web::Query<RunsQuery>,
) -> Result<web::Json<Runs>, Problem> {
    let id = id.into_inner();
    seen(&caller, &site, Need::See, id).await?;
    let limit = query.limit.unwrap_or_default().get();
    let shown = ask(&caller, &site, ScheduleRequest::History { id, limit }).await?;
    answer!(shown, ScheduleResponse::History(items) => web::Json(Runs { items }))
}

async fn seen(caller: &Caller, site: &Site, need: Need, id: i64) -> Result<(), Problem> {
    site.numbered(caller, need, Numbered::Schedule, id)
        .await
        .map(drop)
}

async fn ask(
    caller: &Caller,
    site: &Site,
    asked: ScheduleRequest,
) -> Result<ScheduleResponse, Problem> {
    let answered = site.ask(caller, Request::Schedule(asked)).await?;
    answer!(answered, Response::Schedule(answered) => *answered)
}
