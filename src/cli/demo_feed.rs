//! What the demo's hub tells of commands and alarms, as its view takes it; and the operator's answer to an alarm.

use std::collections::HashMap;

use actix::clock::sleep;
use tokio::sync::{broadcast, mpsc};

use crate::admin::{Admin, AlarmRequest, CommandInfo, Request, Response};
use crate::alarm::AlarmInfo;
use crate::alarm::{News, What};
use crate::bus::Event;
use crate::demo::FEED_CAPACITY;
use crate::demo::alarms::AlarmSight;
use crate::demo::orders::CommandSight;
use crate::demo::plan::LOOKS;

/// Rules and schedules of the demo by how a command names its issuer: `rule 1` says less than `"too hot"`.
#[derive(Debug, Default)]
pub(super) struct Issuers(pub(super) HashMap<String, String>);

/// Two ways to the view.
pub(super) struct Told {
    pub(super) commands: mpsc::Receiver<CommandSight>,
    pub(super) alarms: mpsc::Receiver<AlarmSight>,
}

/// The hub's news until nobody reads them. What does not fit is dropped, as with sights. Alarms of the rule `own` are
/// acknowledged: those of rules that a visitor adds are the visitor's.
pub(super) fn listen(
    mut news: broadcast::Receiver<Event>,
    admin: Admin,
    issuers: Issuers,
    own: Option<i64>,
) -> Told {
    let (to_commands, commands) = mpsc::channel(FEED_CAPACITY);
    let (to_alarms, alarms) = mpsc::channel(FEED_CAPACITY);
    actix::spawn(async move {
        while !to_commands.is_closed() {
            match news.recv().await {
                Ok(Event::Command(command)) => {
                    let _ = to_commands.try_send(command_sight(admin.info_of(&command), &issuers));
                }
                Ok(Event::Alarm(news)) => {
                    let _ = to_alarms.try_send(alarm_sight(admin.alarm_info(&news.alarm)));
                    if own.is_some() && news.alarm.rule == own {
                        answer(&admin, &news);
                    }
                }
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    });
    Told { commands, alarms }
}

fn answer(admin: &Admin, news: &News) {
    if news.what == What::Raised {
        actix::spawn(acknowledge(admin.clone(), news.alarm.id));
    }
}

/// As the verb `hub alarm ack` does, by somebody who had a look first.
async fn acknowledge(admin: Admin, id: i64) {
    sleep(LOOKS).await;
    let request = AlarmRequest::Ack {
        id,
        by: "operator".into(),
        note: String::new(),
    };
    if let Response::Refused { error, .. } = admin.handle(Request::Alarm(request)).await {
        log::warn!("the demo's alarm was not acknowledged error={error}");
    }
}

fn command_sight(command: CommandInfo, issuers: &Issuers) -> CommandSight {
    CommandSight {
        group: command.group,
        id: command.id,
        address: command.address,
        issuer: issuers
            .0
            .get(&command.issuer)
            .cloned()
            .unwrap_or(command.issuer),
        kind: command.kind,
        fields: command.fields,
        state: command.state.name().to_owned(),
        detail: command.detail,
    }
}

fn alarm_sight(alarm: AlarmInfo) -> AlarmSight {
    AlarmSight {
        group: alarm.group,
        id: alarm.id,
        address: alarm.address,
        name: alarm.name,
        sensor: alarm.sensor,
        severity: alarm.severity.name().to_owned(),
        state: alarm.state.name().to_owned(),
        value: alarm.raised_value,
        acked_by: alarm.acked_by,
    }
}
