//! What an operator may change, once: the verbs call it through the control socket or directly, and whatever
//! comes later (dashboard, API) calls it too.
//!
//! Each change is committed first, then known to the registry, then felt by live sessions; only then answered.

mod alarm_request;
mod alarms;
mod audited;
mod backtest;
mod capabilities;
mod commands;
mod credentials;
mod devices;
mod groups;
mod import;
mod notify;
mod notify_request;
mod overview;
mod reading_import;
mod reading_request;
mod readings;
mod request;
mod schedule_request;
mod schedules;
mod tell;
mod user_request;
mod users;
mod whose;

use std::sync::Arc;

use tokio::sync::Mutex;

pub use alarm_request::{
    AlarmQuery, AlarmRequest, AlarmResponse, BackTestAnswer, BackTestQuery, NewRule, RuleInfo,
    RuleSource, Watching,
};
pub use notify_request::{
    AddChannel, AddedChannel, ChannelInfo, ChannelTo, DeadLetterInfo, NotifyRequest,
    NotifyResponse, TestedChannel,
};
pub use reading_import::{ReadingImported, ReadingRow, parse_time};
pub use reading_request::{
    Bucket, Cursor, DatabaseStats, ExportedReading, Point, ReadingExport, ReadingQuery,
    ReadingRequest, ReadingResponse, Resolution, RetentionRule, SeriesAnswer, SeriesStats,
};
pub use request::{
    ActuatorInfo, CapabilitiesInfo, CommandInfo, CommandQuery, Credential, DesiredInfo, DeviceInfo,
    EventInfo, GroupInfo, ImportRow, Imported, KnownValue, NewDevice, Part, Request, Response,
    RowError, SendOrder, SensorInfo, Within,
};

pub use schedule_request::{
    NewSchedule, NewTiming, RunInfo, ScheduleInfo, ScheduleRequest, ScheduleResponse,
};

pub use user_request::{AddedUser, UserInfo, UserRequest, UserResponse};

use crate::accounts::{AccountError, Accounts, Actor};
use crate::alarm::Alarms;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::command::Standing;
use crate::entropy::Entropy;
use crate::island::Islands;
use crate::ledger::Books;
use crate::notify::Courier;
use crate::presence::Presences;
use crate::recorder::Recorder;
use crate::refusal::{RefusalKind, Refused};
use crate::registry::{SealKey, SharedRegistry};
use crate::schedule::Keeper;
use crate::settings::Settings;
use crate::storage::StorageError;

/// Why a request was not carried out, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("{0}")]
    Refused(Refused),
    #[error("{0}")]
    Account(#[from] AccountError),
    #[error("nothing was changed: {0}")]
    Storage(#[from] StorageError),
}

impl AdminError {
    /// The request itself is wrong.
    fn refused(text: impl Into<String>) -> Self {
        Self::Refused(Refused::invalid(text))
    }

    /// `hint` is what a verb adds: how to find out what there is.
    fn not_found(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused(Refused::not_found(text).hint(hint))
    }

    fn no_group(name: &str) -> Self {
        Self::not_found(
            format!("no group {name}"),
            format!("make it with: hub group add {name}"),
        )
    }

    fn conflict(text: impl Into<String>) -> Self {
        Self::Refused(Refused::conflict(text))
    }

    fn stopping() -> Self {
        Self::Refused(Refused::unavailable("the hub is stopping"))
    }
}

impl From<Refused> for AdminError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<AdminError> for Response {
    fn from(error: AdminError) -> Self {
        let Refused { kind, text, hint } = match error {
            AdminError::Refused(refused) => refused,
            AdminError::Account(error) => error.into(),
            AdminError::Storage(StorageError::Conflict(_)) => Refused::conflict(error.to_string()),
            AdminError::Storage(_) => Refused::new(RefusalKind::Storage, error.to_string()),
        };
        Self::Refused {
            error: text,
            kind,
            hint,
        }
    }
}

/// What the service layer works with.
pub struct AdminParts {
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub registry: SharedRegistry,
    pub recorder: Recorder,
    pub seal: Arc<SealKey>,
    pub entropy: Entropy,
    /// `None` without a running hub.
    pub islands: Option<Islands>,
    pub books: Books,
    pub presences: Presences,
    pub standing: Standing,
    pub alarms: Alarms,
    pub schedules: Keeper,
    pub bus: Bus,
    pub accounts: Accounts,
    /// Takes the test of a notification channel out.
    pub courier: Arc<dyn Courier>,
}

/// The service layer. Cheap to clone.
#[derive(Clone)]
pub struct Admin(Arc<Inner>);

struct Inner {
    parts: AdminParts,
    /// One change at a time: what is checked against the registry still holds when it is committed.
    turn: Mutex<()>,
}

impl Admin {
    pub fn new(parts: AdminParts) -> Self {
        Self(Arc::new(Inner {
            parts,
            turn: Mutex::new(()),
        }))
    }

    fn parts(&self) -> &AdminParts {
        &self.0.parts
    }

    /// Carries out what the hub itself wants. What it changed is in effect when the answer comes.
    pub async fn handle(&self, request: Request) -> Response {
        self.handle_by(&Actor::hub(), request).await
    }

    /// The same for somebody. Whether a user may do it was judged before, but for users and their like: they are judged here.
    pub async fn handle_by(&self, actor: &Actor, request: Request) -> Response {
        self.carry_out(actor, request)
            .await
            .unwrap_or_else(Response::from)
    }

    /// The same, with the refusal as it is.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn carry_out(&self, actor: &Actor, request: Request) -> Result<Response, AdminError> {
        let request = named(actor, request);
        if actor.caller.is_none() {
            return self.carry_through(actor, request).await;
        }
        // A browser that goes away in the middle takes its request along, but not the change: half of one would be in effect.
        let (admin, actor) = (self.clone(), actor.clone());
        let done = tokio::spawn(async move { admin.carry_through(&actor, request).await });
        done.await.unwrap_or_else(|_| Err(AdminError::stopping()))
    }

    /// And writes down who did it.
    async fn carry_through(&self, actor: &Actor, request: Request) -> Result<Response, AdminError> {
        let note = self.note_of(&request).await;
        let done = self.dispatch(actor, request).await;
        if let (Some(note), Ok(answer)) = (note, &done) {
            let note = self.completed(note, answer);
            self.parts().accounts.note(actor, note).await;
        }
        done
    }

    async fn dispatch(&self, actor: &Actor, request: Request) -> Result<Response, AdminError> {
        match request {
            // These change no group and no device: they wait for nobody's change.
            Request::CommandSend(order) => self.send_command(actor, order).await,
            Request::CommandList(filter) => self.list_commands(filter).await,
            Request::CommandShow { id } => self.show_command(id).await,
            Request::CommandCancel { id } => self.cancel_command(id).await,
            Request::CommandWait { ids, seconds } => self.wait_for_commands(&ids, seconds).await,
            Request::DeviceCapabilities { address } => self.capabilities(address).await,
            Request::DeviceShow { address } => self.show_device(address),
            Request::Reading(asked) => self.reading(asked).await,
            Request::Alarm(asked) => self.alarm(asked).await,
            Request::Notify(asked) => self.notify(asked).await,
            Request::Schedule(asked) => self.schedule(asked).await,
            Request::User(asked) => self.user(actor, asked).await,
            request => self.change(request).await,
        }
    }

    async fn change(&self, request: Request) -> Result<Response, AdminError> {
        let turn = self.0.turn.lock().await;
        let removal = matches!(request, Request::DeviceRemove { .. });
        let done = match request {
            Request::GroupAdd { name } => self.add_group(name).await,
            Request::GroupList => Ok(Response::Groups(self.list_groups())),
            Request::GroupRemove { name } => self.remove_group(&name).await,
            Request::DeviceAdd(device) => self.add_device(device).await,
            Request::DeviceImport { rows, strict } => self.import(rows, strict).await,
            Request::DeviceList { group } => self.list_devices(group.as_deref()),
            Request::DeviceSetDisabled { address, disabled } => {
                self.set_disabled(address, disabled).await
            }
            Request::DeviceRotateSerial { address } => self.rotate_serial(address).await,
            Request::DeviceRemove { address } => self.remove_device(address).await,
            Request::DeviceMove { address, group } => self.move_device(address, &group).await,
            Request::DeviceDescribe {
                address,
                capabilities,
            } => self.describe(address, &capabilities).await,
            _ => Err(AdminError::refused("this request changes nothing")),
        };
        drop(turn);
        if removal
            && done.is_ok()
            && let Err(error) = self.purge().await
        {
            // The device is gone; its readings go at the next start.
            log::warn!("readings of a removed device not deleted yet error={error}");
        }
        done
    }
}

/// What a user does to alarms is said by the name that was proven, whatever the request says.
fn named(actor: &Actor, mut request: Request) -> Request {
    if actor.caller.is_some()
        && let Request::Alarm(
            AlarmRequest::RuleSetEnabled { by, .. }
            | AlarmRequest::RuleRemove { by, .. }
            | AlarmRequest::Ack { by, .. }
            | AlarmRequest::Shelve { by, .. }
            | AlarmRequest::Clear { by, .. },
        ) = &mut request
    {
        *by = actor.name.to_string();
    }
    request
}
