//! How long readings are kept.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::find::answer;
use super::readings::ask;
use crate::accounts::{Caller, Need};
use crate::admin::{ReadingRequest, ReadingResponse, Request, RetentionRule};
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::List;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list, set, remove))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/retention").get(list).put(set).delete(remove).done());
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only of this group.
    group: Option<String>,
}

/// The rules that differ from the settings; all on one page.
#[utoipa::path(get, path = "/retention", tag = "retention", params(ListQuery),
    responses((status = 200, description = "The rules", body = List<RetentionRule>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<List<RetentionRule>>, Problem> {
    let group = query.into_inner().group;
    match &group {
        Some(name) => site.group(&caller, Need::Manage, name).map(drop)?,
        None => caller.may_somewhere(Need::Manage)?,
    }
    let listed = ask(&caller, &site, ReadingRequest::RetentionList).await?;
    let mut rules = answer!(listed, ReadingResponse::Retention(rules) => rules)?;
    let visible = site.visible(&caller);
    rules.retain(|rule| {
        visible
            .as_ref()
            .is_none_or(|seen| seen.contains(&*rule.group))
            && group.as_ref().is_none_or(|group| *group == rule.group)
    });
    Ok(web::Json(List::whole(rules)))
}

/// Says how long the readings of a group, or of one sensor of it, are kept, in place of what was said before.
#[utoipa::path(put, path = "/retention", tag = "retention", request_body = RetentionRule,
    responses((status = 200, description = "The rule", body = RetentionRule)))]
async fn set(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<RetentionRule>,
) -> Result<web::Json<RetentionRule>, Problem> {
    let rule = body.into_inner();
    site.group(&caller, Need::Manage, &rule.group)?;
    let asked = Request::Reading(ReadingRequest::RetentionSet(rule.clone()));
    site.ask(&caller, asked).await?;
    Ok(web::Json(rule))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Removal {
    group: String,
    /// Empty or left out: the rule for all sensors of the group.
    sensor: Option<String>,
}

/// Removes a rule: the settings hold again.
#[utoipa::path(delete, path = "/retention", tag = "retention", params(Removal),
    responses((status = 204, description = "It is gone")))]
async fn remove(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<Removal>,
) -> Result<HttpResponse, Problem> {
    let Removal { group, sensor } = query.into_inner();
    site.group(&caller, Need::Manage, &group)?;
    let asked = ReadingRequest::RetentionRemove {
        group,
        sensor: sensor.unwrap_or_default(),
    };
    site.ask(&caller, Request::Reading(asked)).await?;
    Ok(HttpResponse::NoContent().finish())
}
