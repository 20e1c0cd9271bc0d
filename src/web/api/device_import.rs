//! Many devices at once.

use actix_web::web;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::devices::taken;
use super::find::answer;
use crate::accounts::{Caller, Need};
use crate::admin::{ImportRow, Imported, Request, Response, RowError};
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::faults;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(import))]
pub(super) struct Docs;

/// Bytes of a device file at most.
const MAX_BYTES: usize = 16 << 20;

/// Before the path of one device, which it would fit.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let path = at("/devices/import").takes(faults::json_config(MAX_BYTES));
    config.service(path.post(import).done());
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Import {
    /// As in a device file: all members are texts, but for the line.
    rows: Vec<ImportRow>,
    /// Nothing is registered unless every row is good.
    #[serde(default)]
    strict: bool,
}

/// The good rows are registered; the bad ones are named by their line. An administrator's rows make groups that there
/// are not yet.
#[utoipa::path(post, path = "/devices/import", tag = "devices", request_body = Import,
    responses((status = 200, description = "What was registered, and what is wrong with the other rows", body = Imported)))]
async fn import(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<Import>,
) -> Result<web::Json<Imported>, Problem> {
    caller.may_somewhere(Need::Manage)?;
    let Import { rows, strict } = body.into_inner();
    let (rows, refused) = sort_out(&caller, &site, rows);
    if strict && !refused.is_empty() {
        return Ok(web::Json(Imported {
            devices: Vec::new(),
            errors: refused,
        }));
    }
    let asked = Request::DeviceImport { rows, strict };
    let done = site.ask(&caller, asked).await?;
    let mut imported = answer!(done, Response::Imported(imported) => imported)?;
    imported.errors.extend(refused);
    imported.errors.sort_by_key(|error| error.line);
    Ok(web::Json(imported))
}

/// Takes out what is for groups, or about devices, that the caller does not see.
fn sort_out(caller: &Caller, site: &Site, rows: Vec<ImportRow>) -> (Vec<ImportRow>, Vec<RowError>) {
    if caller.allows() == Need::Administer {
        return (rows, Vec::new());
    }
    let (mut good, mut refused) = (Vec::with_capacity(rows.len()), Vec::new());
    let registry = site.registry.read();
    for row in rows {
        let group = registry.group_named(&row.group);
        let kind: u32 = row.kind.parse().unwrap_or(0);
        let known = registry.identified(kind, &row.id);
        let error = if group.is_none_or(|group| caller.may(Need::Manage, group).is_err()) {
            Some(format!("no group {} that is yours", row.group))
        } else if known.is_some_and(|device| !caller.sees(device.group)) {
            Some(taken(kind, &row.id))
        } else {
            None
        };
        match error {
            Some(error) => refused.push(RowError {
                line: row.line,
                error,
            }),
            None => good.push(row),
        }
    }
    (good, refused)
}
