//! The settings that are in effect.

use actix_web::web;
use utoipa::OpenApi;

use crate::accounts::{Caller, Need};
use crate::settings::Setting;
use crate::web::at::at;
use crate::web::page::List;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(show))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/settings").get(show).done());
}

/// Every setting, as it is in effect. They are changed in Settings.toml or the environment, and hold from the next start.
#[utoipa::path(get, path = "/settings", tag = "hub",
    responses((status = 200, description = "The settings", body = List<Setting>)))]
async fn show(caller: Caller, site: web::Data<Site>) -> Result<web::Json<List<Setting>>, Problem> {
    caller.may_somewhere(Need::Administer)?;
    Ok(web::Json(List::whole(site.settings.all())))
}
