//! Schedules: things done on time (docs/schedules.md).
//!
//! [`Timing`] says when, and its planner (`plan`) finds the next time at which it is due. [`Schedule::look`] settles what runs and
//! what was missed, the [`Keeper`] has that stored, the runner carries it out, and the clockwork ([`keep`]) ticks.

mod clockwork;
mod keeper;
mod order;
mod pattern;
mod plan;
mod preview;
mod record;
mod runner;
mod settle;
mod stats;
mod timing;
mod zone;

pub use clockwork::{keep, wake_each_second};
pub use keeper::{Keeper, KeeperParts, State};
pub use pattern::Pattern;
pub use plan::{Change, Due};
pub use preview::{Shown, preview};
pub use record::{Act, Outcome, Planned, Run, Schedule};
pub use runner::RunError;
pub use settle::{GRACE_MS, Look, Settled};
pub use stats::ScheduleStats;
pub use timing::{LEAST_PERIOD_MS, Missed, Repeated, Skipped, Timing, When, parse_time};
pub use zone::Zone;
