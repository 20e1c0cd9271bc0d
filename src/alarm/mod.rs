//! Alarms: what is wrong, told once.
//!
//! ```text
//! readings, presence, time --> step (pure) --> record: an alarm's life --> News
//! a device's ALARM -------------------------------^
//! ```
//!
//! Everything happens on the recorder's thread, in the transaction that stores what brought it about; news go out after
//! the commit.

mod backtest;
mod engine;
mod info;
mod news;
mod record;
mod rule;
mod severity;
mod step;
mod tasks;
mod window;

pub use backtest::{BackTest, Span};
pub use engine::{
    AlarmParts, AlarmStats, Alarms, By, Outlet, Refused, Reporting, SourceInfo, Spread,
    Subscribing, Tally, Wish,
};
pub use info::AlarmInfo;
pub use news::{AlarmEvent, News, What};
pub use record::{Alarm, AlarmState};
pub use rule::{Act, Check, Direction, Op, Rule, RuleError, Scope};
pub use severity::Severity;
pub use step::{Change, Changes, Input, Phase, State, deadline, is_beyond, report, step};
pub use tasks::{give_rules, keep_time};
