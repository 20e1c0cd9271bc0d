//! Alarm rules, and what they would have done.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::alarms::ask;
use super::find::{OfGroup, answer};
use super::gauge::Heavy;
use crate::accounts::{Caller, Need};
use crate::admin::{
    AlarmRequest, AlarmResponse, BackTestAnswer, BackTestQuery, NewRule, Request, RuleInfo,
};
use crate::alarm::Scope;
use crate::registry::GroupId;
use crate::storage::Numbered;
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::{List, Place};
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list, add, show, change, remove, back_test))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/rules").get(list).post(add).done())
        .service(at("/rules/backtest").post(back_test).done())
        .service(
            at("/rules/{id}")
                .get(show)
                .patch(change)
                .delete(remove)
                .done(),
        );
}

/// Alarm rules, in the order in which they were made.
#[utoipa::path(get, path = "/rules", tag = "rules", params(OfGroup),
    responses((status = 200, description = "A page of rules", body = List<RuleInfo>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<OfGroup>,
) -> Result<web::Json<List<RuleInfo>>, Problem> {
    let query = query.into_inner();
    let (limit, part) = site.part(&caller, &query)?;
    let asked = AlarmRequest::RuleList {
        group: query.group,
        part,
    };
    let listed = ask(&caller, &site, asked).await?;
    let rules = answer!(listed, AlarmResponse::Rules(rules) => rules)?;
    Ok(web::Json(List::cut(rules, limit, |r| Place::Number(r.id))))
}

/// Makes a rule.
#[utoipa::path(post, path = "/rules", tag = "rules", request_body = NewRule,
    responses((status = 201, description = "It is made", body = RuleInfo),
        (status = 409, description = "The group has one of this name", body = Problem)))]
async fn add(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<NewRule>,
) -> Result<HttpResponse, Problem> {
    let new = body.into_inner();
    let group = site.group(&caller, Need::Operate, &new.group)?;
    scope_in(&site, group, &new)?;
    let made = ask(&caller, &site, AlarmRequest::RuleAdd(new)).await?;
    let rule = answer!(made, AlarmResponse::Rule(rule) => rule)?;
    Ok(HttpResponse::Created().json(rule))
}

/// A rule of one device is of a device of its group.
fn scope_in(site: &Site, group: GroupId, new: &NewRule) -> Result<(), Problem> {
    match new.scope.parse() {
        Ok(Scope::Device(address)) => site.target_in(group, &address.to_string()),
        _ => Ok(()),
    }
}

/// A rule, and where it stands for each device.
#[utoipa::path(get, path = "/rules/{id}", tag = "rules", params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, description = "The rule", body = RuleInfo)))]
async fn show(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<web::Json<RuleInfo>, Problem> {
    let id = id.into_inner();
    site.numbered(&caller, Need::See, Numbered::Rule, id)
        .await?;
    let shown = ask(&caller, &site, AlarmRequest::RuleShow { id }).await?;
    answer!(shown, AlarmResponse::Rule(rule) => web::Json(*rule))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": false}))]
struct RuleChange {
    /// The open alarms of a rule end when it is disabled.
    enabled: bool,
}

/// Enables or disables a rule.
#[utoipa::path(patch, path = "/rules/{id}", tag = "rules", params(("id" = i64, Path, minimum = 1)), request_body = RuleChange,
    responses((status = 200, description = "The rule as it is now", body = RuleInfo)))]
async fn change(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    body: Body<RuleChange>,
) -> Result<web::Json<RuleInfo>, Problem> {
    let id = id.into_inner();
    site.numbered(&caller, Need::Operate, Numbered::Rule, id)
        .await?;
    let asked = AlarmRequest::RuleSetEnabled {
        id,
        enabled: body.enabled,
        by: caller.name.to_string(),
    };
    let changed = ask(&caller, &site, asked).await?;
    answer!(changed, AlarmResponse::Rule(rule) => web::Json(*rule))
}

/// Removes a rule; its open alarms end with it, their history stays.
#[utoipa::path(delete, path = "/rules/{id}", tag = "rules", params(("id" = i64, Path, minimum = 1)),
    responses((status = 204, description = "It is gone")))]
async fn remove(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    site.numbered(&caller, Need::Operate, Numbered::Rule, id)
        .await?;
    let by = caller.name.to_string();
    let asked = Request::Alarm(AlarmRequest::RuleRemove { id, by });
    site.ask(&caller, asked).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What a rule would have done, device by device.
#[derive(Serialize, ToSchema)]
struct BackTested {
    items: Vec<BackTestAnswer>,
}

/// When a rule (`rule`, or one that is only tried, `new`) would have raised alarms on what is stored.
#[utoipa::path(post, path = "/rules/backtest", tag = "rules", request_body = BackTestQuery,
    responses((status = 200, description = "The alarms that there would have been", body = BackTested)))]
async fn back_test(
    caller: Caller,
    site: web::Data<Site>,
    heavy: web::Data<Heavy>,
    body: Body<BackTestQuery>,
) -> Result<web::Json<BackTested>, Problem> {
    let query = body.into_inner();
    caller.may_somewhere(Need::See)?;
    if let Some(id) = query.rule {
        site.numbered(&caller, Need::See, Numbered::Rule, id)
            .await?;
    }
    if let Some(new) = &query.new {
        let group = site.group(&caller, Need::See, &new.group)?;
        scope_in(&site, group, new)?;
    }
    let _turn = heavy.enter(caller.user)?;
    let tried = ask(&caller, &site, AlarmRequest::BackTest(query)).await?;
    answer!(tried, AlarmResponse::BackTests(items) => web::Json(BackTested { items }))
}
