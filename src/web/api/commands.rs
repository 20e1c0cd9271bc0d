//! Commands: orders to devices, and what became of them.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::find::answer;
use crate::accounts::{Caller, Need};
use crate::admin::{CommandInfo, CommandQuery, Request, Response, SendOrder};
use crate::command::State;
use crate::storage::Numbered;
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::{Limit, List, Place};
use crate::web::{Problem, Site};
use crate::wire::Dest;

#[derive(OpenApi)]
#[openapi(paths(list, send, show, cancel))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/commands").get(list).post(send).done())
        .service(at("/commands/{id}").get(show).done())
        .service(at("/commands/{id}/cancel").post(cancel).done());
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
    /// Only those in this state.
    state: Option<State>,
    /// `next` of the page before.
    cursor: Option<String>,
    limit: Option<Limit>,
}

/// Commands, the newest first.
#[utoipa::path(get, path = "/commands", tag = "commands", params(ListQuery),
    responses((status = 200, description = "A page of commands", body = List<CommandInfo>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<List<CommandInfo>>, Problem> {
    let query = query.into_inner();
    caller.may_somewhere(Need::See)?;
    if let Some(name) = &query.group {
        site.group(&caller, Need::See, name)?;
    }
    if let Some(address) = query.device {
        site.device(&caller, Need::See, address)?;
    }
    let limit = query.limit.unwrap_or_default();
    let asked = Request::CommandList(CommandQuery {
        group: query.group,
        device: query.device,
        state: query.state,
        limit: limit.and_one(),
        before: Place::number(query.cursor.as_deref())?,
        within: caller.groups.clone(),
    });
    let listed = site.ask(&caller, asked).await?;
    let commands = answer!(listed, Response::Commands(commands) => commands)?;
    Ok(web::Json(List::cut(commands, limit, |c| {
        Place::Number(c.id)
    })))
}

/// The commands that an order became, one for each device.
#[derive(Serialize, ToSchema)]
struct Sent {
    items: Vec<CommandInfo>,
}

/// Gives an order to a device (`target` is its address), to those that carry a label (`@label`) or to all (`*`) of a
/// group. Answered once it is written down; what becomes of it comes over the live socket, or is asked for.
#[utoipa::path(post, path = "/commands", tag = "commands", request_body = SendOrder,
    responses((status = 202, description = "It is queued", body = Sent)))]
async fn send(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<SendOrder>,
) -> Result<HttpResponse, Problem> {
    let order = body.into_inner();
    caller.may_somewhere(Need::Operate)?;
    if let Some(name) = &order.group {
        site.group(&caller, Need::Operate, name)?;
    }
    if let Some(Dest::Device(address)) = Dest::parse(order.target.as_bytes()) {
        site.device(&caller, Need::Operate, address.get())?;
    }
    let sent = site.ask(&caller, Request::CommandSend(order)).await?;
    let items = answer!(sent, Response::Commands(items) => items)?;
    Ok(HttpResponse::Accepted().json(Sent { items }))
}

#[utoipa::path(get, path = "/commands/{id}", tag = "commands", params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, description = "The command", body = CommandInfo)))]
async fn show(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<web::Json<CommandInfo>, Problem> {
    let id = id.into_inner();
    site.numbered(&caller, Need::See, Numbered::Command, id)
        .await?;
    let shown = site.ask(&caller, Request::CommandShow { id }).await?;
    answer!(shown, Response::Command(command) => web::Json(*command))
}

/// Takes a queued command back.
#[utoipa::path(post, path = "/commands/{id}/cancel", tag = "commands", params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, description = "It is cancelled", body = CommandInfo),
        (status = 409, description = "It is not queued any more", body = Problem)))]
async fn cancel(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<web::Json<CommandInfo>, Problem> {
    let id = id.into_inner();
    site.numbered(&caller, Need::Operate, Numbered::Command, id)
        .await?;
    let cancelled = site.ask(&caller, Request::CommandCancel { id }).await?;
    answer!(cancelled, Response::Command(command) => web::Json(*command))
}
