//! Notification channels: whom the alarms of a group are told to.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::find::answer;
use crate::accounts::{Caller, Need};
use crate::admin::{
    AddChannel, AddedChannel, ChannelInfo, NotifyRequest, NotifyResponse, Request, Response,
    TestedChannel,
};
use crate::storage::Numbered;
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::List;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list, add, remove, test))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/channels").get(list).post(add).done())
        .service(at("/channels/{id}").delete(remove).done())
        .service(at("/channels/{id}/test").post(test).done());
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only of this group.
    group: Option<String>,
}

/// The channels, in the order in which they were made; all on one page.
#[utoipa::path(get, path = "/channels", tag = "channels", params(ListQuery),
    responses((status = 200, description = "The channels", body = List<ChannelInfo>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<List<ChannelInfo>>, Problem> {
    let group = query.into_inner().group;
    match &group {
        Some(name) => site.group(&caller, Need::Manage, name).map(drop)?,
        None => caller.may_somewhere(Need::Manage)?,
    }
    let mut channels = channels(&caller, &site, group).await?;
    if let Some(visible) = site.visible(&caller) {
        channels.retain(|channel| visible.contains(&*channel.group));
    }
    Ok(web::Json(List::whole(channels)))
}

/// Makes a channel. The secret of a webhook is shown in this answer and never again.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = AddChannel,
    responses((status = 201, description = "It is made", body = AddedChannel),
        (status = 409, description = "The group has one of this name, or as many as it may; or no mail server is set", body = Problem)))]
async fn add(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<AddChannel>,
) -> Result<HttpResponse, Problem> {
    let new = body.into_inner();
    site.group(&caller, Need::Manage, &new.group)?;
    let made = ask(&caller, &site, NotifyRequest::Add(new)).await?;
    let added = answer!(made, NotifyResponse::Added(added) => added)?;
    Ok(HttpResponse::Created().json(added))
}

/// Removes a channel; what waits for it is not told any more.
#[utoipa::path(delete, path = "/channels/{id}", tag = "channels", params(("id" = i64, Path, minimum = 1)),
    responses((status = 204, description = "It is gone")))]
async fn remove(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let (group, name) = find(&caller, &site, *id).await?;
    let asked = Request::Notify(NotifyRequest::Remove { group, name });
    site.ask(&caller, asked).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sends a message that says that it is a test, now.
#[utoipa::path(post, path = "/channels/{id}/test", tag = "channels", params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, description = "Whether it was taken", body = TestedChannel)))]
async fn test(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<web::Json<TestedChannel>, Problem> {
    let (group, name) = find(&caller, &site, *id).await?;
    let tested = ask(&caller, &site, NotifyRequest::Test { group, name }).await?;
    answer!(tested, NotifyResponse::Tested(tested) => web::Json(tested))
}

/// Group and name of a channel that the caller may change.
async fn find(caller: &Caller, site: &Site, id: i64) -> Result<(String, String), Problem> {
    let group = site
        .numbered(caller, Need::Manage, Numbered::Channel, id)
        .await?;
    let group = site.registry.read().group_name(group).to_string();
    let channels = channels(caller, site, Some(group)).await?;
    let channel = channels.into_iter().find(|channel| channel.id == id);
    let channel = channel.ok_or_else(Problem::not_found)?;
    Ok((channel.group, channel.name))
}

async fn channels(
    caller: &Caller,
    site: &Site,
    group: Option<String>,
) -> Result<Vec<ChannelInfo>, Problem> {
    let listed = ask(caller, site, NotifyRequest::List { group }).await?;
    answer!(listed, NotifyResponse::Channels(channels) => channels)
}

async fn ask(
    caller: &Caller,
    site: &Site,
    asked: NotifyRequest,
) -> Result<NotifyResponse, Problem> {
    let answered = site.ask(caller, Request::Notify(asked)).await?;
    answer!(answered, Response::Notify(answered) => *answered)
}
