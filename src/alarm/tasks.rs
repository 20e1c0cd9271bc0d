//! What keeps the engine going while a hub runs: its clock, and who carries rules to devices.

use std::time::Duration;

use tokio::sync::oneshot;

use super::engine::{Alarms, Tick};
use crate::command::{Expiry, Issuer, Order};
use crate::island::Islands;
use crate::recorder::{Recorder, Work};
use crate::registry::SharedRegistry;
use crate::router::Issue;
use crate::storage::{Driver, Local, Locals, Readings, StorageError};
use crate::wire::{Address, kind};

/// How exactly delays are kept.
const TICK: Duration = Duration::from_millis(250);

/// Orders that are read at once.
const PAGE: i64 = 100;

/// After a failure of the store.
const PAUSE: Duration = Duration::from_secs(5);

/// Lets time pass for the rules, for ever.
pub async fn keep_time(alarms: Alarms, recorder: Recorder) {
    loop {
        tokio::time::sleep(TICK).await;
        if alarms.is_due() {
            recorder.submit_bounded(Box::new(Tick(alarms.clone())));
        }
    }
}

/// Gives devices the rules that they are to keep themselves, for ever.
pub async fn give_rules(
    alarms: Alarms,
    recorder: Recorder,
    registry: SharedRegistry,
    islands: Islands,
) {
    let mut busy = Vec::new();
    loop {
        if busy.is_empty() {
            alarms.wanted().await;
        } else if tokio::time::timeout(PAUSE, alarms.wanted()).await.is_err() {
            let busy = std::mem::take(&mut busy);
            let alarms = alarms.clone();
            recorder.submit_bounded(Box::new(Again { alarms, busy }));
            continue;
        }
        loop {
            let pending = recorder.read(|store| Locals::pending(store, PAGE)).await;
            let pending = match pending {
                Ok(pending) => pending,
                Err(error) => {
                    log::warn!("rules for devices cannot be read error={error}");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            if pending.is_empty() {
                break;
            }
            for local in pending {
                let done = give(&registry, &islands, local).await;
                let Some(done) = done else { return };
                if done.refused == BUSY {
                    busy.push(done.clone());
                }
                let (told, stored) = oneshot::channel();
                let note = Ordered {
                    alarms: alarms.clone(),
                    done,
                    told,
                };
                recorder.submit_bounded(Box::new(note));
                if !matches!(stored.await, Ok(true)) {
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Why a device's orders have no room: the only reason that passes.
const BUSY: &str = "BUSY";

/// Orders one; `None`: the hub stops.
async fn give(registry: &SharedRegistry, islands: &Islands, mut local: Local) -> Option<Local> {
    let address = Address::new(local.address);
    let device = address.and_then(|address| registry.read().device(address).cloned());
    let Some(device) = device else {
        local.command = Some(0);
        local.refused = "NO_DEVICE".into();
        return Some(local);
    };
    let (kind, fields) = if local.fields.is_empty() {
        (kind::ALARM_STOP, vec![local.name.clone()])
    } else {
        (kind::ALARM_SET, local.fields.clone())
    };
    let order = Order {
        targets: vec![device.address],
        kind,
        fields,
        issuer: Issuer::Rule(local.rule),
        issuer_msgno: String::new(),
        order_key: String::new(),
        to_set: false,
        expires: Expiry::Never,
        condition: String::new(),
    };
    let (reply, answer) = oneshot::channel();
    let router = islands.router(device.group)?;
    router.send(Issue { order, reply }).await.ok()?;
    match answer.await.ok()? {
        Ok(commands) => local.command = commands.first().map(|command| command.id),
        Err(refused) => {
            local.command = Some(0);
            local.refused = refused.reason.to_owned();
        }
    }
    Some(local)
}

/// What devices had no room for is wanted again.
struct Again {
    alarms: Alarms,
    busy: Vec<Local>,
}

impl Work for Again {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        let all = self.busy.iter();
        all.into_iter()
            .try_for_each(|busy| self.alarms.again(store, busy))
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        if let Err(error) = done {
            log::warn!("rules wait for the next login of their devices error={error}");
        }
    }
}

/// What became of an order, on its way into the database.
struct Ordered {
    alarms: Alarms,
    done: Local,
    told: oneshot::Sender<bool>,
}

impl Work for Ordered {
    fn perform(&mut self, store: &mut dyn Driver, _: &mut Readings) -> Result<(), StorageError> {
        self.alarms.ordered(store, &self.done)
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        // Nobody waits any more when it cannot be sent.
        let _ = self.told.send(done.is_ok());
    }
}
