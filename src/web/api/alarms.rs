//! Alarms, and what people do about them.

use actix_web::web;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::find::answer;
use crate::accounts::{Caller, Need};
use crate::admin::{AlarmQuery, AlarmRequest, AlarmResponse, Request, Response};
use crate::alarm::{AlarmInfo, AlarmState, Severity};
use crate::storage::Numbered;
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::{Limit, List, Place};
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list, show, acknowledge, shelve, unshelve, clear))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/alarms").get(list).done())
        .service(at("/alarms/{id}").get(show).done())
        .service(at("/alarms/{id}/acknowledge").post(acknowledge).done())
        .service(at("/alarms/{id}/shelve").post(shelve).done())
        .service(at("/alarms/{id}/unshelve").post(unshelve).done())
        .service(at("/alarms/{id}/clear").post(clear).done());
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only of this group.
    group: Option<String>,
    /// Only of this device.
    #[param(minimum = 1, maximum = 2_147_483_647)]
    device: Option<u32>,
    /// Only those that are not cleared.
    open: Option<bool>,
    /// Only those in this state.
    state: Option<AlarmState>,
    /// Only those of this severity.
    severity: Option<Severity>,
    /// `next` of the page before.
    cursor: Option<String>,
    limit: Option<Limit>,
}

/// Alarms, the newest first.
#[utoipa::path(get, path = "/alarms", tag = "alarms", params(ListQuery),
    responses((status = 200, description = "A page of alarms", body = List<AlarmInfo>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<List<AlarmInfo>>, Problem> {
    let query = query.into_inner();
    caller.may_somewhere(Need::See)?;
    if let Some(name) = &query.group {
        site.group(&caller, Need::See, name)?;
    }
    if let Some(address) = query.device {
        site.device(&caller, Need::See, address)?;
    }
    let limit = query.limit.unwrap_or_default();
    let asked = AlarmRequest::List(AlarmQuery {
        group: query.group,
        device: query.device,
        open: query.open.unwrap_or(false),
        limit: limit.and_one(),
        state: query.state,
        severity: query.severity,
        before: Place::number(query.cursor.as_deref())?,
        within: caller.groups.clone(),
    });
    let listed = ask(&caller, &site, asked).await?;
    let alarms = answer!(listed, AlarmResponse::Alarms(alarms) => alarms)?;
    Ok(web::Json(List::cut(alarms, limit, |a| Place::Number(a.id))))
}

/// An alarm with its history.
#[utoipa::path(get, path = "/alarms/{id}", tag = "alarms", params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, description = "The alarm", body = AlarmInfo)))]
async fn show(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<web::Json<AlarmInfo>, Problem> {
    let id = id.into_inner();
    site.numbered(&caller, Need::See, Numbered::Alarm, id)
        .await?;
    told(ask(&caller, &site, AlarmRequest::Show { id }).await?)
}

/// What somebody says about it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "on my way"}))]
struct Note {
    /// At most 1000 bytes.
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: String,
}

/// Somebody has seen it.
#[utoipa::path(post, path = "/alarms/{id}/acknowledge", tag = "alarms", params(("id" = i64, Path, minimum = 1)), request_body = Note,
    responses((status = 200, description = "The alarm as it is now", body = AlarmInfo),
        (status = 409, description = "It is acknowledged already", body = Problem)))]
async fn acknowledge(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    body: Body<Note>,
) -> Result<web::Json<AlarmInfo>, Problem> {
    let (id, note) = (id.into_inner(), body.into_inner().note);
    let by = caller.name.to_string();
    act(&caller, &site, id, AlarmRequest::Ack { id, by, note }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"until_ms": 4_102_444_800_000_i64, "note": "the part is ordered"}))]
struct Shelf {
    /// Unix milliseconds.
    #[schema(minimum = 1)]
    until_ms: i64,
    /// At most 1000 bytes.
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: String,
}

/// Nobody is notified of it, and of its like that come after it, until then.
#[utoipa::path(post, path = "/alarms/{id}/shelve", tag = "alarms", params(("id" = i64, Path, minimum = 1)), request_body = Shelf,
    responses((status = 200, description = "The alarm as it is now", body = AlarmInfo)))]
async fn shelve(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    body: Body<Shelf>,
) -> Result<web::Json<AlarmInfo>, Problem> {
    let id = id.into_inner();
    let Shelf { until_ms, note } = body.into_inner();
    if until_ms <= 0 {
        let wrong = "a time in Unix milliseconds is needed";
        return Err(
            Problem::invalid("The time until which it is shelved is over.").at("/until_ms", wrong),
        );
    }
    let by = caller.name.to_string();
    let asked = AlarmRequest::Shelve {
        id,
        until_ms,
        by,
        note,
    };
    act(&caller, &site, id, asked).await
}

/// People are notified of it again.
#[utoipa::path(post, path = "/alarms/{id}/unshelve", tag = "alarms", params(("id" = i64, Path, minimum = 1)), request_body = Note,
    responses((status = 200, description = "The alarm as it is now", body = AlarmInfo)))]
async fn unshelve(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    body: Body<Note>,
) -> Result<web::Json<AlarmInfo>, Problem> {
    let (id, note) = (id.into_inner(), body.into_inner().note);
    let by = caller.name.to_string();
    let asked = AlarmRequest::Shelve {
        id,
        until_ms: 0,
        by,
        note,
    };
    act(&caller, &site, id, asked).await
}

/// Ends it by force: what raised it may raise it again.
#[utoipa::path(post, path = "/alarms/{id}/clear", tag = "alarms", params(("id" = i64, Path, minimum = 1)), request_body = Note,
    responses((status = 200, description = "The alarm as it is now", body = AlarmInfo),
        (status = 409, description = "It is cleared already", body = Problem)))]
async fn clear(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    body: Body<Note>,
) -> Result<web::Json<AlarmInfo>, Problem> {
    let (id, note) = (id.into_inner(), body.into_inner().note);
    let by = caller.name.to_string();
    act(&caller, &site, id, AlarmRequest::Clear { id, by, note }).await
}

async fn act(
    caller: &Caller,
    site: &Site,
    id: i64,
    asked: AlarmRequest,
) -> Result<web::Json<AlarmInfo>, Problem> {
    site.numbered(caller, Need::Operate, Numbered::Alarm, id)
        .await?;
    told(ask(caller, site, asked).await?)
}

fn told(answered: AlarmResponse) -> Result<web::Json<AlarmInfo>, Problem> {
    answer!(answered, AlarmResponse::Alarm(alarm) => web::Json(*alarm))
}

/// The same for rules.
pub(super) async fn ask(
    caller: &Caller,
    site: &Site,
    asked: AlarmRequest,
) -> Result<AlarmResponse, Problem> {
    let answered = site.ask(caller, Request::Alarm(asked)).await?;
    answer!(answered, Response::Alarm(answered) => *answered)
}
