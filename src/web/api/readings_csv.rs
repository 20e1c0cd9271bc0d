//! Readings as a CSV file.

use std::pin::Pin;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::{IntoParams, OpenApi};

use super::find::answer;
use super::gauge::Heavy;
use super::readings::ask;
use crate::accounts::{Caller, Need};
use crate::admin::{ReadingExport, ReadingRequest, ReadingResponse};
use crate::schedule::Zone;
use crate::web::at::at;
use crate::web::csv::{Csv, PAGE, Part};
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(export))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/readings.csv").get(export).done());
}

/// Devices that one export names at most.
const MOST_DEVICES: usize = 100;

#[derive(Default, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "for the description: a member that comes several times is read by hand"
)]
struct ExportQuery {
    /// Only of these devices: it may be given 100 times.
    #[param(max_items = 100)]
    device: Option<Vec<u32>>,
    /// Only of this group.
    group: Option<String>,
    /// Only of this sensor, or of the parts of this composite.
    sensor: Option<String>,
    /// Unix milliseconds.
    from_ms: Option<i64>,
    /// Before this.
    to_ms: Option<i64>,
    /// Times are written as clocks there show them, such as Europe/Madrid; UTC without it.
    zone: Option<String>,
}

#[derive(Default)]
struct Wanted {
    devices: Vec<u32>,
    group: Option<String>,
    sensor: Option<String>,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    zone: Option<String>,
}

impl Wanted {
    fn parse(query: &str) -> Result<Self, Problem> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
            .map_err(|_| Problem::malformed("The query cannot be read."))?;
        let mut wanted = Self::default();
        for (name, value) in pairs.into_inner() {
            match name.as_str() {
                "device" => wanted.devices.push(number(&name, &value)?),
                "group" => once(&mut wanted.group, &name, value)?,
                "sensor" => once(&mut wanted.sensor, &name, value)?,
                "zone" => once(&mut wanted.zone, &name, value)?,
                "from_ms" => once(&mut wanted.from_ms, &name, number(&name, &value)?)?,
                "to_ms" => once(&mut wanted.to_ms, &name, number(&name, &value)?)?,
                _ => {
                    let text = format!("There is no parameter {name:?}.");
                    return Err(Problem::malformed(text));
                }
            }
        }
        if wanted.devices.len() > MOST_DEVICES {
            return Err(Problem::malformed("At most 100 devices can be named."));
        }
        Ok(wanted)
    }
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|_| Problem::malformed(format!("{name} is a number, which {text:?} is not.")))
}

fn once<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), Problem> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Problem::malformed(format!("{name} is given twice."))),
    }
}

/// Readings, one a row, series by series. Cells that a spreadsheet would run as a formula begin with a `'`.
#[utoipa::path(get, path = "/readings.csv", tag = "readings", params(ExportQuery),
    responses((status = 200, description = "address,type,id,name,group,sensor,unit,time,value,msgno,received", content_type = "text/csv", body = String)))]
async fn export(
    caller: Caller,
    site: web::Data<Site>,
    heavy: web::Data<Heavy>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let wanted = Wanted::parse(request.query_string())?;
    let parts = parts(&caller, &site, &wanted)?;
    if wanted.from_ms.unwrap_or(0) >= wanted.to_ms.unwrap_or(i64::MAX) {
        return Err(Problem::invalid("The range ends before it begins."));
    }
    let zone = Zone::find(wanted.zone.as_deref().unwrap_or("UTC"));
    let zone = zone
        .map_err(|unknown| Problem::invalid("There is no such time zone.").at("/zone", unknown))?;
    let turn = std::rc::Rc::new(heavy.enter(caller.user)?);
    let look = move |part: Part, cursor| {
        let (site, caller, turn) = (site.clone(), caller.clone(), turn.clone());
        let asked = ReadingRequest::Export(ReadingExport {
            group: part.group,
            address: part.address,
            sensor: wanted.sensor.clone(),
            from_ms: wanted.from_ms,
            to_ms: wanted.to_ms,
            cursor,
            limit: PAGE,
        });
        let looking = async move {
            let looked = ask(&caller, &site, asked).await?;
            // Held until the export ends, or whoever asked for it goes away.
            drop(turn);
            answer!(looked, ReadingResponse::Page { rows, cursor } => (rows, cursor))
        };
        Box::pin(looking) as Pin<Box<dyn Future<Output = _>>>
    };
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"readings.csv\"",
        ))
        .body(Csv::new(parts, zone.rules().clone(), look)))
}

/// Only what the caller sees: a device's readings are those of the group that it is in.
fn parts(caller: &Caller, site: &Site, wanted: &Wanted) -> Result<Vec<Part>, Problem> {
    let named = wanted.group.as_deref();
    let groups = site.groups(caller, named)?;
    if !wanted.devices.is_empty() {
        let part = |address: &u32| {
            let device = site.device(caller, Need::See, *address)?;
            if named.is_some() && !groups.contains(&device.group) {
                return Err(Problem::not_found());
            }
            Ok(Part {
                group: Some(site.registry.read().group_name(device.group).to_string()),
                address: Some(device.address.get()),
            })
        };
        return wanted.devices.iter().map(part).collect();
    }
    if named.is_none() && caller.groups.is_none() {
        let all = Part {
            group: None,
            address: None,
        };
        return Ok(vec![all]);
    }
    let registry = site.registry.read();
    let of_group = |group| Part {
        group: Some(registry.group_name(group).to_string()),
        address: None,
    };
    Ok(groups.into_iter().map(of_group).collect())
}
