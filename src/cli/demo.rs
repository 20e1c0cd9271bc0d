//! `hub demo`: a hub on a throw-away data directory, with devices that live in it.

use std::collections::BTreeSet;
use std::time::Duration;

use actix::System;
use tokio::sync::mpsc;

use super::demo_feed::{Issuers, Told, listen};
use super::serve::{Running, start_log};
use super::simulate::register;
use crate::accounts::{NewUser, Purpose, Role};
use crate::admin::{
    Admin, AlarmRequest, AlarmResponse, NewRule, NewSchedule, NewTiming, Request, Response,
    ScheduleRequest, ScheduleResponse, SendOrder,
};
use crate::alarm::{Act, Check, Op, Severity};
use crate::command::Issuer;
use crate::demo::plan::{Errand, GROUP, HEATER, TIMETABLE, WATCH};
use crate::demo::screen::Feed;
use crate::demo::{self, FEED_CAPACITY, Place, Resident};
use crate::failure::{Context, Failure};
use crate::hub::Hub;
use crate::readings::Value;
use crate::schedule::{self, Missed};
use crate::settings::Settings;
use crate::simulate::stop::Stop;
use crate::stdout::say;
use crate::wire::kind;

/// The demo's hub has nothing to lose.
const GRACE: Duration = Duration::from_secs(5);

pub(super) fn run(mut settings: Settings) -> Result<(), Failure> {
    let system = System::new();
    // First of all: what ends the demo from here on also removes its data directory.
    let asked = system.block_on(async { Stop::listen()?.with_hangup() })?;
    let data_dir = tempfile::Builder::new()
        .prefix("hub-demo-")
        .tempdir()
        .context("cannot make a throw-away data directory")?;
    settings.data_dir = data_dir.path().display().to_string();
    // A hub in earnest may run beside it on the usual ports.
    settings.devices.listen = "127.0.0.1:0".into();
    settings.devices.tls_listen = "off".into();
    settings.web.listen = "127.0.0.1:0".into();
    // The log would break into the picture.
    settings.log = "error".into();
    start_log(&settings);
    let residents = move_in(&settings)?;
    let shown = system.block_on(async {
        let (watcher, sights) = mpsc::channel(FEED_CAPACITY);
        let running = Running::start(settings, Some(watcher))?;
        let place = Place {
            devices: running.devices.to_string(),
            dashboard: dashboard(running.hub()).await?,
            data_dir: data_dir.path().display().to_string(),
            program: std::env::args().next().unwrap_or_else(|| "hub".into()),
        };
        let admin = running.hub().admin.clone();
        // Before anything is set up, which is news already.
        let news = running.hub().bus.subscribe();
        let mut issuers = Issuers::default();
        let rule = set_up(&admin, &residents, &mut issuers).await;
        let Told { commands, alarms } = listen(news, admin.clone(), issuers, rule);
        let feed = Feed {
            sights,
            commands,
            alarms,
        };
        let order = async |address, errand| order(&admin, address, errand).await;
        let shown = demo::run(place, residents, feed, asked, order).await;
        running.stop(GRACE).await;
        shown
    });
    shown?;
    say("The demo has ended; its data directory is removed.");
    say(
        "A hub of your own: `hub serve`, and in another terminal `hub group add NAME` and `hub device add --help`.",
    );
    Ok(())
}

/// The demo's administrator comes in without a password, once.
async fn dashboard(hub: &Hub) -> Result<String, Failure> {
    let doing = "cannot make a user for the dashboard";
    let new = NewUser {
        name: "demo".into(),
        role: Role::Administrator,
        groups: BTreeSet::new(),
    };
    let user = hub.accounts.add_user(None, new).await.context(doing)?;
    let link = hub.accounts.link(user.id, Purpose::Enter).await;
    Ok(link.context(doing)?.url)
}

/// What an operator arranges once: it works by itself from then on. Returns the alarm rule's id.
async fn set_up(admin: &Admin, residents: &[Resident], issuers: &mut Issuers) -> Option<i64> {
    let is_heater = |r: &&Resident| (r.group, r.name.as_str()) == (GROUP, HEATER);
    let heater = residents.iter().find(is_heater)?.credential.address?.get();
    let rule = watch(admin, heater).await;
    if let Some(id) = rule {
        let called = format!("rule \"{}\"", WATCH.name);
        issuers.0.insert(format!("rule {id}"), called);
    }
    if let Some(id) = schedule(admin, heater).await {
        let called = format!("schedule \"{}\"", TIMETABLE.name);
        issuers.0.insert(Issuer::Schedule(id).to_string(), called);
    }
    rule
}

/// As the verb `hub schedule add` does.
async fn schedule(admin: &Admin, address: u32) -> Option<i64> {
    let from = jiff::Timestamp::now().checked_add(TIMETABLE.first).ok()?;
    let new = NewSchedule {
        name: TIMETABLE.name.into(),
        group: GROUP.into(),
        timing: NewTiming {
            every_ms: i64::try_from(TIMETABLE.every.as_millis()).ok(),
            zone: "UTC".into(),
            from: Some(from.to_string()),
            ..NewTiming::default()
        },
        missed: Missed::Skip,
        jitter_ms: 0,
        paused: false,
        act: schedule::Act::Command {
            target: address.to_string(),
            kind: kind::WRITE,
            fields: vec![TIMETABLE.actuator.into(), TIMETABLE.value.into()],
            expires_ms: None,
            expires_in_ms: i64::try_from(TIMETABLE.every.as_millis()).ok(),
            never: false,
            condition: String::new(),
        },
    };
    let asked = ScheduleRequest::Add(Box::new(new));
    let answer = admin.handle(Request::Schedule(asked)).await;
    if let Response::Schedule(answer) = &answer
        && let ScheduleResponse::Schedule(made) = &**answer
    {
        return Some(made.id);
    }
    log::warn!("the demo's schedule was not taken: {answer:?}");
    None
}

/// As the verb `hub alarm rule add` does.
async fn watch(admin: &Admin, address: u32) -> Option<i64> {
    let rule = NewRule {
        name: WATCH.name.into(),
        group: GROUP.into(),
        scope: format!("device {address}"),
        check: Check::Threshold {
            sensor: WATCH.sensor.into(),
            op: Op::Above,
            raise: Value::from_real(WATCH.raise),
            clear: Value::from_real(WATCH.clear),
        },
        unit: String::new(),
        severity: Severity::Major,
        enabled: true,
        on_delay_ms: 0,
        off_delay_ms: 0,
        act: Some(Act {
            actuator: WATCH.actuator.into(),
            value: WATCH.value.into(),
        }),
        local: true,
    };
    let asked = AlarmRequest::RuleAdd(rule);
    let answer = admin.handle(Request::Alarm(asked)).await;
    if let Response::Alarm(answer) = &answer
        && let AlarmResponse::Rule(rule) = &**answer
    {
        return Some(rule.id);
    }
    log::warn!("the demo's alarm rule was not taken: {answer:?}");
    None
}

/// As the verb `hub command send` does. An order that is refused is missing on the screen, and nothing else happens.
async fn order(admin: &Admin, address: u32, errand: Errand) {
    let order = SendOrder {
        target: address.to_string(),
        kind: errand.kind,
        fields: errand.fields,
        expires_in_ms: i64::try_from(errand.expires.as_millis()).ok(),
        ..SendOrder::default()
    };
    if let Response::Refused { error, .. } = admin.handle(Request::CommandSend(order)).await {
        log::warn!("the demo's order was refused error={error}");
    }
}

/// Registers the demo's devices in their groups.
fn move_in(settings: &Settings) -> Result<Vec<Resident>, Failure> {
    let mut residents = Vec::new();
    for site in demo::sites() {
        let names: Vec<_> = site
            .devices
            .iter()
            .map(|device| device.name.clone())
            .collect();
        let credentials = register(settings, site.group, site.devices)?;
        residents.extend(
            names
                .into_iter()
                .zip(credentials)
                .map(|(name, credential)| Resident {
                    group: site.group,
                    name,
                    credential,
                }),
        );
    }
    Ok(residents)
}
