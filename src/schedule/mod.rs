//! Schedules: things done on time (docs/schedules.md).
//!
//! [`Timing`] says when, and its planner ([`plan`]) finds the next time at which it is due.

mod pattern;
mod plan;
mod timing;
mod zone;

pub use pattern::Pattern;
pub use plan::{Change, Due};
pub use timing::{LEAST_PERIOD_MS, Missed, Repeated, Skipped, Timing, When, parse_time};
pub use zone::Zone;
