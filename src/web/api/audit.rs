//! The audit log: who changed what.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::accounts::{Caller, Need};
use crate::storage::{AuditFilter, AuditRow};
use crate::web::at::at;
use crate::web::page::{Limit, List, Place};
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/audit").get(list).done());
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only what concerns this group.
    group: Option<String>,
    /// Only what this one did.
    actor: Option<String>,
    /// Such as `device.add`; or what stands before the dot, for all of it.
    action: Option<String>,
    /// Unix milliseconds, the first that counts.
    from: Option<i64>,
    /// Unix milliseconds, the first that does not.
    to: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
    limit: Option<Limit>,
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
struct AuditLine {
    id: i64,
    at_ms: i64,
    actor: String,
    /// verb, web, token or hub.
    via: String,
    /// The address it came from.
    from: String,
    action: String,
    /// Those of them that the caller sees, with commas between; empty: the hub as a whole.
    group: String,
    target: String,
    detail: String,
}

/// What was changed, the newest first. Administrators see all of it, others what concerns their groups. A page may have
/// fewer lines than asked for, or none, and still be followed by others.
#[utoipa::path(get, path = "/audit", tag = "audit", params(ListQuery),
    responses((status = 200, description = "A page of lines", body = List<AuditLine>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<List<AuditLine>>, Problem> {
    let query = query.into_inner();
    caller.may_somewhere(Need::Manage)?;
    let groups = match &query.group {
        Some(name) => Some(vec![site.group(&caller, Need::Manage, name)?.0]),
        None => {
            let own = caller.groups.as_ref();
            own.map(|groups| groups.iter().map(|group| group.0).collect())
        }
    };
    let filter = AuditFilter {
        groups,
        actor: query.actor,
        action: query.action,
        from_ms: query.from,
        to_ms: query.to,
        before: Place::number(query.cursor.as_deref())?.unwrap_or(i64::MAX),
        least: 0,
        limit: query.limit.unwrap_or_default().get().into(),
    };
    let (rows, next) = site.accounts.audit(filter).await?;
    Ok(web::Json(List {
        items: rows.into_iter().map(|row| shown(&caller, row)).collect(),
        next: next.map(|before| Place::Number(before).to_cursor()),
    }))
}

fn shown(caller: &Caller, row: AuditRow) -> AuditLine {
    let seen = row.groups.into_iter();
    let seen = seen.filter(|(id, _)| caller.sees(crate::registry::GroupId(*id)));
    let names: Vec<_> = seen.map(|(_, name)| name).collect();
    AuditLine {
        id: row.id,
        at_ms: row.at_ms,
        actor: row.actor,
        via: row.via,
        from: row.source,
        action: row.action,
        group: names.join(", "),
        target: row.target,
        detail: row.detail,
    }
}
