//! What outlives the process. A small [`Driver`] knows an engine; one file per table knows its queries.

mod alarm_purge;
mod alarm_reports;
mod alarm_rules;
mod alarms;
mod audit;
mod capabilities;
mod census;
mod channels;
mod commands;
mod devices;
mod disk;
mod error;
mod groups;
mod idempotency;
mod last;
mod links;
mod marks;
mod merging;
mod nonces;
mod notifications;
mod of_groups;
mod packing;
mod packs;
mod page;
mod past;
mod presences;
mod purge;
mod range;
mod readings;
mod refusal;
mod retention;
mod schedule_runs;
mod schedules;
mod series;
mod sessions;
mod sqlite;
mod standing;
mod sweep;
mod tokens;
mod users;
mod whose;

pub use alarm_reports::{AlarmReports, Local, Locals, Report, Subscriptions};
pub use alarm_rules::{AlarmRules, PhaseRow};
pub use alarms::{AlarmFilter, Alarms, Shelf};
pub use audit::{Audit, AuditFilter, AuditRow};
pub use capabilities::{Capabilities, Said};
pub use census::{Census, SeriesRow, Usage};
pub use channels::{ChannelRow, Channels, NewChannel, WaitingChannel};
pub use commands::{CommandFilter, Commands};
pub use devices::{DeviceRow, Devices};
pub use disk::{Disk, Space};
pub use error::StorageError;
pub use groups::Groups;
pub use idempotency::{Answered, Claim, Idempotency};
pub use last::LastValue;
pub use links::{LinkRow, Links};
pub use marks::{ALIVE, ALIVE_COMMAND, Marks};
pub use nonces::Nonces;
pub use notifications::{
    DeadLetter, DeadLetters, NotificationCount, NotificationRow, Notifications,
};
pub use packing::{Due, Step};
pub use page::page;
pub use presences::{PresenceRow, Presences};
pub use range::{Detail, Range, RolledUp, Selection, points, roll_up};
pub use readings::{ClockDoubt, EARLIEST_MS, NAME_BYTES, NewReading, Readings, Stamp, Witness};
pub use refusal::Refusal;
pub use retention::{Keep, Retention, RetentionRow};
pub use schedule_runs::ScheduleRuns;
pub use schedules::Schedules;
pub use series::{PLAIN_EVENT, SeriesKey};
pub use sessions::{SessionRow, Sessions};
pub use sqlite::Sqlite;
pub use standing::{StandingOrder, StandingOrders};
pub use sweep::{Eviction, Layer};
pub use tokens::{TokenRow, Tokens};
pub use users::{UserRow, Users};
pub use whose::Numbered;

use crate::readings::Value;

/// A parameter of a prepared statement.
#[derive(Clone, Copy, Debug)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// One row of an answer; columns count from 0.
pub trait Row {
    /// # Errors
    /// The column is missing or of another type.
    fn int(&self, column: usize) -> Result<i64, StorageError>;
    /// # Errors
    /// The column is missing or of another type.
    fn text(&self, column: usize) -> Result<String, StorageError>;
    /// # Errors
    /// The column is missing or of another type.
    fn blob(&self, column: usize) -> Result<Vec<u8>, StorageError>;
    /// # Errors
    /// The column is missing or of another type.
    fn optional_real(&self, column: usize) -> Result<Option<f64>, StorageError>;
    /// `None` for NULL.
    ///
    /// # Errors
    /// The column is missing or of another type.
    fn optional_int(&self, column: usize) -> Result<Option<i64>, StorageError>;
    /// A reading's value, as [`param`] stored it. `None` for NULL.
    ///
    /// # Errors
    /// The column is missing or is no value.
    fn value(&self, column: usize) -> Result<Option<Value<'static>>, StorageError>;
}

/// A reading's value as a parameter: a boolean is a blob of one byte, which no other value is.
pub fn param<'a>(value: &'a Value<'_>) -> Param<'a> {
    match value {
        Value::Int(value) => Param::Int(*value),
        Value::Real(value) => Param::Real(*value),
        Value::Text(text) => Param::Text(text),
        Value::Bool(false) => Param::Blob(&[0]),
        Value::Bool(true) => Param::Blob(&[1]),
    }
}

/// A database engine, seen through parameterised statements only. Used by one thread at a time.
pub trait Driver: Send {
    /// Runs one statement; answers the number of rows it changed.
    ///
    /// # Errors
    /// What the engine said, translated.
    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<usize, StorageError>;

    /// Calls `each` for every row of the answer.
    ///
    /// # Errors
    /// What the engine said, translated, or what `each` said.
    fn query(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StorageError>,
    ) -> Result<(), StorageError>;

    /// # Errors
    /// No transaction could be begun.
    fn begin(&mut self) -> Result<(), StorageError>;
    /// # Errors
    /// Nothing of the transaction is stored.
    fn commit(&mut self) -> Result<(), StorageError>;
    /// Undoes an open transaction; harmless without one.
    fn rollback(&mut self);

    /// While relaxed, a commit may be lost in a power cut (as a whole, and none before it): for work that would
    /// simply be done again. The next commit that is not relaxed makes it durable.
    ///
    /// # Errors
    /// The engine refused.
    fn relax(&mut self, relaxed: bool) -> Result<(), StorageError>;

    /// A second connection that only reads, for another thread. `None` where there can be none.
    ///
    /// # Errors
    /// It could not be opened.
    fn reader(&self) -> Result<Option<Store>, StorageError>;

    /// Lets the files grow to what `disk` says and no further: a write past it fails as on a full disk.
    ///
    /// # Errors
    /// The engine refused.
    fn limit(&mut self, disk: &Disk) -> Result<(), StorageError>;

    /// # Errors
    /// The engine could not say.
    fn space(&mut self) -> Result<Space, StorageError>;

    /// Gives some free space inside the file back to the system: a step of milliseconds.
    ///
    /// # Errors
    /// The engine failed.
    fn shrink(&mut self) -> Result<(), StorageError>;

    /// Moves the log into the database and empties it, unless somebody is reading.
    ///
    /// # Errors
    /// The engine failed.
    fn cut_log(&mut self) -> Result<(), StorageError>;
}

#[cfg(test)]
mod readings_tests;

/// The store as the rest of the hub holds it.
pub type Store = Box<dyn Driver>;

/// Runs `work` in one transaction: all of it is stored, or nothing.
///
/// # Errors
/// Those of `work` and of the commit.
pub fn transaction<T>(
    store: &mut dyn Driver,
    work: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    store.begin()?;
    let done = work(store).and_then(|value| store.commit().map(|()| value));
    if done.is_err() {
        store.rollback();
    }
    done
}
