//! The first page: what is there, and what is wrong.

use actix_web::web;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::accounts::Caller;
use crate::alarm::{AlarmInfo, Severity, Tally};
use crate::presence::PresenceState;
use crate::registry::GroupId;
use crate::web::at::at;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(show))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/overview").get(show).done());
}

/// Alarms that are shown.
const SHOWN: usize = 20;

#[derive(Serialize, ToSchema)]
struct Overview {
    devices: DeviceCounts,
    groups: Vec<GroupCounts>,
    alarms: AlarmCounts,
    commands: CommandCounts,
}

/// Every device is online, offline or was never seen; it may be disabled or weak besides.
#[derive(Default, Serialize, ToSchema)]
struct DeviceCounts {
    total: usize,
    online: usize,
    offline: usize,
    never_seen: usize,
    disabled: usize,
    weak: usize,
}

#[derive(Serialize, ToSchema)]
struct GroupCounts {
    name: String,
    devices: usize,
    online: usize,
    open_alarms: usize,
    /// The worst severity of the open alarms; empty without any.
    worst: &'static str,
}

#[derive(Serialize, ToSchema)]
struct AlarmCounts {
    open: usize,
    unacknowledged: usize,
    /// The worst severity of the open alarms; empty without any.
    worst: &'static str,
    /// The worst and newest of them, 20 at most.
    items: Vec<AlarmInfo>,
}

#[derive(Serialize, ToSchema)]
struct CommandCounts {
    /// Those that have not ended.
    open: u64,
}

/// What the caller sees, counted.
#[utoipa::path(get, path = "/overview", tag = "groups",
    responses((status = 200, description = "The overview", body = Overview)))]
async fn show(caller: Caller, site: web::Data<Site>) -> Result<web::Json<Overview>, Problem> {
    let groups = site.groups(&caller, None)?;
    let mut alarms = Tally::default();
    let mut counted = Vec::with_capacity(groups.len());
    {
        let registry = site.registry.read();
        for group in &groups {
            let tally = site.parts.alarms.tally_of(*group);
            alarms.add(&tally);
            counted.push(GroupCounts {
                name: registry.group_name(*group).to_string(),
                devices: registry.count_in(*group),
                online: site.parts.presences.online_in(*group),
                open_alarms: tally.open(),
                worst: worst(&tally),
            });
        }
    }
    let devices = count(&site, &groups);
    let within = caller.groups.is_some().then_some(groups);
    let (items, open) = site.admin.wrong(within, SHOWN, alarms.worst()).await?;
    Ok(web::Json(Overview {
        devices,
        groups: counted,
        alarms: AlarmCounts {
            open: alarms.open(),
            unacknowledged: alarms.unacknowledged,
            worst: worst(&alarms),
            items,
        },
        commands: CommandCounts { open },
    }))
}

fn worst(tally: &Tally) -> &'static str {
    tally.worst().map_or("", Severity::name)
}

fn count(site: &Site, groups: &[GroupId]) -> DeviceCounts {
    let registry = site.registry.read();
    let mut counts = DeviceCounts::default();
    for group in groups {
        let devices = || registry.devices_of(*group);
        let states = site.parts.presences.states(devices().map(|d| d.address));
        for (device, state) in devices().zip(states) {
            counts.total += 1;
            counts.disabled += usize::from(device.disabled);
            counts.weak += usize::from(device.weak);
            *match state {
                PresenceState::Online => &mut counts.online,
                PresenceState::Offline => &mut counts.offline,
                PresenceState::NeverSeen => &mut counts.never_seen,
            } += 1;
        }
    }
    counts
}
